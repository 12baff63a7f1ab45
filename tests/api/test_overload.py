"""More than can be done at once: what is taken in is answered, the rest refused at once, health is told."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace
from tests.api.support import raw_scope, receiving, require_error
from tests.support.installation import TEST_KEY, Client, Service, add_leads, create_list

from leadyard.api.admission import LARGE_BYTES, Admission, Overloaded, Pass, Room, SlowBody
from leadyard.storage import lead_lists as list_rows

BUSY = "The service has too much to do. Try again shortly."
LEADS = [{"email": "ada@example.com"}]
JSON_WITH_KEY = {"Authorization": f"Bearer {TEST_KEY}", "Content-Type": "application/json"}


def admission_of(service: Service) -> Admission:
    return service.api.services.admission


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def parts(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        await asyncio.sleep(0)
        yield b"x" * size


async def test_adds_beyond_the_room_are_refused_at_once_and_the_others_answered(
    client: Client, service: Service
) -> None:
    lead_list = await create_list(client, "email")
    room = admission_of(service).room
    taken_in = room.working + room.waiting
    row_id = await service.query_one("SELECT id FROM lead_lists")
    async with service.installation.database.write() as tx:
        await list_rows.lock_list(tx, row_id)
        adding = [
            asyncio.create_task(add_leads(client, lead_list["id"], "email", LEADS))
            for _ in range(taken_in + 5)
        ]
        refused, waiting = await asyncio.wait(adding, return_when=asyncio.FIRST_COMPLETED)
        while len(refused) < 5:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            refused |= more
        for task in refused:
            require_error(task.result(), "service_unavailable", BUSY)
            assert task.result().headers["retry-after"] == "5"
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get(f"/lead-lists/{lead_list['id']}")).status_code == 200
    answers = [await task for task in waiting]
    assert [answer.status_code for answer in answers] == [202] * taken_in
    assert sum(answer.json()["total_added_to_lead_list"] for answer in answers) == 1
    assert (await add_leads(client, lead_list["id"], "email", LEADS)).status_code == 202
    assert admission_of(service).counts.total() == 0
    assert admission_of(service).body_bytes == 0


async def test_request_without_a_place_is_refused_before_its_key_is_looked_at(
    client: Client, service: Service
) -> None:
    admission = admission_of(service)
    admission.counts["requests"] = admission.room.requests
    require_error(await client.get("/users"), "service_unavailable", BUSY)
    require_error(
        await client.get("/users", headers={"Authorization": "Bearer x"}), "service_unavailable", BUSY
    )
    assert (await client.get("/healthz")).status_code == 200
    admission.counts["requests"] -= 1
    assert (await client.get("/users")).status_code == 200


@pytest.mark.parametrize("path", ["/users", "/normalize"])
async def test_answer_that_is_not_read_holds_no_place(service: Service, path: str) -> None:
    admission = admission_of(service)
    is_sent, is_read = asyncio.Event(), asyncio.Event()

    async def send(_message: object) -> None:
        is_sent.set()
        await is_read.wait()

    body = b'{"type": "email", "leads": []}'
    scope = raw_scope("POST" if path == "/normalize" else "GET", path, headers=JSON_WITH_KEY)
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def ask() -> None:
        await service.api(scope, receiving(messages), send)  # type: ignore[arg-type]

    asking = asyncio.create_task(ask())
    await is_sent.wait()
    assert admission.counts.total() == 0
    assert admission.body_bytes == 0
    assert not admission.slots.locked()
    is_read.set()
    await asking
    assert admission.counts.total() == 0
    assert admission.slots._value == admission.room.working


async def test_request_that_the_ending_server_waits_for_no_longer_is_sent_away(service: Service) -> None:
    sent: list[Any] = []
    is_read = asyncio.Event()

    async def receive() -> Any:
        is_read.set()
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        await service.api(raw_scope("POST", "/normalize", headers=JSON_WITH_KEY), receive, send)  # type: ignore[arg-type]

    asking = asyncio.create_task(ask())
    await is_read.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    start, body = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    answer = httpx2.Response(start["status"], headers=headers, content=body["body"])
    require_error(answer, "service_unavailable", "The service ends. Try again shortly.")
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["connection"] == "close"
    assert admission_of(service).counts.total() == 0


async def test_bodies_are_bounded_together(client: Client, service: Service) -> None:
    admission = admission_of(service)
    admission.room = replace(admission.room, memory_seconds=0.05)
    async with admission.open_pass() as other:
        other.read()
        await anext(other.collect(parts(admission.room.body_bytes)))
        answer = await client.post("/normalize", json={"type": "email", "leads": LEADS})
        require_error(answer, "service_unavailable", BUSY)
    answer = await client.post("/normalize", json={"type": "email", "leads": LEADS})
    assert answer.status_code == 200
    assert admission.body_bytes == 0


@pytest.mark.parametrize(("announced", "least", "bound"), [(0, 21, 28), (8, 8, 20)])
async def test_large_bodies_at_once_wait_for_each_other_and_all_come(
    announced: int, least: int, bound: int
) -> None:
    admission = Admission(Room(body_bytes=20 * LARGE_BYTES))
    most = 0

    async def send() -> None:
        nonlocal most
        async with admission.open_pass() as holder:
            holder.read()
            async for _ in holder.collect(parts(*[LARGE_BYTES] * 8), announced * LARGE_BYTES):
                most = max(most, admission.body_bytes)
            await asyncio.sleep(0.002)

    await asyncio.gather(*(send() for _ in range(8)))
    assert least * LARGE_BYTES <= most <= bound * LARGE_BYTES
    assert admission.body_bytes == 0
    assert not admission.coming


@asynccontextmanager
async def two_bodies(admission: Admission, *, announced: int) -> AsyncIterator[tuple[Pass, Pass]]:
    """The first is announced with so many bytes, and a mebibyte of it has come; of the second nothing yet."""
    async with admission.open_pass() as first, admission.open_pass() as second:
        first.read()
        second.read()
        await anext(first.collect(parts(LARGE_BYTES), announced))
        yield first, second


async def test_room_is_kept_for_a_quick_body_that_began_before() -> None:
    clock = Clock()
    admission = Admission(Room(body_bytes=10 * LARGE_BYTES), clock)
    async with two_bodies(admission, announced=8 * LARGE_BYTES) as (first, second):
        clock.now += 0.1
        assert admission.has_room(second, 2 * LARGE_BYTES)
        assert not admission.has_room(second, 2 * LARGE_BYTES + 1)
        assert admission.has_room(first, 9 * LARGE_BYTES)


async def test_small_bodies_come_in_while_room_is_kept_for_large_ones() -> None:
    admission = Admission(Room(body_bytes=10 * LARGE_BYTES), Clock())
    async with two_bodies(admission, announced=40 * LARGE_BYTES) as (_, second):
        assert admission.has_room(second, LARGE_BYTES)
        assert not admission.has_room(second, LARGE_BYTES + 1)


async def test_body_that_becomes_slow_gives_its_room_to_those_after_it() -> None:
    clock = Clock()
    admission = Admission(Room(body_bytes=10 * LARGE_BYTES), clock)
    async with two_bodies(admission, announced=8 * LARGE_BYTES) as (_, second):
        waiting = asyncio.ensure_future(anext(second.collect(parts(3 * LARGE_BYTES))))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        clock.now += 0.2
        assert len(await waiting) == 3 * LARGE_BYTES


async def test_body_that_waits_for_kept_room_is_refused_in_time_and_can_be_canceled() -> None:
    room = Room(body_bytes=10 * LARGE_BYTES, memory_seconds=0.3)
    admission = Admission(room, Clock())
    async with two_bodies(admission, announced=40 * LARGE_BYTES) as (_, second):
        with pytest.raises(Overloaded):
            await anext(second.collect(parts(2 * LARGE_BYTES)))
        waiting = asyncio.ensure_future(anext(second.collect(parts(2 * LARGE_BYTES))))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_body_waits_longer_for_memory_than_requests_wait_for_a_place() -> None:
    admission = Admission(Room(body_bytes=1_000, waiting_seconds=0.01))
    async with admission.open_pass() as first, admission.open_pass() as second:
        first.read()
        await anext(first.collect(parts(1_000)))
        second.read()
        waiting = asyncio.ensure_future(anext(second.collect(parts(500))))
        await asyncio.sleep(0.1)
        first.close()
        assert await waiting == b"x" * 500


async def test_time_that_a_body_waits_for_room_is_not_its_callers() -> None:
    clock = Clock()
    room = Room(body_bytes=1_000, patience_seconds=10, least_bytes_a_second=1_000)
    admission = Admission(room, clock)
    async with admission.open_pass() as first, admission.open_pass() as second:
        first.read()
        await anext(first.collect(parts(1_000)))
        second.read()
        body = second.collect(parts(500, 1))
        waiting = asyncio.ensure_future(anext(body))
        await asyncio.sleep(0.01)
        clock.now += 60
        first.close()
        assert await waiting == b"x" * 500
        assert await anext(body) == b"x"


async def test_body_that_trickles_in_is_refused_and_held_no_place_of_work(
    client: Client, service: Service
) -> None:
    admission = admission_of(service)
    admission.room = Room(body_bytes=1_000, patience_seconds=0.05)

    async def trickle() -> AsyncIterator[bytes]:
        yield b'{"type": "email", '
        assert admission.counts == Counter({"reading": 1, "requests": 0})
        await asyncio.sleep(30)
        yield b'"leads": []}'

    headers = {"Content-Type": "application/json"}
    answer = await client.post("/normalize", content=trickle(), headers=headers)
    require_error(answer, "unsupported_value", "The request body came too slowly.", pointer="")
    assert answer.headers["connection"] == "close"
    assert admission.counts.total() == 0


async def test_patience_grows_with_what_came() -> None:
    clock = Clock()
    room = Room(body_bytes=1_000_000, patience_seconds=10, least_bytes_a_second=1_000)
    async with Admission(room, clock).open_pass() as holder:
        holder.read()
        body = holder.collect(parts(200_000, 1, 1))
        await anext(body)
        clock.now += 150
        await anext(body)
        clock.now += 60.5
        with pytest.raises(SlowBody):
            await anext(body)


async def test_line_is_left_by_whom_it_takes_too_long() -> None:
    admission = Admission(Room(body_bytes=1_000, working=1, waiting=1, waiting_seconds=0.05))
    async with admission.open_pass() as first, admission.open_pass() as second:
        await first.work()
        with pytest.raises(Overloaded):
            await second.work()
    async with admission.open_pass() as third:
        await third.work()
    assert admission.counts.total() == 0


async def test_large_compressed_bodies_wait_for_each_other() -> None:
    admission = Admission(Room(body_bytes=1_000, inflated=1, waiting_seconds=0.05))
    async with admission.open_pass() as first, admission.open_pass() as second:
        await first.take_much()
        await first.take_much()
        with pytest.raises(Overloaded):
            await second.take_much()
        waiting = asyncio.create_task(second.take_much())
        await asyncio.sleep(0)
        first.close()
        await waiting


async def test_small_compressed_body_does_not_wait_for_large_ones(service: Service, client: Client) -> None:
    admission = admission_of(service)
    admission.room = replace(admission.room, waiting_seconds=0.05)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    async def post(length: int) -> int:
        body = gzip.compress(json.dumps({"type": "email", "leads": LEADS, "x": "x" * length}).encode())
        return (await client.post("/normalize", content=body, headers=headers)).status_code

    async with admission.open_pass() as one, admission.open_pass() as two:
        await one.take_much()
        await two.take_much()
        assert (await post(0), await post(2 * LARGE_BYTES)) == (400, 503)
    assert await post(2 * LARGE_BYTES) == 400


async def test_eight_large_compressed_bodies_at_once_are_all_taken_in(client: Client) -> None:
    leads = [{"email": f"a{n}@firm.example", "note": "x" * 2_000} for n in range(1_000)]
    body = gzip.compress(json.dumps({"type": "email", "leads": leads}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    async def post() -> int:
        made = await create_list(client, "email", [])
        answer = await client.post(f"/lead-lists/{made['id']}/leads", content=body, headers=headers)
        return int(answer.json()["total_added_to_lead_list"])

    assert await asyncio.gather(*(post() for _ in range(8))) == [1_000] * 8
