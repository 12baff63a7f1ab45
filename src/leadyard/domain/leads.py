"""What a lead is: the fields we know, the rest kept as sent, and what makes one usable for a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from leadyard.domain.errors import MAX_FAULTS, ErrorCode, Fault, unsupported_field
from leadyard.domain.identity import InvalidIdentity, email_key, linkedin_key, title_and_company_key


class ListType(StrEnum):
    """What identifies the leads of a list."""

    LINKEDIN = "linkedin"
    EMAIL = "email"
    TITLES_AND_COMPANY = "titles_and_company"


class LeadFields(msgspec.Struct, frozen=True, gc=False):
    """The fields of a lead that the service knows; null and "" both mean absent (contract §2.2)."""

    linkedin_url: str | None = None
    email: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None


KNOWN_FIELDS = frozenset(LeadFields.__struct_fields__)


class LeadDraft(NamedTuple):
    """A checked lead before it is stored.

    `place` is its index in the request, `key` its identity in the list, `raw` the JSON object as sent,
    `has_email` whether a usable e-mail came with it.
    """

    place: int
    key: str
    raw: str
    has_email: bool


class LeadFault(NamedTuple):
    """A field of one lead that is missing or cannot be used; no field means the lead is no object."""

    field: str
    is_missing: bool = False

    def at(self, place: int) -> Fault:
        """The fault as the contract words it, for the lead at this place of the request."""
        if not self.field:
            return unsupported_field(f"leads[{place}]", f"/leads/{place}")
        name, pointer = f"leads[{place}].{self.field}", f"/leads/{place}/{self.field}"
        if self.is_missing:
            return Fault(ErrorCode.UNSUPPORTED_VALUE, f"Missing field from request: {name}", pointer)
        return unsupported_field(name, pointer)


class UnusableLead(ValueError):
    """A lead that this type of list cannot take."""

    def __init__(self, *faults: LeadFault) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = faults


MAX_NESTING = 200
"""Deeper values could be stored but not read again: the decoder's depth is that of Python's stack."""

_SHALLOW_LENGTH = 2 * MAX_NESTING
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_decode_fields = msgspec.json.Decoder(LeadFields).decode
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def read_fields(raw: msgspec.Raw | bytes | str) -> LeadFields:
    """The known fields of a lead's JSON.

    Raises msgspec.ValidationError for a lead that is no object, or a known field that is no string.
    """
    return _decode_fields(raw)


def read_members(raw: msgspec.Raw | bytes | str) -> dict[str, msgspec.Raw]:
    """Every member of a lead's JSON object, values unparsed. Raises msgspec.ValidationError."""
    return _decode_members(raw)


def other_members(raw: str) -> dict[str, msgspec.Raw]:
    """`data` of an entry: every member that is not a known field, as sent (contract §2).

    An e-mail that cannot be used is kept there too, so that nothing the caller sent is lost.
    """
    members = read_members(raw)
    kept = {name: value for name, value in members.items() if name not in KNOWN_FIELDS}
    email = read_fields(raw).email
    if email and sent_email(email) is None:
        kept["email"] = members["email"]
    return kept


def sent_email(email: str | None) -> str | None:
    """The normalized form of an e-mail that came with a lead; None when absent or not valid."""
    if not email:
        return None
    try:
        return email_key(email)
    except InvalidIdentity:
        return None


def _linkedin_lead_key(lead: LeadFields) -> str:
    if not lead.linkedin_url:
        raise UnusableLead(LeadFault("linkedin_url", is_missing=True))
    return linkedin_key(lead.linkedin_url)


def _email_lead_key(lead: LeadFields) -> str:
    if not lead.email:
        raise UnusableLead(LeadFault("email", is_missing=True))
    return email_key(lead.email)


def _title_lead_key(lead: LeadFields) -> str:
    missing = []
    if not lead.title:
        missing.append(LeadFault("title", is_missing=True))
    if not lead.company_name and not lead.company_domain:
        missing.append(LeadFault("company_name", is_missing=True))
    if missing:
        raise UnusableLead(*missing)
    return title_and_company_key(lead.title or "", lead.company_name, lead.company_domain)


_LEAD_KEYS: dict[ListType, Callable[[LeadFields], str]] = {
    ListType.LINKEDIN: _linkedin_lead_key,
    ListType.EMAIL: _email_lead_key,
    ListType.TITLES_AND_COMPANY: _title_lead_key,
}


def lead_key(list_type: ListType, lead: LeadFields) -> str:
    """The identity of a lead in a list of this type (design §3).

    Raises UnusableLead when a field it needs is missing, InvalidIdentity when one cannot be used.
    """
    return _LEAD_KEYS[list_type](lead)


def is_text_or_absent(value: msgspec.Raw) -> bool:
    """Whether a raw JSON value is a string or null."""
    return bytes(value)[:1] in (b'"', b"n")


def explain_lead(list_type: ListType, raw: msgspec.Raw) -> list[LeadFault]:
    """Everything that keeps a lead from being used, in the order of its fields; missing ones come last.

    Empty for a lead that can be used.
    """
    try:
        members = read_members(raw)
    except msgspec.ValidationError:
        return [LeadFault("")]
    known = {name: value for name, value in members.items() if name in KNOWN_FIELDS}
    mistyped = [name for name, value in known.items() if not is_text_or_absent(value)]
    texts = {name: msgspec.json.decode(value) for name, value in known.items() if name not in mistyped}
    faults = [LeadFault(name) for name in mistyped]
    try:
        lead_key(list_type, LeadFields(**texts))
    except InvalidIdentity as error:
        faults.append(LeadFault(error.field))
    except UnusableLead as error:
        faults.extend(fault for fault in error.faults if fault.field not in mistyped)
    places = {name: place for place, name in enumerate(members)}
    return sorted(faults, key=lambda fault: (fault.is_missing, places.get(fault.field, len(places))))


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


def draft_leads(list_type: ListType, raws: Sequence[msgspec.Raw]) -> tuple[list[LeadDraft], list[Fault]]:
    """Checks the leads of a request; returns the drafts and the faults, which end at MAX_FAULTS.

    The raw JSON is valid UTF-8.
    """
    drafts: list[LeadDraft] = []
    faults: list[Fault] = []
    key_of = _LEAD_KEYS[list_type]
    always_has_email = list_type is ListType.EMAIL
    for place, raw in enumerate(raws):
        try:
            lead = _decode_fields(raw)
            key = key_of(lead)
        except (msgspec.ValidationError, InvalidIdentity, UnusableLead):
            faults.extend(fault.at(place) for fault in explain_lead(list_type, raw))
            if len(faults) >= MAX_FAULTS:
                break
            continue
        text = str(raw, "utf-8")
        if len(text) > _SHALLOW_LENGTH and nesting_depth(text) > MAX_NESTING:
            faults.append(LeadFault("").at(place))
            continue
        has_email = always_has_email or sent_email(lead.email) is not None
        drafts.append(LeadDraft(place, key, text, has_email))
    return drafts, faults[:MAX_FAULTS]
