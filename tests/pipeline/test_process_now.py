"""A chunk that somebody waits for."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.support.stand_ins import Known
from tests.support.workbench import Workbench

from leadyard.actions.people import PersonSearch, was_erased
from leadyard.domain.clues import PersonClues
from leadyard.domain.credits import CreditKind, Reason
from leadyard.domain.entries import Step
from leadyard.domain.errors import PersonErased, PersonNotFound, ProviderAway
from leadyard.domain.lead_lists import Chunk, ListOptions
from leadyard.domain.people import PhoneNumber
from leadyard.domain.providers import Missing, PersonAnswer, PersonQuery, Providers
from leadyard.pipeline.process_leads import Pipeline
from leadyard.pipeline.process_now import process_now
from leadyard.storage import lead_lists as list_rows
from leadyard.worker.upkeep import reenqueue_orphans

JANE = PersonClues(linkedin_url="linkedin.com/in/jane", first_name="Jane", last_name="Doe")
EVERYTHING = ListOptions(enrich=True, reveal_phone_numbers=True)
KNOWN = Known("p-1", "jane@found.example", ("+12125550100",))


def search(bench: Workbench, pipeline: Pipeline | None = None) -> PersonSearch:
    async def now(chunk: Chunk) -> None:
        await process_now(pipeline or bench.pipeline, chunk)

    return PersonSearch(bench.database, bench.rules, now, was_erased)


async def require_nothing_held(bench: Workbench) -> None:
    balances = await bench.balances()
    assert [balances[kind].held for kind in CreditKind] == [0, 0]
    assert [row.status for row in await bench.query("SELECT DISTINCT status FROM lead_lists")] != ["queued"]


async def test_person_is_found_charged_and_no_job_is_left(bench: Workbench) -> None:
    bench.service.knows["jane"] = KNOWN
    entry = await search(bench).find(bench.caller, JANE, EVERYTHING)
    assert entry.findings.person is not None
    assert entry.findings.person.phone_numbers == (PhoneNumber("+12125550100", "mobile"),)
    assert sorted(await bench.charges()) == [
        (Reason.EMAIL_REVEALED, 1_000),
        (Reason.PERSON_FOUND, 500),
        (Reason.PHONE_REVEALED, 1_000),
    ]
    await require_nothing_held(bench)
    assert await reenqueue_orphans(bench.database, bench.installation.dispatcher) == 0


@pytest.mark.parametrize("step", [Step.ENRICH, Step.REVEAL])
async def test_provider_that_is_away_is_told_at_once(bench: Workbench, step: Step) -> None:
    bench.service.knows["jane"] = KNOWN
    bench.service.down.add(step)
    with pytest.raises(ProviderAway):
        await search(bench).find(bench.caller, JANE, EVERYTHING)
    assert bench.service.asked[step, "jane"] == 1
    assert await bench.charges() == []
    await require_nothing_held(bench)


async def test_person_who_may_not_be_told_of_is_erased(bench: Workbench) -> None:
    class Law:
        """Knows everybody and may tell of nobody."""

        name = "law"
        batch_size = 1
        concurrency = 1

        async def find_people(self, queries: list[PersonQuery]) -> list[PersonAnswer]:
            assert [(query.first_name, query.last_name) for query in queries] == [("Jane", "Doe")]
            return [Missing(is_erased=True)]

    providers = Providers(people=Law(), phones=bench.service, emails=bench.service)  # type: ignore[arg-type]
    own = dict.fromkeys(bench.pipeline.desk.own, providers)
    pipeline = replace(bench.pipeline, desk=replace(bench.pipeline.desk, own=own))
    with pytest.raises(PersonErased):
        await search(bench, pipeline).find(bench.caller, JANE, EVERYTHING)
    assert await bench.charges() == []
    await require_nothing_held(bench)


async def test_search_whose_process_dies_is_ended_by_the_sweep(bench: Workbench) -> None:
    async def die(_chunk: Chunk) -> None:
        raise KeyboardInterrupt

    bench.service.knows["jane"] = KNOWN
    with pytest.raises(KeyboardInterrupt):
        await PersonSearch(bench.database, bench.rules, die).find(bench.caller, JANE, EVERYTHING)
    assert (await bench.balances())[CreditKind.PHONE].held == 1_000
    bench.clock.advance(seconds=61)
    assert await reenqueue_orphans(bench.database, bench.installation.dispatcher) == 1
    row = (await bench.query("SELECT id FROM lead_lists"))[0]
    async with bench.database.read() as tx:
        found = await list_rows.get_list(tx, row.id)
    await bench.finish(found)
    await require_nothing_held(bench)
    assert len(await bench.charges()) == 3
    await search(bench).find(bench.caller, JANE, EVERYTHING)
    assert len(await bench.charges()) == 3, "asking again is not paid for again"


async def test_nobody_found_is_not_found(bench: Workbench) -> None:
    with pytest.raises(PersonNotFound):
        await search(bench).find(bench.caller, JANE, EVERYTHING)
    bench.service.is_ambiguous = True
    with pytest.raises(PersonNotFound):
        await search(bench).find(bench.caller, JANE, EVERYTHING)
    await require_nothing_held(bench)
