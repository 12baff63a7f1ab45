"""What a caller knows of a person to be found, outside of lists: each lead may be of another kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from leadyard.domain.company_names import company_name_key, fold_text
from leadyard.domain.drafting import RawLeads
from leadyard.domain.errors import MAX_FAULTS, Fault
from leadyard.domain.identity import InvalidIdentity, registrable_domain
from leadyard.domain.lead_lists import ONE_KIND, LeadList, NewList
from leadyard.domain.leads import (
    LeadDraft,
    LeadFault,
    LeadFields,
    ListType,
    UnusableLead,
    explain_fields,
    lead_key,
    sent_email,
)


class PersonClues(LeadFields, frozen=True, gc=False):
    """The known fields of a lead, and its name; null and "" both mean absent."""

    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None


CLUE_NAMES = tuple(PersonClues.__struct_fields__)

_decode_all = msgspec.json.Decoder(list[PersonClues]).decode


class PersonName(NamedTuple):
    """A name in its two parts; None is unknown."""

    first: str | None
    last: str | None

    @property
    def key(self) -> str:
        """The name as a part of a key: folded, "" if there is none."""
        return fold_text(" ".join(filter(None, self)))


def read_clues(raw: bytes | str) -> PersonClues:
    """The clues in the JSON of a stored lead."""
    return msgspec.json.decode(raw, type=PersonClues)


def kind_of(clues: PersonClues) -> ListType:
    """What the person is looked for by: the surest of what is there."""
    if clues.linkedin_url:
        return ListType.LINKEDIN
    return ListType.EMAIL if clues.email else ListType.TITLES_AND_COMPANY


def person_name(clues: PersonClues) -> PersonName:
    """First and last name as given, else the first word of the name and the rest."""
    if clues.first_name or clues.last_name:
        return PersonName(clues.first_name or None, clues.last_name or None)
    first, _, last = " ".join((clues.name or "").split()).partition(" ")
    return PersonName(first or None, last or None)


def clues_key(clues: PersonClues) -> str:
    """The identity of a person looked for: the kind, a colon, and the lead's key (design §3).

    Where a name is given with title or company the key ends with it; without a title it begins with a tab.
    Raises UnusableLead when a field is missing, InvalidIdentity when one cannot be used.
    """
    kind = kind_of(clues)
    name = person_name(clues).key if kind is ListType.TITLES_AND_COMPANY else ""
    if not name:
        return f"{kind}:{_require_clues(clues, kind)}"
    if clues.title:
        return f"{kind}:{lead_key(kind, clues)}\t{name}"
    return f"{kind}:\t{_company_key(clues)}\t{name}"


def kind_and_key(lead_list: LeadList | NewList, key: str) -> tuple[ListType, str]:
    """What kind of lead an entry of this list is, and its key in a list of that type."""
    return (lead_list.type, key) if lead_list.purpose in ONE_KIND else split_key(key)


def split_key(key: str) -> tuple[ListType, str]:
    """The kind of a lead and its key in a list of that type, from the key that `clues_key` gave."""
    kind, _, rest = key.partition(":")
    return ListType(kind), rest


def draft_people(leads: RawLeads) -> tuple[list[LeadDraft], list[Fault]]:
    """Checks the leads of an enrichment request: either all drafts, or the faults, at most MAX_FAULTS.

    Only the known fields are kept.
    """
    try:
        return [draft_person(place, clues) for place, clues in enumerate(_decode_all(leads.array))], []
    except (msgspec.ValidationError, InvalidIdentity, UnusableLead):
        return [], _explain(leads.each)


def draft_person(place: int, clues: PersonClues) -> LeadDraft:
    """A person to be found, ready to be stored. Raises UnusableLead and InvalidIdentity."""
    raw = msgspec.json.encode({name: value for name, value in msgspec.structs.asdict(clues).items() if value})
    return LeadDraft(place, clues_key(clues), msgspec.Raw(raw), sent_email(clues.email) is not None)


def _explain(raws: Sequence[msgspec.Raw]) -> list[Fault]:
    faults: list[Fault] = []
    for place, raw in enumerate(raws):
        faults.extend(fault.at(place) for fault in explain_fields(raw, PersonClues, clues_key))
        if len(faults) >= MAX_FAULTS:
            break
    return faults[:MAX_FAULTS]


def _require_clues(clues: PersonClues, kind: ListType) -> str:
    if kind is not ListType.TITLES_AND_COMPANY or clues.title:
        return lead_key(kind, clues)
    is_at_company = clues.company_name or clues.company_domain
    raise UnusableLead(LeadFault("name" if is_at_company else "linkedin_url", is_missing=True))


def _company_key(clues: PersonClues) -> str:
    if clues.company_domain and not clues.company_domain.isspace():
        return registrable_domain(clues.company_domain)
    if not clues.company_name:
        raise UnusableLead(LeadFault("company_name", is_missing=True))
    return company_name_key(clues.company_name)
