"""One exchange of the protocol over HTTP: stateless, and answered with JSON."""

from __future__ import annotations

from typing import Any, cast

import httpx2
import msgspec
from litestar.types import ASGIApp
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from leadyard.api.exchange import Exchange
from leadyard.mcp.server import make_server

_HOST = "http://leadyard"
# Whoever has a key may come from anywhere: no browser sends one by itself.
_FROM_ANYWHERE = TransportSecuritySettings(enable_dns_rebinding_protection=False)


class _Answer(msgspec.Struct):
    status: int = 500
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    async def send(self, message: Any) -> None:
        """Keeps what the application answers."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], tuple(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


async def exchange(app: ASGIApp, asked: Exchange) -> tuple[int, dict[str, str], bytes]:
    """The answer to one message of an agent, whose tools ask `app` with the agent's own key."""
    transport = httpx2.ASGITransport(
        app=cast(Any, app),
        raise_app_exceptions=False,
        client=(asked.address, 0),
    )
    headers = {"Authorization": f"Bearer {asked.key}", "X-Request-Id": asked.request_id}
    async with httpx2.AsyncClient(transport=transport, base_url=_HOST, headers=headers) as api:
        manager = StreamableHTTPSessionManager(
            make_server(api),
            json_response=True,
            stateless=True,
            security_settings=_FROM_ANYWHERE,
            max_request_body_size=max(len(asked.body), 1),
        )
        answer = _Answer()
        async with manager.run():
            await manager.handle_request(asked.scope, asked.receive, answer.send)
    told = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
    told.pop("content-length", None)
    return answer.status, told, answer.body
