"""Times of posting 10,000 leads over HTTP beside the floor, in turn, so that both see the same machine."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass

import httpx2

from benchmarks.floor import Store
from benchmarks.leads import LEADS_A_BODY, make_body

ROUNDS = 15
LIST_BEFORE = 50_000
AT_ONCE = 8
ADMIN = "admin@leadyard.example"


@dataclass(frozen=True)
class AddTimes:
    """Medians in seconds; `together` is the wall time of eight at once, `floor` that of the bare store."""

    new_list: float
    long_list: float
    together: float
    floor: float

    @property
    def ratio(self) -> float:
        """How many times the floor a post to a new list takes."""
        return self.new_list / self.floor


async def measure_adds(client: httpx2.AsyncClient, floor: Store) -> AddTimes:
    """Posts to new lists, to a list of 50,000 and to eight lists at once, with the floor in between."""
    body = make_body(0)
    await _post_to_new_list(client, body)
    floor(body, 0)
    new_list, floors = [], []
    for number in range(1, ROUNDS + 1):
        floors.append(floor(body, number))
        new_list.append(await _post_to_new_list(client, body))
    long_list = [await _post_to_long_list(client) for _ in range(3)]
    together = [await _post_together(client, body) for _ in range(5)]
    return AddTimes(*(statistics.median(times) for times in (new_list, long_list, together, floors)))


async def create_list(client: httpx2.AsyncClient, list_type: str = "email", **options: bool) -> str:
    """A new empty list's id."""
    settings = {"shared": True, "owner": ADMIN, "type": list_type, "leads": [], "options": options}
    answer = await client.post("/lead-lists", json=settings)
    answer.raise_for_status()
    return str(answer.json()["id"])


async def post_leads(client: httpx2.AsyncClient, list_id: str, body: bytes) -> float:
    """Posts a body; returns the seconds until the whole answer was there."""
    begin = time.perf_counter()
    answer = await client.post(
        f"/lead-lists/{list_id}/leads", content=body, headers={"Content-Type": "application/json"}
    )
    seconds = time.perf_counter() - begin
    answer.raise_for_status()
    assert answer.json()["total_added_to_lead_list"] == LEADS_A_BODY
    return seconds


async def wait_until_completed(client: httpx2.AsyncClient, list_id: str) -> None:
    """Waits until nothing of a list is left to do, so that the next measurement has the machine to itself."""
    while True:
        answer = (await client.get(f"/lead-lists/{list_id}?page[size]=1")).json()
        if answer["status"] == "completed":
            return
        await asyncio.sleep(0.05)


async def _post_to_new_list(client: httpx2.AsyncClient, body: bytes) -> float:
    list_id = await create_list(client)
    await wait_until_completed(client, list_id)
    seconds = await post_leads(client, list_id, body)
    await wait_until_completed(client, list_id)
    return seconds


async def _post_to_long_list(client: httpx2.AsyncClient) -> float:
    list_id = await create_list(client)
    for first in range(0, LIST_BEFORE, LEADS_A_BODY):
        await post_leads(client, list_id, make_body(first))
    await wait_until_completed(client, list_id)
    seconds = await post_leads(client, list_id, make_body(LIST_BEFORE))
    await wait_until_completed(client, list_id)
    return seconds


async def _post_together(client: httpx2.AsyncClient, body: bytes) -> float:
    list_ids = [await create_list(client) for _ in range(AT_ONCE)]
    for list_id in list_ids:
        await wait_until_completed(client, list_id)
    begin = time.perf_counter()
    await asyncio.gather(*(post_leads(client, list_id, body) for list_id in list_ids))
    seconds = time.perf_counter() - begin
    for list_id in list_ids:
        await wait_until_completed(client, list_id)
    return seconds
