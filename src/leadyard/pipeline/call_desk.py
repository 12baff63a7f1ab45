"""Where all of a process line up who want to ask one paid provider: written down in groups, called in turns.

While one group is written, calls go on and others line up; the next group has all of them. So what a call
costs the database is shared by as many as there are, and a call by itself does not wait.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.fair_queue import FairQueue
from leadyard.domain.providers import MeteredService
from leadyard.domain.sharing import Share
from leadyard.domain.waterfall import TURN_OVER
from leadyard.pipeline.errands import Errands, insist
from leadyard.pipeline.paid_service import PaidService
from leadyard.pipeline.replies import Reply
from leadyard.pipeline.reserving import Reservation, Reserved, Wish
from leadyard.pipeline.settling import Ended, NotSent, Settling
from leadyard.storage import accounts as account_rows
from leadyard.storage.database import Database
from leadyard.storage.ids import new_id
from leadyard.storage.provider_shares import Holder, renew_share

BUSY_SECONDS = 0.1
"""How soon a share is asked for again that others have."""
START_SECONDS = 20.0
"""For so long after a share was renewed calls begin by it: they end before others take it for given up."""


class _Waiting(msgspec.Struct, eq=False):
    """Somebody in line; after `until`, of `time.monotonic`, they begin nothing any more."""

    wish: Wish
    until: float
    reserved: asyncio.Future[Reserved]


_Settling = tuple[Ended, asyncio.Future[dict[str, Reply]]]
"""A call that has come to something, and who wants it written down."""


class CallDesk:
    """The calls of one process to one provider of a workspace.

    Lists have their turns. As many calls are under way as the process has a share of; some more are written
    down ahead, as many as were answered while the last group was written, so that no place stays empty then.
    """

    def __init__(
        self,
        service: PaidService[MeteredService],
        database: Database,
        workspace_id: int,
        lost_after: timedelta,
        errands: Errands,
    ) -> None:
        self._service = service
        self._database = database
        self._workspace_id = workspace_id
        self._errands = errands
        name = new_id(round(time.time() * 1000))
        self._holder = Holder(workspace_id, service.name, name, service.provider.concurrency, lost_after)
        self._line: FairQueue[_Waiting] = FairQueue()
        self._ended: list[_Settling] = []
        self._slots = 0
        self._renewed_at = -math.inf
        self._ask_again_at = -math.inf
        self._under_way = 0
        self._written_ahead = 0
        self._to_begin: deque[asyncio.Future[None]] = deque()
        self._changed = asyncio.Event()
        self._is_open = False

    async def reserve(self, wish: Wish, until: float) -> Reserved:
        """Writes a call down as soon as one may be made, or tells why there is none. Raises DatabaseAway.

        After `until`, of `time.monotonic`, none is. Who gets a call has to `begin` it, or to `drop` it and
        `take_back`.
        """
        waiting = _Waiting(wish, until, asyncio.get_running_loop().create_future())
        line = wish.budget.list_id or 0
        self._line.add(line, waiting)
        self._wake()
        try:
            return await waiting.reserved
        except asyncio.CancelledError:
            self._line.remove(line, waiting)
            if waiting.reserved.done() and not waiting.reserved.cancelled():
                self._take_back_soon(waiting.reserved.result())
            raise

    async def begin(self) -> None:
        """Waits until one more call may be under way; who made it has to tell its `end`."""
        if not self._to_begin and self._may_begin():
            self._note_begun()
            return
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._to_begin.append(admitted)
        self._wake()
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.done() and not admitted.cancelled():
                self._under_way -= 1
                self._written_ahead += 1
                self._admit()
            raise

    def end(self) -> None:
        """A call is not under way any more."""
        self._under_way -= 1
        self._admit()

    async def settle(self, ended: Ended) -> dict[str, Reply]:
        """Writes down what a call came to; what those are told who asked, by key. Raises DatabaseAway."""
        written: asyncio.Future[dict[str, Reply]] = asyncio.get_running_loop().create_future()
        self._ended.append((ended, written))
        self._wake()
        return await written

    async def take_back(self, reserved: Reserved) -> None:
        """Gives a call back that was not begun. Raises DatabaseAway."""
        if reserved.call is not None:
            call = reserved.call
            await self.settle(Ended(reserved.call_id, call.questions, NotSent(), call.passed_at, call.former))

    def drop(self) -> None:
        """A call that was written down will not be begun."""
        self._written_ahead -= 1
        self._admit()

    def _take_back_soon(self, reserved: Reserved) -> None:
        self.drop()
        self._errands.start(insist(lambda: self.take_back(reserved), self._holder.lifetime.total_seconds()))

    def _may_begin(self) -> bool:
        is_fresh = time.monotonic() - self._renewed_at < START_SECONDS
        return is_fresh and self._under_way < self._slots

    def _note_begun(self) -> None:
        self._written_ahead -= 1
        self._under_way += 1

    def _admit(self) -> None:
        while self._to_begin and self._may_begin():
            admitted = self._to_begin.popleft()
            if not admitted.done():
                self._note_begun()
                admitted.set_result(None)

    def _wake(self) -> None:
        self._changed.set()
        if not self._is_open:
            self._is_open = True
            self._errands.start(self._serve())

    async def _serve(self) -> None:
        """Writes group after group until nobody waits any more."""
        try:
            while await self._has_work():
                await self._write_group()
        finally:
            self._is_open = False

    async def _has_work(self) -> bool:
        """Waits until there is something to write down; False if nobody waits for anything."""
        while not self._ended:
            self._changed.clear()
            if not len(self._line) and not self._to_begin:
                return False
            now = time.monotonic()
            if len(self._line) and self._under_way + self._written_ahead < self._slots:
                return True
            times = []
            if self._slots < min(self._holder.most, self._wanted):
                times.append(self._ask_again_at)
            if self._to_begin:
                times.append(self._renewed_at + START_SECONDS)
            soonest = min(times, default=math.inf)
            if soonest <= now:
                return True
            with suppress(TimeoutError):
                async with asyncio.timeout(None if math.isinf(soonest) else soonest - now):
                    await self._changed.wait()
        return True

    @property
    def _wanted(self) -> int:
        return self._under_way + self._written_ahead + len(self._line)

    async def _write_group(self) -> None:
        ended, self._ended = self._ended, []
        taken: list[_Waiting] = []
        try:
            await self._write(ended, taken, takes_more=True)
        except Exception as error:
            is_about_one = len(ended) + len(taken) == 1 and not isinstance(error, DatabaseAway)
            if is_about_one or isinstance(error, DatabaseAway) or not (ended or taken):
                # Without a database nobody learns how many may ask: whoever stands in line is told so.
                waiting = [] if is_about_one else self._take_all()
                _fail(ended, taken + waiting, error)
                await asyncio.sleep(BUSY_SECONDS)
                return
            # One of them cannot be written; the others are not to blame.
            for one in ended:
                await self._write_alone([one], [])
            for one_waiting in taken:
                await self._write_alone([], [one_waiting])

    async def _write_alone(self, ended: list[_Settling], taken: list[_Waiting]) -> None:
        try:
            await self._write(ended, taken, takes_more=False)
        except Exception as error:
            _fail(ended, taken, error)

    async def _write(self, ended: list[_Settling], taken: list[_Waiting], *, takes_more: bool) -> None:
        began = time.monotonic()
        slots = self._slots
        try:
            async with self._database.write() as tx:
                await account_rows.lock_workspace(tx, self._workspace_id)
                calls = [each for each, _ in ended]
                told = await Settling(tx, self._service, self._workspace_id, calls).settle()
                slots = await renew_share(tx, self._holder, self._held, has_had_turn=self._slots > 0)
                if takes_more and slots:
                    ahead = sum(each.is_answered for each in calls)
                    self._take(slots + ahead - self._under_way - self._written_ahead, taken)
                wishes = [waiting.wish for waiting in taken]
                reserved = await Reservation(tx, self._service, self._workspace_id, wishes).reserve()
        except BaseException:
            # Whether it was written nobody knows.
            self._slots = min(self._slots, slots)
            raise
        self._slots, self._renewed_at = slots, began
        self._ask_again_at = began + BUSY_SECONDS
        for (_, written), replies in zip(ended, told, strict=True):
            if not written.done():
                written.set_result(replies)
        for waiting, each in zip(taken, reserved, strict=True):
            self._hand_out(waiting, each)
        self._admit()

    @property
    def _held(self) -> Share:
        """What may have begun by the time that this is written, and so cannot be given back; and all."""
        begun = min(max(self._slots, self._under_way), self._under_way + self._written_ahead)
        return Share(begun, self._wanted)

    def _take(self, room: int, taken: list[_Waiting]) -> None:
        while len(taken) < room and len(self._line):
            waiting = self._line.take()
            if time.monotonic() < waiting.until:
                taken.append(waiting)
            else:
                keys = [question.key for question in waiting.wish.questions]
                waiting.reserved.set_result(Reserved(dict.fromkeys(keys, TURN_OVER)))

    def _take_all(self) -> list[_Waiting]:
        return [self._line.take() for _ in range(len(self._line))]

    def _hand_out(self, waiting: _Waiting, reserved: Reserved) -> None:
        if reserved.call is not None:
            self._written_ahead += 1
            if waiting.reserved.done():
                self._take_back_soon(reserved)
        if not waiting.reserved.done():
            waiting.reserved.set_result(reserved)


def _fail(ended: Sequence[_Settling], taken: Sequence[_Waiting], error: Exception) -> None:
    futures: list[asyncio.Future[Any]] = [written for _, written in ended]
    for future in (*futures, *(waiting.reserved for waiting in taken)):
        if not future.done():
            future.set_exception(error)
