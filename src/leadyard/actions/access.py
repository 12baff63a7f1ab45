"""Who is calling: from an API key to a caller."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from leadyard.domain.accounts import Caller
from leadyard.domain.api_keys import is_mistyped
from leadyard.domain.errors import DatabaseAway, Unauthorized
from leadyard.storage import api_keys as key_rows
from leadyard.storage.database import Database

KeyDigest = Callable[[str], str]

CACHE_SECONDS = 2.0
CACHE_SIZE = 1_000
MAX_KEY_LENGTH = 200
USES_SECONDS = 60.0

log = structlog.get_logger()


def make_digest(secret: bytes) -> KeyDigest:
    """The digest that keys are stored and looked up by: HMAC-SHA256 with the installation's secret."""
    keyed = hmac.new(secret, digestmod="sha256")

    def digest(key: str) -> str:
        mac = keyed.copy()
        mac.update(key.encode())
        return mac.hexdigest()

    return digest


class Doorkeeper:
    """Lets keys in. Answers are remembered for two seconds, so a key that has ended is out after that.

    When a key was used last is collected here and written once a minute, so that no request waits for it.
    """

    def __init__(
        self, database: Database, digest: KeyDigest, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._digest = digest
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Caller]] = OrderedDict()
        self._uses: dict[int, int] = {}
        self._writing: asyncio.Task[None] | None = None

    async def admit(self, key: str) -> Caller:
        """The caller that a key stands for. Raises Unauthorized, the same for every kind of bad key."""
        if len(key) > MAX_KEY_LENGTH or not key.isascii() or is_mistyped(key):
            raise Unauthorized
        caller = await self._find(self._digest(key))
        self._uses[caller.key_id] = time.time_ns() // 1_000_000
        return caller

    async def _find(self, digest: str) -> Caller:
        remembered = self._known.get(digest)
        if remembered is not None and self._clock() - remembered[0] < CACHE_SECONDS:
            return remembered[1]
        self._known.pop(digest, None)
        async with self._database.read() as tx:
            found = await key_rows.find_caller(tx, digest)
        if found is None or not hmac.compare_digest(found[0], digest):
            raise Unauthorized
        self._known[digest] = (self._clock(), found[1])
        if len(self._known) > CACHE_SIZE:
            self._known.popitem(last=False)
        return found[1]

    async def open(self) -> None:
        """Begins to write down when keys were used."""
        self._writing = asyncio.create_task(self._keep_writing())

    async def close(self) -> None:
        """Writes down the rest."""
        if self._writing is not None:
            self._writing.cancel()
            await self._try_to_write()

    async def write_uses(self) -> None:
        """Writes down when keys were used since the last time. Raises DatabaseAway, and then keeps it."""
        uses = dict(self._uses)
        if not uses:
            return
        async with self._database.write() as tx:
            await key_rows.note_uses(tx, uses)
        self._uses = {key: at for key, at in self._uses.items() if at != uses.get(key)}

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(USES_SECONDS)
            await self._try_to_write()

    async def _try_to_write(self) -> None:
        try:
            await self.write_uses()
        except DatabaseAway:
            log.warning("key_uses_postponed")
        except Exception:
            log.exception("key_uses_failed")
