"""Stopping leads that are excluded or erased by now, before anything more is asked or paid for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from leadyard.domain.entries import ProcessedEntry, withhold
from leadyard.domain.suppression import Identity, lead_identity, person_identity
from leadyard.pipeline.journey import Journey
from leadyard.storage.database import Database, Tx
from leadyard.storage.suppression import find_suppressed, keeps_somebody_out

FRESH_SECONDS = 1.0
"""How long it is believed that a workspace keeps nobody out. Whatever is written is looked at once more."""


@dataclass(slots=True)
class Sieve:
    """Stops journeys whose lead, or whom it was found to be, is kept out of the workspace."""

    fresh_seconds: float = FRESH_SECONDS
    _seen: dict[int, tuple[float, bool]] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def stop_suppressed(
        self, database: Database, workspace_id: int, journeys: Sequence[Journey]
    ) -> None:
        """Lets those go no further. Costs nothing where, a moment ago, nobody was kept out."""
        if not await self._keeps_somebody_out(database, workspace_id):
            return
        async with database.read() as tx:
            found = await find_suppressed(tx, workspace_id, map(_journey_identity, journeys))
        for place in found:
            journeys[place].stop()

    async def _keeps_somebody_out(self, database: Database, workspace_id: int) -> bool:
        """Asked once a moment, however many journeys begin at once; they go on in the order they came."""
        async with self._lock:
            until, is_so = self._seen.get(workspace_id, (0.0, False))
            if time.monotonic() >= until:
                async with database.read() as tx:
                    is_so = await keeps_somebody_out(tx, workspace_id)
                self._seen[workspace_id] = (time.monotonic() + self.fresh_seconds, is_so)
            return is_so


async def withhold_suppressed(
    tx: Tx, workspace_id: int, processed: Sequence[ProcessedEntry]
) -> Sequence[ProcessedEntry]:
    """The same results, but nothing of a person who is kept out by now: nothing found, nothing charged.

    The list is locked. An erasure waits for those that have it, so nothing can come in behind it.
    """
    with_person = [place for place, entry in enumerate(processed) if entry.findings.person is not None]
    if not with_person:
        return processed
    identities = (_found_identity(processed[place]) for place in with_person)
    found = await find_suppressed(tx, workspace_id, identities)
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
