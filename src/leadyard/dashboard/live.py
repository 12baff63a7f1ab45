"""/lists/{id}/live: tells a page that something of its list has moved, by server-sent events.

The database is asked once a second for each list that somebody looks at, however many do; other processes
write to the same database, so what they do is seen too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from leadyard.actions import Database
from leadyard.actions import lead_lists as list_actions
from leadyard.actions.list_view import list_stamp
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PAGE_HEADERS, open_page
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.errors import DatabaseAway, LeadyardError

POLL_SECONDS = 1.0
ALIVE_SECONDS = 15.0
MAX_WATCHED = 10_000
LIFETIME_SECONDS = 240.0
"""After which the page connects anew: whoever was signed out meanwhile is not let in again."""

MOVED = "event: moved\nid: {stamp}\ndata:\n\n"
GONE = "event: moved\ndata: gone\n\n"
ALIVE = ": here\n\n"
EVENT_STREAM = "text/event-stream"


@dataclass(slots=True)
class ListWatch:
    """What is known of the lists that pages look at: one stamp each, asked for once a second at most."""

    is_closing: bool = False
    _stamps: dict[str, tuple[float, str]] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def stamp(self, database: Database, caller: Caller, list_id: str) -> str:
        """The stamp of a list that the caller may know of. Raises NotFound and Gone."""
        if len(self._stamps) > MAX_WATCHED:
            self._stamps.clear()
        async with self._locks.setdefault(list_id, asyncio.Lock()):
            known = self._stamps.get(list_id)
            if known is not None and time.monotonic() - known[0] < POLL_SECONDS * 0.9:
                return known[1]
            async with database.read() as tx:
                found = await list_actions.get_list(tx, caller, list_id)
            stamp = list_stamp(found)
            self._stamps[list_id] = (time.monotonic(), stamp)
            return stamp


_watch = ListWatch()


def end_streams() -> None:
    """Ends the streams within a second: a server that is to end waits for what it is answering."""
    _watch.is_closing = True


@get("/lists/{list_id:str}/live")
async def watch_list(request: ApiRequest, list_id: FromPath[str]) -> Stream:
    """A stream that tells when the list has moved since the page was made, or since the last event."""
    call = await open_page(request, Scope.LISTS_READ)
    database = call.services.database
    async with database.read() as tx:
        await list_actions.get_list(tx, call.caller, list_id)
    seen = str(request.headers.get("last-event-id") or request.query_params.get("since", ""))
    headers = {**PAGE_HEADERS, "X-Accel-Buffering": "no"}
    events = _events(database, call.caller, list_id, seen)
    return Stream(events, media_type=EVENT_STREAM, headers=headers)


async def _events(database: Database, caller: Caller, list_id: str, seen: str) -> AsyncIterator[str]:
    began = told = time.monotonic()
    yield ALIVE
    while time.monotonic() - began < LIFETIME_SECONDS and not _watch.is_closing:
        try:
            stamp = await _watch.stamp(database, caller, list_id)
        except DatabaseAway:
            stamp = seen
        except LeadyardError:
            yield GONE
            return
        if stamp != seen:
            seen, told = stamp, time.monotonic()
            yield MOVED.format(stamp=stamp)
        elif time.monotonic() - told >= ALIVE_SECONDS:
            told = time.monotonic()
            yield ALIVE
        await asyncio.sleep(POLL_SECONDS)
