"""Who is meant by an erasure, and where a person has left traces."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import NamedTuple

import msgspec

from leadyard.domain.clues import kind_and_key
from leadyard.domain.entries import EntryStatus, Findings
from leadyard.domain.identity import email_key
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.leads import read_fields
from leadyard.domain.people import Person
from leadyard.domain.suppression import Identity, lead_identity, person_identity

ERASED_KEY_PREFIX = "\t"
"""How the key of an erased entry begins; its sequence follows. No rule of identity makes such a key."""

ERASED_LEAD = "{}"
"""What is kept of the lead of an erased entry."""

_MEMBER_KEYS = ("sales:", "talent:")


class Traces(NamedTuple):
    """What records of a person can be told by."""

    emails: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    person_ids: frozenset[str] = frozenset()

    def meets(self, other: Traces) -> bool:
        """Whether both have something in common."""
        return any(mine & theirs for mine, theirs in zip(self, other, strict=True))

    @property
    def needles(self) -> frozenset[str]:
        """Texts of which a record of the person has one, in lower case, if it is written in plain ASCII.

        The record may spell what is no plain ASCII in many ways, also by escapes of JSON and of addresses.
        """
        names = (profile.split("/")[0].rpartition(":")[2] for profile in self.profiles)
        return frozenset(
            text.lower() for text in (*self.emails, *names, *self.person_ids) if text and text.isascii()
        )

    @property
    def identity(self) -> Identity:
        """What keeps this person from coming back."""
        return Identity(tuple(self.emails), tuple(self.profiles))

    @property
    def names(self) -> frozenset[str]:
        """The profiles that name a person in one way only: other products give the same person another id."""
        return frozenset(key for key in self.profiles if not key.startswith(_MEMBER_KEYS))


class StoredLead(msgspec.Struct, frozen=True):
    """An entry as it is stored, with what it tells of whom."""

    sequence: int
    key: str
    raw: str
    status: EntryStatus
    findings: Findings

    @property
    def is_erased(self) -> bool:
        """Whether nothing is left of it."""
        return self.key.startswith(ERASED_KEY_PREFIX)

    @property
    def people(self) -> list[Person]:
        """Who was found for it, now and before."""
        return [each.person for each in self._told if each.person is not None]

    @property
    def _told(self) -> list[Findings]:
        return [each for each in (self.findings, self.findings.before) if each is not None]

    def identity(self, lead_list: LeadList) -> Identity:
        """Whom it can be kept out by: the person as sent, as found and as checked."""
        identity = lead_identity(*kind_and_key(lead_list, self.key), read_fields(self.raw))
        heard = [each.person for each in self.findings.overheard.values()]
        for person in (*self.people, *heard):
            identity = identity.join(person_identity(person))
        checked = [email_key(each.verdict.email) for each in self._told if each.verdict is not None]
        return identity.join(Identity(emails=tuple(checked)))

    def traces(self, lead_list: LeadList) -> Traces:
        """Whom it tells of: the person as sent and as found."""
        if self.is_erased:
            return Traces()
        identity = self.identity(lead_list)
        return Traces(
            frozenset(identity.emails),
            frozenset(identity.profiles),
            frozenset(person.id for person in self.people),
        )


class FoundEntry(msgspec.Struct, frozen=True):
    """An entry of a list that tells of the person."""

    lead_list: LeadList
    lead: StoredLead


class ErasureCounts(msgspec.Struct, frozen=True):
    """What an erasure came to.

    Entries that were emptied, rows of the directory and exclusions that were removed, and lines of the ledger
    whose charge key no longer names the person.
    """

    entries: int = 0
    directory_people: int = 0
    exclusions: int = 0
    credit_entries: int = 0


class Erasure(msgspec.Struct, frozen=True):
    """The record of an erasure. It does not tell who was erased."""

    id: str
    counts: ErasureCounts
    created_at: datetime


def join_traces(traces: Iterable[Traces]) -> Traces:
    """All of them together."""
    return reduce(lambda one, two: Traces(*(a | b for a, b in zip(one, two, strict=True))), traces, Traces())


def widen(asked: Traces, met: Traces) -> Traces:
    """Whom `asked` means. `met` is all that the records tell that have something of it.

    An e-mail that stands beside different profiles is a mailbox of several people: then it means itself only.
    """
    is_shared = bool(asked.emails) and not asked.profiles and len(met.names) > 1
    return asked if is_shared else join_traces((asked, met))


def is_of_person(record: Traces, asked: Traces, person: Traces) -> bool:
    """Whether a record is of this person: it has what was asked for, or something else that is theirs.

    It is not where only an e-mail is common that nobody asked for, and the record names somebody else.
    """
    if record.meets(asked) or record.profiles & person.profiles or record.person_ids & person.person_ids:
        return True
    is_somebody_else = bool(record.names and person.names)
    return bool(record.emails & person.emails) and not is_somebody_else
