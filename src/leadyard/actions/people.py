"""Finding one person while the caller waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from msgspec.structs import replace

from leadyard.actions.batches import new_batch
from leadyard.actions.lead_lists import stop_list
from leadyard.actions.leads import AdditionPreview, preview_new_list, store_leads
from leadyard.actions.rules import Rules
from leadyard.domain.accounts import Caller
from leadyard.domain.clues import PersonClues, draft_person
from leadyard.domain.credits import Cost
from leadyard.domain.entries import Entry, EntryStatus, Outcome
from leadyard.domain.errors import PersonErased, PersonNotFound, ProviderAway
from leadyard.domain.lead_lists import Chunk, ListOptions, NewList, Purpose
from leadyard.domain.leads import ListType, sent_email
from leadyard.domain.suppression import find_profile
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import leads as lead_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.suppression import is_erased

ProcessNow = Callable[[Chunk], Awaitable[None]]
"""Takes a chunk through its steps at once, for some seconds at most."""

ErasureCheck = Callable[[Tx, Caller, PersonClues], Awaitable[bool]]
"""Whether the person that these clues lead to was erased."""


async def was_erased(tx: Tx, caller: Caller, clues: PersonClues) -> bool:
    """Whether the person with this profile or e-mail was erased from the caller's workspace."""
    email, profile = sent_email(clues.email), find_profile(clues.linkedin_url)
    return await is_erased(tx, caller.workspace_id, email_key=email, linkedin_key=profile)


class PersonSearch(msgspec.Struct, frozen=True):
    """Looks one person up the way that the leads of a list are.

    It is a list of one lead that no job is made for, so credits are held, charged and released by the same
    code. Should the process die meanwhile, the sweep for orphans ends it.
    """

    database: Database
    rules: Rules
    process_now: ProcessNow
    is_erased: ErasureCheck = was_erased

    async def preview(self, caller: Caller, clues: PersonClues, options: ListOptions) -> AdditionPreview:
        """What looking for the person would come to. Raises UnusableLead and InvalidIdentity."""
        async with self.database.read() as tx:
            return await preview_new_list(
                tx, self.rules, caller, _new_search(options), [draft_person(0, clues)]
            )

    async def find(
        self, caller: Caller, clues: PersonClues, options: ListOptions, at_most: Cost | None = None
    ) -> Entry:
        """The entry of the person found.

        Raises UnusableLead, InvalidIdentity, InsufficientCredits, Conflict where it can cost more than
        `at_most`, PersonErased, PersonNotFound, and ProviderAway if the answer does not come in time; then
        nothing was charged.
        """
        rules = replace(self.rules, at_most=at_most)
        async with self.database.write() as tx:
            if await self.is_erased(tx, caller, clues):
                raise PersonErased
            chunk = await self._begin(tx, rules, caller, clues, options)
        await self.process_now(chunk)
        entry = await self._end(chunk)
        if entry.findings.is_erased:
            raise PersonErased
        if entry.status is not EntryStatus.DONE:
            raise ProviderAway
        if entry.findings.person is not None:
            return entry
        if entry.findings.enrich is Outcome.UNAVAILABLE:
            raise ProviderAway
        raise PersonNotFound

    async def _begin(
        self, tx: Tx, rules: Rules, caller: Caller, clues: PersonClues, options: ListOptions
    ) -> Chunk:
        new = _new_search(options)
        made = await list_rows.create_list(tx, caller.workspace_id, caller.user_id, new, capacity=1)
        stored = await store_leads(tx, rules, caller, made, [draft_person(0, clues)])
        if not stored.added:
            raise PersonNotFound  # Excluded: nobody is asked.
        return Chunk(made.row_id, stored.row_id, 1, 1)

    async def _end(self, chunk: Chunk) -> Entry:
        """What became of the lead; if it is not done, it is canceled and its hold released."""
        async with self.database.write() as tx:
            found = await list_rows.lock_list(tx, chunk.list_id)
            if not found.status.is_terminal:
                await stop_list(tx, found)
            entry = await lead_rows.find_entry(tx, chunk.list_id, chunk.first_sequence)
        assert entry is not None
        return entry


def _new_search(options: ListOptions) -> NewList:
    return new_batch(Purpose.PERSON_SEARCH, ListType.LINKEDIN, options)
