"""Places at mail hosts: a row for each that is taken, until it is given back or its time is over."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import text

from leadyard.domain.errors import DatabaseAway
from leadyard.storage.database import Database, Tx

_TAKE = text(
    "INSERT INTO mail_host_places (host, place, token, held_until) "
    "VALUES (:host, :place, :token, :held_until) ON CONFLICT (host, place) DO UPDATE "
    "SET token = excluded.token, held_until = excluded.held_until "
    "WHERE mail_host_places.held_until <= :now"
)
_KEEP = text(
    "UPDATE mail_host_places SET held_until = :held_until "
    "WHERE host = :host AND token = :token AND held_until > :now"
)
_GIVE_BACK = text("DELETE FROM mail_host_places WHERE host = :host AND token = :token")
_FORGET = text("DELETE FROM mail_host_places WHERE held_until <= :now")


class _Taken(Exception):
    """A host has no place left: what was taken at another one is given back by the rollback."""


class SharedMailHosts:
    """The places that all processes on a database share (domain.mail_hosts.MailHostPlaces)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hosts: dict[str, tuple[str, ...]] = {}

    async def take(self, hosts: Sequence[str], places: int, seconds: float) -> str | None:
        """A place at each of these hosts, or at none; None also while the database is away."""
        token = uuid4().hex
        try:
            async with self._database.write() as tx:
                for host in hosts:
                    await _take_one(tx, host, places, token, seconds)
        except (_Taken, DatabaseAway):
            return None
        self._hosts[token] = tuple(hosts)
        return token

    async def keep(self, token: str, seconds: float) -> bool:
        """Keeps the places for longer; False if one was lost, or the database is away."""
        hosts = self._hosts[token]
        try:
            async with self._database.write() as tx:
                values = {"token": token, "held_until": tx.now_ms + round(seconds * 1000), "now": tx.now_ms}
                kept = [await tx.conn.execute(_KEEP, {**values, "host": host}) for host in hosts]
        except DatabaseAway:
            return False
        return all(result.rowcount == 1 for result in kept)

    async def give_back(self, token: str) -> None:
        """Frees the places; host by host in the order they were taken in, so that nobody is deadlocked."""
        hosts = self._hosts.pop(token)
        try:
            async with self._database.write() as tx:
                for host in hosts:
                    await tx.conn.execute(_GIVE_BACK, {"host": host, "token": token})
        except DatabaseAway:
            return


async def _take_one(tx: Tx, host: str, places: int, token: str, seconds: float) -> None:
    values = {"host": host, "token": token, "now": tx.now_ms}
    held_until = tx.now_ms + round(seconds * 1000)
    for place in range(1, places + 1):
        taken = await tx.conn.execute(_TAKE, {**values, "place": place, "held_until": held_until})
        if taken.rowcount == 1:
            return
    raise _Taken


async def forget_lost_places(tx: Tx) -> int:
    """Deletes places whose time is over: those of processes that died; returns how many."""
    return int((await tx.conn.execute(_FORGET, {"now": tx.now_ms})).rowcount)
