"""Pages of a collection, both ways."""

from __future__ import annotations

import pytest
from tests.support.workbench import Workbench, linkedin_leads

from leadyard.domain.credits import CreditKind
from leadyard.domain.lead_lists import ListOptions, entry_id
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import credits as ledger
from leadyard.storage import leads as lead_rows
from leadyard.storage import list_index

PLAIN = ListOptions()


async def entry_page(bench: Workbench, count: int, request: PageRequest) -> Page[int] | None:
    """A page of the sequences of a new list of so many leads; `{}` in a cursor stands for the list's id."""
    made = await bench.create(linkedin_leads(*(f"lead-{number}" for number in range(count))), PLAIN)

    def cursor(token: str | None) -> str | None:
        return token if token is None or not token.isdigit() else entry_id(made.id, int(token))

    request = PageRequest(request.size, cursor(request.after), cursor(request.before))
    found = await lead_rows.find_list_with_page(bench.database, made.workspace_id, made.id, request)
    assert found is not None
    page = found[1]
    if page is None:
        return None
    return Page([entry.sequence for entry in page.items], page.has_previous, page.has_next)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (PageRequest(3), Page([1, 2, 3], False, True)),
        (PageRequest(7), Page([1, 2, 3, 4, 5, 6, 7], False, False)),
        (PageRequest(9), Page([1, 2, 3, 4, 5, 6, 7], False, False)),
        (PageRequest(3, after="3"), Page([4, 5, 6], True, True)),
        (PageRequest(4, after="3"), Page([4, 5, 6, 7], True, False)),
        (PageRequest(3, after="7"), Page([], True, False)),
        (PageRequest(2, before="4"), Page([2, 3], True, True)),
        (PageRequest(3, before="4"), Page([1, 2, 3], False, True)),
        (PageRequest(9, before="4"), Page([1, 2, 3], False, True)),
        (PageRequest(3, before="1"), Page([], False, True)),
    ],
)
async def test_page_begins_after_its_cursor_or_ends_before_it(
    bench: Workbench, request_: PageRequest, expected: Page[int]
) -> None:
    assert await entry_page(bench, 7, request_) == expected


@pytest.mark.parametrize("cursor", ["0", "8", "", "unknown", "00000000-0000-7000-8000-000000000001", "\x00"])
async def test_cursor_of_no_entry_is_unknown(bench: Workbench, cursor: str) -> None:
    assert await entry_page(bench, 7, PageRequest(3, after=cursor)) is None
    assert await entry_page(bench, 7, PageRequest(3, before=cursor)) is None


async def test_ledger_is_paged_newest_first_both_ways(bench: Workbench) -> None:
    for amount in range(1, 6):
        await bench.grant(CreditKind.EMAIL, amount)
    async with bench.database.read() as tx:
        first = await ledger.list_credit_entries(tx, bench.caller, PageRequest(2))
        assert first is not None
        assert [entry.amount for entry in first.items] == [5, 4]
        older = PageRequest(2, after=str(first.items[-1].id))
        second = await ledger.list_credit_entries(tx, bench.caller, older)
        assert second is not None
        assert [entry.amount for entry in second.items] == [3, 2]
        back = PageRequest(2, before=str(second.items[0].id))
        assert await ledger.list_credit_entries(tx, bench.caller, back) == first
        for cursor in ("0", "999999999", "-1", "x", "9" * 30, "１"):
            page = await ledger.list_credit_entries(tx, bench.caller, PageRequest(2, after=cursor))
            assert page is None


async def test_cursor_of_another_workspace_is_unknown(bench: Workbench) -> None:
    other = await bench.open_account()
    theirs = await bench.create([], PLAIN, caller=other)
    async with bench.database.read() as tx:
        request = PageRequest(2, after=theirs.id)
        assert await list_index.list_lists(tx.run_each, bench.caller, {}, request) is None
        page = await ledger.list_credit_entries(tx, other, PageRequest(1))
        assert page is not None
        request = PageRequest(2, after=str(page.items[0].id))
        assert await ledger.list_credit_entries(tx, bench.caller, request) is None


async def test_lists_are_filtered_and_paged_newest_first(bench: Workbench) -> None:
    made = [await bench.create([], PLAIN) for _ in range(4)]
    await bench.write("UPDATE lead_lists SET name = 'Spring %_! fair' WHERE id = :id", id=made[1].row_id)
    await bench.delete(made[2])

    async with bench.database.read() as tx:
        page = await list_index.list_lists(tx.run_each, bench.caller, {}, PageRequest(2))
        assert page is not None
        assert [found.id for found in page.items] == [made[3].id, made[1].id]
        assert page.has_next
        for part, expected in (
            ("%_!", [made[1].id]),
            ("SPRING", [made[1].id]),
            ("s_r", []),
            ("%", [made[1].id]),
        ):
            named = await list_index.list_lists(tx.run_each, bench.caller, {"name": part}, PageRequest(9))
            assert named is not None
            assert [found.id for found in named.items] == expected
