"""/lists/{id}/live: tells a page that something of its list has moved, by server-sent events.

The database is asked once a second for each list that somebody looks at, however many do; other processes
write to the same database, so what they do is seen too. Every few seconds it is asked for each stream whether
the session goes on and the list is still there for its user.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from leadyard.actions import Database
from leadyard.actions import lead_lists as list_actions
from leadyard.actions.list_view import list_stamp
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PAGE_HEADERS, PageCall, open_page
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.errors import DatabaseAway, ErrorCode, Fault, LeadyardError, NotFound

POLL_SECONDS = 1.0
ALIVE_SECONDS = 15.0
MAX_WATCHED = 10_000
LIFETIME_SECONDS = 240.0
"""After which the page connects anew."""
CHECK_SECONDS = 5.0
"""How long a stream may outlast its session, or its user's right to see the list."""
MAX_OF_SESSION = 20
MAX_IN_ALL = 1_000

MOVED = "event: moved\nid: {stamp}\ndata:\n\n"
GONE = "event: moved\ndata: gone\n\n"
ALIVE = ": here\n\n"
EVENT_STREAM = "text/event-stream"


class TooManyStreams(LeadyardError):
    """The session, or all of them together, have as many streams as there can be (503)."""

    def __init__(self) -> None:
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, "Too many pages are kept up to date at once."))


@dataclass(slots=True)
class ListWatch:
    """What is known of the lists that pages look at: one stamp each, asked for once a second at most.

    `streams` are those that are open, by their session.
    """

    is_closing: bool = False
    streams: Counter[int] = field(default_factory=Counter)
    _stamps: dict[str, tuple[float, str]] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def stamp(self, database: Database, caller: Caller, list_id: str) -> str:
        """The stamp of a list that the caller may know of. Raises NotFound and Gone."""
        if len(self._locks) > MAX_WATCHED:
            self._stamps.clear()
            self._locks.clear()
        async with self._locks.setdefault(list_id, asyncio.Lock()):
            known = self._stamps.get(list_id)
            if known is not None and time.monotonic() - known[0] < POLL_SECONDS * 0.9:
                return known[1]
            async with database.read() as tx:
                found = await list_actions.get_list(tx, caller, list_id)
            stamp = list_stamp(found)
            self._stamps[list_id] = (time.monotonic(), stamp)
            return stamp

    def require_room(self, session: int) -> None:
        """Raises TooManyStreams if there is no room for another."""
        if self.streams[session] >= MAX_OF_SESSION or self.streams.total() >= MAX_IN_ALL:
            raise TooManyStreams

    @contextmanager
    def counted(self, session: int) -> Iterator[None]:
        """Counts a stream as long as the block runs. Raises TooManyStreams."""
        self.require_room(session)
        self.streams[session] += 1
        try:
            yield
        finally:
            self.streams[session] -= 1
            self.streams += Counter()  # Nothing is kept of sessions without a stream.


_watch = ListWatch()


def end_streams() -> None:
    """Ends the streams within a second: a server that is to end waits for what it is answering."""
    _watch.is_closing = True


@get("/lists/{list_id:str}/live")
async def watch_list(request: ApiRequest, list_id: FromPath[str]) -> Stream:
    """A stream that tells when the list has moved since the page was made, or since the last event."""
    call = await open_page(request, Scope.LISTS_READ)
    _watch.require_room(call.session.row_id)
    async with call.services.database.read() as tx:
        await list_actions.get_list(tx, call.caller, list_id)
    seen = str(request.headers.get("last-event-id") or request.query_params.get("since", ""))
    headers = {**PAGE_HEADERS, "X-Accel-Buffering": "no"}
    return Stream(_events(call, list_id, seen), media_type=EVENT_STREAM, headers=headers)


async def _events(call: PageCall, list_id: str, seen: str) -> AsyncGenerator[str, None]:
    try:
        with _watch.counted(call.session.row_id):
            async for event in _watch_on(call, list_id, seen):
                yield event
    except TooManyStreams:  # Others have begun since there was room.
        return


async def _watch_on(call: PageCall, list_id: str, seen: str) -> AsyncIterator[str]:
    database = call.services.database
    began = told = checked = time.monotonic()
    yield ALIVE
    while time.monotonic() - began < LIFETIME_SECONDS and not _watch.is_closing:
        try:
            if time.monotonic() - checked >= CHECK_SECONDS:
                await _require_allowed(call, list_id)
                checked = time.monotonic()
            stamp = await _watch.stamp(database, call.caller, list_id)
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


async def _require_allowed(call: PageCall, list_id: str) -> None:
    """Raises NotFound when the session has ended or shows other data, and for a list that is not seen."""
    if not await call.desk.goes_on(call.session):
        raise NotFound("session")
    async with call.services.database.read() as tx:
        await list_actions.get_list(tx, call.caller, list_id)
