"""The tools over standard input and output, for a service that is asked over HTTP."""

from __future__ import annotations

import httpx2
from mcp.server.stdio import stdio_server

from leadyard.mcp.server import make_server

TIMEOUT_SECONDS = 60.0


async def serve_stdio(url: str, key: str) -> None:
    """Answers one agent until it goes away."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS) as api:
        server = make_server(api)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
