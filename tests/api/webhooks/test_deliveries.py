"""What webhooks were sent: the log, its pages, pings and replays; the whole way over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

from standardwebhooks import Webhook as Receiver
from tests.api.support import faults_of, require_error, require_walks, with_settings
from tests.api.webhooks.test_webhooks import add
from tests.support.fleet import until
from tests.support.installation import Client, Service, create_list
from tests.support.vendors.server import Response, serve_vendor
from tests.support.webhooks import taken

LOOPBACK = with_settings(allowed_hosts="127.0.0.0/8")


async def deliveries(client: Client, webhook: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"/webhooks/{webhook['id']}/deliveries{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["deliveries"])


@LOOPBACK
async def test_list_that_completes_is_told_to_a_receiver(client: Client, service: Service) -> None:
    async with serve_vendor(taken) as server:
        events = ["list.completed", "lead.enriched", "addition.stored"]
        webhook = await add(client, url=f"{server.url}/hook", events=events)
        made = await create_list(client, "linkedin", [{"linkedin_url": "linkedin.com/in/jane"}])
        await service.until_completed(client, made["id"])

        async def are_told() -> bool:
            return len(server.requests) == 2

        await until(are_told, 20)
        told = [Receiver(webhook["secret"]).verify(each.body, each.headers) for each in server.requests]
        assert sorted(message["type"] for message in told) == ["addition.stored", "list.completed"]
        assert {message["data"]["lead_list_id"] for message in told} == {made["id"]}

        async def are_written_down() -> bool:
            found = await deliveries(client, webhook)
            return [delivery["status"] for delivery in found] == ["delivered"] * 2

        await until(are_written_down, 20)
        first = (await deliveries(client, webhook))[-1]
        assert (first["type"], first["status_code"], first["attempts"]) == ("addition.stored", 200, 1)
        assert first["next_attempt_at"] is None
        await service.rest()


@LOOPBACK
async def test_ping_is_sent_and_sent_again(client: Client, service: Service) -> None:
    async with serve_vendor(taken) as server:
        webhook = await add(client, url=server.url)
        path = f"/webhooks/{webhook['id']}"
        answer = await client.post(f"{path}/test")
        assert (answer.status_code, answer.json()["status"], answer.json()["type"]) == (
            202,
            "pending",
            "ping",
        )
        courier = service.installation.courier()
        await courier.take_turn(asyncio.Event())
        replay = f"{path}/deliveries/{answer.json()['id']}/replay"
        again = await client.post(replay)
        assert (again.status_code, again.json()["status"], again.json()["attempts"]) == (202, "pending", 0)
        await courier.take_turn(asyncio.Event())
        assert [each.headers["webhook-id"] for each in server.requests] == [answer.json()["id"]] * 2
        assert server.requests[0].json["data"] == {"webhook_id": webhook["id"]}
        await client.patch(path, json={"enabled": False})
        require_error(await client.post(replay), "conflict", "Webhook is disabled.")
        unknown = await client.post(f"{path}/deliveries/msg_unknown/replay")
        require_error(unknown, "not_found", "Could not find delivery.")
        await service.installation.webhook_transport.close()


@LOOPBACK
async def test_log_has_pages_and_can_be_asked_for_a_state(client: Client, service: Service) -> None:
    async with serve_vendor(lambda request: Response(500, b"")) as server:
        webhook = await add(client, url=server.url)
        path = f"/webhooks/{webhook['id']}"
        ids = [(await client.post(f"{path}/test")).json()["id"] for _ in range(4)]
        await service.installation.courier().take_turn(asyncio.Event())
        await client.patch(path, json={"enabled": False})
        await client.patch(path, json={"enabled": True})
        ids.append((await client.post(f"{path}/test")).json()["id"])
        newest_first = list(reversed(ids))
        await require_walks(client, f"{path}/deliveries?page[size]={{size}}", "deliveries", newest_first)
        failed = await deliveries(client, webhook, "?status=failed")
        assert [each["id"] for each in failed] == newest_first[1:]
        assert {(each["status_code"], each["error"]) for each in failed} == {(500, "disabled")}
        page = (await client.get(f"{path}/deliveries?status=failed&page[size]=1")).json()
        assert "status=failed" in page["_links"]["next"]["href"]
        assert [each["id"] for each in await deliveries(client, webhook, "?status=delivered")] == []
        for query, parameter in (("status=lost", "status"), ("page[after]=msg_x", "page[after]")):
            answer = await client.get(f"{path}/deliveries?{query}")
            assert answer.status_code == 400
            assert answer.json()["_errors"][0]["source"] == {"parameter": parameter}
        assert faults_of(await client.post(f"{path}/test", json={"x": 1}))[0][0] == "/x"
        await service.installation.webhook_transport.close()
