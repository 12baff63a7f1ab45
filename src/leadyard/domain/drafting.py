"""From leads as they were sent to drafts that can be stored, or to what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, overload

import msgspec

from leadyard.domain.errors import MAX_FAULTS, Fault
from leadyard.domain.identity import InvalidIdentity, email_keys
from leadyard.domain.leads import (
    LeadDraft,
    LeadFault,
    LeadFields,
    ListType,
    UnusableLead,
    explain_lead,
    lead_key,
    sent_email,
)

MAX_NESTING = 200
"""Deeper values could be stored but not read again: the decoder's depth is that of Python's stack."""

_BRACKETS_PART = 64 * 1024
_LEADS_AT_ONCE = 500
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_BYTES_AT_ONCE = 256 * 1024
_decode_fields = msgspec.json.Decoder(LeadFields).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


class RawLeads(NamedTuple):
    """The leads of a request, unparsed: the JSON array, and each of its items."""

    array: msgspec.Raw
    each: list[msgspec.Raw]


def split_leads(array: msgspec.Raw) -> RawLeads:
    """The items of a JSON array. Raises msgspec.ValidationError for what is no array."""
    return RawLeads(array, _decode_items(array))


def draft_leads(list_type: ListType, leads: RawLeads) -> tuple[list[LeadDraft], list[Fault]]:
    """Checks the leads of a request, valid UTF-8: either all drafts, or the faults, at most MAX_FAULTS.

    They are checked by hundreds. Only where something is wrong is each looked at by itself, so a body full
    of faults is not looked at to its end.
    """
    may_be_deep = _may_be_deep(leads.array, len(leads.each))
    drafts: list[LeadDraft] = []
    faults: list[Fault] = []
    for start in range(0, len(leads.each), _LEADS_AT_ONCE):
        raws = leads.each[start : start + _LEADS_AT_ONCE]
        try:
            drafts += _draft(list_type, range(start, start + len(raws)), raws, may_be_deep=may_be_deep)
        except (msgspec.ValidationError, InvalidIdentity, UnusableLead):
            found = _explain_leads(list_type, start, raws)
            assert found, "leads that cannot be used have a fault"
            faults += found
            if len(faults) >= MAX_FAULTS:
                break
    return ([], faults[:MAX_FAULTS]) if faults else (drafts, [])


class LazyDrafts(Sequence[LeadDraft]):
    """The drafts of leads that are thought to be sound, made part by part as they are asked for.

    Once all are made, `look_on` is called until it returns False: it looks at whatever else has to be sound,
    a little at a time. Asking for more raises what it raises, and what is wrong with the next leads, each
    time anew: msgspec.ValidationError, UnicodeDecodeError, InvalidIdentity or UnusableLead.
    """

    def __init__(
        self,
        list_type: ListType,
        text: bytes | memoryview,
        raws: Sequence[msgspec.Raw],
        look_on: Callable[[], bool],
    ) -> None:
        """Makes the first part, and looks on if that is all; `text` is JSON that has all the leads."""
        self._type = list_type
        self._raws = raws
        self._look_on = look_on
        self._may_be_deep = _may_be_deep(text, len(raws))
        self._size = max(1, min(_LEADS_AT_ONCE, _BYTES_AT_ONCE * len(raws) // max(1, len(text))))
        self._made: list[Sequence[LeadDraft]] = []
        self._count = 0
        self._make_part()
        if self._count == len(raws):
            require_whole(self)

    def __len__(self) -> int:
        return len(self._raws)

    def __iter__(self) -> Iterator[LeadDraft]:
        for part in self.parts():
            yield from part

    @overload
    def __getitem__(self, at: int) -> LeadDraft: ...

    @overload
    def __getitem__(self, at: slice) -> list[LeadDraft]: ...

    def __getitem__(self, at: int | slice) -> LeadDraft | list[LeadDraft]:
        """The drafts of these places; no others are made for them, and what is made for them is not kept."""
        if isinstance(at, slice):
            return self._draft(at)
        place = range(len(self))[at]
        part, behind = divmod(place, self._size)
        return self._made[part][behind] if place < self._count else self._draft(slice(place, place + 1))[0]

    def parts(self) -> Iterator[Sequence[LeadDraft]]:
        """All drafts in their order, as few at a time as take about a millisecond to make, or none."""
        at = 0
        while at < len(self._made) or self._make_part():
            yield self._made[at]
            at += 1
        while self._look_on():
            yield ()

    def _make_part(self) -> bool:
        """Whether there was one left to make."""
        at = slice(self._count, min(self._count + self._size, len(self)))
        if at.start == at.stop:
            return False
        self._made.append(self._draft(at))
        self._count = at.stop
        return True

    def _draft(self, at: slice) -> list[LeadDraft]:
        return _draft(self._type, range(len(self))[at], self._raws[at], may_be_deep=self._may_be_deep)


def parts_of(drafts: Sequence[LeadDraft]) -> Iterator[Sequence[LeadDraft]]:
    """Drafts some at a time, those of LazyDrafts as they are made. Raises what making them raises."""
    if isinstance(drafts, LazyDrafts):
        return drafts.parts()
    return (drafts[start : start + _LEADS_AT_ONCE] for start in range(0, len(drafts), _LEADS_AT_ONCE))


def require_whole(drafts: Sequence[LeadDraft]) -> None:
    """Makes what is left to make of LazyDrafts. Raises what that raises."""
    for _ in parts_of(drafts):
        pass


def _draft(
    list_type: ListType, places: Sequence[int], raws: Sequence[msgspec.Raw], *, may_be_deep: bool
) -> list[LeadDraft]:
    if may_be_deep and any(map(_is_too_deep, raws)):
        raise UnusableLead
    fields = list(map(_decode_fields, raws))
    if list_type is ListType.EMAIL:
        keys = _email_lead_keys(fields)
        with_email = [True] * len(keys)
    else:
        keys = list(map(partial(lead_key, list_type), fields))
        with_email = [sent_email(lead.email) is not None for lead in fields]
    return list(map(LeadDraft, places, keys, raws, with_email))


def _email_lead_keys(leads: Sequence[LeadFields]) -> list[str]:
    emails = [lead.email for lead in leads if lead.email]
    if len(emails) < len(leads):
        raise UnusableLead(LeadFault("email", is_missing=True))
    return email_keys(emails)


def _explain_leads(list_type: ListType, start: int, raws: Sequence[msgspec.Raw]) -> list[Fault]:
    faults: list[Fault] = []
    for place, raw in enumerate(raws, start):
        found = explain_lead(list_type, raw)
        if not found and _is_too_deep(raw):
            found = [LeadFault("")]
        faults.extend(fault.at(place) for fault in found)
        if len(faults) >= MAX_FAULTS:
            break
    return faults


def nesting_depth(text: str) -> int:
    """How deep the arrays and objects of a JSON text are nested."""
    depth = deepest = 0
    for token in _JSON_TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _may_be_deep(text: bytes | memoryview | msgspec.Raw, count: int) -> bool:
    """Whether there are so many brackets that one of so many leads could be nested too deep."""
    whole = memoryview(text)
    starts = range(0, len(whole), _BRACKETS_PART)
    found = sum(_count_opened(bytes(whole[start : start + _BRACKETS_PART])) for start in starts)
    return found > count + MAX_NESTING


def _count_opened(text: bytes) -> int:
    """How many brackets are opened, in texts too: no value is nested deeper.

    They are few: to take them out is quicker than to count them, which looks at each byte by itself.
    """
    return len(text) - len(text.replace(b"{", b"").replace(b"[", b""))


def _is_too_deep(raw: msgspec.Raw) -> bool:
    text = bytes(raw)
    return _count_opened(text) > MAX_NESTING and nesting_depth(text.decode()) > MAX_NESTING
