"""What lists of leads are searched, filtered and sorted by: a few short values of each entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from leadyard.domain.entries import Entry, EntryStatus, Findings, Outcome, Step
from leadyard.domain.erasure import StoredLead
from leadyard.domain.shown import show_lead

MAX_VALUE_LENGTH = 200
GIVEN_UP = "given_up"
"""The trouble of an entry whose chunk could not be brought to an end."""

EMPTIED = "emptied"
"""The status of an entry of which nothing is left."""

_TROUBLE = ("unavailable", "lost")
_STEPS = tuple(Step)


class Summary(msgspec.Struct, frozen=True):
    """The values of one entry. Texts are folded, so that letter case makes no difference.

    The name is what the lead is called, be it none. The status is that of the entry, or EMPTIED.
    `trouble` says why an entry failed, or which provider could not be asked for one of its steps.
    """

    sequence: int
    status: str
    name: str | None
    email: str | None
    title: str | None
    company: str | None
    has_phone: bool
    enrich: Outcome | None
    validate: Outcome | None
    reveal: Outcome | None
    result: str | None
    trouble: str | None

    @classmethod
    def emptied(cls, sequence: int) -> Summary:
        """The summary of an entry of which nothing is left."""
        nothing = (None,) * 4
        return cls(sequence, EMPTIED, *nothing, False, None, None, None, None, None)


def summarize(entry: Entry) -> Summary:
    """The summary of an entry that has ended."""
    lead, shown = show_lead(entry), entry.shown
    return Summary(
        sequence=entry.sequence,
        status=entry.status.value,
        name=fold(lead.label),
        email=fold(lead.email),
        title=fold(lead.title),
        company=fold(lead.company_name or lead.company_domain),
        has_phone=bool(lead.phone_numbers),
        enrich=shown.enrich,
        validate=shown.validate,
        reveal=shown.reveal,
        result=lead.verdict.result.value if lead.verdict and shown.validate is Outcome.FOUND else None,
        trouble=find_trouble(entry),
    )


def wrong_summaries(leads: Sequence[StoredLead], kept: Mapping[int, Summary]) -> dict[int, Summary | None]:
    """The summaries of these leads that are not what they should be, as they should be; None is that of none.

    `kept` are all that there are between the first and the last of the leads.
    """
    right = {lead.sequence: _right_summary(lead, kept.get(lead.sequence)) for lead in leads}
    return {
        sequence: right.get(sequence)
        for sequence in sorted(right.keys() | kept.keys())
        if right.get(sequence) != kept.get(sequence)
    }


def _right_summary(lead: StoredLead, kept: Summary | None) -> Summary | None:
    if lead.is_erased:
        return Summary.emptied(lead.sequence)
    if lead.status in (EntryStatus.DONE, EntryStatus.FAILED):
        return summarize(Entry(lead.sequence, lead.raw, lead.status, lead.findings))
    if kept is None or kept.status == EntryStatus.QUEUED:
        return kept
    before = lead.findings.before
    if before is None:
        return None
    shown = summarize(Entry(lead.sequence, lead.raw, EntryStatus.DONE, before))
    return msgspec.structs.replace(shown, status=EntryStatus.QUEUED.value)


def find_trouble(entry: Entry) -> str | None:
    """Why the entry failed, or the provider that could not be asked for it; None if all went well."""
    findings = entry.findings
    if entry.status is EntryStatus.FAILED:
        return _find_provider(findings, list(Step)) or GIVEN_UP
    steps = [step for step in _STEPS if getattr(findings, step) is Outcome.UNAVAILABLE]
    return (_find_provider(findings, steps) or Outcome.UNAVAILABLE.value) if steps else None


def _find_provider(findings: Findings, steps: list[Step]) -> str | None:
    """The last provider that could not answer in one of these steps."""
    visits = (visit for visit in reversed(findings.history) if visit.step in steps)
    return next((visit.provider for visit in visits if visit.outcome in _TROUBLE), None)


def fold(text: str | None) -> str | None:
    """A text as it is searched and sorted by: in lower case, one space between words, not too long.

    Without NUL, which no database holds.
    """
    if not text:
        return None
    return " ".join(text.replace("\0", "").casefold().split())[:MAX_VALUE_LENGTH] or None
