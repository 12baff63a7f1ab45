"""Messages on their way to receivers that take them, refuse them, hang, move away or want nothing more."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError
from structlog.testing import capture_logs
from tests.support.fleet import until
from tests.support.vendors.server import Request, Response, refuse, serve_vendor
from tests.support.webhooks import (
    SOMETHING,
    add_webhook,
    office_of,
    open_courier,
    read_deliveries,
    read_messages,
    read_webhook,
    send_due,
    taken,
    tell,
)
from tests.support.workbench import Workbench

from leadyard.domain.events import EventType
from leadyard.domain.webhooks import (
    RETRY_DELAYS,
    TRIED_FOR,
    DeliveryError,
    DeliveryStatus,
    DisabledReason,
    Health,
)
from leadyard.storage import outbox
from leadyard.storage import webhook_deliveries as delivery_rows
from leadyard.storage import webhooks as webhook_rows
from leadyard.worker.upkeep import forget_old_messages
from leadyard.worker.webhooks import TURN_LEASE

PENDING, DELIVERED, FAILED = DeliveryStatus


def hanging(_request: Request) -> Response:
    return Response(hangs=True)


def failing(_request: Request) -> Response:
    return Response(500, b"")


def verify(secret: str, request: Request) -> object:
    """What a receiver makes of a message."""
    return Receiver(secret).verify(request.body, request.headers)


async def test_receiver_verifies_a_message_with_its_secret_and_no_other(bench: Workbench) -> None:
    async with serve_vendor(taken) as server, open_courier(bench) as courier:
        webhook, secret = await add_webhook(bench, f"{server.url}/hook?from=leadyard")
        await tell(bench)
        assert await send_due(courier) == 1
        (request,) = server.requests
        assert verify(secret, request) == {
            "type": "list.paused",
            "timestamp": "2026-03-02T09:00:00Z",
            "data": {"lead_list_id": "an id", "reason": "requested"},
        }
        assert (request.method, request.path, request.params) == ("POST", "/hook", {"from": "leadyard"})
        assert request.headers["content-type"] == "application/json"
        (delivery,) = await read_deliveries(bench, webhook)
        assert (delivery.status, delivery.attempts, delivery.last_status) == (DELIVERED, 1, 200)
        assert delivery.message_id == request.headers["webhook-id"]
        for changed in (replace(request, body=request.body + b" "), request):
            other = secret if changed is not request else (await add_webhook(bench, server.url))[1]
            with pytest.raises(WebhookVerificationError):
                verify(other, changed)


async def test_while_a_secret_is_rotated_receivers_may_have_either(bench: Workbench) -> None:
    async with serve_vendor(taken) as server, open_courier(bench) as courier:
        webhook, old = await add_webhook(bench, server.url)
        async with bench.database.write() as tx:
            _, new = await office_of(bench).rotate_secret(tx, bench.caller, webhook.id)
        await tell(bench)
        await send_due(courier)
        assert verify(old, server.requests[0]) == verify(new, server.requests[0])
        bench.clock.advance(hours=24)
        await tell(bench)
        await send_due(courier)
        assert verify(new, server.requests[1])
        with pytest.raises(WebhookVerificationError):
            verify(old, server.requests[1])
        await forget_old_messages(bench.database)
        (row,) = await bench.query("SELECT previous_secret, sealed_secret FROM webhook_endpoints")
        assert row.previous_secret is None
        assert new not in row.sealed_secret


async def test_message_that_fails_is_tried_for_three_days_then_the_webhook_is_disabled(
    bench: Workbench,
) -> None:
    async with serve_vendor(failing) as server, serve_vendor(taken) as other, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url, EventType.LIST_PAUSED)
        await add_webhook(bench, other.url, EventType.WEBHOOK_DISABLED)
        await tell(bench)
        begun = bench.clock.now
        tried: list[timedelta] = []
        with capture_logs() as logs:
            while (await read_webhook(bench, webhook)).is_enabled:
                (delivery,) = await read_deliveries(bench, webhook)
                assert delivery.next_attempt_at is not None
                bench.clock.now = delivery.next_attempt_at
                tried.append(bench.clock.now - begun)
                await send_due(courier)
        waits = [later - earlier for earlier, later in pairwise(tried)]
        spread = zip(RETRY_DELAYS[:-1], waits[:-1], strict=True)
        assert all(delay <= wait <= delay * 1.1 for delay, wait in spread)
        assert (len(tried), tried[-1]) == (10, TRIED_FOR)
        assert len(server.requests) == 10
        assert len({request.headers["webhook-id"] for request in server.requests}) == 1
        (delivery,) = await read_deliveries(bench, webhook)
        assert (delivery.status, delivery.attempts, delivery.last_error) == (FAILED, 10, DeliveryError.STATUS)
        assert (await read_webhook(bench, webhook)).disabled_reason is DisabledReason.FAILING
        assert [log["webhook_id"] for log in logs if log["event"] == "webhook_disabled"] == [webhook.id]
        assert await send_due(courier) == 0
        assert other.requests[0].json["data"] == {"webhook_id": webhook.id, "reason": "failing"}
        await tell(bench)
        assert len(await read_messages(bench)) == 3
        assert await send_due(courier) == 0


async def test_one_success_within_three_days_keeps_a_webhook(bench: Workbench) -> None:
    async with serve_vendor(failing) as server, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        await tell(bench)
        await send_due(courier)
        assert (await read_webhook(bench, webhook)).failing_since == bench.clock.now
        bench.clock.advance(days=2)
        server.faults.append(refuse(204))
        await send_due(courier)
        assert (await read_webhook(bench, webhook)).failing_since is None
        bench.clock.advance(days=2)
        await tell(bench)
        await send_due(courier)
        assert (await read_webhook(bench, webhook)).is_enabled


async def test_receiver_that_is_gone_is_sent_nothing_more(bench: Workbench) -> None:
    async with serve_vendor(lambda request: Response(410, b"")) as server, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        await tell(bench, times=12)
        await send_due(courier)
        assert (await read_webhook(bench, webhook)).disabled_reason is DisabledReason.GONE
        deliveries = await read_deliveries(bench, webhook)
        assert {delivery.status for delivery in deliveries} == {FAILED}
        assert [each.last_error for each in deliveries[-2:]] == [DeliveryError.DISABLED] * 2
        assert len(server.requests) == 10
        assert (await read_messages(bench))[-1][0] == EventType.LIST_PAUSED


async def test_redirect_is_a_failure_and_leads_nowhere(bench: Workbench) -> None:
    async with serve_vendor(taken) as within, open_courier(bench) as courier:
        away = {"Location": f"{within.url}/"}
        async with serve_vendor(lambda request: Response(307, b"", away)) as server:
            webhook, _ = await add_webhook(bench, server.url)
            await tell(bench)
            await send_due(courier)
            (delivery,) = await read_deliveries(bench, webhook)
            assert (delivery.status, delivery.last_status) == (PENDING, 307)
            assert (len(server.requests), within.requests) == (1, [])


async def test_answer_is_its_status_however_its_body_comes(bench: Workbench) -> None:
    async with serve_vendor(taken) as server, open_courier(bench, total_seconds=1.0) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        server.faults.extend(
            (
                refuse(200, b"x" * 1_000_000),
                lambda request, handler: Response(201, b"x" * 1_000, sent_share=0.5),
                lambda request, handler: Response(202, b"no gzip", {"Content-Encoding": "gzip"}),
            )
        )
        await tell(bench, times=3)
        await send_due(courier)
        deliveries = await read_deliveries(bench, webhook)
        assert {each.status for each in deliveries} == {DELIVERED}
        assert sorted(each.last_status or 0 for each in deliveries) == [200, 201, 202]


async def test_receiver_that_hangs_does_not_hold_up_others(bench: Workbench) -> None:
    async with (
        serve_vendor(hanging) as slow,
        serve_vendor(taken) as quick,
        open_courier(bench, total_seconds=2.0) as courier,
    ):
        stuck, _ = await add_webhook(bench, slow.url)
        await tell(bench, times=30)
        free, _ = await add_webhook(bench, quick.url)
        await tell(bench)
        stop = asyncio.Event()
        running = asyncio.create_task(courier.run(stop))

        async def is_there() -> bool:
            return quick.requests != [] and (await read_deliveries(bench, free))[0].status is DELIVERED

        await until(is_there, 20)
        assert all(each.attempts == 0 for each in await read_deliveries(bench, stuck))

        async def is_over() -> bool:
            return (await read_deliveries(bench, stuck))[0].attempts == 1

        await until(is_over, 20)
        stop.set()
        await running
        deliveries = await read_deliveries(bench, stuck)
        assert {each.last_error for each in deliveries[:10]} == {DeliveryError.TIMED_OUT}
        assert len(slow.requests) == 10


async def test_webhook_that_fails_is_asked_with_one_message_at_a_time(bench: Workbench) -> None:
    async with serve_vendor(failing) as server, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        await tell(bench, times=25)
        assert (await send_due(courier), len(server.requests)) == (1, 10)
        bench.clock.advance(seconds=2)
        assert (await send_due(courier), len(server.requests)) == (1, 11)
        server.handler = taken
        bench.clock.advance(hours=1)
        assert await send_due(courier) == 4
        assert {each.status for each in await read_deliveries(bench, webhook)} == {DELIVERED}


@pytest.mark.parametrize(("asked", "wait"), [("1200", 1_200), ("999999", 3_600)])
async def test_receiver_says_when_to_come_back(bench: Workbench, asked: str, wait: int) -> None:
    async with serve_vendor(taken) as server, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        server.faults.append(refuse(503, Retry_After=asked))
        await tell(bench)
        await send_due(courier)
        (delivery,) = await read_deliveries(bench, webhook)
        assert delivery.next_attempt_at == bench.clock.now + timedelta(seconds=wait)
        await tell(bench)
        bench.clock.advance(seconds=wait - 1)
        assert await send_due(courier) == 0
        bench.clock.advance(seconds=1)
        await send_due(courier)
        assert {each.status for each in await read_deliveries(bench, webhook)} == {DELIVERED}


class Rebinding(AbstractResolver):
    """A name whose address is another one each time it is asked for; the last one stays."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None: ...


async def test_name_that_moves_within_is_sent_nothing_more(bench: Workbench) -> None:
    # 127.0.0.1 stands for an address of the internet: the others of loopback are not allowed.
    names = Rebinding("127.0.0.1", "127.0.0.2")
    async with (
        serve_vendor(taken) as server,
        open_courier(bench, ("127.0.0.1",), resolver=names) as courier,
    ):
        url = f"https://hooks.example:{server.port}/"
        webhook, _ = await add_webhook(bench, url)
        await bench.write("UPDATE webhook_endpoints SET url = :url", url=url.replace("https", "http"))
        await tell(bench)
        await send_due(courier)
        assert (names.asked, len(server.requests)) == (1, 1)
        await tell(bench)
        await send_due(courier)
        first, second = await read_deliveries(bench, webhook)
        assert first.status is DELIVERED
        assert (second.status, second.last_error) == (PENDING, DeliveryError.UNREACHABLE)
        assert (names.asked, len(server.requests)) == (2, 1)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"])
async def test_address_within_is_never_reached(bench: Workbench, host: str) -> None:
    async with serve_vendor(taken) as server, open_courier(bench, ()) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        url = f"http://{host}:{server.port}/"
        await bench.write("UPDATE webhook_endpoints SET url = :url", url=url)
        await tell(bench)
        await send_due(courier)
        (delivery,) = await read_deliveries(bench, webhook)
        assert (delivery.status, delivery.last_error) == (PENDING, DeliveryError.UNREACHABLE)
        assert server.requests == []


async def test_message_is_replayed_with_its_id(bench: Workbench) -> None:
    async with serve_vendor(taken) as server, open_courier(bench) as courier:
        webhook, secret = await add_webhook(bench, server.url)
        await tell(bench)
        await send_due(courier)
        (delivery,) = await read_deliveries(bench, webhook)
        async with bench.database.write() as tx:
            await office_of(bench).replay_delivery(tx, bench.caller, webhook.id, delivery.message_id)
        await send_due(courier)
        first, second = server.requests
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.message_id
        assert verify(secret, second)


async def test_webhook_is_in_the_hands_of_one_worker_until_its_lease_is_over(bench: Workbench) -> None:
    async with serve_vendor(taken) as server:
        await add_webhook(bench, server.url)
        await tell(bench)

        async def claim() -> delivery_rows.Turn | None:
            async with bench.database.write() as tx:
                return await delivery_rows.claim_turn(tx, TURN_LEASE)

        claimed = [turn for turn in await asyncio.gather(*(claim() for _ in range(4))) if turn is not None]
        assert len(claimed) == 1
        bench.clock.advance(seconds=TURN_LEASE.total_seconds())
        again = await claim()
        assert again is not None
        assert again.deliveries == claimed[0].deliveries

        async def end(turn: delivery_rows.Turn, now: datetime) -> bool:
            async with bench.database.write() as tx:
                return await delivery_rows.end_turn(tx, turn, Health(), now)

        assert not await end(claimed[0], bench.clock.now)
        assert await claim() is None
        assert await end(again, bench.clock.now)


async def test_what_is_being_sent_when_work_ends_is_handed_back(bench: Workbench) -> None:
    async with serve_vendor(hanging) as server, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        await tell(bench, times=2)
        server.faults.append(refuse(200))
        stop = asyncio.Event()
        running = asyncio.create_task(courier.run(stop))

        async def are_sent() -> bool:
            return len(server.requests) == 2

        await until(are_sent, 10)
        await asyncio.sleep(0.05)
        stop.set()
        await running
        deliveries = await read_deliveries(bench, webhook)
        assert sorted((each.status, each.attempts) for each in deliveries) == [(DELIVERED, 1), (PENDING, 0)]
        server.handler = taken
        assert await send_due(courier) == 1
        assert len(server.requests) == 3


async def test_webhook_that_is_being_deleted_is_no_trouble_to_who_has_something_to_tell(
    bench: Workbench,
) -> None:
    webhook, _ = await add_webhook(bench, "https://hooks.example/")
    await add_webhook(bench, "https://hooks.example/")
    async with bench.database.write() as tx:
        await office_of(bench).delete_webhook(tx, bench.caller, webhook.id)
        telling = asyncio.create_task(tell(bench))
        await asyncio.sleep(0.2)
        assert not telling.done()
    await telling
    assert len(await bench.query("SELECT 1 FROM webhook_deliveries")) == 1


async def test_messages_of_a_month_ago_are_forgotten(bench: Workbench) -> None:
    async with serve_vendor(taken) as server, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        await tell(bench, times=3)
        await send_due(courier)
        bench.clock.advance(days=29)
        await tell(bench)
        assert await forget_old_messages(bench.database) == 0
        bench.clock.advance(days=1)
        assert await forget_old_messages(bench.database) == 3
        assert len(await read_deliveries(bench, webhook)) == len(await read_messages(bench)) == 1


async def test_message_that_cannot_be_signed_is_not_sent(bench: Workbench) -> None:
    async with serve_vendor(taken) as server, open_courier(bench) as courier:
        first, _ = await add_webhook(bench, server.url)
        second, _ = await add_webhook(bench, server.url)
        await bench.write(
            "UPDATE webhook_endpoints SET sealed_secret = "
            "(SELECT e.sealed_secret FROM webhook_endpoints e WHERE e.id = :first) WHERE id = :second",
            first=first.row_id,
            second=second.row_id,
        )
        await tell(bench)
        await send_due(courier)
        (delivery,) = await read_deliveries(bench, second)
        assert (delivery.status, delivery.last_error) == (PENDING, DeliveryError.UNSIGNED)
        assert len(server.requests) == 1


async def test_webhook_can_be_deleted_while_somebody_tells_it_something(bench: Workbench) -> None:
    async with serve_vendor(taken) as server:
        webhook, _ = await add_webhook(bench, server.url)

        async def delete() -> None:
            async with bench.database.write() as tx:
                await office_of(bench).delete_webhook(tx, bench.caller, webhook.id)

        async with bench.database.write() as tx:
            await outbox.publish(tx, bench.caller.workspace_id, SOMETHING)
            deleting = asyncio.create_task(delete())
            await asyncio.wait([deleting], timeout=0.3)
        await deleting
    assert await bench.query("SELECT id FROM webhook_deliveries") == []
    assert await bench.query("SELECT id FROM webhook_endpoints") == []


async def test_two_processes_that_forget_messages_at_once_do_not_meet(bench: Workbench) -> None:
    async with serve_vendor(taken) as server:
        await add_webhook(bench, server.url)
        for _ in range(3):
            await tell(bench)
        bench.clock.advance(days=31)

        async def forget() -> int:
            async with bench.database.write() as tx:
                return await outbox.forget_messages(tx, tx.now, 1)

        async with bench.database.write() as tx:
            assert await outbox.forget_messages(tx, tx.now, 1) == 1
            forgetting = asyncio.create_task(forget())
            await asyncio.wait([forgetting], timeout=0.3)
        assert await forgetting == 1
        assert (await forget(), await forget()) == (1, 0)
    assert await bench.query("SELECT id FROM webhook_deliveries") == []


async def test_restored_copy_sends_nothing_after_the_statements_of_the_documentation(
    bench: Workbench,
) -> None:
    guide = Path(__file__).parents[2] / "docs" / "how-to" / "back-up-and-restore.md"
    statements = guide.read_text().split("```sql\n")[1].split("```")[0]
    async with serve_vendor(taken) as server, open_courier(bench) as courier:
        webhook, _ = await add_webhook(bench, server.url)
        await tell(bench)
        for statement in statements.split(";\n")[:-1]:
            await bench.write(statement)
        await tell(bench)
        assert (await send_due(courier), server.requests) == (0, [])
    assert (await read_webhook(bench, webhook)).disabled_reason is DisabledReason.REQUESTED
    async with bench.database.read() as tx:
        assert await webhook_rows.get_wanted_events(tx, bench.caller.workspace_id) == frozenset()
