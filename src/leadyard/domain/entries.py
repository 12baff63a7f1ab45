"""A stored lead, what its steps came to, and the charges that follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import msgspec

from leadyard.domain.credits import NOTHING, Charge, Cost, CreditKind, Prices, Reason
from leadyard.domain.emails import EmailVerdict
from leadyard.domain.lead_lists import ListOptions
from leadyard.domain.leads import LeadFields, ListType
from leadyard.domain.people import Person


class EntryStatus(StrEnum):
    """The state of an entry; the last three are final."""

    QUEUED = "queued"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


STATUSES = {status.value: status for status in EntryStatus}
"""To call the enumeration takes a microsecond, a tenth of what an entry of a page takes."""


class Step(StrEnum):
    """What the pipeline does with a lead, in this order."""

    ENRICH = "enrich"
    VALIDATE = "validate"
    REVEAL = "reveal"


class Outcome(StrEnum):
    """What one step came to."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    SKIPPED = "skipped"
    UNAVAILABLE = "unavailable"
    AMBIGUOUS = "ambiguous"


CERTAIN = 1.0
FREE = 0.0
_USUAL = {CERTAIN: CERTAIN, FREE: FREE}


def usual(value: float) -> float:
    """The same number, and CERTAIN or FREE itself if it is one of them.

    msgspec leaves out a value that is the very object of the default, not one that equals it.
    """
    return _USUAL.get(value, value)


class Provenance(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a value came from."""

    provider: str
    fetched_at: datetime
    confidence: float = CERTAIN
    cost: float = FREE
    is_cached: bool = False


class Visit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One provider that was asked in one step, for the entry's history.

    `outcome` is that of the question: found, missing, ambiguous, erased, lost, unavailable, other_person for
    an answer about somebody else, or deferred by a validator that wants to be asked again later. A verdict is
    found, and missing if it is that nobody knows. `cost` is in the account's unit for providers.
    """

    step: Step
    provider: str
    at: datetime
    outcome: str
    cost: float = FREE
    is_cached: bool = False


class Overheard(msgspec.Struct, frozen=True):
    """Phone numbers that a provider told along with a person, of whom only id and profile are kept."""

    person: Person
    source: Provenance


class Findings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything that the steps found for one entry; stored as one JSON value.

    `person` holds the values to show, `provenance` names the source of each field of it. `deferrals` counts
    how often a mail host asked to come back later. `history` has the providers that were asked, and `settled`
    the steps that were paid for when the entry was done before. `is_erased`: they may not be told of.
    `before` is what the entry came to when it was done before; it is shown until it is done again. `since` is
    set while it is refreshed: what providers told before that is not used. `asked` has the steps that were
    asked for later, beside those in force when the lead was added. `overheard` is what providers told that
    was not asked for yet; it is kept only while the entry waits.
    """

    enrich: Outcome | None = None
    validate: Outcome | None = None
    reveal: Outcome | None = None
    person: Person | None = None
    verdict: EmailVerdict | None = None
    provenance: dict[str, Provenance] = {}
    deferrals: int = 0
    history: tuple[Visit, ...] = ()
    settled: tuple[Step, ...] = ()
    is_erased: bool = False
    before: Findings | None = None
    since: datetime | None = None
    asked: tuple[Step, ...] = ()
    overheard: dict[str, Overheard] = {}


NO_FINDINGS = Findings()
"""What is known of an entry that nobody has begun with."""

ALL_SKIPPED = Findings(enrich=Outcome.SKIPPED, validate=Outcome.SKIPPED, reveal=Outcome.SKIPPED)
"""What a lead of a list without paid steps comes to."""


def settle_all(findings: Findings) -> Findings:
    """The same findings, with every step that has come to something paid for."""
    settled = tuple(step for step in Step if getattr(findings, step) is not None)
    return msgspec.structs.replace(findings, settled=settled)


def withhold(findings: Findings) -> Findings:
    """What a lead comes to that may not be looked up: nothing, or what was paid for before.

    Done twice, it comes to the same.
    """
    before = findings.before
    if before is None and findings.settled == tuple(Step):
        return findings
    return ALL_SKIPPED if before is None else msgspec.structs.replace(before, settled=tuple(Step))


class WorkItem(msgspec.Struct, frozen=True):
    """An entry in the hands of the pipeline. `email` is the usable e-mail that the caller sent."""

    sequence: int
    key: str
    list_type: ListType
    lead: LeadFields
    email: str | None
    attempts: int
    findings: Findings
    first_name: str | None = None
    last_name: str | None = None


class ProcessedEntry(msgspec.Struct, frozen=True):
    """What to write of an entry: final, or put back to wait until `not_before`."""

    sequence: int
    status: EntryStatus
    findings: Findings
    attempts: int
    not_before: datetime | None
    charges: tuple[Charge, ...] = ()
    released: Cost = NOTHING


class Entry(msgspec.Struct, frozen=True):
    """An entry as it is read: the lead as sent, and what was found for it."""

    sequence: int
    raw: bytes | str
    status: EntryStatus
    findings: Findings

    @property
    def shown(self) -> Findings:
        """What was found and paid for: nothing until the entry is done for the first time."""
        return self.findings if self.status is EntryStatus.DONE else self.findings.before or NO_FINDINGS


class Terms(msgspec.Struct, frozen=True):
    """What the entries of an addition are processed and charged by.

    The options are those in force when the leads were added: the credits held then cover just these.
    """

    validation_id: str
    options: ListOptions
    prices: Prices


def charges_of(item: WorkItem, findings: Findings, terms: Terms) -> Iterator[Charge]:
    """The charges of a finished entry (contract §3, prices; design §5, charge keys).

    Each thing found is named by a key that is the same whenever it is found again, so that the ledger
    can refuse to take for it twice. Steps that were settled when the entry was done before cost nothing.
    """
    prices, sequence, person, settled = terms.prices, item.sequence, findings.person, findings.settled
    if findings.enrich is Outcome.FOUND and person is not None and Step.ENRICH not in settled:
        yield Charge(
            CreditKind.EMAIL, prices.person_found, Reason.PERSON_FOUND, sequence, person_id=person.id
        )
        if person.email and item.email is None and terms.options.reveal_email:
            key = f"email:{person.id}"
            yield Charge(CreditKind.EMAIL, prices.email_revealed, Reason.EMAIL_REVEALED, sequence, key)
    is_validated = findings.validate is Outcome.FOUND and Step.VALIDATE not in settled
    if is_validated and findings.verdict is not None:
        key = f"validation:{terms.validation_id}:{findings.verdict.email}"
        yield Charge(CreditKind.EMAIL, prices.email_validated, Reason.EMAIL_VALIDATED, sequence, key)
    if findings.reveal is Outcome.FOUND and person is not None and Step.REVEAL not in settled:
        key = f"phone:{person.id}"
        yield Charge(CreditKind.PHONE, prices.phone_revealed, Reason.PHONE_REVEALED, sequence, key)
