"""Places at mail hosts, which processes share."""

from __future__ import annotations

import asyncio

from tests.support.workbench import Workbench

from leadyard.storage.mail_hosts import SharedMailHosts, forget_lost_places

NAME, ADDRESS, OTHER = "mx.example", "192.0.2.1", "mx.other.example"


async def test_host_has_so_many_places_and_one_given_back_is_free(bench: Workbench) -> None:
    places, elsewhere = SharedMailHosts(bench.database), SharedMailHosts(bench.database)
    first = await places.take([NAME, ADDRESS], 2, 30)
    assert first is not None
    assert await elsewhere.take([NAME, ADDRESS], 2, 30) is not None
    assert await places.take([NAME, ADDRESS], 2, 30) is None
    await places.give_back(first)
    assert await elsewhere.take([NAME, ADDRESS], 2, 30) is not None
    assert await places.take([NAME, ADDRESS], 2, 30) is None


async def test_name_that_leads_to_a_taken_address_takes_no_place(bench: Workbench) -> None:
    places = SharedMailHosts(bench.database)
    for _ in range(2):
        assert await places.take([NAME, ADDRESS], 2, 30) is not None
    assert await places.take([OTHER, ADDRESS], 2, 30) is None
    assert await bench.query("SELECT 1 FROM mail_host_places WHERE host = :host", host=OTHER) == []


async def test_place_of_a_process_that_died_is_free_after_its_time(bench: Workbench) -> None:
    dead, places = SharedMailHosts(bench.database), SharedMailHosts(bench.database)
    lost = await dead.take([NAME], 1, 30)
    assert lost is not None
    bench.clock.advance(seconds=29)
    assert await places.take([NAME], 1, 30) is None
    bench.clock.advance(seconds=1)
    taken = await places.take([NAME], 1, 30)
    assert taken is not None
    assert not await dead.keep(lost, 30)
    await dead.give_back(lost)
    assert await dead.take([NAME], 1, 30) is None


async def test_place_that_is_kept_is_held_for_longer(bench: Workbench) -> None:
    places = SharedMailHosts(bench.database)
    token = await places.take([NAME], 1, 30)
    assert token is not None
    bench.clock.advance(seconds=20)
    assert await places.keep(token, 30)
    bench.clock.advance(seconds=20)
    assert await places.take([NAME], 1, 30) is None


async def test_never_more_than_two_get_a_place_at_once(bench: Workbench) -> None:
    processes = [SharedMailHosts(bench.database) for _ in range(4)]
    names = [NAME, OTHER]
    tokens = await asyncio.gather(
        *(processes[number % 4].take([names[number % 2], ADDRESS], 2, 30) for number in range(16))
    )
    assert sum(token is not None for token in tokens) == 2


async def test_places_of_the_dead_are_forgotten(bench: Workbench) -> None:
    places = SharedMailHosts(bench.database)
    await places.take([NAME], 2, 30)
    await places.take([OTHER], 2, 60)
    bench.clock.advance(seconds=30)
    async with bench.database.write() as tx:
        assert await forget_lost_places(tx) == 1
    rows = await bench.query("SELECT host FROM mail_host_places")
    assert [row.host for row in rows] == [OTHER]
