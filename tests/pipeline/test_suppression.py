"""Who is excluded or erased while a lead is under way: nothing more is asked, shown or charged."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions.erasures import erase_person
from leadyard.actions.exclusions import add_exclusions
from leadyard.domain.credits import CreditKind
from leadyard.domain.entries import ALL_SKIPPED, EntryStatus, Outcome, Step
from leadyard.domain.erasure import Traces
from leadyard.domain.leads import ListType
from leadyard.domain.providers import Unavailable
from leadyard.domain.suppression import ExclusionKind
from leadyard.pipeline.suppression import Sieve

ANN = Known("ann-id", email="ann@acme.example", phones=("+12065550100",))


@pytest.fixture
def bench(bench: Workbench) -> Workbench:
    """A workbench whose pipeline looks each time who is kept out."""
    bench.pipeline = replace(bench.pipeline, sieve=Sieve(fresh_seconds=0))
    return bench


async def exclude(bench: Workbench, value: str, kind: ExclusionKind = ExclusionKind.EMAIL) -> None:
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, kind, {value: value})


async def require_nothing_of_it(bench: Workbench) -> None:
    """Nothing was charged, and nothing is held any more."""
    assert await bench.charges() == []
    assert {balance.held for balance in (await bench.balances()).values()} == {0}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ExclusionKind.EMAIL, "ann@acme.example"),
        (ExclusionKind.DOMAIN, "acme.example"),
        (ExclusionKind.DOMAIN, "found.example"),
    ],
    ids=["e-mail", "domain of the e-mail", "domain of the company"],
)
async def test_person_found_who_is_excluded_is_dropped_and_asked_no_further(
    bench: Workbench, kind: ExclusionKind, value: str
) -> None:
    bench.service.knows["ann"] = ANN
    await exclude(bench, value, kind)
    made = await bench.create(linkedin_leads("ann"))
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    assert (entry.status, entry.findings) == (EntryStatus.DONE, ALL_SKIPPED)
    assert {step for step, _ in bench.service.asked} == {Step.ENRICH}
    await require_nothing_of_it(bench)


async def test_lead_that_was_excluded_since_is_not_asked_for_at_all(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN
    made = await bench.create(linkedin_leads("ann", "ben", email="sent@acme.example"))
    await exclude(bench, "sent@acme.example")
    await bench.finish(made)
    assert [entry.findings for entry in await bench.entries(made)] == [ALL_SKIPPED] * 2
    assert not bench.service.asked
    await require_nothing_of_it(bench)


async def test_exclusion_made_while_a_provider_is_asked_stops_the_next_step(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN

    async def before_answer(step: Step, _key: str) -> None:
        if step is Step.ENRICH:
            await exclude(bench, "sent@acme.example")

    bench.service.before_answer = before_answer
    made = await bench.create(linkedin_leads("ann", email="sent@acme.example"))
    await bench.finish(made)
    assert {step for step, _ in bench.service.asked} == {Step.ENRICH}
    assert [entry.findings for entry in await bench.entries(made)] == [ALL_SKIPPED]
    await require_nothing_of_it(bench)


async def test_lead_that_waits_is_not_asked_for_again(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN
    bench.service.verdict = lambda _email: Unavailable("away")
    made = await bench.create(linkedin_leads("ann"))
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    assert run_at is not None
    (entry,) = await bench.entries(made)
    assert entry.findings.enrich is Outcome.FOUND
    await exclude(bench, "ann@acme.example")
    asked = bench.service.asked.total()
    bench.clock.now = run_at
    assert await bench.run(chunk) is None
    assert [entry.findings for entry in await bench.entries(made)] == [ALL_SKIPPED]
    assert bench.service.asked.total() == asked
    await require_nothing_of_it(bench)


async def test_neighbors_of_an_excluded_lead_are_served(bench: Workbench) -> None:
    bench.service.knows.update(ann=ANN, ben=Known("ben-id", email="ben@other.example"))
    await exclude(bench, "acme.example", ExclusionKind.DOMAIN)
    made = await bench.create(linkedin_leads("ann", "ben"))
    await bench.finish(made)
    ann, ben = await bench.entries(made)
    assert ann.findings == ALL_SKIPPED
    assert ben.findings.person is not None
    assert ben.findings.person.id == "ben-id"


async def test_person_found_who_was_erased_is_dropped(bench: Workbench) -> None:
    bench.service.knows["ann"] = ANN
    await erase_person(bench.database, bench.caller, Traces(emails=frozenset(("ann@acme.example",))))
    leads = [{"title": "CEO", "company_name": "Acme"}]
    made = await bench.create(leads, list_type=ListType.TITLES_AND_COMPANY)
    bench.service.knows["ceo\tacme"] = ANN
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    assert entry.findings == ALL_SKIPPED
    await require_nothing_of_it(bench)


async def test_what_is_written_is_looked_at_once_more(bench: Workbench) -> None:
    """An erasure may begin when everything was asked already and nothing is written yet."""
    bench.pipeline = replace(bench.pipeline, sieve=Sieve(fresh_seconds=1_000))
    bench.service.knows["ann"] = ANN

    async def before_answer(step: Step, _key: str) -> None:
        if step is Step.REVEAL:
            asked = Traces(emails=frozenset(("ann@acme.example",)))
            assert (await erase_person(bench.database, bench.caller, asked)).entries == 0

    bench.service.before_answer = before_answer
    made = await bench.create(linkedin_leads("ann"))
    await bench.finish(made)
    assert {step for step, _ in bench.service.asked} == set(Step)
    assert [entry.findings for entry in await bench.entries(made)] == [ALL_SKIPPED]
    await require_nothing_of_it(bench)


async def test_lead_erased_while_a_provider_is_asked_stays_erased(bench: Workbench) -> None:
    bench.service.knows.update(ann=ANN, ben=Known("ben-id", email="ben@other.example"))

    async def before_answer(step: Step, key: str) -> None:
        if (step, key) == (Step.REVEAL, "ann"):
            asked = Traces(profiles=frozenset(("ann",)))
            assert (await erase_person(bench.database, bench.caller, asked)).entries == 1

    bench.service.before_answer = before_answer
    made = await bench.create(linkedin_leads("ann", "ben"))
    await bench.finish(made)
    ann, ben = await bench.entries(made)
    assert (ann.raw, ann.status) == ("{}", EntryStatus.CANCELED)
    assert ben.status is EntryStatus.DONE
    done = await bench.read(made)
    assert (done.status, done.progress.done, done.progress.processing) == ("completed", 1, 0)
    assert {balance.held for balance in (await bench.balances()).values()} == {0}
    spent = (await bench.balances())[CreditKind.EMAIL].balance
    assert sum(amount for _, amount in await bench.charges()) == 2_500
    assert spent == 1_000_000_000 - 2_500


async def test_sieve_asks_once_a_moment_where_nobody_is_kept_out(bench: Workbench) -> None:
    sieve = Sieve(fresh_seconds=1_000)
    await sieve.stop_suppressed(bench.database, bench.caller.workspace_id, [])
    nowhere: Any = None
    await sieve.stop_suppressed(nowhere, bench.caller.workspace_id, [])
