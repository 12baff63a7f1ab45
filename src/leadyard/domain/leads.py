"""What a lead is: the fields we know, the rest kept as sent, and what makes one usable for a list."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, TypeVar

import msgspec

from leadyard.domain.errors import ErrorCode, Fault, unsupported_field
from leadyard.domain.identity import (
    InvalidIdentity,
    email_key,
    linkedin_key,
    title_and_company_key,
)


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
_NO_EMAIL = KNOWN_FIELDS - {"email"}
FieldsT = TypeVar("FieldsT", bound=LeadFields)


class LeadDraft(msgspec.Struct, frozen=True, gc=False):
    """A checked lead before it is stored.

    `place` is its index in the request, `key` its identity in the list, `raw` the JSON object as sent, in
    UTF-8, `has_email` whether a usable e-mail came with it.
    """

    place: int
    key: str
    raw: msgspec.Raw
    has_email: bool


class LeadFault(NamedTuple):
    """A field of one lead that is missing or cannot be used; no field means the lead is no object."""

    field: str
    is_missing: bool = False

    def at(self, place: int, array: str = "leads") -> Fault:
        """The fault as the contract words it, for the lead at this place of an array of the request."""
        if not self.field:
            return unsupported_field(f"{array}[{place}]", f"/{array}/{place}")
        name, pointer = f"{array}[{place}].{self.field}", f"/{array}/{place}/{self.field}"
        if self.is_missing:
            return Fault(ErrorCode.UNSUPPORTED_VALUE, f"Missing field from request: {name}", pointer)
        return unsupported_field(name, pointer)


class UnusableLead(ValueError):
    """A lead that this type of list cannot take."""

    def __init__(self, *faults: LeadFault) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = faults


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


def other_members(
    raw: msgspec.Raw | bytes | str, *, with_email: bool | None = None
) -> dict[str, msgspec.Raw]:
    """`data` of an entry: every member that is not a known field, as sent (contract §2).

    An e-mail that cannot be used is kept there too, so that nothing the caller sent is lost; `with_email`
    says whether there is such a one, if that is known.
    """
    members = read_members(raw)
    if with_email is None:
        email = read_fields(raw).email
        with_email = bool(email) and sent_email(email) is None
    for name in _NO_EMAIL if with_email else KNOWN_FIELDS:
        members.pop(name, None)
    return members


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


def wrong_type(told: str) -> Fault:
    """The fault of leads whose type is not their list's (contract §2, decision 1)."""
    detail = f"'{told}' is not the type of this lead list."
    return Fault(ErrorCode.UNSUPPORTED_VALUE, detail, "/type")


def explain_lead(list_type: ListType, raw: msgspec.Raw) -> list[LeadFault]:
    """Everything that keeps a lead from being used, in the order of its fields; missing ones come last.

    Empty for a lead that can be used. One that only a repeated name spoils, whose last value would do, is at
    fault as a whole.
    """
    return explain_fields(raw, LeadFields, lambda lead: lead_key(list_type, lead))


def explain_fields(
    raw: msgspec.Raw, shape: type[FieldsT], key_of: Callable[[FieldsT], str]
) -> list[LeadFault]:
    """As `explain_lead` does, for leads with other known fields that get their key by another rule."""
    try:
        members = read_members(raw)
    except msgspec.ValidationError:
        return [LeadFault("")]
    known = {name: value for name, value in members.items() if name in shape.__struct_fields__}
    mistyped = [name for name, value in known.items() if not is_text_or_absent(value)]
    texts = {name: msgspec.json.decode(value) for name, value in known.items() if name not in mistyped}
    faults = [LeadFault(name) for name in mistyped]
    try:
        key_of(shape(**texts))
        msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError:
        faults = faults or [LeadFault("")]
    except InvalidIdentity as error:
        faults.append(LeadFault(error.field))
    except UnusableLead as error:
        faults.extend(fault for fault in error.faults if fault.field not in mistyped)
    places = {name: place for place, name in enumerate(members)}
    return sorted(faults, key=lambda fault: (fault.is_missing, places.get(fault.field, len(places))))
