"""A worker killed while it sends: the message is sent again, with the same id."""

from __future__ import annotations

import httpx2
from tests.support.fleet import serving, until
from tests.support.installation import TEST_KEY
from tests.support.vendors.server import Response, serve_vendor
from tests.support.webhooks import taken
from tests.support.workbench import Workbench

from leadyard.settings import Settings

ALLOWED = {"ALLOWED_HOSTS": "127.0.0.0/8"}


async def test_message_of_a_killed_worker_is_sent_again(live_bench: Workbench, settings: Settings) -> None:
    async with serve_vendor(lambda request: Response(hangs=True)) as server:

        async def is_sent() -> bool:
            return bool(server.requests)

        with serving(settings, **ALLOWED) as (process, url):
            headers = {"Authorization": f"Bearer {TEST_KEY}"}
            async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=30) as http:
                made = await http.post("/webhooks", json={"url": server.url, "events": ["list.full"]})
                await http.post(f"/webhooks/{made.json()['id']}/test")
            await until(is_sent, 60)
            process.kill()
        server.handler = taken
        if not live_bench.database.is_sqlite:
            # Other processes may live: the lease has to be over. That takes 45 seconds.
            await live_bench.write("UPDATE webhook_endpoints SET next_turn_at = 0")
        with serving(settings, **ALLOWED):

            async def is_delivered() -> bool:
                (row,) = await live_bench.query("SELECT status FROM webhook_deliveries")
                return bool(row.status == "delivered")

            await until(is_delivered, 60)
        first, second = server.requests
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
