"""From leads as they were sent to drafts that can be stored, or to what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from itertools import chain, islice
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
from leadyard.domain.nesting import find_too_deep, is_too_deep

_LEADS_AT_ONCE = 500
_LEADS_LOOKED_AT = 8
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
    too_deep = set(chain.from_iterable(find_too_deep(*leads)))
    drafts: list[LeadDraft] = []
    faults: list[Fault] = []
    for start in range(0, len(leads.each), _LEADS_AT_ONCE):
        places = range(start, min(start + _LEADS_AT_ONCE, len(leads.each)))
        made = _try_to_draft(list_type, places, leads.each, too_deep)
        if made is None:
            found = _find_faults(list_type, places, leads.each, too_deep)
            told = list(islice(found, MAX_FAULTS - len(faults)))
            assert told, "leads that cannot be used have a fault"
            faults += told
            if len(faults) == MAX_FAULTS:
                break
        else:
            drafts += made
    return ([], faults) if faults else (drafts, [])


class LazyDrafts(Sequence[LeadDraft]):
    """The drafts of leads that are thought to be sound, made part by part as they are asked for.

    Once all are made, `look_on` is called until it returns False: it looks at whatever else has to be sound,
    a little at a time. Last comes how deep they are nested. Asking for more raises what it raises, and what
    is wrong with the next leads, each time anew: msgspec.ValidationError, UnicodeDecodeError, InvalidIdentity
    or UnusableLead.
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
        self._depth_looks = find_too_deep(text, raws)
        self._too_deep: list[int] = []
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
        for places in self._depth_looks:
            self._too_deep += places
            yield ()
        if self._too_deep:
            raise UnusableLead

    def _make_part(self) -> bool:
        """Whether there was one left to make."""
        at = slice(self._count, min(self._count + self._size, len(self)))
        if at.start == at.stop:
            return False
        self._made.append(self._draft(at))
        self._count = at.stop
        return True

    def _draft(self, at: slice) -> list[LeadDraft]:
        return _draft(self._type, range(len(self))[at], self._raws[at])


def parts_of(drafts: Sequence[LeadDraft]) -> Iterator[Sequence[LeadDraft]]:
    """Drafts some at a time, those of LazyDrafts as they are made. Raises what making them raises."""
    if isinstance(drafts, LazyDrafts):
        return drafts.parts()
    return (drafts[start : start + _LEADS_AT_ONCE] for start in range(0, len(drafts), _LEADS_AT_ONCE))


def require_whole(drafts: Sequence[LeadDraft]) -> None:
    """Makes what is left to make of LazyDrafts. Raises what that raises."""
    for _ in parts_of(drafts):
        pass


def _draft(list_type: ListType, places: Sequence[int], raws: Sequence[msgspec.Raw]) -> list[LeadDraft]:
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


def _try_to_draft(
    list_type: ListType, places: range, raws: Sequence[msgspec.Raw], too_deep: Set[int]
) -> list[LeadDraft] | None:
    """The drafts of the leads at these places; None if one of them cannot be used."""
    if not too_deep.isdisjoint(places):
        return None
    try:
        return _draft(list_type, places, raws[places.start : places.stop])
    except (msgspec.ValidationError, InvalidIdentity, UnusableLead):
        return None


def _find_faults(
    list_type: ListType, places: range, raws: Sequence[msgspec.Raw], too_deep: Set[int]
) -> Iterator[Fault]:
    """What is wrong with leads of which one cannot be used.

    To look at one by itself takes five times as long as to draft it with others, so halves that can be used
    are passed over.
    """
    if len(places) <= _LEADS_LOOKED_AT:
        for place in places:
            yield from _explain(list_type, place, raws[place])
        return
    middle = len(places) // 2
    for half in (places[:middle], places[middle:]):
        if _try_to_draft(list_type, half, raws, too_deep) is None:
            yield from _find_faults(list_type, half, raws, too_deep)


def _explain(list_type: ListType, place: int, raw: msgspec.Raw) -> list[Fault]:
    found = explain_lead(list_type, raw)
    if not found and is_too_deep(raw):
        found = [LeadFault("")]
    return [fault.at(place) for fault in found]
