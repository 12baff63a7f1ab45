"""What rows of a file are as leads: their columns, their faults, and what is told of many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from leadyard.domain.column_words import ImportField
from leadyard.domain.drafting import RawLeads, draft_leads
from leadyard.domain.identity import InvalidIdentity
from leadyard.domain.import_columns import (
    SAMPLE_ROWS,
    Columns,
    find_header,
    find_list_type,
    guess_columns,
    header_fingerprint,
    lead_json,
    lead_of_row,
    member_names,
    name_columns,
)
from leadyard.domain.imports import (
    EXTRA_CELLS,
    REFUSED_COLUMNS,
    RIDES_ALONG,
    SKIPPED,
    RowFault,
    RowVerdict,
    StagedRow,
)
from leadyard.domain.leads import (
    KNOWN_FIELDS,
    LeadDraft,
    LeadFields,
    ListType,
    UnusableLead,
    explain_lead,
    lead_key,
    sent_email,
)
from leadyard.domain.suppression import Identity, find_profile

UNDECIDED = (RowVerdict.LEFT_OUT, RowVerdict.ERASED)
"""Verdicts that no check changes."""
WITH_EMAIL = "with_email"
_MAX_ADDRESS_CHARACTERS = 2_000
_encode = msgspec.json.Encoder().encode


class Guess(NamedTuple):
    """What a file is taken for by its first rows, until somebody says otherwise."""

    header_row: int
    width: int
    columns: tuple[str, ...]
    type: ListType | None
    fingerprint: str


def guess_table(head: Sequence[StagedRow]) -> Guess:
    """The header and the columns of a file, by its first rows."""
    sample = head[:SAMPLE_ROWS]
    place = find_header([row.cells for row in sample])
    width = max((len(row.cells) for row in sample), default=0)
    return guess_below(sample, 0 if place is None else sample[place].number, width)


def guess_below(head: Sequence[StagedRow], header_row: int, width: int) -> Guess:
    """The columns of a file whose header is known; `head` are its first rows, the header among them."""
    names = names_below(head, header_row, width)
    rows = [row.cells for row in head if row.number > header_row][:SAMPLE_ROWS]
    guessed = guess_columns(names, rows)
    return Guess(
        header_row,
        width,
        tuple(_choice(name, field) for name, field in zip(names, guessed, strict=True)),
        find_list_type(guessed, rows),
        header_fingerprint(names),
    )


def _choice(name: str, field: ImportField | None) -> str:
    if name in REFUSED_COLUMNS:
        return SKIPPED
    return RIDES_ALONG if field is None else field.value


def names_below(head: Sequence[StagedRow], header_row: int, width: int) -> list[str]:
    """The names of the columns, by the row that has them."""
    header = next((row.cells for row in head if row.number == header_row), [])
    return name_columns(header, width)


def fields_of(columns: Sequence[str]) -> Columns:
    """Which columns are fields."""
    return tuple(ImportField(each) if each not in (RIDES_ALONG, SKIPPED) else None for each in columns)


def members_of(names: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Under which name each column stands in a lead; an empty one for a column that is left out."""
    members = member_names(names, fields_of(columns))
    return ["" if choice == SKIPPED else member for member, choice in zip(members, columns, strict=True)]


def find_faults(kind: ListType, members: Sequence[str], cells: Sequence[str]) -> list[RowFault]:
    """What keeps a row from being a lead of this type."""
    if any(cell.strip() for cell in cells[len(members) :]):
        return [RowFault(EXTRA_CELLS)]
    found = explain_lead(kind, lead_json(members, cells))
    return [RowFault(fault.field, fault.is_missing) for fault in found]


class Candidates(NamedTuple):
    """Rows that can be leads, and these as leads; the place of each is that among these rows."""

    rows: list[StagedRow]
    drafts: list[LeadDraft]


def find_candidates(
    kind: ListType, members: Sequence[str], header_row: int, rows: Iterable[StagedRow]
) -> Candidates:
    """Those of the rows that can be leads. The others are told what is wrong with them."""
    candidates: list[StagedRow] = []
    leads: list[msgspec.Raw] = []
    width = len(members)
    for row in rows:
        if row.number <= header_row:
            row.verdict = RowVerdict.HEADER
        elif row.verdict not in UNDECIDED:
            lead = lead_of_row(members, row.cells)
            row.faults = []
            if len(row.cells) > width or not _is_usable(kind, lead):
                row.faults = find_faults(kind, members, row.cells)
            row.verdict = RowVerdict.FAULTY if row.faults else RowVerdict.READY
            if not row.faults:
                candidates.append(row)
                leads.append(msgspec.Raw(_encode(lead)))
    return Candidates(candidates, _draft(kind, candidates, leads))


def _is_usable(kind: ListType, lead: Mapping[str, str]) -> bool:
    try:
        lead_key(kind, LeadFields(**{name: lead[name] for name in KNOWN_FIELDS if name in lead}))
    except (InvalidIdentity, UnusableLead):
        return False
    return True


def _draft(kind: ListType, rows: Sequence[StagedRow], each: list[msgspec.Raw]) -> list[LeadDraft]:
    array = msgspec.Raw(b"[" + b",".join(map(bytes, each)) + b"]")
    drafts, faults = draft_leads(kind, RawLeads(array, each))
    assert not faults
    for row, draft in zip(rows, drafts, strict=True):
        row.has_email = draft.has_email
    return drafts


def tally_rows(rows: Iterable[StagedRow]) -> dict[str, int]:
    """How many rows have each verdict, and how many of those that are ready came with an e-mail."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row.verdict.value] += 1
        counts[WITH_EMAIL] += row.verdict is RowVerdict.READY and row.has_email
    return {name: count for name, count in counts.items() if count}


def sum_tallies(tallies: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Several tallies together; every verdict is named."""
    counts = Counter[str](dict.fromkeys((*RowVerdict, WITH_EMAIL), 0))
    for tally in tallies:
        counts.update(tally)
    return dict(counts)


def row_identity(cells: Iterable[str]) -> Identity:
    """Whom a row tells of, by every e-mail and every profile in it, whatever its columns are."""
    emails: dict[str, None] = {}
    profiles: dict[str, None] = {}
    for cell in cells:
        if len(cell) > _MAX_ADDRESS_CHARACTERS:
            continue
        if "@" in cell and (email := sent_email(cell)):
            emails[email] = None
        if "linkedin" in cell.lower() and (profile := find_profile(cell.strip())):
            profiles[profile] = None
    return Identity(tuple(emails), tuple(profiles))
