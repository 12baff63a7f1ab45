"""One id for a person, whichever provider tells of them: given to all who were found at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import msgspec

from leadyard.pipeline.gathering import Gathering
from leadyard.storage.database import Database
from leadyard.storage.person_keys import Met, resolve_person_ids

Persons = Sequence[Met]


class Identities(msgspec.Struct, frozen=True):
    """Gives persons the ids that they have in their workspace."""

    database: Database
    _by_workspace: dict[int, Gathering[Persons, list[str]]] = msgspec.field(default_factory=dict)

    async def resolve(self, workspace_id: int, persons: Persons) -> list[str]:
        """The id of each person, in the same order."""
        gathering = self._by_workspace.get(workspace_id)
        if gathering is None:

            async def resolve_all(asked: Sequence[Persons]) -> list[list[str]]:
                return await self._resolve_all(workspace_id, asked)

            gathering = self._by_workspace[workspace_id] = Gathering(resolve_all)
        return await gathering.ask(persons)

    async def _resolve_all(self, workspace_id: int, asked: Sequence[Persons]) -> list[list[str]]:
        everybody = [met for persons in asked for met in persons]
        async with self.database.write() as tx:
            ids = iter(await resolve_person_ids(tx, workspace_id, everybody))
        return [list(islice(ids, len(persons))) for persons in asked]
