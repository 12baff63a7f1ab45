"""Leads go when their time is over; what was paid for them stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from tests.support.stand_ins import Known
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.actions.lead_lists import restore_list
from leadyard.domain.errors import Gone
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.retention import KEPT_UNLESS_TOLD, Keeping
from leadyard.storage.tables.ledger import credit_entries
from leadyard.worker import retention
from leadyard.worker.reconciliation import Reconciliation
from leadyard.worker.retention import delete_old_leads

WEEK = Keeping(leads=timedelta(days=7), deleted_leads=timedelta(days=2))


async def make_done(bench: Workbench) -> LeadList:
    """A list of three leads that is done, one of them found and paid for."""
    bench.service.knows = {"ann": Known("p-ann", "ann@found.example", ("+12125550100",))}
    made = await bench.create(linkedin_leads("ann", "bob", "cat"), ALL_STEPS)
    await bench.finish(made)
    return made


async def count_entries(bench: Workbench, lead_list: LeadList) -> int:
    (row,) = await bench.query(
        "SELECT count(*) AS number FROM lead_list_entries WHERE list_id = :id", id=lead_list.row_id
    )
    return int(row.number)


async def test_leads_of_a_list_go_a_week_after_it_ended_and_the_ledger_stays(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH_ENTRIES", 2)
    made = await make_done(bench)
    charges, balances = await bench.charges(), await bench.balances()
    bench.clock.advance(days=7)
    assert await delete_old_leads(bench.database, WEEK) == 0
    assert await count_entries(bench, made) == 3
    bench.clock.advance(seconds=1)
    assert await delete_old_leads(bench.database, WEEK) == 1
    assert await delete_old_leads(bench.database, WEEK) == 0
    assert await count_entries(bench, made) == 0
    with pytest.raises(Gone):
        await bench.read(made)
    assert len(charges) == 4
    assert (await bench.charges(), await bench.balances()) == (charges, balances)
    told = await bench.query("SELECT charge_key FROM credit_entries")
    assert [row.charge_key for row in told if "@" in row.charge_key] == []
    assert (await Reconciliation(bench.database, bench.installation.dispatcher).run()).is_sound


async def test_nobody_is_charged_twice_for_whom_a_list_that_is_gone_had(bench: Workbench) -> None:
    await make_done(bench)
    bench.clock.advance(days=8)
    await delete_old_leads(bench.database, WEEK)
    before = len(await bench.charges())
    await make_done(bench)
    again = [reason.value for reason, _ in (await bench.charges())[before:]]
    assert sorted(again) == ["email_validated", "person_found"]


async def test_leads_of_a_deleted_list_go_after_their_days_of_grace(bench: Workbench) -> None:
    made, kept = await make_done(bench), await make_done(bench)
    await bench.delete(made)
    bench.clock.advance(days=30)
    assert await delete_old_leads(bench.database, KEPT_UNLESS_TOLD) == 0
    bench.clock.advance(seconds=1)
    assert await delete_old_leads(bench.database, KEPT_UNLESS_TOLD) == 1
    assert (await count_entries(bench, made), await count_entries(bench, kept)) == (0, 3)


async def test_list_that_fails_does_not_stop_those_behind_it(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LISTS_AT_ONCE", 1)
    stuck, behind = await make_done(bench), await make_done(bench)
    columns = ", ".join(
        column.name for column in credit_entries.columns if column.name not in ("id", "charge_key")
    )
    async with bench.database.read() as tx:
        taken = f"validation:{stuck.id}:{tx.digest('email:ann@found.example')}"
    # What the key of the validation is to become is there already: it cannot be changed to that.
    await bench.write(
        f"INSERT INTO credit_entries (charge_key, {columns}) SELECT :taken, {columns} FROM credit_entries "
        "WHERE charge_key = :key",
        taken=taken,
        key=f"validation:{stuck.id}:ann@found.example",
    )
    bench.clock.advance(days=8)
    with capture_logs() as logs:
        assert await delete_old_leads(bench.database, WEEK) == 1
    assert await count_entries(bench, behind) == 0
    failed = [entry for entry in logs if entry["event"] == "upkeep_failed"]
    assert [(entry["task"], entry["list_id"]) for entry in failed] == [("delete_old_leads", stuck.row_id)]


async def test_list_that_has_not_ended_or_was_taken_up_again_keeps_its_leads(bench: Workbench) -> None:
    waiting = await bench.create(linkedin_leads("dan"), ALL_STEPS)
    made = await make_done(bench)
    bench.clock.advance(days=6)
    await bench.add(made, linkedin_leads("eve"))
    bench.clock.advance(days=6)
    await bench.finish(made)
    bench.clock.advance(days=6)
    assert await delete_old_leads(bench.database, WEEK) == 0
    assert (await count_entries(bench, made), await count_entries(bench, waiting)) == (4, 1)


async def test_jobs_of_a_canceled_list_go_with_its_leads(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("dan"), ALL_STEPS)
    await bench.cancel(made)
    assert len(await bench.chunks(made)) == 1
    bench.clock.advance(days=8)
    assert await delete_old_leads(bench.database, WEEK) == 1
    assert (await bench.chunks(made), await count_entries(bench, made)) == ([], 0)


async def test_emptying_that_broke_off_is_done_by_the_next_run(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await make_done(bench)
    bench.clock.advance(days=8)
    monkeypatch.setattr(retention, "BATCH_ENTRIES", 0)
    assert await delete_old_leads(bench.database, WEEK) == 0
    assert await count_entries(bench, made) == 3
    with pytest.raises(Gone):
        await bench.read(made)
    # Nobody takes it back with some of its leads only.
    with pytest.raises(Gone):
        async with bench.database.write() as tx:
            await restore_list(tx, bench.rules, bench.caller, made.id)
    monkeypatch.undo()
    assert await delete_old_leads(bench.database, WEEK) == 1
    assert await count_entries(bench, made) == 0
