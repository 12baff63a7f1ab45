"""What can happen to a service. Each fault ends what it began, but for processes, which are started again."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from tests.chaos.world import DATABASE, Member, World
from tests.support.vendors.server import Fault as VendorFault
from tests.support.vendors.server import changed, half, half_json, hang, refuse

MOST_CONNECTIONS = 250
OUTAGE_SECONDS = 2.0
STATEMENT_TIMEOUT_MS = 300
FREEZE_SECONDS = 15.0
"""Longer than a worker goes without a heartbeat before its jobs are given to others."""
SPARE_BYTES = 4096
DISK_CHUNK_BYTES = 1024**2

Connection = psycopg.AsyncConnection[tuple[object, ...]]
Befall = Callable[[World, random.Random], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can happen. `absence` says why it cannot here; empty if it can."""

    name: str
    befall: Befall
    absence: Callable[[World], str] = lambda world: ""


async def kill_server(world: World, choice: random.Random) -> None:
    """SIGKILL to a process that serves."""
    choice.choice(world.servers).kill()


async def kill_worker(world: World, choice: random.Random) -> None:
    """SIGKILL to a process that works."""
    choice.choice(world.workers).kill()


async def terminate(world: World, choice: random.Random) -> None:
    """SIGTERM in the middle of requests or jobs: the process ends by itself, in good order."""
    member = choice.choice(world.members)
    if member.is_running:
        status = await asyncio.to_thread(member.terminate)
        if status != 0:
            raise AssertionError(f"{member.name} ended with {status} after SIGTERM")


async def crash_postgres(world: World, choice: random.Random) -> None:
    """SIGKILL to the database server, which comes back after a moment."""
    assert world.postgres is not None
    await asyncio.to_thread(world.postgres.crash, choice.uniform(0, OUTAGE_SECONDS))


async def kill_backend(world: World, choice: random.Random) -> None:
    """SIGKILL to the process behind one connection: the server ends all of them, and recovers."""
    assert world.postgres is not None
    with suppress(psycopg.Error):
        async with await psycopg.AsyncConnection.connect(world.postgres.conninfo("postgres")) as connection:
            found = await connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s", [DATABASE]
            )
            pids = [pid for (pid,) in await found.fetchall()]
            if pids:
                os.kill(choice.choice(pids), signal.SIGKILL)


async def cut_connections(world: World, _choice: random.Random) -> None:
    """Every connection to the database is ended by its administrator."""
    assert world.postgres is not None
    async with await psycopg.AsyncConnection.connect(world.postgres.conninfo("postgres")) as connection:
        await _end_others(connection)


async def _end_others(connection: Connection, but: Sequence[Connection] = ()) -> None:
    """Ends the connections to the database that are none of these."""
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> ALL(%s)",
        [DATABASE, [each.info.backend_pid for each in (connection, *but)]],
    )


async def exhaust_connections(world: World, _choice: random.Random) -> None:
    """Somebody takes every connection that the database has left."""
    assert world.postgres is not None
    taken: list[Connection] = []
    try:
        with suppress(psycopg.OperationalError):
            while len(taken) < MOST_CONNECTIONS:
                taken.append(await psycopg.AsyncConnection.connect(world.postgres.conninfo(DATABASE)))
        if taken:
            with suppress(psycopg.Error):
                await _end_others(taken[0], taken)
        await asyncio.sleep(OUTAGE_SECONDS)
    finally:
        for connection in taken:
            await connection.close()


async def time_statements_out(world: World, _choice: random.Random) -> None:
    """Somebody locks the lists, and statements may wait for a moment only."""
    assert world.postgres is not None
    conninfo = world.postgres.conninfo(DATABASE)
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        await connection.execute(f"ALTER DATABASE {DATABASE} SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        await cut_connections(world, _choice)
    try:
        async with await psycopg.AsyncConnection.connect(conninfo) as blocker:
            await blocker.execute("SET statement_timeout = '30s'")
            await blocker.execute("LOCK TABLE lead_lists IN EXCLUSIVE MODE")
            await asyncio.sleep(OUTAGE_SECONDS)
            await blocker.rollback()
    finally:
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await connection.execute(f"ALTER DATABASE {DATABASE} RESET statement_timeout")
            await cut_connections(world, _choice)


async def fill_disk(world: World, _choice: random.Random) -> None:
    """Nothing more can be written under the database, for a moment."""
    assert world.disk is not None
    filler = world.disk / "filler"
    try:
        await asyncio.to_thread(_fill, world, filler)
        await asyncio.sleep(OUTAGE_SECONDS)
    finally:
        filler.unlink(missing_ok=True)


def _fill(world: World, filler: os.PathLike[str]) -> None:
    assert world.disk is not None
    with suppress(OSError), open(filler, "wb", buffering=0) as file:
        while (free := shutil.disk_usage(world.disk).free) > SPARE_BYTES:
            file.write(b"\0" * min(free, DISK_CHUNK_BYTES))


async def freeze(world: World, choice: random.Random) -> None:
    """A worker stands still past its heartbeat, and goes on as if nothing had been."""
    member: Member = choice.choice(world.workers or world.servers)
    member.freeze()
    try:
        await asyncio.sleep(FREEZE_SECONDS if world.workers else OUTAGE_SECONDS)
    finally:
        member.thaw()


def misbehave(*faults: VendorFault) -> Befall:
    """The paid provider answers the next calls so."""

    async def befall(world: World, _choice: random.Random) -> None:
        world.vendor_server.faults.extend(faults)

    return befall


async def jump_clock(world: World, choice: random.Random) -> None:
    """The time of day jumps by an hour, forward or back, and back to where it was after a while."""
    world.shift_clock(choice.choice(("-1h", "+1h")))
    try:
        await asyncio.sleep(OUTAGE_SECONDS * 2)
    finally:
        world.shift_clock("+0")


def _doubled(body: Any) -> Any:
    return [*body, *body] if isinstance(body, list) else body


def _needs_postgres(world: World) -> str:
    return "" if world.form == "postgresql" else "SQLite is part of the process"


def _needs_workers(world: World) -> str:
    return "" if world.workers else "one process does both"


def _needs_disk(world: World) -> str:
    if world.form != "sqlite":
        return "its disk is not the service's"
    return "" if world.disk else "this user may not mount a small disk"


def _needs_clock(world: World) -> str:
    return "" if world.clock_path else "libfaketime is not installed"


def _needs_vendor(world: World) -> str:
    return "" if world.is_paying else "nothing is bought"


FAULTS = (
    Fault("SIGKILL to a server", kill_server),
    Fault("SIGKILL to a worker", kill_worker, _needs_workers),
    Fault("SIGTERM to a server or worker", terminate),
    Fault("SIGKILL to the database", crash_postgres, _needs_postgres),
    Fault("SIGKILL to a connection's process", kill_backend, _needs_postgres),
    Fault("all connections cut", cut_connections, _needs_postgres),
    Fault("no connection left", exhaust_connections, _needs_postgres),
    Fault("statements time out", time_statements_out, _needs_postgres),
    Fault("disk full", fill_disk, _needs_disk),
    Fault("a process frozen, and continued", freeze),
    Fault("the provider hangs", misbehave(hang), _needs_vendor),
    Fault("the provider answers 500", misbehave(refuse(500), refuse(500)), _needs_vendor),
    Fault("the provider's JSON is cut", misbehave(half_json, half), _needs_vendor),
    Fault("the provider tells everything twice", misbehave(changed(_doubled)), _needs_vendor),
    Fault("the clock jumps an hour", jump_clock, _needs_clock),
)


def possible_faults(world: World) -> list[Fault]:
    """What can happen to this one."""
    return [fault for fault in FAULTS if not fault.absence(world)]
