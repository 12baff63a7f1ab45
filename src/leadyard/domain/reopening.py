"""Taking finished entries up again: which steps are open then, and the most that they can cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from leadyard.domain.credits import Cost, least_cost, most_cost
from leadyard.domain.entries import EntryStatus, Findings, Outcome, Step, Terms, WorkItem
from leadyard.domain.lead_lists import ListOptions
from leadyard.domain.people import Company, Person

_OPTION_OF = {Step.ENRICH: "enrich", Step.VALIDATE: "validate_email", Step.REVEAL: "reveal_phone_numbers"}


class FinishedEntry(msgspec.Struct, frozen=True):
    """An entry that has ended, with the addition it came by, and the `run` of additions that this is in."""

    item: WorkItem
    status: EntryStatus
    addition_id: int
    terms: Terms
    run: int


class ReopenedEntry(msgspec.Struct, frozen=True):
    """An entry that is put back in the queue, and what is held for it."""

    entry: FinishedEntry
    findings: Findings
    held: Cost
    least: Cost


Choose = Callable[[FinishedEntry], Sequence[Step]]
"""The steps of an entry that are to be taken again; none leaves it as it is."""


def reopen(
    entry: FinishedEntry, choose: Choose, since: datetime | None = None, asked: Sequence[Step] = ()
) -> ReopenedEntry | None:
    """The entry with the chosen steps open again; None if there are none.

    What providers told before `since` is not used for it. Of the chosen steps those are taken that were in
    force when the lead was added, or that are `asked` for now or were before.
    """
    chosen = choose(entry)
    wanted = {*entry.item.findings.asked, *(step for step in asked if step in chosen)}
    asked = tuple(step for step in Step if step in wanted)
    options = _with_steps(entry.terms.options, asked)
    steps = [step for step in chosen if getattr(options, _OPTION_OF[step])]
    if not steps and entry.status is EntryStatus.DONE:
        return None
    findings = _paid_findings(entry)
    settled = tuple(step for step in Step if step not in steps and getattr(findings, step) is not None)
    opened = msgspec.structs.replace(
        findings,
        settled=settled,
        deferrals=0,
        before=None if findings == Findings() else findings,
        since=since,
        asked=asked,
        **dict.fromkeys(map(str, steps), None),
    )
    has_email = entry.item.email is not None
    held = held_cost(opened, entry.terms, has_email=has_email)
    return ReopenedEntry(entry, opened, held, held_cost(opened, entry.terms, has_email=has_email, least=True))


def _paid_findings(entry: FinishedEntry) -> Findings:
    """What was paid for. An entry that failed may have found more before it did, which was not."""
    findings = entry.item.findings
    if entry.status is EntryStatus.FAILED:
        findings = findings.before or Findings()
    return msgspec.structs.replace(findings, before=None)


def keep_known(found: Person, known: Person | None) -> Person:
    """The person found, with what was known of the same one before wherever that is silent now.

    Phone numbers are shown, and paid for, only when they are revealed: those that are known stay.
    """
    if known is None or known.id != found.id:
        phone_numbers = () if known is None else known.phone_numbers
        return msgspec.structs.replace(found, phone_numbers=phone_numbers)
    company = msgspec.structs.replace(known.company, **_told(found.company))
    return msgspec.structs.replace(
        known, **_told(found) | {"company": company, "phone_numbers": known.phone_numbers}
    )


def _told(found: Person | Company) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(found).items() if value}


def held_cost(findings: Findings, terms: Terms, *, has_email: bool, least: bool = False) -> Cost:
    """The most, or the least, that an entry can still cost: its steps that were not settled before.

    `has_email` is whether a usable e-mail came with the lead.
    """
    if Step.ENRICH in findings.settled and findings.person is not None:
        has_email = has_email or findings.person.email is not None
    options = open_options(entry_options(terms.options, findings), findings.settled)
    return (least_cost if least else most_cost)(options, terms.prices, has_email=has_email)


def entry_options(options: ListOptions, findings: Findings) -> ListOptions:
    """The steps that an entry goes through: those it was added with, and those asked for later."""
    return _with_steps(options, findings.asked) if findings.asked else options


def _with_steps(options: ListOptions, steps: Sequence[Step]) -> ListOptions:
    return msgspec.structs.replace(options, **{_OPTION_OF[step]: True for step in steps})


def open_options(options: ListOptions, settled: Sequence[Step]) -> ListOptions:
    """The options without the steps that are settled."""
    return msgspec.structs.replace(options, **{_OPTION_OF[step]: False for step in settled})


def failed_steps(entry: FinishedEntry) -> Sequence[Step]:
    """Chooses what failed: all steps of an entry that failed, or those whose provider was unavailable.

    Where nobody could say who the lead is, the steps that were skipped for it are open again too.
    """
    findings = entry.item.findings
    if entry.status is EntryStatus.FAILED:
        return [step for step in Step if step not in findings.settled]
    steps = [step for step in Step if getattr(findings, step) is Outcome.UNAVAILABLE]
    if Step.ENRICH in steps:
        steps += [step for step in Step if getattr(findings, step) is Outcome.SKIPPED]
    return steps


def wanted_step(step: Step) -> Choose:
    """Chooses one step of entries that it has told nothing of yet.

    An e-mail is checked where there is one.
    """

    def choose(entry: FinishedEntry) -> Sequence[Step]:
        findings = entry.item.findings
        if getattr(findings, step) is Outcome.FOUND and entry.status is EntryStatus.DONE:
            return []
        email = entry.item.email or (findings.person and findings.person.email)
        return [step] if step is not Step.VALIDATE or email else []

    return choose


class DoneKind(msgspec.Struct, frozen=True):
    """What the cost of one more step depends on for leads that are done, as their summaries tell it."""

    outcomes: Mapping[Step, str | None]
    has_email: bool


def cost_of_step(step: Step, kind: DoneKind, terms: Terms) -> tuple[Cost, Cost] | None:
    """The least and the most that a step costs such a lead; None for one that it is not taken with.

    As `reopen` with `wanted_step` has it, but for who is excluded by now.
    """
    if kind.outcomes[step] == Outcome.FOUND or (step is Step.VALIDATE and not kind.has_email):
        return None
    settled = tuple(each for each in Step if each is not step and kind.outcomes[each] is not None)
    opened = Findings(settled=settled, asked=(step,))
    least, most = (
        held_cost(opened, terms, has_email=kind.has_email, least=is_least) for is_least in (True, False)
    )
    return least, most


def stale_steps(older_than: datetime) -> Choose:
    """Chooses the enrichment of entries about whom the last was heard before `older_than`."""

    def choose(entry: FinishedEntry) -> Sequence[Step]:
        findings = entry.item.findings
        if entry.status is not EntryStatus.DONE or findings.enrich is None:
            return []
        heard = [source.fetched_at for source in findings.provenance.values()]
        heard += [visit.at for visit in findings.history if visit.step is Step.ENRICH]
        return [Step.ENRICH] if heard and max(heard) < older_than else []

    return choose
