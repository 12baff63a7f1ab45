"""`make bench-fairness`: how long a short list takes beside long ones.

`python -m benchmarks.fairness [--lists 2] [--rounds 8] [--postgresql]`: so many lists of 60,000 leads with
all steps are added to one service. While they are processed, a list of ten is added again and again, and its
time to the end is told. It fails if one takes longer than three seconds, or if the long lists end before.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx2
from tests.support.postgres import PostgresServer, create_database

from benchmarks.add_leads import create_list, wait_until_completed
from benchmarks.leads import LEADS_A_BODY, make_body
from benchmarks.run import KEY, LIST_SIZE, serve

SHORT = 10
ALLOWED_SECONDS = 3.0
STEPS: dict[str, bool] = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
JSON = {"Content-Type": "application/json"}


async def add_long_list(client: httpx2.AsyncClient) -> str:
    """A list of 60,000 leads, as fast as one client posts them."""
    list_id = await create_list(client, "email", **STEPS)
    for first in range(0, LIST_SIZE, LEADS_A_BODY):
        answer = await client.post(f"/lead-lists/{list_id}/leads", content=make_body(first), headers=JSON)
        answer.raise_for_status()
    return list_id


async def time_short_list(client: httpx2.AsyncClient, number: int) -> float:
    """Seconds from the request that creates a list of ten until all of it is done."""
    begin = time.perf_counter()
    list_id = await create_list(client, "email", **STEPS)
    body = make_body(1_000_000 + number * SHORT, SHORT)
    (await client.post(f"/lead-lists/{list_id}/leads", content=body, headers=JSON)).raise_for_status()
    await wait_until_completed(client, list_id)
    return time.perf_counter() - begin


async def measure(folder: Path, url: str | None, lists: int, rounds: int) -> tuple[list[float], int]:
    """The seconds of each round, and how many leads of the long lists were left after the last."""
    with serve(folder, url) as (_, base_url):
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx2.AsyncClient(base_url=base_url, headers=headers, timeout=120) as client:
            long = await asyncio.gather(*(add_long_list(client) for _ in range(lists)))
            times = [await time_short_list(client, number) for number in range(rounds)]
            answers = [(await client.get(f"/lead-lists/{each}?page[size]=1")).json() for each in long]
    return times, sum(each["progress"]["queued"] + each["progress"]["processing"] for each in answers)


def main() -> None:
    """Measures one database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lists", type=int, default=2, help="of 60,000 leads each")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--postgresql", action="store_true", help="PostgreSQL instead of SQLite")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None
        if options.postgresql:
            url = create_database(stack.enter_context(PostgresServer()), "fairness")
        times, left = asyncio.run(measure(folder, url, options.lists, options.rounds))
    kind = "PostgreSQL" if options.postgresql else "SQLite"
    told = ", ".join(f"{each:.2f}" for each in times)
    print(f"{kind}: ten leads beside {options.lists} lists of {LIST_SIZE:,}: {told} s; {left:,} were left")
    if max(times) > ALLOWED_SECONDS or not left:
        sys.exit(f"A short list took over {ALLOWED_SECONDS:g} s, or nothing was left of the long ones.")


if __name__ == "__main__":
    main()
