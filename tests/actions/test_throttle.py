"""Tries to sign in are counted in the database, for all processes, and slowed down."""

from __future__ import annotations

from datetime import timedelta

from tests.support.workbench import Workbench

from leadyard.actions import throttle
from leadyard.domain.sign_in import PER_ADDRESS, PER_EMAIL, PER_PAIR, TooManyTries

JANE = "jane@acme.example"


async def wait_of(bench: Workbench, email: str, address: str | None) -> int:
    """How many seconds a try has to wait; 0 if it is allowed, and counted."""
    try:
        async with bench.database.write() as tx:
            await throttle.require_allowed(tx, email, address)
    except TooManyTries as refused:
        return refused.retry_after
    return 0


async def test_tries_for_one_user_from_one_address_are_slowed_down(bench: Workbench) -> None:
    waits = [await wait_of(bench, JANE, None) for _ in range(PER_PAIR.tries + 3)]
    assert waits == [0] * PER_PAIR.tries + [PER_PAIR.seconds + 1] * 3
    assert await wait_of(bench, JANE, "192.0.2.2") == 0
    bench.clock.now += timedelta(seconds=PER_PAIR.seconds)
    assert [await wait_of(bench, JANE, None) for _ in range(2)] == [0, PER_PAIR.seconds + 1]


async def test_addresses_of_one_network_count_as_one_whomever_they_try(bench: Workbench) -> None:
    for number in range(PER_ADDRESS.tries):
        assert await wait_of(bench, f"user{number}@acme.example", f"2001:db8::{number:x}") == 0
    assert await wait_of(bench, JANE, "2001:db8::ffff") == PER_ADDRESS.seconds + 1
    assert await wait_of(bench, JANE, "2001:db8:0:1::1") == 0
    bench.clock.now += timedelta(hours=1)
    assert await wait_of(bench, JANE, "192.0.2.1") == 0
    (left,) = await bench.query("SELECT count(*) AS count FROM sign_in_tries")
    assert left.count == 3


async def test_user_who_is_attacked_from_everywhere_signs_in_from_where_they_did_before(
    bench: Workbench,
) -> None:
    assert await wait_of(bench, JANE, "198.51.100.7") == 0
    async with bench.database.write() as tx:
        await throttle.note_success(tx, JANE, "198.51.100.7")
    for number in range(PER_EMAIL.tries - 1):
        assert await wait_of(bench, JANE, f"192.0.2.{number}") == 0
    assert await wait_of(bench, JANE, "203.0.113.1") > 0
    assert await wait_of(bench, JANE, "198.51.100.7") == 0
