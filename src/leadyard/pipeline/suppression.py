"""Stopping leads that are excluded or erased by now, before anything more is asked or paid for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from leadyard.domain.entries import ProcessedEntry, withhold
from leadyard.domain.suppression import Identity, lead_identity, person_identity
from leadyard.pipeline.journey import Journey
from leadyard.storage.database import Database, Tx
from leadyard.storage.suppression import Barriers, find_suppressed, keeps_somebody_out

FRESH_SECONDS = 1.0
"""How long it is believed that a workspace keeps nobody out. All that is bought or written is looked at."""


class _Look(msgspec.Struct):
    """One look at the database, and whom it is for."""

    journeys: list[Journey] = msgspec.field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Sieve(msgspec.Struct):
    """Stops journeys whose lead, or whom it was found to be, is kept out of the workspace.

    While one look is under way, all who come meanwhile wait for the next: it is for all of them.
    """

    fresh_seconds: float = FRESH_SECONDS
    _nobody_until: dict[int, float] = msgspec.field(default_factory=dict)
    _next: dict[int, _Look] = msgspec.field(default_factory=dict)
    _turns: dict[int, asyncio.Lock] = msgspec.field(default_factory=dict)

    async def stop_suppressed(
        self, database: Database, workspace_id: int, journeys: Sequence[Journey]
    ) -> None:
        """Lets those go no further. Costs nothing where, a moment ago, nobody was kept out."""
        if time.monotonic() < self._nobody_until.get(workspace_id, 0.0):
            return
        look = self._next.get(workspace_id)
        if look is None:
            look = self._next[workspace_id] = _Look()
            look.task = asyncio.create_task(self._look(database, workspace_id, look))
        look.journeys.extend(journeys)
        assert look.task is not None
        # Others wait for it too: it goes on when one of them is canceled.
        await asyncio.shield(look.task)

    async def _look(self, database: Database, workspace_id: int, look: _Look) -> None:
        async with self._turns.setdefault(workspace_id, asyncio.Lock()):
            del self._next[workspace_id]
            asked_at = time.monotonic()
            async with database.read() as tx:
                if not await keeps_somebody_out(tx, workspace_id):
                    self._nobody_until[workspace_id] = asked_at + self.fresh_seconds
                    return
                found = await find_suppressed(tx, workspace_id, map(_journey_identity, look.journeys))
        for place in found:
            look.journeys[place].stop()


async def withhold_suppressed(
    tx: Tx, workspace_id: int, processed: Sequence[ProcessedEntry], barriers: Barriers
) -> Sequence[ProcessedEntry]:
    """The same results, but nothing of a person who is kept out by now: nothing found, nothing charged.

    The list is locked, and the barriers were read after that. An erasure waits for those that have it, so
    nothing can come in behind it.
    """
    with_person = [place for place, entry in enumerate(processed) if entry.findings.person is not None]
    if not with_person:
        return processed
    identities = (_found_identity(processed[place]) for place in with_person)
    found = await find_suppressed(tx, workspace_id, identities, barriers)
    withheld = list(processed)
    for place in found:
        entry = processed[with_person[place]]
        withheld[with_person[place]] = replace(entry, findings=withhold(entry.findings), charges=())
    return withheld


def _journey_identity(journey: Journey) -> Identity:
    item, person = journey.item, journey.findings.person
    identity = lead_identity(item.list_type, item.key, item.lead)
    return identity if person is None else identity.join(person_identity(person))


def _found_identity(entry: ProcessedEntry) -> Identity:
    person = entry.findings.person
    return Identity() if person is None else person_identity(person)
