"""Sending files and waiting for what becomes of them."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.installation import PATIENCE_SECONDS, Client, Service


def people(first: int, count: int) -> str:
    """Rows with an e-mail and a name."""
    return "".join(f"p{number}@acme.example,Person {number}\n" for number in range(first, first + count))


async def upload(client: Client, content: str | bytes, name: str = "prospects.csv") -> dict[str, Any]:
    """The import of a file, which must be accepted."""
    body = content if isinstance(content, bytes) else content.encode()
    answer = await client.post(
        f"/imports?file_name={name}", content=body, headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def wait_for(service: Service, client: Client, import_id: str, *statuses: str) -> dict[str, Any]:
    """The import, once it is in one of these states."""
    await service.work()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = (await client.get(f"/imports/{import_id}")).json()
            if found["status"] in statuses:
                return dict(found)
            await asyncio.sleep(0.02)


async def check(service: Service, client: Client, import_id: str, **changes: Any) -> dict[str, Any]:
    """The import, mapped as it is guessed or told, and checked."""
    answer = await client.patch(f"/imports/{import_id}", json=changes)
    assert answer.status_code == 200, answer.text
    return await wait_for(service, client, import_id, "checked", "uploaded")


async def start(service: Service, client: Client, import_id: str) -> dict[str, Any]:
    """The import, once it has ended or is paused."""
    answer = await client.post(f"/imports/{import_id}/start")
    assert answer.status_code == 202, answer.text
    return await wait_for(service, client, import_id, "completed", "failed", "paused")
