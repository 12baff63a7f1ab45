"""What passes between an agent and what answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar.types import ASGIApp


class Exchange(msgspec.Struct, frozen=True):
    """One message of an agent: who sends it, from where, and the request as the protocol's server sees it."""

    key: str
    address: str
    request_id: str
    scope: Any
    body: bytes

    async def receive(self) -> dict[str, Any]:
        """The body in one piece."""
        return {"type": "http.request", "body": self.body, "more_body": False}


AnswerAgent = Callable[[ASGIApp, Exchange], Awaitable[tuple[int, dict[str, str], bytes]]]
"""Answers one message, with the whole application to ask: status, headers, body."""
