"""How much is done at once: beyond it a request is refused at once, so that those taken in are answered.

A request first has a place among all (`begin`). One with a body gives that place up while its body comes
(`read`), because a slow caller must not keep others out, then lines up for one of the few places where bodies
are worked on (`work`). When bodies have as much memory as they may, the rest of what comes waits outside.
Health checks and metrics ask for no place.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import takewhile

import msgspec
from prometheus_client import Counter as Total
from prometheus_client import Gauge

from leadyard.domain.errors import ErrorCode, Fault, LeadyardError, Refused, unsupported_body

LOOK_AGAIN_SECONDS = 0.2
LARGE_BYTES = 1024 * 1024
"""Of a body that came, when it is a large one: then it lets others go first, and has memory of its own."""
ADMITTED = "leadyard_pass"
"""Where a request's scope has its pass."""

_REFUSED = Total("leadyard_http_refused_total", "Requests refused because of too many, by what.", ["reason"])
_IN_PROGRESS = Gauge("leadyard_http_in_progress", "Requests in progress, by stage.", ["stage"])


class Overloaded(LeadyardError):
    """More is asked at once than can be done (503); nothing was changed."""

    def __init__(self) -> None:
        detail = "The service has too much to do. Try again shortly."
        super().__init__(Fault(ErrorCode.SERVICE_UNAVAILABLE, detail))


class SlowBody(Refused):
    """The body came too slowly (400); the connection is closed after the answer."""

    def __init__(self) -> None:
        super().__init__(unsupported_body("came too slowly"))


class Room(msgspec.Struct, frozen=True):
    """How many requests there may be at each stage, and how many bytes of bodies at all of them.

    What waits is done within a few seconds: eight adds of 10,000 leads take less than one. A body that waits
    for memory holds nothing that others need, and would have to be sent anew, so it may wait longer. Of
    compressed bodies `inflated` large ones are in memory as what they hold. A body may take
    `patience_seconds` before its speed counts.
    """

    body_bytes: int
    requests: int = 256
    reading: int = 1_024
    waiting: int = 24
    working: int = 8
    inflated: int = 2
    relaying: int = 64
    waiting_seconds: float = 5.0
    memory_seconds: float = 30.0
    patience_seconds: float = 10.0
    least_bytes_a_second: int = 4_096


class Admission:
    """Keeps to a `Room`, for one process. An add of a large body has `looking` while it decodes it."""

    def __init__(self, room: Room, clock: Callable[[], float] = time.monotonic) -> None:
        self.room = room
        self.clock = clock
        self.slots = asyncio.Semaphore(room.working)
        self.inflated = asyncio.Semaphore(room.inflated)
        self.looking = asyncio.Lock()
        self.counts: Counter[str] = Counter()
        self.body_bytes = 0
        self.coming: dict[Pass, None] = {}
        self.has_changed = asyncio.Event()

    @asynccontextmanager
    async def open_pass(self) -> AsyncIterator[Pass]:
        """A request's pass; whatever it holds is free when the block ends."""
        holder = Pass(self)
        try:
            yield holder
        finally:
            holder.close()

    def has_room(self, holder: Pass, count: int) -> bool:
        """Whether a body may grow by so many bytes.

        Of what is not held yet, room is kept for large ones that began before and will soon be there: if each
        got a part, all would wait for each other. When all is held by bodies that are still to come, the one
        that began first may have more: none of them would come to its end otherwise.
        """
        left = self.room.body_bytes - self.body_bytes - count
        if left < 0:
            is_first = next(iter(self.coming), None) is holder
            return is_first and sum(each.body_bytes for each in self.coming) == self.body_bytes
        if holder.body_bytes + count <= LARGE_BYTES:
            return True
        for each in takewhile(lambda each: each is not holder, self.coming):
            left -= each.bytes_to_come_soon()
            if left < 0:
                return False
        return True


class Pass:
    """What one request holds: a place at one stage, and the bytes of its body."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._stage: str | None = None
        self.body_bytes = 0
        self._is_inflated = False
        self._announced = 0
        self._awaits_room = False
        self._came = 0
        self._begin = 0.0

    def begin(self) -> None:
        """Takes a place among all requests. Raises Overloaded."""
        self._move("requests", self._admission.room.requests)

    def read(self) -> None:
        """The body comes now. Raises Overloaded if too many do, or if it would come in vain."""
        room = self._admission.room
        self._require("waiting", room.waiting)
        self._move("reading", room.reading)
        self._begin = self._admission.clock()

    async def work(self) -> None:
        """Waits for one of the places where bodies are worked on. Raises Overloaded."""
        room, slots = self._admission.room, self._admission.slots
        if slots.locked():
            self._move("waiting", room.waiting)
        try:
            async with asyncio.timeout(room.waiting_seconds):
                await slots.acquire()
        except TimeoutError:
            _REFUSED.labels("waiting").inc()
            raise Overloaded from None
        self._move("working", room.working)

    async def take_much(self) -> None:
        """Takes a place for what a compressed body holds, if that is much, for as long as the request lasts.

        Raises Overloaded.
        """
        if self._is_inflated:
            return
        try:
            async with asyncio.timeout(self._admission.room.waiting_seconds):
                await self._admission.inflated.acquire()
        except TimeoutError:
            _REFUSED.labels("inflated").inc()
            raise Overloaded from None
        self._is_inflated = True

    def relay(self) -> None:
        """Gives the place of work up: what it asks for takes places of its own. Raises Overloaded."""
        room = self._admission.room
        self._require("relaying", room.relaying)
        if self._stage == "working":
            self._admission.slots.release()
        self._move("relaying", room.relaying)

    async def collect(
        self, stream: AsyncIterator[bytes], announced: int = 0, *, in_memory: bool = True
    ) -> AsyncIterator[bytes]:
        """The parts of a body as they come, which stay in memory or not. Raises Overloaded and SlowBody.

        `announced` is how many bytes it will have, as far as that is known.
        """
        parts = aiter(stream)
        if in_memory:
            self._announced = announced
            self._admission.coming[self] = None
        while True:
            try:
                async with asyncio.timeout(self._seconds_left()):
                    part = await anext(parts)
            except StopAsyncIteration:
                self._note_end()
                return
            except TimeoutError:
                _REFUSED.labels("slow_body").inc()
                raise SlowBody from None
            self._came += len(part)
            if in_memory:
                if not self._admission.has_room(self, len(part)):
                    await self._await_room(len(part))
                self._admission.body_bytes += len(part)
                self.body_bytes += len(part)
            yield part

    def bytes_to_come_soon(self) -> int:
        """What is announced and not there yet, if it will be within a second at the speed so far."""
        rest = max(self._announced - self.body_bytes, 0)
        seconds = self._admission.clock() - self._begin
        return rest if self._awaits_room or rest * seconds <= self._came else 0

    def close(self) -> None:
        """Frees everything."""
        if self._stage == "working":
            self._admission.slots.release()
        if self._is_inflated:
            self._admission.inflated.release()
            self._is_inflated = False
        self._leave()
        self._admission.body_bytes -= self.body_bytes
        self.body_bytes = 0
        self._note_end()

    async def _await_room(self, count: int) -> None:
        """Waits for memory for a part: that is not the caller's slowness. Raises Overloaded."""
        admission, began = self._admission, self._admission.clock()
        self._awaits_room = True
        try:
            async with asyncio.timeout(admission.room.memory_seconds):
                while not admission.has_room(self, count):
                    admission.has_changed.clear()
                    is_kept = admission.body_bytes + count <= admission.room.body_bytes
                    # Nothing tells of a body that has become slow, for which room was kept.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_AGAIN_SECONDS if is_kept else None):
                            await admission.has_changed.wait()
        except TimeoutError:
            _REFUSED.labels("bytes").inc()
            raise Overloaded from None
        finally:
            self._awaits_room = False
        self._begin += admission.clock() - began

    def _note_end(self) -> None:
        """The body has come, or will not; others may come instead, or be the first."""
        self._admission.coming.pop(self, None)
        self._admission.has_changed.set()

    def _seconds_left(self) -> float:
        room = self._admission.room
        due = self._begin + room.patience_seconds + self._came / room.least_bytes_a_second
        return max(0.0, due - self._admission.clock())

    def _require(self, stage: str, most: int) -> None:
        if self._admission.counts[stage] >= most:
            _REFUSED.labels(stage).inc()
            raise Overloaded

    def _move(self, stage: str, most: int) -> None:
        self._require(stage, most)
        self._leave()
        self._stage = stage
        self._admission.counts[stage] += 1
        _IN_PROGRESS.labels(stage).inc()

    def _leave(self) -> None:
        if self._stage is not None:
            self._admission.counts[self._stage] -= 1
            _IN_PROGRESS.labels(self._stage).dec()
            self._stage = None
