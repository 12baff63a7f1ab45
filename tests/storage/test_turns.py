"""What is made of many leads within a transaction leaves turns to others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tests.support.workbench import Workbench, linkedin_leads

from leadyard.actions.exclusions import add_exclusions
from leadyard.domain.suppression import ExclusionKind, Identity, Suppression
from leadyard.storage.suppression import find_suppressed

MANY = 1_000


async def test_others_have_a_turn_while_it_is_made_out_who_many_are(bench: Workbench) -> None:
    others = asyncio.Event()
    had_turn = []

    def make() -> Iterator[Identity]:
        asyncio.get_running_loop().call_soon(others.set)
        for number in range(MANY):
            had_turn.append(others.is_set())
            yield Identity(emails=(f"p{number}@acme.example",))

    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.EMAIL, {"p7@acme.example": "p7@acme.example"})
        found = await find_suppressed(tx, bench.caller.workspace_id, make())
    assert found == {7: Suppression.EXCLUDED}
    assert (had_turn[0], had_turn[-1]) == (False, True)


async def test_others_have_a_turn_while_keys_are_made_that_are_looked_up(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann"))
    others = asyncio.Event()
    had_turn = []

    def make() -> Iterator[list[str]]:
        asyncio.get_running_loop().call_soon(others.set)
        for keys in (["nobody"], ["ann"]):
            had_turn.append(others.is_set())
            yield keys

    async with bench.database.write() as tx:
        assert await tx.dialect.find_sequences(tx.conn, made.row_id, make()) == {"ann": 1}
    assert had_turn == [False, True]
    await bench.finish(made)
