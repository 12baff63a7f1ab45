"""Asks a Reacher server about addresses: POST /v0/check_email."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp
import msgspec

from leadyard.domain.providers import EmailAnswer, Unavailable
from leadyard.providers.fair import FairSlots
from leadyard.providers.reacher.mapping import PROVIDER, read_answer, verdict_of

ANSWER_SECONDS = 90.0
"""Reacher itself waits for slow mail hosts."""

AT_ONCE = 16
MAX_ANSWER_BYTES = 256 * 1024


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Reacher:
    """Validates addresses by a Reacher server. It serves one event loop."""

    name = PROVIDER
    batch_size = 1
    concurrency = AT_ONCE

    def __init__(
        self, url: str, *, seconds: float = ANSWER_SECONDS, now: Callable[[], datetime] = _utc_now
    ) -> None:
        """`url` is the server's, without the path. Raises ValueError for what is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must begin with http:// or https:// and name a host.")
        self._url = f"{url.rstrip('/')}/v0/check_email"
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._now = now
        self._slots = FairSlots(AT_ONCE)

    async def validate_emails(self, emails: Sequence[str], line: int = 0) -> Sequence[EmailAnswer]:
        """One answer an address, in the same order; Unavailable where the server gave none."""
        return await asyncio.gather(*(self._validate(email, line) for email in emails))

    async def _validate(self, email: str, line: int) -> EmailAnswer:
        async with self._slots.slot(line):
            try:
                body = await self._post(email)
                return verdict_of(email, read_answer(body), self._now())
            except TimeoutError:
                return Unavailable("timed out")
            except aiohttp.ClientResponseError as error:
                return Unavailable(f"status {error.status}")
            except (aiohttp.ClientError, OSError):
                return Unavailable("connection")
            except (msgspec.MsgspecError, ValueError):
                return Unavailable("garbled")

    async def _post(self, email: str) -> bytes:
        """The body of the answer. Raises aiohttp.ClientError, OSError, or ValueError for one without end."""
        async with (
            aiohttp.ClientSession(timeout=self._timeout) as session,
            session.post(
                self._url, json={"to_email": email}, raise_for_status=True, allow_redirects=False
            ) as response,
        ):
            body = await response.content.read(MAX_ANSWER_BYTES + 1)
            while not response.content.at_eof() and len(body) <= MAX_ANSWER_BYTES:
                body += await response.content.read(MAX_ANSWER_BYTES)
        if len(body) > MAX_ANSWER_BYTES:
            raise ValueError("too long")
        return body
