"""A process that is killed in the middle of an import."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text
from tests.api.imports.support import people
from tests.support.installation import PATIENCE_SECONDS, TEST_KEY
from tests.support.processes import LeadyardProcess, free_port, run_leadyard

from leadyard.app import build
from leadyard.settings import Settings

ROWS = 12_000


def serve(settings: Settings, folder: Path, port: int) -> LeadyardProcess:
    """The service with a worker, over what the settings name."""
    env = {
        "LEADYARD_DATA_DIR": settings.data_dir,
        "LEADYARD_SECRET_KEY": settings.secret_key or "",
        "LEADYARD_EMAIL_DNS": "off",
        "LEADYARD_RATE_LIMIT": "0",
    }
    if settings.database_url is not None:
        env["LEADYARD_DATABASE_URL"] = settings.database_url
    return run_leadyard("serve", "--port", str(port), env=env, folder=folder)


def wait_until(client: httpx2.Client, path: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What is at the path, once it is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = dict(client.get(path).json())
        if is_so(found):
            return found
        time.sleep(0.005)
    raise TimeoutError(path)


def test_killed_import_goes_on_and_adds_each_row_once(settings: Settings, tmp_path: Path) -> None:
    folder, port = tmp_path / "logs", free_port()
    folder.mkdir()
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {TEST_KEY}"}
    with httpx2.Client(base_url=url, headers=headers, trust_env=False) as client:
        with serve(settings, folder, port) as first:
            first.wait_until_ready(url)
            content = ("email,name\n" + people(1, ROWS)).encode()
            sent = client.post(
                "/imports?file_name=a.csv", content=content, headers={"Content-Type": "text/csv"}
            ).json()
            path = f"/imports/{sent['id']}"
            client.patch(path, json={})
            wait_until(client, path, lambda found: found["status"] == "checked")
            client.post(f"{path}/start")
            half = wait_until(client, path, lambda found: found["progress"]["done"] >= 2)
            first.kill()
        assert half["status"] == "importing"
        asyncio.run(end_leases(settings))
        with serve(settings, folder, port) as second:
            second.wait_until_ready(url)
            done = wait_until(client, path, lambda found: found["status"] == "completed")
            there = client.get(f"/lead-lists/{done['lead_list_id']}").json()
    assert done["counts"]["added"] == ROWS
    assert there["progress"]["total"] == ROWS


async def end_leases(settings: Settings) -> None:
    """The time comes at which another process may go on."""
    installation = build(settings)
    async with installation.database.write() as tx:
        await tx.conn.execute(text("UPDATE imports SET next_turn_at = 0"))
    await installation.database.close()
