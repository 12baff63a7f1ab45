"""Providers are asked in their order for what is missing, and nothing is bought twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.support.paying import ADA, calls, everywhere, only_entry, replace_person, use
from tests.support.stand_ins import Known, OrderedStandIn, PaidStandIn
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.api.views import entry_detail_view
from leadyard.domain.accounts import Caller
from leadyard.domain.credits import Reason
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.lead_lists import ListOptions, PauseReason
from leadyard.domain.people import Company, Education, Experience, Person, PhoneNumber
from leadyard.domain.providers import (
    Ambiguous,
    CallFailed,
    Failure,
    Group,
    Missing,
    Unavailable,
)
from leadyard.domain.waterfall import Order, OrderOverride, SpendingLimits
from leadyard.storage import provider_settings as settings_rows

ENRICH = ListOptions(enrich=True)


async def test_next_provider_is_asked_only_for_what_is_missing(bench: Workbench) -> None:
    first = PaidStandIn("first", knows={"ada": replace_person(ADA, email=None)})
    second = PaidStandIn("second", knows={"ada": replace_person(ADA, id="x", first_name="Other")})
    await use(bench, Order(("first",), ("first", "second"), (), ("first",)), first, second)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    assert second.asked[0].wanted == {Group.EMAIL}
    assert second.asked[0].first_name == "Ada"
    entry = await only_entry(bench, made)
    assert entry.findings.person is not None
    assert (entry.findings.person.first_name, entry.findings.person.email) == ("Ada", "ada@work.example")
    sources = {name: source.provider for name, source in entry.findings.provenance.items()}
    assert (sources["first_name"], sources["email"]) == ("first", "second")
    assert [(visit.provider, visit.outcome) for visit in entry.findings.history] == [
        ("first", "found"),
        ("second", "found"),
    ]


async def test_everything_that_is_told_of_a_person_is_kept(bench: Workbench) -> None:
    told = replace_person(
        ADA,
        linkedin_url="https://www.linkedin.com/in/ada",
        last_name="Byron",
        headline="Computes",
        location="London",
        image_url="https://images.example/ada.png",
        languages=("English", "French"),
        experiences=(Experience("CTO", "Acme"),),
        educations=(Education("Home"),),
        company=Company("Acme", "acme.example", industry="Engines", technologies=("steam",)),
    )
    await use(bench, everywhere("paid"), PaidStandIn("paid", knows={"ada": told}))
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    person = (await only_entry(bench, made)).findings.person
    assert person is not None
    assert replace_person(person, id=told.id) == told


async def test_nobody_is_asked_once_nothing_is_missing(bench: Workbench) -> None:
    first, second = PaidStandIn("first", knows={"ada": ADA}), PaidStandIn("second", knows={"ada": ADA})
    await use(bench, everywhere("first", "second"), first, second)
    made = await bench.create(linkedin_leads("ada", email="ada@sent.example"), ENRICH)
    await bench.finish(made)
    assert second.asked == []


async def test_own_directory_is_asked_in_its_place_and_is_free(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA, "bob": ADA})
    bench.service.knows = {"ada": Known("d-ada", "ada@found.example")}
    await use(bench, everywhere("directory", "paid"), paid)
    made = await bench.create(linkedin_leads("ada", "bob"), ENRICH)
    await bench.finish(made)
    assert [query.linkedin_key for query in paid.asked] == ["bob"]
    assert await calls(bench) == [("paid", "settled", 1000)]


async def test_groups_that_a_provider_is_not_listed_for_are_not_taken_from_it(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, Order(("paid",), (), (), ()), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    person = (await only_entry(bench, made)).findings.person
    assert person is not None
    assert (person.first_name, person.email, person.company) == ("Ada", None, Company())


async def test_answer_about_somebody_else_is_not_taken(bench: Workbench) -> None:
    first = PaidStandIn(
        "first", knows={"ada": replace_person(ADA, email=None, linkedin_url="linkedin.com/in/ada")}
    )
    other = replace_person(ADA, linkedin_url="linkedin.com/in/eve", email="eve@work.example")
    second = PaidStandIn("second", knows={"ada": other})
    await use(bench, everywhere("first", "second"), first, second)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    findings = (await only_entry(bench, made)).findings
    assert findings.person is not None
    assert findings.person.email is None
    assert findings.history[-1].outcome == "other_person"


async def test_same_question_is_not_bought_again_within_its_time(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    first = await bench.create(linkedin_leads("ada", "nobody"), ENRICH)
    await bench.finish(first)
    bench.clock.advance(days=13)
    second = await bench.create(linkedin_leads("ada", "nobody"), ENRICH)
    await bench.finish(second)
    assert len(paid.asked) == 2
    entry = (await bench.entries(second))[0]
    assert entry.findings.provenance["first_name"].is_cached
    view = entry_detail_view(second, entry)
    assert view.provenance["first_name"].cached
    bench.clock.advance(days=2)
    third = await bench.create(linkedin_leads("ada", "nobody"), ENRICH)
    await bench.finish(third)
    assert [query.linkedin_key for query in paid.asked[2:]] == ["nobody"]
    bench.clock.advance(days=90)
    await bench.finish(await bench.create(linkedin_leads("ada"), ENRICH))
    assert paid.sold["ada"] == 2


async def test_accounts_do_not_share_answers(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    await bench.finish(await bench.create(linkedin_leads("ada"), ENRICH))
    bench.caller = await bench.open_account()
    await use(bench, everywhere("paid"), paid)
    await bench.finish(await bench.create(linkedin_leads("ada"), ENRICH))
    assert paid.sold["ada"] == 2


async def test_equal_questions_at_once_are_bought_once(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.sleep(0.05)

    paid.before_answer = wait
    await use(bench, everywhere("paid"), paid)
    lists = [await bench.create(linkedin_leads("ada"), ENRICH) for _ in range(3)]
    await asyncio.gather(*(bench.finish(made) for made in lists))
    for made in lists:
        assert (await only_entry(bench, made)).findings.enrich is Outcome.FOUND
    assert paid.sold["ada"] == 1


async def test_call_whose_process_died_counts_as_paid_and_is_not_repeated(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    second = PaidStandIn("second", knows={"ada": ADA})

    async def die() -> None:
        raise asyncio.CancelledError

    paid.before_answer = die
    await use(bench, everywhere("paid", "second"), paid, second)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    with pytest.raises(asyncio.CancelledError):
        await bench.run(chunk)
    assert await calls(bench) == [("paid", "reserved", 0)]
    paid.before_answer = None
    assert await bench.run(chunk) is not None
    assert (await only_entry(bench, made)).status is EntryStatus.QUEUED
    bench.clock.advance(seconds=91)
    await bench.finish(made)
    assert len(paid.asked) == 1
    assert await calls(bench) == [("paid", "lost", 1000), ("second", "settled", 1000)]
    findings = (await only_entry(bench, made)).findings
    assert [(visit.provider, visit.outcome) for visit in findings.history] == [
        ("paid", "lost"),
        ("second", "found"),
    ]


async def test_lost_call_is_repeated_where_a_repeat_is_free(bench: Workbench) -> None:
    lost = CallFailed(Failure.TIMED_OUT, may_have_bought=True)
    paid = PaidStandIn("paid", knows={"ada": ADA}, failures=[lost], repeats_are_free=True)
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    assert (await only_entry(bench, made)).findings.enrich is Outcome.FOUND
    assert await calls(bench) == [("paid", "failed", 0), ("paid", "settled", 1000)]


async def test_question_that_may_have_been_bought_is_not_repeated(bench: Workbench) -> None:
    paid = PaidStandIn("paid", answers={"ada": Unavailable("cut off", may_have_bought=True)})
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    assert len(paid.asked) == 1
    assert await calls(bench) == [("paid", "settled", 1000)]
    assert (await only_entry(bench, made)).findings.enrich is Outcome.UNAVAILABLE


async def test_order_is_fetched_after_a_restart_and_not_placed_again(bench: Workbench) -> None:
    paid = OrderedStandIn("ordered", knows={"ada": ADA})
    await use(bench, everywhere("ordered"), paid)
    made = await bench.create(linkedin_leads("ada", "bob"), ENRICH)
    (chunk,) = await bench.chunks(made)
    run_at = await bench.run(chunk)
    assert run_at is not None
    assert await calls(bench) == [("ordered", "ordered", 0)]
    bench.clock.now = run_at
    assert await bench.run(chunk) is not None
    bench.pipeline = replace(bench.pipeline, desk=replace(bench.pipeline.desk, _built={}))
    paid.ready.add("order-1")
    await bench.finish(made)
    assert list(paid.orders) == ["order-1"]
    outcomes = [entry.findings.enrich for entry in await bench.entries(made)]
    assert outcomes == [Outcome.FOUND, Outcome.NOT_FOUND]
    assert await calls(bench) == [("ordered", "settled", 1000)]


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (CallFailed(Failure.THROTTLED, retry_after=40), 40),
        (CallFailed(Failure.THROTTLED), 30),
    ],
)
async def test_lead_waits_for_a_provider_that_takes_no_calls_and_loses_no_attempt(
    bench: Workbench, failure: CallFailed, seconds: int
) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA}, failures=[failure])
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    (chunk,) = await bench.chunks(made)
    assert await bench.run(chunk) == bench.clock.now + timedelta(seconds=seconds)
    (row,) = await bench.query("SELECT attempts FROM lead_list_entries WHERE list_id = :id", id=made.row_id)
    assert row.attempts == 0
    await bench.finish(made)
    assert (await only_entry(bench, made)).findings.enrich is Outcome.FOUND


async def test_breaker_opens_after_five_failures_and_leads_wait_for_it(bench: Workbench) -> None:
    down = [CallFailed(Failure.DOWN) for _ in range(5)]
    paid = PaidStandIn("paid", batch_size=1, concurrency=1, failures=down)
    paid.knows = {f"lead-{number}": replace_person(ADA, id=f"p-{number}") for number in range(7)}
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    assert len(paid.asked) == 5
    (gate,) = await bench.query("SELECT failures, last_failure FROM provider_gates")
    assert (gate.failures, gate.last_failure) == (5, "down")
    await bench.finish(made)
    assert [entry.findings.enrich for entry in await bench.entries(made)] == [Outcome.FOUND] * 7
    (gate,) = await bench.query("SELECT failures, closed_until FROM provider_gates")
    assert (gate.failures, gate.closed_until) == (0, 0)


async def test_calls_under_way_at_one_outage_open_the_breaker_once_and_each_trial_after_it_for_longer(
    bench: Workbench,
) -> None:
    down = [CallFailed(Failure.DOWN) for _ in range(13)]
    paid = PaidStandIn("paid", batch_size=1, concurrency=12, failures=down)
    paid.knows = {f"lead-{number}": replace_person(ADA, id=f"p-{number}") for number in range(12)}
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    (chunk,) = await bench.chunks(made)
    gate = "SELECT failures, closed_until - failed_at AS closed FROM provider_gates"
    await bench.run(chunk)
    assert len(paid.asked) == 12
    assert tuple((await bench.query(gate))[0]) == (5, 30_000)
    bench.clock.advance(seconds=30)
    await bench.run(chunk)
    assert len(paid.asked) == 13
    assert tuple((await bench.query(gate))[0]) == (6, 60_000)


async def test_after_the_last_attempt_the_next_provider_is_asked(bench: Workbench) -> None:
    first = PaidStandIn("first", failures=[CallFailed(Failure.DOWN) for _ in range(3)])
    second = PaidStandIn("second", knows={"ada": ADA})
    await use(bench, everywhere("first", "second"), first, second)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    findings = (await only_entry(bench, made)).findings
    assert findings.enrich is Outcome.FOUND
    assert [visit.outcome for visit in findings.history] == ["unavailable", "found"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Ambiguous(), Outcome.AMBIGUOUS),
        (Missing(cost=1.0), Outcome.NOT_FOUND),
        (Missing(is_erased=True), Outcome.NOT_FOUND),
        (None, Outcome.NOT_FOUND),
    ],
)
async def test_nobody_found_has_its_outcome_and_is_not_charged(
    bench: Workbench, answer: Any, outcome: Outcome
) -> None:
    await use(bench, everywhere("paid"), PaidStandIn("paid", answers={"ada": answer}))
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    assert (await only_entry(bench, made)).findings.enrich is outcome
    assert await bench.charges() == []
    cost = 0 if answer is None else round(answer.cost * 1000)
    assert await calls(bench) == [("paid", "settled", cost)]


async def test_list_stops_at_a_spending_limit_and_goes_on_when_there_is_room(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=10)
    paid.knows = {f"lead-{number}": replace_person(ADA, id=f"p-{number}") for number in range(8)}
    await use(bench, everywhere("paid"), paid, limits=SpendingLimits(day=5))
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    assert paid.sold.total() == 5
    paused = (await bench.read(made)).pause
    assert paused is not None
    assert paused.reason is PauseReason.SPENDING_LIMIT
    assert await bench.resume_paused() == 0
    bench.clock.advance(days=1)
    assert await bench.resume_paused() == 1
    await bench.finish(made)
    assert paid.sold.total() == 8
    assert (await bench.read(made)).progress.done == 8


@pytest.mark.parametrize(
    "limits",
    [
        SpendingLimits(list=2),
        SpendingLimits(groups={Group.PERSON: 2}),
        SpendingLimits(providers={"paid": 2}),
    ],
)
async def test_limits_hold_for_a_list_a_group_and_a_provider(
    bench: Workbench, limits: SpendingLimits
) -> None:
    paid = PaidStandIn("paid", batch_size=1)
    paid.knows = {f"lead-{number}": replace_person(ADA, id=f"p-{number}") for number in range(4)}
    await use(bench, everywhere("paid"), paid, limits=limits)
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    assert paid.sold.total() == 2
    assert (await bench.read(made)).pause is not None


async def test_person_is_charged_once_whoever_tells_of_them(bench: Workbench) -> None:
    profile = "https://www.linkedin.com/in/ada"
    first = PaidStandIn("first", knows={"ada": replace_person(ADA, linkedin_url=profile)})
    second = PaidStandIn("second", knows={"ada": replace_person(ADA, id="y", linkedin_url=profile)})
    await use(bench, everywhere("first"), first, second)
    one = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(one)
    await use(bench, everywhere("second"), first, second)
    other = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(other)
    assert [reason for reason, _ in await bench.charges()] == [Reason.PERSON_FOUND, Reason.EMAIL_REVEALED]
    persons = [(await only_entry(bench, made)).findings.person for made in (one, other)]
    assert persons[0] is not None
    assert persons[1] is not None
    assert persons[0].id == persons[1].id


async def test_phones_of_another_provider_belong_to_the_same_person(bench: Workbench) -> None:
    """A provider that tells of nothing but numbers, and under an id of its own."""
    people = PaidStandIn("people", knows={"ada": ADA})
    numbers = Person("another-id", phone_numbers=(PhoneNumber("+12125550100"),))
    phones = PaidStandIn("phones", knows={"ada": numbers})
    await use(bench, Order(("people",), ("people",), ("phones",), ("people",)), people, phones)
    first = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(first)
    second = await bench.create(linkedin_leads("ada"), ALL_STEPS)
    await bench.finish(second)
    persons = [(await only_entry(bench, made)).findings.person for made in (first, second)]
    assert persons[0] is not None
    assert persons[1] is not None
    assert persons[0].id == persons[1].id
    third = await bench.create(linkedin_leads("ada"), ListOptions(reveal_phone_numbers=True))
    await bench.finish(third)
    reasons = [reason for reason, _ in await bench.charges()]
    assert reasons.count(Reason.PHONE_REVEALED) == 1


async def test_phones_are_looked_for_in_their_own_order(bench: Workbench) -> None:
    people = PaidStandIn("people", knows={"ada": ADA})
    numbers = replace_person(ADA, phone_numbers=(PhoneNumber("+12125550100"),))
    phones = PaidStandIn("phones", knows={"ada": numbers}, price=2.0)
    await use(bench, Order(("people",), ("people",), ("phones",), ("people",)), people, phones)
    made = await bench.create(linkedin_leads("ada"), ALL_STEPS)
    await bench.finish(made)
    entry = await only_entry(bench, made)
    assert entry.findings.reveal is Outcome.FOUND
    assert phones.asked[0].wanted == {Group.PHONE}
    assert entry.findings.provenance["phone_numbers"].cost == 2.0
    assert [visit.step for visit in entry.findings.history] == [Step.ENRICH, Step.VALIDATE, Step.REVEAL]


async def test_calls_are_evenly_apart(bench: Workbench) -> None:
    paid = PaidStandIn("paid", batch_size=1, rate=10.0)
    paid.knows = {f"lead-{number}": replace_person(ADA, id=f"p-{number}") for number in range(4)}
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads(*paid.knows), ENRICH)
    (chunk,) = await bench.chunks(made)
    await bench.run(chunk)
    (gate,) = await bench.query("SELECT next_call_at FROM provider_gates")
    begun = int(bench.clock.now.timestamp() * 1000)
    assert gate.next_call_at - begun == 400


async def test_list_can_have_an_order_of_its_own(bench: Workbench) -> None:
    first, second = PaidStandIn("first", knows={"ada": ADA}), PaidStandIn("second", knows={"ada": ADA})
    await use(bench, everywhere("first"), first, second)
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    names = ("second",)
    async with bench.database.write() as tx:
        override = OrderOverride(person=names, email=names, company=names)
        await settings_rows.put_override(tx, made.row_id, override)
    await bench.finish(made)
    assert (len(first.asked), len(second.asked)) == (0, 1)


async def test_test_data_never_meets_a_paid_provider(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    caller: Caller = bench.caller
    await use(bench, everywhere("paid"), paid)
    bench.caller = caller
    made = await bench.create(linkedin_leads("ada"), ENRICH)
    await bench.finish(made)
    assert paid.asked == []


async def test_number_told_with_the_person_is_not_bought_again(bench: Workbench) -> None:
    told = replace_person(ADA, phone_numbers=(PhoneNumber("+12125550100"),))
    paid = PaidStandIn("paid", knows={"ada": told})
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada"), ListOptions(enrich=True, reveal_phone_numbers=True))
    await bench.finish(made)
    entry = await only_entry(bench, made)
    assert entry.findings.reveal is Outcome.FOUND
    assert entry.findings.person is not None
    assert entry.findings.person.phone_numbers == told.phone_numbers
    assert paid.sold == {"ada": 1}
    source = entry.findings.provenance["phone_numbers"]
    assert (source.provider, source.cost, source.is_cached) == ("paid", 0.0, True)
    assert [(visit.step, visit.outcome, visit.cost) for visit in entry.findings.history] == [
        (Step.ENRICH, "found", 1.0),
        (Step.REVEAL, "found", 0.0),
    ]


async def test_number_told_with_the_person_waits_for_its_turn_in_the_order(bench: Workbench) -> None:
    told = replace_person(ADA, phone_numbers=(PhoneNumber("+12125550100"),))
    better = replace_person(ADA, phone_numbers=(PhoneNumber("+13105550100"),))
    people, phones = PaidStandIn("people", knows={"ada": told}), PaidStandIn("phones", knows={"ada": better})
    order = Order(("people",), ("people",), ("phones", "people"), ("people",))
    await use(bench, order, people, phones)
    made = await bench.create(linkedin_leads("ada"), ListOptions(enrich=True, reveal_phone_numbers=True))
    await bench.finish(made)
    person = (await only_entry(bench, made)).findings.person
    assert person is not None
    assert person.phone_numbers == better.phone_numbers
    assert (people.sold["ada"], phones.sold["ada"]) == (1, 1)


async def test_number_told_with_the_person_is_not_bought_after_a_wait_either(bench: Workbench) -> None:
    told = replace_person(ADA, phone_numbers=(PhoneNumber("+12125550100"),))
    away = CallFailed(Failure.DOWN)
    people, phones = PaidStandIn("people", knows={"ada": told}), PaidStandIn("phones", failures=[away])
    order = Order(("people",), ("people",), ("phones", "people"), ("people",))
    await use(bench, order, people, phones)
    made = await bench.create(linkedin_leads("ada"), ListOptions(enrich=True, reveal_phone_numbers=True))
    (chunk,) = await bench.chunks(made)
    assert await bench.run(chunk) is not None
    waiting = (await only_entry(bench, made)).findings
    assert waiting.reveal is None
    assert waiting.person is not None
    assert waiting.person.phone_numbers == ()
    await bench.finish(made)
    findings = (await only_entry(bench, made)).findings
    assert findings.person is not None
    assert findings.person.phone_numbers == told.phone_numbers
    assert people.sold == {"ada": 1}
    assert findings.overheard == {}


async def test_provider_that_told_no_number_is_asked_for_one(bench: Workbench) -> None:
    paid = PaidStandIn("paid", knows={"ada": ADA})
    await use(bench, everywhere("paid"), paid)
    made = await bench.create(linkedin_leads("ada"), ListOptions(enrich=True, reveal_phone_numbers=True))
    await bench.finish(made)
    assert paid.sold == {"ada": 2}
