"""Who is calling: from an API key to a caller."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable

from leadyard.domain.accounts import Caller
from leadyard.domain.errors import Unauthorized
from leadyard.storage import api_keys as key_rows
from leadyard.storage.database import Database

KeyDigest = Callable[[str], str]

CACHE_SECONDS = 2.0
CACHE_SIZE = 1_000
MAX_KEY_LENGTH = 200


def make_digest(secret: bytes) -> KeyDigest:
    """The digest that keys are stored and looked up by: HMAC-SHA256 with the installation's secret."""
    keyed = hmac.new(secret, digestmod="sha256")

    def digest(key: str) -> str:
        mac = keyed.copy()
        mac.update(key.encode())
        return mac.hexdigest()

    return digest


class Doorkeeper:
    """Lets keys in. Answers are remembered for two seconds, so a revoked key is out after that."""

    def __init__(
        self, database: Database, digest: KeyDigest, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._digest = digest
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Caller]] = OrderedDict()

    async def admit(self, key: str) -> Caller:
        """The caller that a key stands for. Raises Unauthorized, the same for every kind of bad key."""
        if len(key) > MAX_KEY_LENGTH or not key.isascii():
            raise Unauthorized
        digest = self._digest(key)
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
