"""The rows of a list as they are shown: chips for what the steps came to, and the columns to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from leadyard.domain.entries import Entry, EntryStatus, Outcome, Step
from leadyard.domain.lead_lists import LeadList, entry_id
from leadyard.domain.list_view import ListCounts
from leadyard.domain.shown import ShownLead, show_lead
from leadyard.domain.summaries import GIVEN_UP, find_trouble

RESULT_KINDS = {"deliverable": "green", "risky": "amber", "undeliverable": "red", "unknown": ""}
OUTCOME_KINDS = {
    Outcome.FOUND: "green",
    Outcome.NOT_FOUND: "",
    Outcome.SKIPPED: "outline",
    Outcome.UNAVAILABLE: "red",
    Outcome.AMBIGUOUS: "amber",
}
OUTCOME_WORDS = {
    Outcome.FOUND: "found",
    Outcome.NOT_FOUND: "not found",
    Outcome.SKIPPED: "skipped",
    Outcome.UNAVAILABLE: "failed",
    Outcome.AMBIGUOUS: "several fit",
}
OUTCOME_TITLES = {
    Outcome.FOUND: "Found",
    Outcome.NOT_FOUND: "No provider knows this person",
    Outcome.SKIPPED: "Not asked for, or there was nothing to go by",
    Outcome.UNAVAILABLE: "The provider could not be asked",
    Outcome.AMBIGUOUS: "Several people fit, so nobody was taken",
}
STATUS_KINDS = {
    EntryStatus.QUEUED: "outline",
    EntryStatus.PROCESSING: "blue",
    EntryStatus.DONE: "green",
    EntryStatus.FAILED: "red",
    EntryStatus.CANCELED: "",
}
LIST_KINDS = {"queued": "outline", "processing": "blue", "completed": "green", "canceled": ""}
FOUND_OR_NOT = (
    Outcome.FOUND,
    Outcome.AMBIGUOUS,
    Outcome.NOT_FOUND,
    Outcome.UNAVAILABLE,
    Outcome.SKIPPED,
)
UNFINISHED = (EntryStatus.QUEUED, EntryStatus.PROCESSING)

COLUMNS: Mapping[str, str] = {
    "title": "Title",
    "company": "Company",
    "email": "E-mail",
    "enrich": "Person",
    "validate": "E-mail check",
    "reveal": "Phone",
    "linkedin": "LinkedIn",
    "domain": "Website",
    "industry": "Industry",
    "status": "Status",
    "sent": "Sent besides",
}
"""The columns that can be chosen, beside the name, with their titles."""

DEFAULT_COLUMNS = ("title", "company", "email", "enrich", "validate", "reveal")
SORTABLE = {
    "title": "title",
    "company": "company",
    "email": "email",
    "enrich": "enrich",
    "validate": "result",
    "reveal": "reveal",
    "status": "status",
}
"""The columns that leads can be sorted by, and what by."""

STEP_OF = {"enrich": Step.ENRICH, "validate": Step.VALIDATE, "reveal": Step.REVEAL}


class Chip(msgspec.Struct, frozen=True):
    """A word with a color; the color says nothing that the word does not."""

    text: str
    kind: str = ""
    title: str = ""


class Row(msgspec.Struct, frozen=True):
    """A lead as a row of the table."""

    id: str
    sequence: int
    lead: ShownLead
    status: Chip
    enrich: Chip | None
    validate: Chip | None
    reveal: Chip | None
    sent: Sequence[tuple[str, str]]

    @property
    def label(self) -> str:
        """What the lead is called."""
        return self.lead.label or f"Lead {self.sequence}"


class Part(msgspec.Struct, frozen=True):
    """A part of a step's bar: how many, and the filter that shows these."""

    text: str
    kind: str
    count: int
    name: str = ""
    value: str = ""
    at: float = 0.0
    width: float = 0.0


class StepHead(msgspec.Struct, frozen=True):
    """How far a step is, in parts."""

    parts: Sequence[Part]
    ended: int
    total: int

    @property
    def is_idle(self) -> bool:
        """Whether nobody has asked for the step."""
        return all(part.value == Outcome.SKIPPED for part in self.parts)

    @property
    def percent(self) -> int:
        """How much is done, rounded down: 100 only at the end."""
        return self.ended * 100 // self.total if self.total else 0


def make_row(lead_list: LeadList, entry: Entry) -> Row:
    """The row of an entry."""
    lead = show_lead(entry)
    return Row(
        id=entry_id(lead_list.id, entry.sequence),
        sequence=entry.sequence,
        lead=lead,
        status=status_chip(entry),
        enrich=outcome_chip(entry, Step.ENRICH),
        validate=verdict_chip(entry, lead),
        reveal=None if lead.phone_numbers else outcome_chip(entry, Step.REVEAL),
        sent=[(name, plain(bytes(value).decode())) for name, value in list(lead.data.items())[:5]],
    )


def plain(raw: str) -> str:
    """A raw JSON value as people read it."""
    return raw[1:-1] if raw.startswith('"') and "\\" not in raw else raw


def status_chip(entry: Entry) -> Chip:
    """Where a lead is."""
    if entry.status is EntryStatus.FAILED:
        return Chip(f"failed: {trouble_words(find_trouble(entry))}", "red")
    return Chip(entry.status.value, STATUS_KINDS[entry.status])


def trouble_words(trouble: str | None) -> str:
    """Why something failed, in a few words."""
    if trouble == GIVEN_UP:
        return "given up after many tries"
    return f"{trouble} could not be asked" if trouble and trouble != Outcome.UNAVAILABLE else "provider away"


def outcome_chip(entry: Entry, step: Step) -> Chip | None:
    """What a step came to; None where nobody asked for it."""
    if entry.status in UNFINISHED and getattr(entry.findings, step) is None:
        return Chip("pending", "outline", "Waiting for its turn, or under way")
    if entry.status is EntryStatus.FAILED:
        return Chip("failed", "red", trouble_words(find_trouble(entry)))
    outcome = getattr(entry.shown, step)
    if outcome in (None, Outcome.SKIPPED):
        return None
    if outcome is Outcome.UNAVAILABLE:
        return Chip("failed", "red", trouble_words(find_trouble(entry)))
    return Chip(OUTCOME_WORDS[outcome], OUTCOME_KINDS[outcome], OUTCOME_TITLES[outcome])


def verdict_chip(entry: Entry, lead: ShownLead) -> Chip | None:
    """The verdict on the e-mail, else what the check came to."""
    chip = outcome_chip(entry, Step.VALIDATE)
    if lead.verdict is None or (chip is not None and chip.text in ("pending", "failed")):
        return chip
    result = lead.verdict.result.value
    catch_all = ", the domain takes mail for any name" if lead.verdict.catch_all else ""
    return Chip(result, RESULT_KINDS[result], f"{lead.verdict.reason.replace('_', ' ')}{catch_all}")


def step_heads(counts: ListCounts) -> dict[str, StepHead]:
    """The bar of each step's column, by the name of the column."""
    checked = counts.steps[Step.VALIDATE]
    told = {
        "enrich": _told(Step.ENRICH, counts.steps[Step.ENRICH], FOUND_OR_NOT),
        "validate": [
            *((word, kind, "result", word, counts.results[word]) for word, kind in RESULT_KINDS.items()),
            *_told(Step.VALIDATE, checked, (Outcome.UNAVAILABLE, Outcome.SKIPPED)),
        ],
        "reveal": _told(Step.REVEAL, counts.steps[Step.REVEAL], FOUND_OR_NOT),
    }
    return {name: _head(parts, counts) for name, parts in told.items()}


def _told(
    step: Step, counts: Mapping[Outcome, int], outcomes: Sequence[Outcome]
) -> list[tuple[str, str, str, str, int]]:
    return [
        (OUTCOME_WORDS[each], OUTCOME_KINDS[each], step.value, each.value, counts[each]) for each in outcomes
    ]


def _head(told: Sequence[tuple[str, str, str, str, int]], counts: ListCounts) -> StepHead:
    total = counts.total
    parts: list[Part] = []
    at = 0.0
    for text, kind, name, value, count in told:
        width = 100 * count / total if total else 0.0
        parts.append(Part(text, kind, count, name, value, round(at, 3), round(width, 3)))
        at += width
    ended = sum(part.count for part in parts)
    pending = min(counts.pending, max(total - ended, 0))
    if pending:
        parts.append(Part("pending", "outline", pending))
    return StepHead([part for part in parts if part.count], ended, total)
