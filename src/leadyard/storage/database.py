"""Connections and transactions, and the choice of dialect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import structlog
from opentelemetry import trace
from sqlalchemy import QueuePool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from leadyard.domain.additions import FewLeads
from leadyard.domain.errors import DatabaseAway, DatabaseFull, DatabaseTooSlow
from leadyard.domain.lead_lists import Chunk
from leadyard.domain.statistics import PoolState, QueueState
from leadyard.storage.clock import to_ms
from leadyard.storage.dialects import Dialect, load_dialect, sqlite
from leadyard.storage.dialects.results import COMMIT, Result, Statement

if TYPE_CHECKING:
    from leadyard.storage.replica import Replica

log = structlog.get_logger()
_tracer = trace.get_tracer("leadyard")

_WRITE_SOMETHING = "UPDATE accounts SET name = name WHERE id = (SELECT min(id) FROM accounts)"

Digest = Callable[[str], str]
"""A digest that nobody can make without the installation's secret."""


class ChunkQueue(Protocol):
    """Where chunks wait for a worker. Putting them there is part of the caller's transaction."""

    async def enqueue(
        self, tx: Tx, chunks: Sequence[Chunk], *, pending: int, due: datetime | None = None
    ) -> None:
        """Adds jobs that run once the transaction commits, or when they are `due`.

        `pending` is how many chunks of the same list wait already: later ones line up behind them, so
        that a short list does not wait for a long one.
        """

    def find_open_job(self, few: FewLeads) -> Statement:
        """What finds, and locks, the job that a few leads of a locked list may join: its `id`, or no row.

        Nobody has begun it, it is due within JOINING_TIME, it ends with the last lead of the list, its leads
        have the same terms and were added by the same key and user, and it gets no larger than CHUNK_SIZE.
        """

    def join(self, job_id: int, last_sequence: int) -> Statement:
        """What has such a job do its list's leads up to `last_sequence`."""

    async def drop(self, tx: Tx, list_row_id: int) -> None:
        """Removes the jobs of a list that have not begun."""

    async def measure(self, tx: Tx) -> QueueState:
        """How many jobs there are, and for how long the oldest of them has waited."""


def utc_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)


def _no_digest(_text: str) -> str:
    raise RuntimeError("This database was opened without the installation's secret.")


class Tx(msgspec.Struct, frozen=True):
    """One transaction: its connection, the moment it began, and the queue that commits with it, if any.

    `after_commit` holds what is called once the transaction has been committed. `digest` is what the
    identities of erased persons are kept as. `ends_with_action` says that nothing follows the action that
    the transaction is given to, so that what this writes last may commit along.
    """

    conn: AsyncConnection
    dialect: Dialect
    own_queue: ChunkQueue | None
    now: datetime
    digest: Digest
    after_commit: list[Callable[[], None]] = msgspec.field(default_factory=list)
    ends_with_action: bool = False

    @property
    def queue(self) -> ChunkQueue:
        """Where its jobs go. Raises RuntimeError for a database that nobody puts work in."""
        if self.own_queue is None:
            raise RuntimeError("This database was opened without a queue.")
        return self.own_queue

    @property
    def now_ms(self) -> int:
        """The moment the transaction began, as it is stored."""
        return to_ms(self.now)

    async def run(self, statement: str, values: Mapping[str, Any]) -> Result:
        """Runs a statement past SQLAlchemy. Raises the driver's error."""
        (result,) = await self.dialect.run_each(self.conn, [(statement, values)])
        return result

    async def run_each(self, statements: Sequence[Statement]) -> list[Result]:
        """Runs statements one after the other, sent together. Raises the error of the first that fails."""
        return await self.dialect.run_each(self.conn, statements)

    def for_last_action(self) -> Tx:
        """The same transaction, for an action that nothing of it follows."""
        return msgspec.structs.replace(self, ends_with_action=True)

    async def run_last(self, statements: Sequence[Statement]) -> list[Result]:
        """As `run_each`, and commits along: nothing of the transaction may follow."""
        return (await self.run_each([*statements, COMMIT]))[:-1]


class Database:
    """A database: one engine to write with and one to read with (the same on PostgreSQL).

    SQLite has one writer at a time. Its single writing connection makes writers line up here, in order,
    where they do not block the event loop.
    """

    def __init__(
        self,
        url: str,
        queue: ChunkQueue | None,
        clock: Callable[[], datetime] = utc_now,
        digest: Digest = _no_digest,
        statement_seconds: float | None = None,
        replica: Replica | None = None,
    ) -> None:
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("not the URL of a database") from None
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.dialect = load_dialect(is_sqlite=self.is_sqlite)
        self.url = parsed
        self._queue = queue
        self.clock = clock
        self._digest = digest
        self._writer: AsyncEngine = self.dialect.make_writer(parsed, statement_seconds)
        self._reader: AsyncEngine = self.dialect.make_reader(parsed, self._writer)
        self._replica = replica
        self._is_full = False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that commits at the end of the block and rolls back on an exception.

        Raises DatabaseAway when the connection is lost.
        """
        with _span("write"):
            async with self._translate_faults(), self._writer.begin() as conn:
                tx = Tx(conn, self.dialect, self._queue, self.clock(), self._digest)
                yield tx
        self._is_full = False
        for call in tx.after_commit:
            call()

    async def require_room(self) -> None:
        """Raises DatabaseFull, after a transaction that found no room, until something can be written."""
        if self._is_full:
            async with self.write() as tx:
                await tx.run(_WRITE_SOMETHING, {})

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that reads one consistent state. Raises DatabaseAway."""
        with _span("read"):
            async with self._translate_faults(), self._reader.connect() as conn:
                # SQLAlchemy would begin with its first statement; dialects that use the driver give it none.
                await conn.begin()
                yield Tx(conn, self.dialect, self._queue, self.clock(), self._digest)
                # With a rollback psycopg would forget the statements that it has prepared.
                await conn.commit()

    async def read_at_once(self, statements: Sequence[Statement]) -> list[Result]:
        """What statements come to that read one consistent state, sent together. Raises DatabaseAway."""
        with _span("read"):
            async with self._translate_faults():
                return await self.dialect.read_at_once(self._reader, statements)

    @asynccontextmanager
    async def read_much(self) -> AsyncIterator[Tx]:
        """As `read`, for what may take long: on the replica, if there is one that can.

        It sees all that was acknowledged before. Raises DatabaseAway.
        """
        if self._replica is None or self._replica.is_left_aside:
            async with self.read() as tx:
                yield tx
            return
        async with self.read() as tx:
            position = await self._replica.read_position(tx.conn)
        async with AsyncExitStack() as opened:
            await opened.enter_async_context(self._translate_faults())
            conn = await opened.enter_async_context(self._replica.connect(position))
            if conn is not None:
                yield Tx(conn, self.dialect, self._queue, self.clock(), self._digest)
                return
        async with self.read() as tx:
            yield tx

    @property
    def writer(self) -> AsyncEngine:
        """The engine that migrations and upkeep work on."""
        return self._writer

    def list_pools(self) -> list[PoolState]:
        """The connections that are open: SQLite's to write and to read, PostgreSQL's to do both."""
        if self._replica is not None:
            return [_pool_state("all", self._writer), _pool_state("replica", self._replica.engine)]
        if not self.is_sqlite:
            return [_pool_state("all", self._writer)]
        return [_pool_state("write", self._writer), _pool_state("read", self._reader)]

    async def checkpoint(self) -> None:
        """Moves what SQLite's write-ahead log holds into the file, so that no request has to."""
        if self.is_sqlite:
            async with self._translate_faults(), self._reader.connect() as conn:
                await sqlite.checkpoint(conn)

    async def close(self) -> None:
        """Closes all connections."""
        if self._replica is not None:
            await self._replica.close()
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def _translate_faults(self) -> AsyncIterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise DatabaseAway from error
        except Exception as error:
            # The dialects use their drivers directly too, so both kinds of errors come by here.
            fault = error.orig if isinstance(error, DBAPIError) else error
            is_broken = isinstance(error, DBAPIError) and error.connection_invalidated
            if self.dialect.is_full(fault):
                self._is_full = True
                raise DatabaseFull from error
            if self.dialect.has_given_up(fault):
                log.warning("database_too_slow", error=type(fault).__name__)
                raise DatabaseTooSlow from error
            if is_broken or self.dialect.is_away(fault):
                raise DatabaseAway from error
            raise


@contextmanager
def _span(purpose: str) -> Iterator[None]:
    """A transaction as part of a trace; without one that it belongs to it is none of its own."""
    if not trace.get_current_span().is_recording():
        yield
        return
    # The texts of its errors may hold values.
    with _tracer.start_as_current_span(
        f"database {purpose}", record_exception=False, set_status_on_exception=False
    ):
        yield


def _pool_state(purpose: str, engine: AsyncEngine) -> PoolState:
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    return PoolState(purpose, pool.checkedout(), pool.checkedin(), pool.size() + pool._max_overflow)
