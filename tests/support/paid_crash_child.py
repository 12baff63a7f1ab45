"""A worker with real paid providers that kills itself: `python -m tests.support.paid_crash_child`.

It works as `crash_child` does; the services stand in the process of the test, which counts what they sell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast

import msgspec
from msgspec.structs import replace
from sqlalchemy import text
from tests.support.crashes import die, serve_tasks

from leadyard.app import Leadyard, build
from leadyard.domain.providers import (
    AsynchronousProvider,
    MeteredProvider,
    MeteredValidator,
    PersonAnswer,
    PersonQuery,
    VerifierAnswer,
)
from leadyard.pipeline import paid_service
from leadyard.pipeline.call_desk import CallDesk
from leadyard.pipeline.process_leads import Pipeline
from leadyard.pipeline.settling import Ended
from leadyard.providers.catalog import CATALOG
from leadyard.settings import load_settings
from leadyard.worker import distributed
from leadyard.worker.distributed import DistributedDispatcher
from leadyard.worker.worker import Worker

LOST_AFTER = timedelta(seconds=1)
WAIT_SECONDS = 0.1
DEAD_AFTER_SECONDS = 0.6

Point = Literal["never", "any", "reserved", "asked", "answered", "settled", "kept", "polled"]


class PaidTask(msgspec.Struct, frozen=True):
    """The environment to work in, and where to die: in the n-th call of a provider.

    reserved: before the request; asked: while it is answered; answered: before the answer is written down, be
    it an order's id; settled: before the leads are; kept: once the order's id is; polled: with an order's
    answers; any: the n-th of all these points of all providers.
    """

    environment: dict[str, str]
    provider: str = ""
    point: Point = "never"
    number: int = 1


@dataclass(slots=True)
class _Fate:
    task: PaidTask
    count: int = 0

    def reach(self, point: Point, provider: str) -> None:
        if self.task.point == "any" or (point, provider) == (self.task.point, self.task.provider):
            self.count += 1
            if self.count == self.task.number:
                die()

    def is_near(self, point: Point, provider: str) -> bool:
        is_meant = (point, provider) == (self.task.point, self.task.provider)
        return is_meant and self.count + 1 == self.task.number


class _Mortal:
    """A provider in whose calls the process can die."""

    def __init__(self, provider: MeteredProvider, fate: _Fate) -> None:
        self._provider = provider
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        name = self._provider.name
        self._fate.reach("reserved", name)
        if self._fate.is_near("asked", name):
            asking = asyncio.ensure_future(self._provider.find_people(queries))
            await asyncio.wait([asking], timeout=0.3)
        self._fate.reach("asked", name)
        answers = await self._provider.find_people(queries)
        self._fate.reach("answered", name)
        return answers


class _MortalValidator:
    """A verifier in whose calls the process can die."""

    def __init__(self, validator: MeteredValidator, fate: _Fate) -> None:
        self._validator = validator
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._validator, name)

    async def validate_emails(self, emails: Sequence[str]) -> Sequence[VerifierAnswer]:
        self._fate.reach("reserved", self._validator.name)
        answers = await self._validator.validate_emails(emails)
        self._fate.reach("answered", self._validator.name)
        return answers


class _MortalOrders(_Mortal):
    """One that takes orders."""

    async def order(self, queries: Sequence[PersonQuery]) -> str:
        name = self._provider.name
        self._fate.reach("reserved", name)
        order_id = await cast("AsynchronousProvider", self._provider).order(queries)
        self._fate.reach("answered", name)
        return order_id

    async def collect(self, order_id: str, queries: Sequence[PersonQuery]) -> Sequence[PersonAnswer] | None:
        answers = await cast("AsynchronousProvider", self._provider).collect(order_id, queries)
        self._fate.reach("polled", self._provider.name)
        return answers


def _let_die_after_writing(fate: _Fate) -> None:
    settle = CallDesk.settle

    async def settle_and_die(self: CallDesk, ended: Ended) -> Any:
        replies = await settle(self, ended)
        fate.reach("kept" if isinstance(ended.outcome, str) else "settled", self._service.provider.name)
        return replies

    CallDesk.settle = settle_and_die  # type: ignore[method-assign]


def _mortal(installation: Leadyard, fate: _Fate) -> Pipeline:
    make = installation.desk.make

    def make_mortal(kind: str, key: str, options: Mapping[str, Any]) -> MeteredProvider:
        mortal = _MortalOrders if CATALOG[kind].takes_orders else _Mortal
        return cast("MeteredProvider", mortal(make(kind, key, options), fate))

    make_validator = installation.desk.make_validator

    def make_mortal_validator(kind: str, key: str, options: Mapping[str, Any]) -> MeteredValidator:
        return cast("MeteredValidator", _MortalValidator(make_validator(kind, key, options), fate))

    desk = replace(
        installation.desk,
        make=make_mortal,
        make_validator=make_mortal_validator,
        lost_after=LOST_AFTER,
    )
    return Pipeline(installation.database, desk)


async def _work(task: PaidTask) -> None:
    settings = load_settings(task.environment)
    paid_service.IN_FLIGHT_SECONDS = paid_service.ORDER_SECONDS = WAIT_SECONDS
    distributed.POLL_SECONDS = WAIT_SECONDS
    installation = build(settings)
    dispatcher = installation.dispatcher
    if not settings.is_sqlite:
        dispatcher = DistributedDispatcher(settings.url.replace("+psycopg", "", 1), DEAD_AFTER_SECONDS)
    fate = _Fate(task)
    _let_die_after_writing(fate)
    stop = asyncio.Event()
    working = asyncio.create_task(Worker(_mortal(installation, fate), dispatcher, 2).run(stop))
    jobs = "chunks" if settings.is_sqlite else "procrastinate_jobs"
    count = text(f"SELECT count(*) FROM {jobs}")
    while True:
        async with installation.database.read() as tx:
            if not (await tx.conn.execute(count)).scalar_one():
                break
        await asyncio.sleep(0.02)
    stop.set()
    await working
    await installation.close()


if __name__ == "__main__":
    serve_tasks(PaidTask, _work)
