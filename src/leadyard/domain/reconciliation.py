"""What must add up in a database, and what was found where it does not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from leadyard.domain.clues import clues_key, kind_and_key, read_clues
from leadyard.domain.credits import PERSON_CHARGE_WINDOW, Charge
from leadyard.domain.entries import EntryStatus, Terms, WorkItem, charges_of
from leadyard.domain.erasure import StoredLead
from leadyard.domain.identity import InvalidIdentity
from leadyard.domain.lead_lists import ONE_KIND, LeadList
from leadyard.domain.leads import LeadFields, UnusableLead, lead_key, read_fields, sent_email

MAX_EXAMPLES = 20
"""Places that are named for each check; the rest is only counted."""

_MOMENT_LENGTH = 13
_WINDOW_MS = int(PERSON_CHARGE_WINDOW.total_seconds() * 1000)


class Check(StrEnum):
    """One thing that must add up, in the order in which they are told."""

    BALANCES = "balances"
    HOLDS = "holds"
    SPENT = "spent"
    CHARGES = "charges"
    CHARGED_ONCE = "charged once"
    COUNTERS = "counters"
    STATES = "states"
    SEQUENCES = "sequences"
    KEYS = "keys"
    SUMMARIES = "summaries"
    JOBS = "jobs"
    STRAYS = "strays"


class Tally(msgspec.Struct):
    """What a check looked at, how much of it differs, how much of that was repaired, and where it is.

    A place is told without anything that a person could be known by.
    """

    looked_at: int = 0
    differ: int = 0
    repaired: int = 0
    examples: list[str] = msgspec.field(default_factory=list)

    def add(self, place: str, *, is_repaired: bool) -> None:
        """Counts one that differs."""
        self.differ += 1
        self.repaired += is_repaired
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(place)


class Report(msgspec.Struct, frozen=True):
    """Every check with what it came to."""

    tallies: dict[Check, Tally] = msgspec.field(default_factory=lambda: {check: Tally() for check in Check})

    @property
    def is_sound(self) -> bool:
        """Whether everything adds up, by now."""
        return all(tally.differ == tally.repaired for tally in self.tallies.values())


class TermsOfAddition(msgspec.Struct, frozen=True):
    """By what the entries of one addition are charged, and who is charged for them.

    Additions that follow each other and have all of this in common have the same number of a `run`.
    """

    row_id: int
    first_sequence: int
    terms: Terms
    key_id: int | None
    user_id: int | None
    run: int


def find_terms(additions: Sequence[TermsOfAddition], sequence: int) -> TermsOfAddition:
    """The addition that an entry came with; `additions` are in their order, and begin with sequence 1."""
    return additions[bisect_right(additions, sequence, key=lambda each: each.first_sequence) - 1]


def has_right_key(lead_list: LeadList, lead: StoredLead) -> bool:
    """Whether the key of a stored lead is the one that its JSON gives by the rules in force."""
    if lead.is_erased:
        return True
    try:
        if lead_list.purpose in ONE_KIND:
            return lead.key == lead_key(lead_list.type, read_fields(lead.raw))
        return lead.key == clues_key(read_clues(lead.raw))
    except (InvalidIdentity, UnusableLead, msgspec.DecodeError):
        return False


def due_charges(lead_list: LeadList, lead: StoredLead, terms: Terms) -> Iterator[Charge]:
    """What must have been paid for an entry, or for the same thing before."""
    if lead.status is not EntryStatus.DONE or lead.is_erased:
        return
    list_type, key = kind_and_key(lead_list, lead.key)
    email = sent_email(read_fields(lead.raw).email)
    item = WorkItem(lead.sequence, key, list_type, LeadFields(), email, 0, lead.findings)
    yield from (charge for charge in charges_of(item, lead.findings, terms) if charge.amount)


class PersonLine(msgspec.Struct, frozen=True):
    """A line of the ledger for a person found; its charge key ends with the moment, in milliseconds."""

    id: int
    charge_key: str

    @property
    def person(self) -> str:
        """Whom it is for."""
        return self.charge_key[: -_MOMENT_LENGTH - 1]

    @property
    def moment_ms(self) -> int:
        """When they were found."""
        return int(self.charge_key[-_MOMENT_LENGTH:])


class RepeatedCharges:
    """Finds lines for persons paid for within 24 hours before; lines come in the order of their keys."""

    def __init__(self) -> None:
        self._paid: PersonLine | None = None

    def is_repeated(self, line: PersonLine) -> bool:
        """Whether this is one."""
        paid = self._paid
        if paid is not None and paid.person == line.person and line.moment_ms - paid.moment_ms < _WINDOW_MS:
            return True
        self._paid = line
        return False
