"""What each step does with a lead, and what it does when a provider fails."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from tests.support.stand_ins import Known
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.api.views import entry_view
from leadyard.domain.credits import CreditKind, Reason
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.lead_lists import CHUNK_SIZE, LeadList, ListOptions, ListStatus
from leadyard.domain.leads import ListType
from leadyard.domain.people import PhoneNumber
from leadyard.domain.providers import Deferred
from leadyard.pipeline import process_leads as journey_of_a_chunk
from leadyard.pipeline.process_leads import give_up

JANE = Known("p-jane", "jane@found.example", ("+12125550100",))
FOUND, NOT_FOUND, SKIPPED, UNAVAILABLE, AMBIGUOUS = Outcome

ENRICH = ListOptions(enrich=True)
VALIDATE = ListOptions(validate_email=True)
REVEAL = ListOptions(reveal_phone_numbers=True)


async def outcomes(bench: Workbench, lead_list: LeadList) -> list[tuple[Outcome | None, ...]]:
    """The outcomes of enrich, validate and reveal, an entry each."""
    return [
        (entry.findings.enrich, entry.findings.validate, entry.findings.reveal)
        for entry in await bench.entries(lead_list)
    ]


async def require_free(bench: Workbench) -> None:
    """Nothing is held, and nothing was charged."""
    assert await bench.charges() == []
    for balance in (await bench.balances()).values():
        assert balance.held == 0


async def test_lead_goes_through_every_step_its_list_asks_for(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    made = await bench.create(linkedin_leads("jane"))
    assert (await bench.balances())[CreditKind.EMAIL].held == 2_500
    assert await bench.finish(made) == 1

    (entry,) = await bench.entries(made)
    assert entry.status is EntryStatus.DONE
    assert await outcomes(bench, made) == [(FOUND, FOUND, FOUND)]
    shown = entry_view(made, entry)
    assert (shown.email, shown.title, shown.person_id) == ("jane@found.example", "Found Title", "p-jane")
    assert shown.phone_numbers == (PhoneNumber("+12125550100", "mobile"),)
    assert shown.email_validation_result is not None
    assert shown.email_validation_result.result is EmailResult.DELIVERABLE
    assert sorted(await bench.charges()) == [
        (Reason.EMAIL_REVEALED, 1000),
        (Reason.EMAIL_VALIDATED, 1000),
        (Reason.PERSON_FOUND, 500),
        (Reason.PHONE_REVEALED, 1000),
    ]
    done = await bench.read(made)
    assert (done.status, done.progress.done, done.progress.total) == (ListStatus.COMPLETED, 1, 1)


async def test_nothing_found_costs_nothing(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("nobody"))
    await bench.finish(made)
    assert await outcomes(bench, made) == [(NOT_FOUND, SKIPPED, SKIPPED)]
    await require_free(bench)


async def test_list_without_options_asks_nobody(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("a", "b"), ListOptions())
    await bench.finish(made)
    assert await outcomes(bench, made) == [(SKIPPED, SKIPPED, SKIPPED)] * 2
    assert bench.service.calls == 0
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    await require_free(bench)


async def test_list_without_leads_completes(bench: Workbench) -> None:
    made = await bench.create()
    assert await bench.finish(made) == 1
    assert (await bench.read(made)).status is ListStatus.COMPLETED


async def test_email_that_was_sent_is_validated_without_enrichment(bench: Workbench) -> None:
    leads = [{"email": "Jane@Sent.example"}]
    made = await bench.create(leads, VALIDATE, ListType.EMAIL)
    await bench.finish(made)
    assert await outcomes(bench, made) == [(SKIPPED, FOUND, SKIPPED)]
    assert bench.service.asked == {(Step.VALIDATE, "jane@sent.example"): 1}
    assert await bench.charges() == [(Reason.EMAIL_VALIDATED, 1000)]


async def test_lead_without_an_email_skips_validation_and_pays_nothing(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("jane"), VALIDATE)
    await bench.finish(made)
    assert await outcomes(bench, made) == [(SKIPPED, SKIPPED, SKIPPED)]
    await require_free(bench)


async def test_phone_is_revealed_without_enrichment(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    made = await bench.create(linkedin_leads("jane"), REVEAL)
    await bench.finish(made)
    assert await outcomes(bench, made) == [(SKIPPED, SKIPPED, FOUND)]
    shown = entry_view(made, (await bench.entries(made))[0])
    assert (shown.person_id, shown.email, len(shown.phone_numbers)) == ("p-jane", None, 1)
    assert await bench.charges() == [(Reason.PHONE_REVEALED, 1000)]


async def test_phone_numbers_are_not_shown_before_they_are_revealed(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    made = await bench.create(linkedin_leads("jane"), ENRICH)
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    assert entry.findings.person is not None
    assert entry.findings.person.phone_numbers == ()
    assert "phone_numbers" not in entry.findings.provenance
    assert entry_view(made, entry).phone_numbers == ()


async def test_person_without_a_number_costs_no_phone_credit(bench: Workbench) -> None:
    bench.service.knows["jane"] = Known("p-jane", "jane@found.example")
    made = await bench.create(linkedin_leads("jane"))
    await bench.finish(made)
    assert await outcomes(bench, made) == [(FOUND, FOUND, NOT_FOUND)]
    phone = (await bench.balances())[CreditKind.PHONE]
    assert phone.balance == phone.available


async def test_what_the_caller_sent_is_never_overwritten(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    leads = linkedin_leads("jane", email="Jane@Sent.example", title="Sent Title", note="kept")
    made = await bench.create(leads)
    (before,) = await bench.entries(made)
    await bench.finish(made)
    (after,) = await bench.entries(made)
    assert after.raw == before.raw
    shown = entry_view(made, after)
    assert (shown.email, shown.title, shown.company_name) == (
        "Jane@Sent.example",
        "Sent Title",
        "Found Company",
    )
    # The found e-mail was not asked for, so it is not paid for: only the person, the check and the phone.
    assert bench.service.asked[Step.VALIDATE, "jane@sent.example"] == 1
    assert Reason.EMAIL_REVEALED not in dict(await bench.charges())


async def test_every_value_found_keeps_its_source(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    made = await bench.create(linkedin_leads("jane"))
    await bench.finish(made)
    sources = (await bench.entries(made))[0].findings.provenance
    assert set(sources) == {
        "company_domain",
        "company_name",
        "email",
        "email_validation_result",
        "first_name",
        "phone_numbers",
        "title",
    }
    assert {source.provider for source in sources.values()} == {"stand-in"}
    assert {source.fetched_at for source in sources.values()} == {bench.clock.now}
    assert (sources["title"].confidence, sources["title"].cost) == (0.9, 0.02)
    assert (sources["phone_numbers"].confidence, sources["phone_numbers"].cost) == (0.8, 0.0)


async def test_what_is_usual_of_a_source_or_a_question_takes_no_room(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    made = await bench.create(linkedin_leads("jane"))
    await bench.finish(made)
    (row,) = await bench.query("SELECT findings FROM lead_list_entries")
    stored = json.loads(row.findings)
    provenance, history = stored["provenance"], stored["history"]
    assert set(provenance["title"]) == {"provider", "fetched_at", "confidence", "cost"}
    assert set(provenance["phone_numbers"]) == {"provider", "fetched_at", "confidence"}
    assert set(provenance["email_validation_result"]) == {"provider", "fetched_at"}
    assert [visit.get("cost") for visit in history] == [0.02, None, None]


async def test_found_email_that_is_none_is_neither_shown_nor_paid_for(bench: Workbench) -> None:
    bench.service.knows |= {"odd": Known("p-odd", "no address"), "jane": JANE}
    made = await bench.create(linkedin_leads("odd", "jane"), ListOptions(validate_email=True, enrich=True))
    await bench.finish(made)
    assert await outcomes(bench, made) == [(FOUND, SKIPPED, SKIPPED), (FOUND, FOUND, SKIPPED)]
    assert entry_view(made, (await bench.entries(made))[0]).email is None
    assert [reason for reason, _ in await bench.charges()].count(Reason.EMAIL_REVEALED) == 1


@pytest.mark.parametrize("step", list(Step))
async def test_step_whose_provider_is_away_is_tried_again_after_one_and_four_seconds(
    bench: Workbench, step: Step
) -> None:
    bench.service.knows["jane"] = JANE
    bench.service.down = {step}
    made = await bench.create(linkedin_leads("jane", email="jane@sent.example"))
    (chunk,) = await bench.chunks(made)

    begun = bench.clock.now
    assert await bench.run(chunk) == begun + timedelta(seconds=1)
    assert (await bench.read(made)).progress.queued == 1
    bench.clock.advance(seconds=1)
    assert await bench.run(chunk) == begun + timedelta(seconds=5)
    assert await bench.charges() == []
    bench.clock.advance(seconds=4)
    bench.service.down = set()
    assert await bench.run(chunk) is None
    assert await outcomes(bench, made) == [(FOUND, FOUND, FOUND)]
    assert len(await bench.charges()) == 3


@pytest.mark.parametrize(
    ("step", "expected", "paid"),
    [
        (Step.ENRICH, (UNAVAILABLE, FOUND, FOUND), {Reason.EMAIL_VALIDATED, Reason.PHONE_REVEALED}),
        (Step.VALIDATE, (FOUND, UNAVAILABLE, FOUND), {Reason.PERSON_FOUND, Reason.PHONE_REVEALED}),
        (Step.REVEAL, (FOUND, FOUND, UNAVAILABLE), {Reason.PERSON_FOUND, Reason.EMAIL_VALIDATED}),
    ],
)
async def test_after_the_last_attempt_a_lead_is_done_with_what_is_known(
    bench: Workbench, step: Step, expected: tuple[Outcome, ...], paid: set[Reason]
) -> None:
    bench.service.knows["jane"] = JANE
    bench.service.down = {step}
    made = await bench.create(linkedin_leads("jane", email="jane@sent.example"))
    assert await bench.finish(made) == 3
    assert await outcomes(bench, made) == [expected]
    assert {reason for reason, _ in await bench.charges()} == paid
    assert [entry.status for entry in await bench.entries(made)] == [EntryStatus.DONE]
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    assert [balance.held for balance in (await bench.balances()).values()] == [0, 0]


async def test_lead_is_not_taken_before_its_time(bench: Workbench) -> None:
    bench.service.failures[Step.ENRICH, "jane"] = 1
    made = await bench.create(linkedin_leads("jane"), ENRICH)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    for _ in range(3):
        assert await bench.run(chunk) == run_at
    assert bench.service.asked[Step.ENRICH, "jane"] == 1


async def test_greylisted_address_waits_5_15_and_60_minutes_and_then_its_verdict_stands(
    bench: Workbench,
) -> None:
    unknown = EmailVerdict("ada@example.com", EmailResult.UNKNOWN, "greylisted", is_complete=False)
    bench.service.verdict = lambda _: Deferred(unknown)
    made = await bench.create([{"email": "ada@example.com"}], list_type=ListType.EMAIL, options=VALIDATE)
    (chunk,) = await bench.chunks(made)
    waits = []
    while (run_at := await bench.run(chunk)) is not None:
        waits.append((run_at - bench.clock.now).total_seconds() / 60)
        bench.clock.now = run_at
    assert waits == [5, 15, 60]
    (entry,) = await bench.entries(made)
    assert (entry.status, entry.findings.validate) == (EntryStatus.DONE, UNAVAILABLE)
    assert entry.findings.verdict == unknown
    assert await bench.charges() == []


async def test_verdict_names_the_validator_that_gave_it(bench: Workbench) -> None:
    bench.service.verdict = lambda email: EmailVerdict(
        email, EmailResult.DELIVERABLE, "accepted", checked_by="other"
    )
    made = await bench.create([{"email": "ada@example.com"}], list_type=ListType.EMAIL, options=VALIDATE)
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    assert entry.findings.provenance["email_validation_result"].provider == "other"


async def test_ambiguous_person_is_nobody_and_costs_nothing(bench: Workbench) -> None:
    bench.service.is_ambiguous = True
    made = await bench.create(linkedin_leads("ada"), options=ALL_STEPS)
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    assert (entry.findings.enrich, entry.findings.reveal) == (AMBIGUOUS, SKIPPED)
    assert await bench.charges() == []


async def test_what_was_found_is_kept_between_attempts(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    bench.service.failures[Step.VALIDATE, "jane@found.example"] = 2
    made = await bench.create(linkedin_leads("jane"))
    assert await bench.finish(made) == 3
    assert await outcomes(bench, made) == [(FOUND, FOUND, FOUND)]
    assert bench.service.asked[Step.ENRICH, "jane"] == 1
    assert bench.service.asked[Step.REVEAL, "jane"] == 1


async def test_what_was_found_is_not_shown_before_it_is_paid_for(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    bench.service.down = {Step.VALIDATE}
    made = await bench.create(linkedin_leads("jane"))
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    await bench.cancel(made)
    shown = entry_view(made, (await bench.entries(made))[0])
    assert (shown.status, shown.email, shown.person_id) == ("canceled", None, None)
    await require_free(bench)


async def test_retry_of_one_lead_does_not_repeat_its_neighbors(bench: Workbench) -> None:
    slugs = [f"lead-{number}" for number in range(30)]
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in slugs}
    bench.service.failures[Step.ENRICH, "lead-7"] = 1
    made = await bench.create(linkedin_leads(*slugs), ENRICH)
    await bench.finish(made)
    assert bench.service.asked == {
        **{(Step.ENRICH, slug): 1 for slug in slugs},
        (Step.ENRICH, "lead-7"): 2,
    }
    assert await outcomes(bench, made) == [(FOUND, SKIPPED, SKIPPED)] * 30


async def test_chunk_is_begun_once_for_all_the_leads_that_wait(bench: Workbench) -> None:
    """A chunk is given up after many attempts: leads that fail at different times must not use them up."""
    slugs = [f"lead-{number}" for number in range(60)]
    bench.service.batch_size, bench.service.concurrency = 1, 1
    bench.service.down = {Step.ENRICH}

    async def take_a_second(_step: Step, _key: str) -> None:
        bench.clock.advance(seconds=1)

    bench.service.before_answer = take_a_second
    made = await bench.create(linkedin_leads(*slugs), ENRICH)
    assert await bench.finish(made) == 3
    assert await outcomes(bench, made) == [(UNAVAILABLE, SKIPPED, SKIPPED)] * 60
    await require_free(bench)


@pytest.mark.parametrize("step", list(Step))
async def test_provider_that_raises_was_unavailable(bench: Workbench, step: Step) -> None:
    bench.service.knows["jane"] = JANE
    bench.service.raises[step] = RuntimeError("no such luck")
    made = await bench.create(linkedin_leads("jane"))
    (chunk,) = await bench.chunks(made)
    assert await bench.run(chunk) == bench.clock.now + timedelta(seconds=1)
    del bench.service.raises[step]
    await bench.finish(made)
    assert await outcomes(bench, made) == [(FOUND, FOUND, FOUND)]


async def test_call_that_raises_does_not_touch_leads_of_other_calls(bench: Workbench) -> None:
    slugs = [f"lead-{number}" for number in range(30)]
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in slugs}

    async def raise_for_one(_step: Step, key: str) -> None:
        if key == "lead-15":
            raise TimeoutError

    bench.service.before_answer = raise_for_one
    made = await bench.create(linkedin_leads(*slugs), ENRICH)
    await bench.finish(made)
    found = await outcomes(bench, made)
    assert found[10:20] == [(UNAVAILABLE, SKIPPED, SKIPPED)] * 10
    assert found[:10] + found[20:] == [(FOUND, SKIPPED, SKIPPED)] * 20


async def test_answers_that_do_not_add_up_are_given_to_nobody(bench: Workbench) -> None:
    slugs = [f"lead-{number}" for number in range(20)]
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in slugs}
    bench.service.miscounts = {Step.ENRICH}
    made = await bench.create(linkedin_leads(*slugs), ENRICH)
    await bench.finish(made)
    assert await outcomes(bench, made) == [(UNAVAILABLE, SKIPPED, SKIPPED)] * 20
    await require_free(bench)


async def test_check_that_could_not_be_done_is_unavailable_and_free(bench: Workbench) -> None:
    bench.service.verdict = lambda email: EmailVerdict(
        email, EmailResult.UNKNOWN, "not_probed", is_complete=False
    )
    made = await bench.create([{"email": "a@b.example"}], VALIDATE, ListType.EMAIL)
    await bench.finish(made)
    assert await outcomes(bench, made) == [(SKIPPED, UNAVAILABLE, SKIPPED)]
    (entry,) = await bench.entries(made)
    assert entry.findings.verdict is not None
    assert entry.findings.verdict.result is EmailResult.UNKNOWN
    await require_free(bench)


async def test_address_is_paid_once_a_list_however_the_validator_spells_it(bench: Workbench) -> None:
    spellings = iter(["JANE@found.example", "jane@FOUND.example"])
    bench.service.knows = {"jane": JANE, "jane-too": JANE}
    bench.service.verdict = lambda _: EmailVerdict(next(spellings), EmailResult.DELIVERABLE, "told")
    options = ListOptions(validate_email=True, enrich=True)
    made = await bench.create(linkedin_leads("jane", "jane-too"), options)
    await bench.finish(made)
    assert sorted(await bench.charges()) == [
        (Reason.EMAIL_REVEALED, 1000),
        (Reason.EMAIL_VALIDATED, 1000),
        (Reason.PERSON_FOUND, 500),
    ]


async def test_same_address_in_another_list_is_paid_again(bench: Workbench) -> None:
    for _ in range(2):
        made = await bench.create([{"email": "a@b.example"}], VALIDATE, ListType.EMAIL)
        await bench.finish(made)
    assert await bench.charges() == [(Reason.EMAIL_VALIDATED, 1000)] * 2


async def test_person_is_paid_once_in_24_hours_and_their_email_and_phone_once_ever(
    bench: Workbench,
) -> None:
    bench.service.knows["jane"] = JANE
    options = ListOptions(reveal_phone_numbers=True, enrich=True)
    people_paid = []
    for hours in (0, 23.9, 0.2, 23.9, 0.2):
        bench.clock.advance(hours=hours)
        await bench.finish(await bench.create(linkedin_leads("jane"), options))
        people_paid.append([reason for reason, _ in await bench.charges()].count(Reason.PERSON_FOUND))
    assert people_paid == [1, 1, 2, 2, 3]
    reasons = [reason for reason, _ in await bench.charges()]
    assert (reasons.count(Reason.EMAIL_REVEALED), reasons.count(Reason.PHONE_REVEALED)) == (1, 1)


async def test_accounts_do_not_share_what_they_paid_for(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    for caller in (bench.caller, await bench.open_account()):
        made = await bench.create(linkedin_leads("jane"), ENRICH, caller=caller)
        await bench.finish(made)
        assert sorted(await bench.charges(caller)) == [
            (Reason.EMAIL_REVEALED, 1000),
            (Reason.PERSON_FOUND, 500),
        ]


async def test_options_and_prices_are_those_of_when_the_leads_were_added(bench: Workbench) -> None:
    bench.service.knows["jane"] = JANE
    made = await bench.create(linkedin_leads("jane"), ENRICH)
    await bench.write("UPDATE lead_lists SET reveal_phone_numbers = true, validate_email = true")
    await bench.finish(made)
    assert await outcomes(bench, made) == [(FOUND, SKIPPED, SKIPPED)]
    assert sum(amount for _, amount in await bench.charges()) == 1_500


async def test_provider_never_gets_more_calls_at_once_than_it_takes(bench: Workbench) -> None:
    slugs = [f"lead-{number}" for number in range(2 * CHUNK_SIZE + 50)]
    bench.service.batch_size, bench.service.concurrency = 5, 3
    made = await bench.create(linkedin_leads(*slugs), REVEAL)

    async def wait(_step: Step, _key: str) -> None:
        await asyncio.sleep(0)

    bench.service.before_answer = wait
    chunks = await bench.chunks(made)
    await asyncio.gather(*(bench.run(chunk) for chunk in chunks))
    assert len(chunks) == 3
    assert bench.service.calls == len(slugs) / 5
    assert bench.service.most_at_once == 3


async def test_canceled_leads_are_neither_counted_nor_charged(bench: Workbench) -> None:
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in ("early", "late")}
    bench.service.batch_size = 1
    canceled = asyncio.Event()

    async def hold(_step: Step, key: str) -> None:
        if key == "late":
            await canceled.wait()

    bench.service.before_answer = hold
    made = await bench.create(linkedin_leads("early", "late"), ENRICH)
    (chunk,) = await bench.chunks(made)
    running = asyncio.create_task(bench.run(chunk))
    while (await bench.read(made)).progress.done == 0:
        await asyncio.sleep(0.01)
    await bench.cancel(made)
    assert [balance.held for balance in (await bench.balances()).values()] == [0, 0]
    canceled.set()
    assert await running is None
    statuses = [entry.status for entry in await bench.entries(made)]
    assert statuses == [EntryStatus.DONE, EntryStatus.CANCELED]
    assert await bench.charges() == [(Reason.PERSON_FOUND, 500)]
    after = await bench.read(made)
    assert (after.status, after.progress.done, after.progress.processing) == (ListStatus.CANCELED, 1, 0)


async def test_asked_to_stop_begun_leads_are_finished_and_the_rest_is_handed_back(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journey_of_a_chunk, "STOP_GRACE_SECONDS", 0.3)
    slugs = [f"lead-{number}" for number in range(8)]
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in slugs}
    bench.service.batch_size, bench.service.concurrency = 1, 3
    numbers = count(1)

    async def answer_late(_step: Step, _key: str) -> None:
        number = next(numbers)
        if number == 1:
            bench.stop.set()
        else:
            await asyncio.sleep(0.05 if number == 2 else 60)

    bench.service.before_answer = answer_late
    made = await bench.create(linkedin_leads(*slugs), ENRICH)
    (chunk,) = await bench.chunks(made)
    assert await bench.run(chunk) == bench.clock.now
    statuses = Counter(entry.status for entry in await bench.entries(made))
    assert statuses == {EntryStatus.DONE: 2, EntryStatus.QUEUED: 6}
    handed_back = await bench.read(made)
    assert (handed_back.progress.queued, handed_back.progress.processing) == (6, 0)
    assert (await bench.balances())[CreditKind.EMAIL].held == 6 * 1_500

    bench.stop.clear()
    bench.service.before_answer = lambda _step, _key: asyncio.sleep(0)
    await bench.finish(made)
    assert (await bench.read(made)).progress.done == 8


async def test_deadline_keeps_what_was_found_and_leaves_nothing_running(bench: Workbench) -> None:
    slugs = [f"lead-{number}" for number in range(3)]
    bench.service.knows = {slug: Known(f"p-{slug}") for slug in slugs}
    bench.service.batch_size, bench.service.concurrency = 1, 1

    async def hang(_step: Step, _key: str) -> None:
        if bench.service.calls == 2:
            await asyncio.sleep(60)

    bench.service.before_answer = hang
    made = await bench.create(linkedin_leads(*slugs), ENRICH)
    (chunk,) = await bench.chunks(made)
    before = asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await bench.run(chunk)
    assert asyncio.all_tasks() == before
    statuses = Counter(entry.status for entry in await bench.entries(made))
    assert statuses == {EntryStatus.DONE: 1, EntryStatus.PROCESSING: 2}
    bench.service.before_answer = lambda _step, _key: asyncio.sleep(0)
    await bench.finish(made)
    assert await outcomes(bench, made) == [(FOUND, SKIPPED, SKIPPED)] * 3
    assert [amount for _, amount in await bench.charges()] == [500] * 3


async def test_chunk_that_is_given_up_fails_its_leads_and_frees_their_hold(bench: Workbench) -> None:
    bench.service.knows = {"done": Known("p-done"), "jane": JANE}
    bench.service.down = {Step.VALIDATE}
    made = await bench.create(linkedin_leads("done", "jane"))
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    charges = await bench.charges()
    await give_up(bench.pipeline, chunk)

    entries = await bench.entries(made)
    assert [entry.status for entry in entries] == [EntryStatus.DONE, EntryStatus.FAILED]
    assert entry_view(made, entries[1]).email is None
    after = await bench.read(made)
    assert (after.status, after.progress.failed) == (ListStatus.COMPLETED, 1)
    assert [balance.held for balance in (await bench.balances()).values()] == [0, 0]
    assert await bench.charges() == charges
    await give_up(bench.pipeline, chunk)
    assert await bench.read(made) == after


async def test_chunk_of_a_canceled_list_can_be_given_up(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("jane"), ALL_STEPS)
    (chunk,) = await bench.chunks(made)
    await bench.cancel(made)
    canceled = await bench.read(made)
    await give_up(bench.pipeline, chunk)
    assert (await bench.read(made)).progress == canceled.progress


@pytest.mark.parametrize("drift", [-1_000, 1_000])
async def test_lead_that_would_be_priced_otherwise_today_ends_and_frees_all(
    bench: Workbench, drift: int
) -> None:
    """A new version may see an e-mail where the one that held the credits saw none, or none where it did."""
    bench.service.knows["jane"] = JANE
    made = await bench.create(linkedin_leads("jane", "nobody"), ENRICH)
    await bench.write("UPDATE additions SET email_held = email_held + :drift", drift=drift)
    await bench.write(
        "UPDATE credit_balances SET held = held + :drift WHERE workspace_id = :id AND kind = 'email'",
        drift=drift,
        id=bench.caller.workspace_id,
    )
    await bench.finish(made)
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    assert [balance.held for balance in (await bench.balances()).values()] == [0, 0]
    assert await bench.query("SELECT 1 FROM additions WHERE email_held <> 0") == []
