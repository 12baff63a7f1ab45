"""The ledger added up, on both databases."""

from __future__ import annotations

from itertools import islice

from tests.api.support import ALL_OPTIONS, execute
from tests.support.installation import TEST_KEY, Client, Service, create_list

from leadyard.actions.credits import get_usage, list_credit_entries
from leadyard.domain.credits import Cost
from leadyard.domain.pages import PageRequest
from leadyard.storage.api_keys import find_caller


async def test_usage_begins_with_its_first_day_however_old_the_ledger_is(
    service: Service, client: Client
) -> None:
    made = await create_list(client, "email", [{"email": "a@acme.example"}], options=ALL_OPTIONS)
    await service.until_completed(client, made["id"])
    async with service.installation.database.read() as tx:
        found = await find_caller(tx, service.installation.digest(TEST_KEY))
        assert found is not None
        usage = await get_usage(tx, found[1], 7)
        filters = {"kind": "phone", "reason": "phone_revealed", "list": made["id"]}
        entries = await list_credit_entries(tx, found[1], PageRequest(10), filters)
    assert (len(usage.days), usage.total) == (7, Cost(1_500, 1_000))
    assert [share.spent for share in (*usage.lists, *usage.users, *usage.keys)] == [usage.total] * 3
    assert [entry.amount for entry in entries.items] == [-1_000]
    await execute(service, "UPDATE credit_entries SET created_at = created_at - 10 * 86400000")
    async with service.installation.database.read() as tx:
        assert (await get_usage(tx, found[1], 7)).total == Cost()
        assert (await get_usage(tx, found[1], 30)).total == Cost(1_500, 1_000)


async def test_shares_of_several_days_are_put_together_and_the_smallest_told_as_one(
    service: Service, client: Client
) -> None:
    lists = [await create_list(client, "email", name=f"List {number}") for number in range(12)]
    leads = [{"email": f"lead{number}@acme.example"} for number in range(78)]
    made = await create_list(client, "email", leads, options={"validate_email": True})
    await service.until_completed(client, made["id"])
    lines = iter(await service.query("SELECT id FROM credit_entries WHERE amount < 0 ORDER BY id"))
    move = (
        "UPDATE credit_entries SET created_at = created_at - 86400000 * (id % 3), "
        "list_id = (SELECT id FROM lead_lists WHERE public_id = :list) WHERE id = :line"
    )
    for number, each in enumerate(lists):
        for (line_id,) in islice(lines, number + 1):
            await execute(service, move, list=each["id"], line=line_id)
    async with service.installation.database.read() as tx:
        found = await find_caller(tx, service.installation.digest(TEST_KEY))
        assert found is not None
        usage = await get_usage(tx, found[1], 7)
    (price,) = {
        -amount for (amount,) in await service.query("SELECT amount FROM credit_entries WHERE amount < 0")
    }
    assert next(lines, None) is None
    assert [(share.name, share.spent.email // price) for share in usage.lists] == [
        *((f"List {number}", number + 1) for number in range(11, 1, -1)),
        (None, 2 + 1),
    ]
    assert [share.spent.email // price for share in (*usage.users, *usage.keys)] == [78, 78]
    assert [day.spent.email // price for day in usage.days] == [0, 0, 0, 0, 26, 26, 26]
