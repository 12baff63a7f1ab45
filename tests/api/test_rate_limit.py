"""So many requests a minute for each key, and the headers that tell how many are left."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import suppress
from functools import partial

import httpx2
import pytest
from sqlalchemy import text
from tests.api.support import member, require_error, with_settings
from tests.support.installation import Client, Service

from leadyard.actions.request_windows import lease_requests
from leadyard.api.rate_limit import RateLimiter, TooManyRequests
from leadyard.domain.request_windows import Lease

LEFT = re.compile(r'"default";r=(\d+);t=(\d+)')


def remaining(answer: httpx2.Response) -> int:
    """How many requests an answer says are left; its other parts are checked."""
    match = LEFT.fullmatch(answer.headers["ratelimit"])
    assert match
    assert 1 <= int(match[2]) <= 60
    return int(match[1])


@with_settings(rate_limit=3)
async def test_requests_over_the_limit_are_refused_until_the_minute_is_over(client: Client) -> None:
    for left in (2, 1, 0):
        answer = await client.get("/account-info")
        assert (answer.status_code, remaining(answer)) == (200, left)
        assert answer.headers["ratelimit-policy"] == '"default";q=3;w=60'
    for _ in range(2):
        answer = await client.get("/account-info")
        require_error(answer, "too_many_requests", "More than 3 requests in a minute.")
        assert (remaining(answer), answer.headers["ratelimit-policy"]) == (0, '"default";q=3;w=60')
        retry_after = answer.headers["retry-after"]
        assert retry_after == LEFT.fullmatch(answer.headers["ratelimit"])[2]  # type: ignore[index]


@with_settings(rate_limit=100)
async def test_every_answer_has_the_headers_and_every_request_with_a_key_counts(
    client: Client, service: Service
) -> None:
    async with service.client(None) as nobody:
        answers = [
            await client.get("/account-info"),
            await client.get("/lead-lists/x"),
            await client.post("/normalize", content=b"{"),
            await client.get("/users?page[size]=0"),
            await client.post("/normalize", json={}),
        ]
        assert [remaining(answer) for answer in answers] == [99, 98, 97, 96, 95]
        for path in ("/account-info", "/nothing", "/healthz"):
            answer = await nobody.get(path)
            assert (remaining(answer), answer.headers["ratelimit-policy"]) == (100, '"default";q=100;w=60')


@with_settings(rate_limit=1)
async def test_each_key_has_a_count_of_its_own(client: Client, live_client: Client, service: Service) -> None:
    assert (await client.get("/users")).status_code == 200
    assert (await live_client.get("/users")).status_code == 200
    async with member(service) as mia:
        assert (await mia.get("/users")).status_code == 200
    assert (await client.get("/users")).status_code == 429


@with_settings(rate_limit=1)
async def test_bad_key_is_told_before_the_limit_and_health_is_not_limited(
    client: Client, service: Service
) -> None:
    await client.get("/users")
    async with service.client("ly_test_" + "x" * 38) as unknown:
        for _ in range(3):
            assert (await unknown.get("/users")).status_code == 401
            assert (await client.get("/healthz")).status_code == 200


@with_settings(rate_limit=1)
async def test_limit_is_told_before_what_is_wrong_with_the_request(client: Client) -> None:
    await client.get("/users")
    assert (await client.post("/normalize", content=b"{")).status_code == 429


async def test_without_a_limit_there_are_no_headers(client: Client) -> None:
    answer = await client.get("/users")
    assert not [name for name in answer.headers if name.startswith("ratelimit")]


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def test_minute_begins_with_the_first_request_and_then_all_are_there_again() -> None:
    clock = Clock()
    limiter = RateLimiter(2, clock)
    for second in (0, 59.9):
        clock.now = 1_000 + second
        await limiter.require_allowed(1)
    with pytest.raises(TooManyRequests) as refused:
        await limiter.require_allowed(1)
    assert refused.value.retry_after == 1
    assert limiter.headers(1)["RateLimit"] == '"default";r=0;t=1'
    clock.now = 1_060
    await limiter.require_allowed(1)
    assert limiter.headers(1)["RateLimit"] == '"default";r=1;t=60'


async def test_retry_after_is_never_earlier_than_the_window_ends() -> None:
    clock = Clock()
    limiter = RateLimiter(1, clock)
    await limiter.require_allowed(1)
    for passed in (0, 0.1, 30.5, 59, 59.999):
        clock.now = 1_000 + passed
        with pytest.raises(TooManyRequests) as refused:
            await limiter.require_allowed(1)
        assert clock.now + refused.value.retry_after >= 1_060
        assert limiter.headers(1)["RateLimit"].endswith(f";t={refused.value.retry_after}")


async def test_processes_share_what_a_key_has(service: Service) -> None:
    database, limit = service.installation.database, 50
    limiters = [RateLimiter(limit, take_lease=partial(lease_requests, database)) for _ in range(3)]
    taken: Counter[int] = Counter()

    async def ask(number: int) -> None:
        with suppress(TooManyRequests):
            await limiters[number % 3].require_allowed(1)
            taken[number % 3] += 1

    await asyncio.gather(*(ask(number) for number in range(limit)))
    assert taken.total() == limit
    for limiter in limiters:
        with pytest.raises(TooManyRequests):
            await limiter.require_allowed(1)
        assert limiter.headers(1)["RateLimit"].startswith('"default";r=0;')
        await limiter.require_allowed(2)


async def test_few_requests_look_into_the_database(service: Service) -> None:
    leases = []

    async def lease(key_id: int, limit: int, seconds: float) -> Lease:
        leases.append(await lease_requests(service.installation.database, key_id, limit, seconds))
        return leases[-1]

    limiter = RateLimiter(500, take_lease=lease)
    for _ in range(500):
        await limiter.require_allowed(1)
    assert sum(lease.granted for lease in leases) == 500
    assert leases[0].granted == 31
    assert len(leases) < 80


async def test_window_that_is_over_is_counted_anew(service: Service) -> None:
    database = service.installation.database
    first = await lease_requests(database, 1, 1, 60)
    assert (first.granted, (await lease_requests(database, 1, 1, 60)).granted) == (1, 0)
    assert 0 < first.seconds_left <= 60
    assert (await lease_requests(database, 1, 1, 0)).granted == 1
    async with database.write() as tx:
        await tx.conn.execute(text("UPDATE request_windows SET begun_at = begun_at + 3600000"))
    after_the_clock_was_set_back = await lease_requests(database, 1, 1, 60)
    assert after_the_clock_was_set_back.granted == 1
    assert after_the_clock_was_set_back.seconds_left == 60
