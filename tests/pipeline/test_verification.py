"""Validators are asked in their order until one can tell, and no verdict is bought twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.stand_ins import PaidValidatorStandIn
from tests.support.workbench import Workbench, make_desk

from leadyard.actions.erasures import erase_person
from leadyard.api.views import entry_detail_view
from leadyard.domain.credits import Reason
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.entries import Entry, EntryStatus, Outcome, Step
from leadyard.domain.erasure import Traces
from leadyard.domain.lead_lists import LeadList, ListOptions, PauseReason
from leadyard.domain.leads import ListType
from leadyard.domain.providers import (
    CallFailed,
    Deferred,
    Failure,
    MeteredProvider,
    MeteredValidator,
    Missing,
    Unavailable,
    Verified,
)
from leadyard.domain.suppression import Identity
from leadyard.domain.waterfall import Order, OrderOverride, Plan, SpendingLimits
from leadyard.storage import provider_answers as answer_rows
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.erasures import add_tombstones
from leadyard.storage.provider_settings import ProviderSettings

VALIDATE = ListOptions(validate_email=True)
ADA, BOB = "ada@work.example", "bob@work.example"
LOST = CallFailed(Failure.TIMED_OUT, may_have_bought=True)
DELIVERABLE, UNKNOWN = EmailResult.DELIVERABLE, EmailResult.UNKNOWN


def verdict(result: EmailResult, reason: str, *, is_complete: bool = True) -> EmailVerdict:
    """A verdict on Ada's address."""
    return EmailVerdict(ADA, result, reason, is_complete=is_complete)


NOT_PROBED = verdict(UNKNOWN, "not_probed")
UNREACHABLE = verdict(UNKNOWN, "unreachable", is_complete=False)
GREYLISTED = verdict(UNKNOWN, "greylisted", is_complete=False)
NOBODY_KNOWS = Verified(verdict(UNKNOWN, "unknown"), 0.5)


async def use(
    bench: Workbench,
    *services: PaidValidatorStandIn,
    order: tuple[str, ...] | None = None,
    limits: SpendingLimits | None = None,
    credit_price: float = 1.0,
) -> None:
    """Lets addresses be verified by our own check, whose answer leaves them open, and then by these."""
    await bench.live()
    bench.service.verdict = lambda email: replace_address(NOT_PROBED, email)
    by_kind = {service.name: service for service in services}

    def make(kind: str, key: str, options: Mapping[str, Any]) -> MeteredProvider:
        raise ValueError(kind)

    def make_validator(kind: str, key: str, options: Mapping[str, Any]) -> MeteredValidator:
        return by_kind[kind]

    desk = make_desk(bench.database, bench.service, bench.clock, make, make_validator)
    bench.pipeline = replace(bench.pipeline, desk=desk)
    names = ("mailcheck", *by_kind) if order is None else order
    plan = Plan(Order(verification=names), limits or SpendingLimits())
    async with bench.database.write() as tx:
        for name in by_kind:
            settings = ProviderSettings(name, name, None, None, {}, credit_price, bench.clock.now)
            await settings_rows.put_provider(tx, bench.caller.workspace_id, settings)
        await settings_rows.put_plan(tx, bench.caller.workspace_id, plan)


def replace_address(told: EmailVerdict, email: str) -> EmailVerdict:
    """The verdict on another address."""
    return EmailVerdict(
        email, told.result, told.reason, is_complete=told.is_complete, mail_hosts=("mx.work.example",)
    )


async def create(bench: Workbench, *emails: str) -> LeadList:
    """A list of addresses to be verified."""
    return await bench.create([{"email": email} for email in emails], VALIDATE, ListType.EMAIL)


async def verify(bench: Workbench, *emails: str) -> list[Entry]:
    """The entries of a new list of these addresses, once it is finished."""
    made = await create(bench, *emails)
    await bench.finish(made)
    return await bench.entries(made)


def asked_of(entry: Entry) -> list[tuple[str, str]]:
    """Who was asked, and what that came to."""
    assert {visit.step for visit in entry.findings.history} <= {Step.VALIDATE}
    return [(visit.provider, visit.outcome) for visit in entry.findings.history]


def decided_by(entry: Entry) -> tuple[str, EmailResult]:
    """Whose verdict stands, and which it is."""
    assert entry.findings.verdict is not None
    source = entry.findings.provenance["email_validation_result"]
    return source.provider, entry.findings.verdict.result


async def calls(bench: Workbench) -> list[tuple[str, str, int]]:
    """Provider, state and cost of every call, in the order they were made."""
    rows = await bench.query("SELECT provider, groups, state, cost FROM provider_calls ORDER BY id")
    assert {row.groups for row in rows} <= {"verification"}
    return [(row.provider, row.state, row.cost) for row in rows]


async def test_validators_are_asked_in_their_order_until_one_can_tell(bench: Workbench) -> None:
    first = PaidValidatorStandIn("first", answers={ADA: NOBODY_KNOWS})
    second, third = PaidValidatorStandIn("second"), PaidValidatorStandIn("third")
    await use(bench, first, second, third)
    (entry,) = await verify(bench, ADA)
    assert asked_of(entry) == [("mailcheck", "missing"), ("first", "missing"), ("second", "found")]
    assert decided_by(entry) == ("second", DELIVERABLE)
    assert third.asked == []
    assert await calls(bench) == [("first", "settled", 500), ("second", "settled", 500)]
    assert await bench.charges() == [(Reason.EMAIL_VALIDATED, 1000)]


async def test_paid_verifier_is_not_asked_what_our_own_check_knows(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid")
    await use(bench, paid)
    bench.service.verdict = lambda email: EmailVerdict(email, EmailResult.UNDELIVERABLE, "null_mx")
    (entry,) = await verify(bench, ADA)
    assert asked_of(entry) == [("mailcheck", "found")]
    assert (paid.asked, await calls(bench)) == ([], [])


async def test_paid_verifier_can_be_asked_first_or_alone(bench: Workbench) -> None:
    await use(bench, PaidValidatorStandIn("paid"), order=("paid", "mailcheck"))
    (entry,) = await verify(bench, ADA)
    assert asked_of(entry) == [("paid", "found")]
    assert bench.service.calls == 0


async def test_verdict_that_decides_keeps_what_our_own_check_knows_of_the_domain(bench: Workbench) -> None:
    await use(bench, PaidValidatorStandIn("paid"), credit_price=3.0)
    made = await create(bench, ADA)
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    view = entry_detail_view(made, entry)
    assert view.email_verification is not None
    assert (view.email_verification.reason, view.email_verification.mx) == ("valid", ("mx.work.example",))
    assert view.email_verification.checked_at == bench.clock.now
    source = view.provenance["email_validation_result"]
    assert (source.provider, source.cost, source.cached) == ("paid", 1.5, False)
    assert [(visit.step, visit.provider, visit.cost) for visit in view.history] == [
        ("validate", "mailcheck", 0),
        ("validate", "paid", 1.5),
    ]


async def test_our_own_verdict_stands_where_nobody_knows_more(bench: Workbench) -> None:
    await use(bench, PaidValidatorStandIn("paid", answers={ADA: NOBODY_KNOWS}))
    (entry,) = await verify(bench, ADA)
    assert decided_by(entry) == ("mailcheck", UNKNOWN)
    assert entry.findings.verdict is not None
    assert entry.findings.verdict.reason == "not_probed"
    assert await bench.charges() == [(Reason.EMAIL_VALIDATED, 1000)]


async def test_complete_verdict_is_better_than_one_that_is_not(bench: Workbench) -> None:
    await use(bench, PaidValidatorStandIn("paid", answers={ADA: NOBODY_KNOWS}))
    bench.service.verdict = lambda _: UNREACHABLE
    (entry,) = await verify(bench, ADA)
    assert decided_by(entry) == ("paid", UNKNOWN)
    assert entry.findings.validate is Outcome.FOUND


async def test_verdict_is_bought_once_within_its_time(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid", answers={BOB: Verified(EmailVerdict(BOB, UNKNOWN, "unknown"), 0.5)})
    await use(bench, paid)
    await verify(bench, ADA, BOB)
    bench.clock.advance(days=13)
    again = await verify(bench, ADA, BOB)
    assert paid.sold == {ADA: 1, BOB: 1}
    source = again[0].findings.provenance["email_validation_result"]
    assert (source.provider, source.cost, source.is_cached) == ("paid", 0.5, True)
    assert source.fetched_at == bench.clock.now - timedelta(days=13)
    assert again[0].findings.history[-1].is_cached
    bench.clock.advance(days=2)
    await verify(bench, ADA, BOB)
    assert paid.sold == {ADA: 1, BOB: 2}
    bench.clock.advance(days=76)
    await verify(bench, ADA)
    assert paid.sold == {ADA: 2, BOB: 2}


async def test_same_address_of_two_leads_at_once_is_bought_once(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid", batch_size=1)
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.sleep(0.02)

    paid.before_answer = wait
    await use(bench, paid)
    lists = [await create(bench, ADA) for _ in range(3)]
    await asyncio.gather(*(bench.finish(made) for made in lists))
    assert paid.sold == {ADA: 1}
    for made in lists:
        (entry,) = await bench.entries(made)
        assert decided_by(entry) == ("paid", DELIVERABLE)


async def test_question_whose_answer_was_lost_is_not_repeated(bench: Workbench) -> None:
    first, second = PaidValidatorStandIn("first", failures=[LOST]), PaidValidatorStandIn("second")
    await use(bench, first, second)
    (entry,) = await verify(bench, ADA)
    assert asked_of(entry) == [("mailcheck", "missing"), ("first", "lost"), ("second", "found")]
    await verify(bench, ADA)
    assert first.asked == [ADA]
    assert await calls(bench) == [("first", "lost", 500), ("second", "settled", 500)]


async def test_call_whose_process_died_counts_as_paid_and_our_own_verdict_stands(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid")

    async def die() -> None:
        raise asyncio.CancelledError

    paid.before_answer = die
    await use(bench, paid)
    made = await create(bench, ADA)
    (chunk,) = await bench.chunks(made)
    with pytest.raises(asyncio.CancelledError):
        await bench.run(chunk)
    assert await calls(bench) == [("paid", "reserved", 0)]
    paid.before_answer = None
    assert await bench.run(chunk) is not None
    bench.clock.advance(seconds=91)
    await bench.finish(made)
    assert await calls(bench) == [("paid", "lost", 500)]
    (entry,) = await bench.entries(made)
    assert asked_of(entry) == [("mailcheck", "missing"), ("paid", "lost")]
    assert (entry.findings.validate, paid.asked) == (Outcome.FOUND, [ADA])


async def test_greylisted_address_does_not_wait_where_another_knows_it(bench: Workbench) -> None:
    await use(bench, PaidValidatorStandIn("paid"))
    bench.service.verdict = lambda _: Deferred(GREYLISTED)
    (entry,) = await verify(bench, ADA)
    assert asked_of(entry) == [("mailcheck", "deferred"), ("paid", "found")]
    assert (decided_by(entry), entry.findings.deferrals) == (("paid", DELIVERABLE), 0)


async def test_greylisted_address_waits_where_nobody_knows_it_and_is_bought_once(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid", answers={ADA: NOBODY_KNOWS})
    await use(bench, paid)
    bench.service.verdict = lambda _: Deferred(GREYLISTED)
    begun = bench.clock.now
    (entry,) = await verify(bench, ADA)
    assert bench.clock.now - begun == timedelta(minutes=5 + 15 + 60)
    assert asked_of(entry) == [("mailcheck", "deferred"), ("paid", "missing")]
    assert paid.sold == {ADA: 1}


async def test_verifier_that_wants_to_be_asked_later_is_and_costs_nothing_meanwhile(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid", answers={ADA: Deferred(GREYLISTED)})
    await use(bench, paid)
    made = await create(bench, ADA)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    assert run_at == bench.clock.now + timedelta(minutes=5)
    assert await calls(bench) == [("paid", "settled", 0)]
    del paid.answers[ADA]
    bench.clock.now = run_at
    await bench.finish(made)
    (entry,) = await bench.entries(made)
    assert decided_by(entry) == ("paid", DELIVERABLE)
    assert [cost for _, _, cost in await calls(bench)] == [0, 500]


async def test_verifier_that_is_down_is_waited_for_and_after_the_last_attempt_our_own_verdict_stands(
    bench: Workbench,
) -> None:
    down = PaidValidatorStandIn("down", failures=[CallFailed(Failure.DOWN) for _ in range(3)])
    await use(bench, down)
    made = await create(bench, ADA)
    assert await bench.finish(made) == 3
    (entry,) = await bench.entries(made)
    assert asked_of(entry) == [("mailcheck", "missing"), ("down", "unavailable")]
    assert entry.findings.verdict is not None
    assert (entry.findings.verdict.reason, entry.findings.validate) == ("not_probed", Outcome.FOUND)
    assert await calls(bench) == [("down", "failed", 0)] * 3
    assert await bench.charges() == [(Reason.EMAIL_VALIDATED, 1000)]


async def test_address_that_nobody_could_be_asked_about_is_unavailable_and_free(bench: Workbench) -> None:
    down = PaidValidatorStandIn("down", answers={ADA: Unavailable("could not")})
    await use(bench, down, order=("down", "gone"))
    (entry,) = await verify(bench, ADA)
    assert (entry.status, entry.findings.validate) == (EntryStatus.DONE, Outcome.UNAVAILABLE)
    assert (entry.findings.verdict, await bench.charges()) == (None, [])


@pytest.mark.parametrize("answer", [Missing(is_erased=True), Verified(UNREACHABLE, 0.25)])
async def test_answer_without_a_verdict_is_passed_over_and_kept(bench: Workbench, answer: Any) -> None:
    paid = PaidValidatorStandIn("paid", answers={ADA: answer})
    await use(bench, paid)
    for _ in range(2):
        (entry,) = await verify(bench, ADA)
        assert entry.findings.verdict is not None
        assert entry.findings.verdict.reason == "not_probed"
    assert paid.asked == [ADA]
    assert await calls(bench) == [("paid", "settled", round(answer.cost * 1000))]


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (CallFailed(Failure.THROTTLED, retry_after=40), 40),
        (CallFailed(Failure.UNAUTHORIZED), 300),
        (CallFailed(Failure.OUT_OF_CREDIT), 300),
    ],
)
async def test_lead_waits_for_a_verifier_that_takes_no_calls_and_loses_no_attempt(
    bench: Workbench, failure: CallFailed, seconds: int
) -> None:
    await use(bench, PaidValidatorStandIn("paid", failures=[failure]))
    made = await create(bench, ADA)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    paused = (await bench.read(made)).pause
    assert (run_at if paused is None else paused.until) == bench.clock.now + timedelta(seconds=seconds)
    (row,) = await bench.query("SELECT attempts FROM lead_list_entries WHERE list_id = :id", id=made.row_id)
    assert row.attempts == 0
    bench.clock.now += timedelta(seconds=seconds)
    assert await bench.resume_paused() == (paused is not None)
    await bench.finish(made)
    assert decided_by((await bench.entries(made))[0]) == ("paid", DELIVERABLE)


async def test_breaker_opens_after_five_failures_and_addresses_wait_for_it(bench: Workbench) -> None:
    failures = [CallFailed(Failure.DOWN) for _ in range(5)]
    paid = PaidValidatorStandIn("paid", batch_size=1, concurrency=1, failures=failures)
    await use(bench, paid)
    made = await create(bench, *(f"lead-{number}@work.example" for number in range(7)))
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    assert len(paid.asked) == 5
    await bench.finish(made)
    assert {decided_by(entry) for entry in await bench.entries(made)} == {("paid", DELIVERABLE)}


@pytest.mark.parametrize(
    "limits",
    [
        SpendingLimits(day=1.5),
        SpendingLimits(list=1.5),
        SpendingLimits(providers={"paid": 1.5}),
        SpendingLimits(groups={"verification": 1.5}),
    ],
)
async def test_list_stops_at_a_spending_limit(bench: Workbench, limits: SpendingLimits) -> None:
    paid = PaidValidatorStandIn("paid")
    await use(bench, paid, limits=limits)
    made = await create(bench, *(f"lead-{number}@work.example" for number in range(5)))
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    assert paid.sold.total() == 3
    paused = await bench.read(made)
    assert paused.pause is not None
    assert paused.pause.reason is PauseReason.SPENDING_LIMIT
    assert paused.progress.done == 3
    assert await bench.resume_paused() == 0
    plan = Plan(Order(verification=("mailcheck", "paid")))
    async with bench.database.write() as tx:
        await settings_rows.put_plan(tx, bench.caller.workspace_id, plan)
    assert await bench.resume_paused() == 1
    await bench.finish(made)
    assert paid.sold.total() == 5
    assert (await bench.read(made)).progress.done == 5


async def test_limit_of_a_group_of_fields_does_not_count_for_verification(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid")
    await use(bench, paid, limits=SpendingLimits(groups={"email": 0.0}))
    (entry,) = await verify(bench, ADA)
    assert decided_by(entry) == ("paid", DELIVERABLE)


async def test_list_can_have_validators_of_its_own(bench: Workbench) -> None:
    first, second = PaidValidatorStandIn("first"), PaidValidatorStandIn("second")
    await use(bench, first, second, order=("mailcheck", "first"))
    made = await create(bench, ADA)
    async with bench.database.write() as tx:
        await settings_rows.put_override(tx, made.row_id, OrderOverride(verification=("second",)))
    await bench.finish(made)
    assert asked_of((await bench.entries(made))[0]) == [("second", "found")]
    assert first.asked == []


async def test_test_data_never_meets_a_paid_verifier(bench: Workbench) -> None:
    paid, caller = PaidValidatorStandIn("paid"), bench.caller
    await use(bench, paid)
    bench.caller = caller
    (entry,) = await verify(bench, ADA)
    assert (asked_of(entry), paid.asked) == ([("stand-in", "missing")], [])


async def test_erasure_reaches_verdicts_that_were_bought(bench: Workbench) -> None:
    await use(bench, PaidValidatorStandIn("paid"))
    await verify(bench, ADA, BOB)
    traces = Traces(emails=frozenset({ADA}))
    async with bench.database.write() as tx:
        held = await answer_rows.find_answers_about(tx, bench.caller.workspace_id, traces)
        assert [each.provider for each in held] == ["paid"]
        await answer_rows.forget_person(tx, bench.caller.workspace_id, traces)
    (left,) = await bench.query("SELECT query, answer FROM provider_answers")
    assert ADA not in left.query + left.answer
    assert BOB in left.answer


async def test_verdict_on_an_address_that_is_erased_meanwhile_is_not_kept(bench: Workbench) -> None:
    paid = PaidValidatorStandIn("paid")

    async def erase() -> None:
        await erase_person(bench.database, bench.caller, Traces(emails=frozenset({ADA})))

    paid.before_answer = erase
    await use(bench, paid)
    await verify(bench, ADA)
    assert paid.sold == {ADA: 1}
    assert await bench.query("SELECT 1 FROM provider_answers") == []


async def test_verdict_on_an_address_that_was_erased_before_it_was_asked_for_is_not_kept(
    bench: Workbench,
) -> None:
    """The erasure had looked for answers already when the question was written down."""
    paid = PaidValidatorStandIn("paid")

    async def keep_out() -> None:
        async with bench.database.write() as tx:
            await add_tombstones(tx, [bench.caller.workspace_id], Identity((ADA,)))

    paid.before_answer = keep_out
    await use(bench, paid)
    await verify(bench, ADA)
    (kept,) = await bench.query("SELECT state, query, answer FROM provider_answers")
    assert (kept.state, kept.answer) == ("erased", None)
    assert ADA not in kept.query
