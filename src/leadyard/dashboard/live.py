"""/lists/{id}/live and /import/{id}/live: tell a page what has moved, by server-sent events.

The database is asked once a second for each list or import that somebody looks at, however many do; other
processes write to the same database, so what they do is seen too. Every few seconds it is asked for each
stream whether the session goes on and what it is about is still there for its user.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import msgspec
from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from leadyard.actions import Database, Tx
from leadyard.actions import imports as import_actions
from leadyard.actions import lead_lists as list_actions
from leadyard.actions.list_view import list_stamp
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PAGE_HEADERS, PageCall, open_page
from leadyard.dashboard.ending import is_ending
from leadyard.dashboard.rendering import make_environment
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.errors import DatabaseAway, ErrorCode, Fault, LeadyardError, NotFound
from leadyard.domain.imports import Import

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
OVER = "event: over\nid: {stamp}\ndata:\n\n"
ALIVE = ": here\n\n"
EVENT_STREAM = "text/event-stream"


class TooManyStreams(LeadyardError):
    """The session, or all of them together, have as many streams as there can be (503)."""

    def __init__(self) -> None:
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, "Too many pages are kept up to date at once."))


class Told(msgspec.Struct, frozen=True):
    """How something is now: a stamp that is another once it has moved, and the event that tells of it."""

    stamp: str
    event: str


class Watched(msgspec.Struct, frozen=True):
    """What a page looks at. `look` raises NotFound and Gone; then the page is told `gone`."""

    key: str
    look: Callable[[Tx, Caller], Awaitable[Told]]
    gone: str


class Watch(msgspec.Struct):
    """What is known of what pages look at, each asked for once a second at most.

    `streams` are those that are open, by their session.
    """

    streams: Counter[int] = msgspec.field(default_factory=Counter)
    _told: dict[str, tuple[float, Told]] = msgspec.field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = msgspec.field(default_factory=dict)

    async def tell(self, database: Database, caller: Caller, watched: Watched) -> Told:
        """How it is, for a caller who may know of it. Raises NotFound and Gone."""
        if len(self._locks) > MAX_WATCHED:
            self._told.clear()
            self._locks.clear()
        async with self._locks.setdefault(watched.key, asyncio.Lock()):
            known = self._told.get(watched.key)
            if known is not None and time.monotonic() - known[0] < POLL_SECONDS * 0.9:
                return known[1]
            return await self._look(database, caller, watched)

    async def look(self, database: Database, caller: Caller, watched: Watched) -> None:
        """Looks at once, for a page that is newer than what is known. Raises NotFound and Gone."""
        async with self._locks.setdefault(watched.key, asyncio.Lock()):
            await self._look(database, caller, watched)

    async def _look(self, database: Database, caller: Caller, watched: Watched) -> Told:
        async with database.read() as tx:
            told = await watched.look(tx, caller)
        self._told[watched.key] = (time.monotonic(), told)
        return told

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


_watch = Watch()


@get("/lists/{list_id:str}/live")
async def watch_list(request: ApiRequest, list_id: FromPath[str]) -> Stream:
    """A stream that tells when the list has moved since the page was made, or since the last event."""
    return await _open_stream(request, watched_list(list_id))


@get("/import/{import_id:str}/live")
async def watch_import(request: ApiRequest, import_id: FromPath[str]) -> Stream:
    """A stream with the bar of an import whenever it has moved, and with an event once that is over."""
    return await _open_stream(request, watched_import(import_id))


def watched_list(list_id: str) -> Watched:
    """A list, of which is told that it has moved; the page asks for what it shows."""

    async def look(tx: Tx, caller: Caller) -> Told:
        stamp = list_stamp(await list_actions.get_list(tx, caller, list_id))
        return Told(stamp, MOVED.format(stamp=stamp))

    return Watched(list_id, look, GONE)


def watched_import(import_id: str) -> Watched:
    """An import, with its bar as it is."""

    async def look(tx: Tx, caller: Caller) -> Told:
        imported = await import_actions.get_import(tx, caller, import_id)
        stamp = import_stamp(imported)
        if not imported.status.is_at_work:
            return Told(stamp, OVER.format(stamp=stamp))
        part = make_environment().get_template("imports/progress_part.html").render(imported=imported)
        lines = "".join(f"data: {line}\n" for line in part.splitlines())
        return Told(stamp, f"id: {stamp}\n{lines}\n")

    return Watched(import_id, look, OVER.format(stamp=""))


def import_stamp(imported: Import) -> str:
    """Another text once the import has moved."""
    return f"{imported.status}-{imported.turn}-{imported.next_batch}"


async def _open_stream(request: ApiRequest, watched: Watched) -> Stream:
    call = await open_page(request, Scope.LISTS_READ)
    _watch.require_room(call.session.row_id)
    await _watch.look(call.services.database, call.caller, watched)
    seen = str(request.headers.get("last-event-id") or request.query_params.get("since", ""))
    headers = {**PAGE_HEADERS, "X-Accel-Buffering": "no"}
    return Stream(_events(call, watched, seen), media_type=EVENT_STREAM, headers=headers)


async def _events(call: PageCall, watched: Watched, seen: str) -> AsyncGenerator[str, None]:
    try:
        with _watch.counted(call.session.row_id):
            async for event in _watch_on(call, watched, seen):
                yield event
    except TooManyStreams:  # Others have begun since there was room.
        return


async def _watch_on(call: PageCall, watched: Watched, seen: str) -> AsyncIterator[str]:
    database = call.services.database
    began = told_at = checked = time.monotonic()
    yield ALIVE
    while time.monotonic() - began < LIFETIME_SECONDS and not is_ending():
        event = ""
        try:
            if time.monotonic() - checked >= CHECK_SECONDS:
                await _require_allowed(call, watched)
                checked = time.monotonic()
            told = await _watch.tell(database, call.caller, watched)
            if told.stamp != seen:
                seen, event = told.stamp, told.event
        except DatabaseAway:
            pass
        except LeadyardError:
            yield watched.gone
            return
        if not event and time.monotonic() - told_at >= ALIVE_SECONDS:
            event = ALIVE
        if event:
            told_at = time.monotonic()
            yield event
        await asyncio.sleep(POLL_SECONDS)


async def _require_allowed(call: PageCall, watched: Watched) -> None:
    """Raises NotFound when the session has ended or shows other data, and for what is not seen any more."""
    if not await call.desk.goes_on(call.session):
        raise NotFound("session")
    async with call.services.database.read() as tx:
        await watched.look(tx, call.caller)
