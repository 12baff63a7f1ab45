"""Telling all that is stored of one person."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from leadyard.actions import person_records as records
from leadyard.actions.audit import record
from leadyard.domain.accounts import Caller, Mode, Scope
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import CreditEntry
from leadyard.domain.directory import KnownPerson
from leadyard.domain.erasure import FoundEntry, Traces
from leadyard.domain.errors import NotFound
from leadyard.domain.suppression import Exclusion, ExclusionKind
from leadyard.storage import credits as ledger
from leadyard.storage import exclusions as exclusion_rows
from leadyard.storage import provider_answers as answer_rows
from leadyard.storage.database import Database
from leadyard.storage.provider_answers import HeldAnswer

MAX_EXPORTED = 1_000
"""Entries of an export, and ledger lines for each of the person's e-mails and ids."""


class PersonExport(msgspec.Struct, frozen=True):
    """All that one workspace, and the directory behind live keys, have of a person.

    `is_complete` is false if there are more than MAX_EXPORTED entries.
    """

    person_id: str
    traces: Traces
    entries: Sequence[FoundEntry]
    directory: Sequence[KnownPerson]
    exclusions: Sequence[Exclusion]
    charges: Sequence[CreditEntry]
    answers: Sequence[HeldAnswer]
    is_complete: bool


async def export_person(database: Database, caller: Caller, person_id: str) -> PersonExport:
    """What is stored of the person that entries show under this id.

    The audit log has that it was asked for, under a digest of the id. Lists are looked through as for an
    erasure, and by the same rules of who is the same person. Raises
    Forbidden, and NotFound if there is nothing.
    """
    caller.require(Scope.PRIVACY_ERASE)
    if "\0" in person_id:
        raise NotFound("person")
    asked = Traces(person_ids=frozenset((person_id,)))
    is_live = caller.mode is Mode.LIVE
    people = await records.find_people(database, asked) if is_live else []
    person = await records.find_person(database, [caller.workspace_id], asked, people)
    entries: list[FoundEntry] = []
    async for found in records.find_entries(database, [caller.workspace_id], asked, person):
        entries.append(found)
        if len(entries) > MAX_EXPORTED:
            break
    if is_live:
        people = records.choose_people(await records.find_people(database, person), asked, person)
    if not entries and not people:
        raise NotFound("person")
    workspace_id = caller.workspace_id
    async with database.read() as tx:
        excluded = await exclusion_rows.find_exclusions(tx, workspace_id, ExclusionKind.EMAIL, person.emails)
        charges = await ledger.list_charges_of(
            tx, workspace_id, person.emails, person.person_ids, MAX_EXPORTED
        )
        answers = await answer_rows.find_answers_about(tx, workspace_id, person)
    async with database.write() as tx:
        await record(tx, caller, AuditAction.PERSON_EXPORTED, tx.digest(f"person:{person_id}"))
    is_complete = len(entries) <= MAX_EXPORTED
    return PersonExport(
        person_id, person, entries[:MAX_EXPORTED], people, excluded, charges, answers, is_complete
    )
