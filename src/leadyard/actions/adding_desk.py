"""Where those line up who add few leads to a list: all who wait are taken along by the next transaction.

A list takes one addition after the other. What each of many small ones costs is mostly the way there, the
list's lock and the commit, and all three are for as many as wait.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Sequence

import msgspec

from leadyard.actions.leads import AddedLeads, SentLeads, add_together
from leadyard.actions.rules import Rules
from leadyard.actions.source_request import current_request
from leadyard.domain.accounts import Caller
from leadyard.domain.errors import DatabaseAway, LeadyardError
from leadyard.domain.lead_lists import SMALL_CHUNK
from leadyard.domain.leads import LeadDraft, ListType
from leadyard.storage.database import Database

MOST_BYTES = 32 * 1024
"""The leads of a transaction, as they were sent: longer ones are stored in a way that is quicker for them."""

_Place = tuple[int, str]
"""A workspace and the id of a list, as it was sent."""


class _Waiting(msgspec.Struct, eq=False):
    """A request in line; `context` is what its logs and its trace are about."""

    rules: Rules
    caller: Caller
    list_type: ListType
    sent: SentLeads
    size: int
    added: asyncio.Future[AddedLeads]
    context: contextvars.Context

    def goes_with(self, other: _Waiting) -> bool:
        """Whether both are of one caller, who adds the same kind of leads by the same rules."""
        return (
            self.caller.key_id == other.caller.key_id
            and self.caller.user_id == other.caller.user_id
            and self.list_type is other.list_type
            and self.rules == other.rules
        )


class AddingDesk:
    """The lines of one process, one for each list to which few leads are being added."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lines: dict[_Place, deque[_Waiting]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    @staticmethod
    def takes(drafts: Sequence[LeadDraft], size: int) -> bool:
        """Whether so many leads, of so many bytes, are few enough to go with others."""
        return len(drafts) <= SMALL_CHUNK and size <= MOST_BYTES

    async def add(
        self,
        rules: Rules,
        caller: Caller,
        list_id: str,
        list_type: ListType,
        drafts: Sequence[LeadDraft],
        size: int,
    ) -> AddedLeads:
        """Adds few leads, sound ones, as `add_leads` does; what others add at the same time goes with them.

        `size` is how many bytes they have. Raises what `add_leads` raises, for these leads alone.
        """
        waiting = _Waiting(
            rules,
            caller,
            list_type,
            SentLeads(drafts, current_request()),
            size,
            asyncio.get_running_loop().create_future(),
            contextvars.copy_context(),
        )
        place = (caller.workspace_id, list_id)
        line = self._lines.setdefault(place, deque())
        line.append(waiting)
        if len(line) == 1:
            self._begin(place)
        try:
            return await waiting.added
        finally:
            # What is raised here has this frame, and the future has what is raised.
            del waiting

    def _begin(self, place: _Place) -> None:
        """Those who are first in a line have their turn; they stay in it until that is over."""
        line = self._lines[place]
        task = asyncio.create_task(self._serve(place, _first_group(line)), context=line[0].context)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _serve(self, place: _Place, group: Sequence[_Waiting]) -> None:
        try:
            await self._add_group(place, group)
        finally:
            line = self._lines[place]
            for _ in group:
                # Nobody is left waiting if this was canceled.
                line.popleft().added.cancel()
            if line:
                self._begin(place)
            else:
                del self._lines[place]

    async def _add_group(self, place: _Place, group: Sequence[_Waiting]) -> None:
        """Together if that goes; else each by itself, for the others are not to blame."""
        waiting = [each for each in group if not each.added.done()]
        error = await self._try_to_add(place, waiting) if waiting else None
        if error is None:
            return
        if len(waiting) > 1 and not isinstance(error, DatabaseAway):
            for each in waiting:
                await asyncio.create_task(self._add_group(place, [each]), context=each.context)
            return
        for each in waiting:
            if not each.added.done():
                each.added.set_exception(error)

    async def _try_to_add(self, place: _Place, group: Sequence[_Waiting]) -> Exception | None:
        """What went wrong, if anything did; then nothing has changed."""
        try:
            await self._add(place, group)
        except LeadyardError as refusal:
            # Where it was raised is known, and would keep the leads in memory.
            return refusal.with_traceback(None)
        except Exception as error:
            return error
        return None

    async def _add(self, place: _Place, group: Sequence[_Waiting]) -> None:
        first, (_, list_id) = group[0], place
        sent = [waiting.sent for waiting in group]
        async with self._database.write() as tx:
            added = await add_together(
                tx.for_last_action(), first.rules, first.caller, list_id, first.list_type, sent
            )
        for waiting, each in zip(group, added, strict=True):
            if not waiting.added.done():
                waiting.added.set_result(each)


def _first_group(line: deque[_Waiting]) -> list[_Waiting]:
    """The first in line, and those right behind who go with them, as far as these are few."""
    group: list[_Waiting] = []
    count = size = 0
    for waiting in line:
        count, size = count + len(waiting.sent.drafts), size + waiting.size
        if group and not (waiting.goes_with(group[0]) and count <= SMALL_CHUNK and size <= MOST_BYTES):
            break
        group.append(waiting)
    return group
