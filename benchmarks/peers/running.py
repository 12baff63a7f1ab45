"""A peer as a process, and what it is asked."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
from tests.support.processes import free_port
from tests.support.tether import TetheredProcess

from benchmarks.leads import Body
from benchmarks.peers.contenders import Peer
from benchmarks.peers.environment import PYTHON, ROOT
from benchmarks.rig import JSON, Rig, Store, UnexpectedAnswer, open_session

START_SECONDS = 60.0


@dataclass(slots=True)
class Contender:
    """A peer that runs."""

    peer: Peer
    store: Store
    session: aiohttp.ClientSession
    _lists: int = 0

    async def add(self, body: Body) -> float:
        """Adds leads to a new list; the seconds it took. Raises UnexpectedAnswer."""
        list_id = await self._make_list()
        data = self.peer.make_body(body, list_id)
        begin = time.perf_counter()
        async with self.session.post(
            self.peer.address.format(list_id=list_id), data=data, headers=JSON
        ) as answer:
            told = await answer.read()
            seconds = time.perf_counter() - begin
        if answer.status >= 300:
            raise UnexpectedAnswer(f"{self.peer.title}: {answer.status} {told[:500]!r}")
        added = self.peer.read_added(self.store, list_id, msgspec.json.decode(told))
        if added != len(body.new):
            raise UnexpectedAnswer(f"{self.peer.title} stored {added:,} leads, not {len(body.new):,}")
        return seconds

    async def _make_list(self) -> str:
        if self.peer.make_list is None:
            self._lists += 1
            return str(self._lists)
        async with self.session.post(self.peer.make_list) as answer:
            return str(msgspec.json.decode(await answer.read())["id"])


@asynccontextmanager
async def run_peer(rig: Rig, peer: Peer, body: Body) -> AsyncIterator[Contender]:
    """A peer over a new database, until the block ends."""
    store = rig.make_database("peer")
    peer.prepare(store, body)
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        **peer.settings(store),
    }
    log = store.folder / "peer.log"
    command = [str(PYTHON), *(part.format(port=port) for part in peer.command)]
    process = TetheredProcess(command, env=environment, folder=store.folder, log_path=log)
    try:
        _wait_until_it_listens(process, port, log)
        async with open_session(f"http://127.0.0.1:{port}", peer.key) as session:
            yield Contender(peer, store, session)
    finally:
        process.finish()


def _wait_until_it_listens(process: TetheredProcess, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if not process.running() or time.monotonic() > deadline:
                raise UnexpectedAnswer(f"does not start: {log.read_text(errors='replace')[-2000:]}") from None
            time.sleep(0.1)
        else:
            return
