"""Taking finished entries up again: what is open then, what stays, and what it can cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.credits import NOTHING, Cost, CreditKind, Prices, most_cost
from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.entries import (
    ALL_SKIPPED,
    Entry,
    EntryStatus,
    Findings,
    Outcome,
    Provenance,
    Step,
    Terms,
    Visit,
    WorkItem,
    charges_of,
    withhold,
)
from leadyard.domain.lead_lists import ListOptions
from leadyard.domain.leads import LeadFields, ListType
from leadyard.domain.people import Company, Person, PhoneNumber
from leadyard.domain.reopening import (
    Choose,
    FinishedEntry,
    ReopenedEntry,
    failed_steps,
    held_cost,
    keep_known,
    reopen,
    stale_steps,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JANE = Person("jane", email="jane@acme.example", phone_numbers=(PhoneNumber("+12065550100"),))
VERDICT = EmailVerdict("jane@acme.example", EmailResult.DELIVERABLE, "told")
ALL = ListOptions(True, True, True)
MOMENTS = st.integers(0, 400).map(lambda days: NOW - timedelta(days=days))
SOURCES = st.builds(Provenance, st.just("stand-in"), MOMENTS)
VISITS = st.builds(Visit, st.sampled_from(Step), st.just("stand-in"), MOMENTS, st.just("found"))
OUTCOMES = st.none() | st.sampled_from(Outcome)
FINDINGS = st.builds(
    Findings,
    OUTCOMES,
    OUTCOMES,
    OUTCOMES,
    person=st.sampled_from([None, JANE, Person("jane")]),
    verdict=st.sampled_from([None, VERDICT]),
    provenance=st.dictionaries(st.sampled_from(["email", "title"]), SOURCES),
    deferrals=st.integers(0, 3),
    history=st.lists(VISITS, max_size=3).map(tuple),
    settled=st.sets(st.sampled_from(Step)).map(lambda steps: tuple(sorted(steps))),
)
OPTIONS = st.sampled_from([ListOptions(*flags) for flags in product([False, True], repeat=4)])
CHOICES = st.sampled_from([failed_steps, stale_steps(NOW - timedelta(days=90))])


def finished(
    findings: Findings,
    status: EntryStatus = EntryStatus.DONE,
    options: ListOptions = ALL,
    email: str | None = None,
) -> FinishedEntry:
    """An entry that has ended."""
    item = WorkItem(7, "jane", ListType.LINKEDIN, LeadFields(email=email), email, 3, findings)
    return FinishedEntry(item, status, 1, Terms("list", options, Prices()), 0)


ENTRIES = st.builds(
    finished,
    FINDINGS,
    st.sampled_from([EntryStatus.DONE, EntryStatus.FAILED]),
    OPTIONS,
    st.sampled_from([None, "sent@acme.example"]),
)


def open_steps(reopened: ReopenedEntry | None) -> set[Step]:
    """The steps that are to be taken."""
    assert reopened is not None
    return {step for step in Step if getattr(reopened.findings, step) is None}


@given(ENTRIES, CHOICES)
def test_what_is_held_is_at_most_the_price_of_a_new_lead_and_released_again(
    entry: FinishedEntry, choose: Choose
) -> None:
    reopened = reopen(entry, choose)
    if reopened is None:
        return
    # An e-mail that is known makes room for its validation, which a lead without one might not have.
    most = most_cost(entry.terms.options, entry.terms.prices, has_email=False)
    known = most_cost(entry.terms.options, entry.terms.prices, has_email=True)
    assert reopened.held.email <= max(most.email, known.email)
    assert reopened.held.phone <= most.phone
    has_email = entry.item.email is not None
    assert held_cost(reopened.findings, entry.terms, has_email=has_email) == reopened.held


@given(ENTRIES, CHOICES)
def test_whatever_is_found_then_costs_no_more_than_was_held(entry: FinishedEntry, choose: Choose) -> None:
    reopened = reopen(entry, choose)
    if reopened is None:
        return
    options, person = entry.terms.options, reopened.findings.person
    steps = open_steps(reopened)
    changes: dict[str, object] = {}
    if Step.ENRICH in steps and options.enrich:
        person = keep_known(JANE, person)
        changes |= {"enrich": Outcome.FOUND, "person": person}
    email = entry.item.email or (None if person is None else person.email)
    if Step.VALIDATE in steps and options.validate_email and email:
        verdict = msgspec.structs.replace(VERDICT, email=email)
        changes |= {"validate": Outcome.FOUND, "verdict": verdict}
    if Step.REVEAL in steps and options.reveal_phone_numbers:
        changes |= {"reveal": Outcome.FOUND, "person": person or JANE}
    found = msgspec.structs.replace(reopened.findings, **changes)
    charges = list(charges_of(entry.item, found, entry.terms))
    spent = {kind: sum(charge.amount for charge in charges if charge.kind is kind) for kind in CreditKind}
    assert spent[CreditKind.EMAIL] <= reopened.held.email
    assert spent[CreditKind.PHONE] <= reopened.held.phone


@given(ENTRIES, CHOICES)
def test_what_was_found_is_shown_until_the_entry_is_done_again(entry: FinishedEntry, choose: Choose) -> None:
    reopened = reopen(entry, choose)
    if reopened is None:
        return
    before = Entry(7, "{}", entry.status, entry.item.findings).shown
    for status in (EntryStatus.QUEUED, EntryStatus.PROCESSING, EntryStatus.FAILED, EntryStatus.CANCELED):
        assert Entry(7, "{}", status, reopened.findings).shown == before


@given(ENTRIES)
def test_failed_entry_is_always_taken_up_with_nothing_that_was_not_paid_for(entry: FinishedEntry) -> None:
    failed = finished(entry.item.findings, EntryStatus.FAILED, entry.terms.options)
    reopened = reopen(failed, failed_steps)
    assert reopened is not None
    assert reopened.findings.person is None
    assert reopened.findings.settled == ()


@given(FINDINGS)
def test_only_unavailable_steps_of_a_done_entry_are_taken_again(findings: Findings) -> None:
    reopened = reopen(finished(findings), failed_steps)
    outcomes = {step: getattr(findings, step) for step in Step}
    failed = {step for step, outcome in outcomes.items() if outcome is Outcome.UNAVAILABLE}
    if not failed:
        assert reopened is None
        return
    assert reopened is not None
    never = {step for step, outcome in outcomes.items() if outcome is None}
    skipped = {step for step, outcome in outcomes.items() if outcome is Outcome.SKIPPED}
    assert open_steps(reopened) - never == failed | (skipped if Step.ENRICH in failed else set())
    assert set(reopened.findings.settled).isdisjoint(open_steps(reopened))
    assert reopened.findings.person == findings.person


@pytest.mark.parametrize(
    ("options", "outcomes", "held"),
    [
        (ALL, ("found", "found", "unavailable"), Cost(0, 1000)),
        (ALL, ("found", "unavailable", "found"), Cost(1000, 0)),
        (ALL, ("unavailable", "skipped", "unavailable"), Cost(2500, 1000)),
        (ListOptions(enrich=True), ("unavailable", "skipped", "skipped"), Cost(1500, 0)),
        (ListOptions(enrich=True), ("found", "skipped", "unavailable"), None),
    ],
)
def test_only_open_steps_are_held_for(
    options: ListOptions, outcomes: tuple[str, str, str], held: Cost | None
) -> None:
    enrich, validate, reveal = map(Outcome, outcomes)
    person = None if enrich is Outcome.UNAVAILABLE else JANE
    findings = Findings(enrich, validate, reveal, person)
    reopened = reopen(finished(findings, options=options), failed_steps)
    assert (None if reopened is None else reopened.held) == held


def test_failed_entry_of_a_list_without_steps_costs_nothing() -> None:
    reopened = reopen(finished(Findings(), EntryStatus.FAILED, ListOptions()), failed_steps)
    assert reopened is not None
    assert (reopened.held, reopened.findings) == (NOTHING, Findings())


def test_entry_that_fails_when_it_is_taken_up_again_keeps_what_was_paid_for() -> None:
    paid = Findings(Outcome.FOUND, Outcome.FOUND, Outcome.UNAVAILABLE, JANE, VERDICT)
    first = reopen(finished(paid), failed_steps)
    assert first is not None
    again = reopen(finished(first.findings, EntryStatus.FAILED), failed_steps)
    assert again is not None
    assert (again.findings, again.held) == (first.findings, first.held)


@given(FINDINGS, st.integers(0, 400))
def test_entry_is_stale_when_the_last_was_heard_before(findings: Findings, days: int) -> None:
    moment = NOW - timedelta(days=days)
    heard = [source.fetched_at for source in findings.provenance.values()]
    heard += [visit.at for visit in findings.history if visit.step is Step.ENRICH]
    is_stale = findings.enrich is not None and bool(heard) and all(at < moment for at in heard)
    reopened = reopen(finished(findings), stale_steps(moment))
    assert (reopened is not None) == is_stale
    if reopened is not None:
        assert reopened.findings.enrich is None
        assert {*reopened.findings.settled} == {
            step for step in (Step.VALIDATE, Step.REVEAL) if getattr(findings, step) is not None
        }


def test_new_values_replace_old_ones_and_missing_ones_do_not() -> None:
    known = Person("p", email="a@b.example", title="Old", company=Company("Acme", industry="Mills"))
    found = Person("p", title="New", company=Company("Bcme"))
    assert keep_known(found, known) == Person(
        "p", email="a@b.example", title="New", company=Company("Bcme", industry="Mills")
    )


def test_somebody_else_takes_nothing_over_but_revealed_numbers() -> None:
    assert keep_known(Person("other", title="CTO"), JANE) == Person(
        "other", title="CTO", phone_numbers=JANE.phone_numbers
    )


def test_numbers_that_were_not_revealed_are_not_kept() -> None:
    assert keep_known(JANE, None).phone_numbers == ()
    assert keep_known(JANE, msgspec.structs.replace(JANE, phone_numbers=())).phone_numbers == ()


def test_lead_that_is_withheld_shows_what_was_paid_for_and_costs_nothing() -> None:
    assert withhold(Findings(person=JANE)) == ALL_SKIPPED
    paid = Findings(Outcome.FOUND, Outcome.FOUND, Outcome.FOUND, JANE, VERDICT)
    left = withhold(Findings(person=Person("new"), before=paid))
    assert left.person == JANE
    assert list(charges_of(finished(left).item, left, Terms("list", ALL, Prices()))) == []
