"""The columns that leads are exported in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from leadyard.domain.entries import Entry
from leadyard.domain.lead_lists import LeadList, entry_id
from leadyard.domain.shown import ShownLead, show_lead

SENT_PREFIX = "data."
"""How the name of a column begins that holds another member of the leads, as it was sent."""

MAX_COLUMNS = 100


class _Row(msgspec.Struct, frozen=True):
    lead_list: LeadList
    entry: Entry
    lead: ShownLead


_FIXED: Mapping[str, Callable[[_Row], Any]] = {
    "id": lambda row: entry_id(row.lead_list.id, row.entry.sequence),
    "status": lambda row: row.entry.status.value,
    "name": lambda row: row.lead.name,
    "first_name": lambda row: row.lead.parts_of_name[0],
    "last_name": lambda row: row.lead.parts_of_name[1],
    "title": lambda row: row.lead.title,
    "company_name": lambda row: row.lead.company_name,
    "company_domain": lambda row: row.lead.company_domain,
    "industry": lambda row: row.lead.industry,
    "email": lambda row: row.lead.email,
    "email_result": lambda row: None if row.lead.verdict is None else row.lead.verdict.result.value,
    "email_reason": lambda row: None if row.lead.verdict is None else row.lead.verdict.reason,
    "email_catch_all": lambda row: None if row.lead.verdict is None else row.lead.verdict.catch_all,
    "phone_numbers": lambda row: [phone.number for phone in row.lead.phone_numbers],
    "linkedin_url": lambda row: row.lead.linkedin_url,
    "person_id": lambda row: row.lead.person_id,
    "enrich": lambda row: row.entry.shown.enrich,
    "validate": lambda row: row.entry.shown.validate,
    "reveal": lambda row: row.entry.shown.reveal,
    "data": lambda row: row.lead.data,
}
COLUMNS = tuple(_FIXED)
"""The columns that every list has, in their order."""

# What a spreadsheet takes for the beginning of a formula, in half and in full width, once it has left out
# what cannot be seen.
_UNSEEN = " \u00a0\u200b\ufeff"
_FORMULA = re.compile(r"[=+\-@|%\t\r\n\uff1d\uff0b\uff0d\uff20\uff5c\uff05]")
_PHONE_NUMBER = re.compile(r"\+[0-9][0-9 ().-]*")


def is_column(name: str) -> bool:
    """Whether there is a column of this name."""
    return name in _FIXED or (name.startswith(SENT_PREFIX) and len(name) > len(SENT_PREFIX))


def row_values(lead_list: LeadList, entry: Entry, columns: Sequence[str]) -> list[Any]:
    """The values of a lead in these columns, in JSON's types."""
    row = _Row(lead_list, entry, show_lead(entry))
    return [_FIXED[name](row) if name in _FIXED else _sent(row.lead, name) for name in columns]


def cell_text(value: Any) -> str:
    """A value as the text of a cell: several numbers are parted by semicolons, objects are JSON."""
    if value is None or value == {}:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    return msgspec.json.encode(value).decode()


def defuse(text: str) -> str:
    """A cell of a CSV that no spreadsheet takes for a formula: `'` before what begins like one.

    Plain phone numbers stay as they are, for they begin with a plus sign.
    """
    seen = text.lstrip(_UNSEEN)
    if not seen or not _FORMULA.match(seen) or _PHONE_NUMBER.fullmatch(seen):
        return text
    return f"'{text}"


def _sent(lead: ShownLead, name: str) -> Any:
    raw = lead.data.get(name.removeprefix(SENT_PREFIX))
    return None if raw is None else msgspec.json.decode(raw)
