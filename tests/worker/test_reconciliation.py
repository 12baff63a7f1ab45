"""Databases damaged on purpose, one thing at a time: it is found, nothing else is, and it is set right."""

from __future__ import annotations

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.support.stand_ins import Known
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.actions import batches
from leadyard.actions.erasures import erase_person
from leadyard.domain.clues import draft_people
from leadyard.domain.credits import CreditKind
from leadyard.domain.drafting import split_leads
from leadyard.domain.erasure import Traces
from leadyard.domain.lead_lists import Chunk, LeadList, ListStatus, entry_id
from leadyard.domain.reconciliation import Check, Report
from leadyard.worker.reconciliation import MISSING_NOTE, REPEATED_NOTE, Reconciliation

PEOPLE = {
    "ann": Known("p-ann", "ann@found.example", ("+12125550100",)),
    "bob": Known("p-bob", "bob@found.example"),
}


async def fill(bench: Workbench) -> tuple[LeadList, LeadList]:
    """A list that is done, with everything there is to pay for, and one that waits."""
    bench.service.knows = dict(PEOPLE)
    done = await bench.create(linkedin_leads("ann", "bob", "nobody"), ALL_STEPS)
    await bench.finish(done)
    waiting = await bench.create(linkedin_leads("ann", "cat"), ALL_STEPS)
    bench.clock.advance(minutes=2)
    return done, waiting


async def reconcile(bench: Workbench, *, repair: bool = False) -> Report:
    return await Reconciliation(bench.database, bench.installation.dispatcher, repair).run()


def differing(report: Report) -> dict[Check, tuple[int, int]]:
    """How many differ, and how many of these were repaired, where any does."""
    return {check: (tally.differ, tally.repaired) for check, tally in report.tallies.items() if tally.differ}


JOBS = {True: "chunks", False: "procrastinate_jobs"}

DAMAGES = [
    ({Check.BALANCES}, "UPDATE credit_balances SET balance = balance - 7 WHERE kind = 'email'{ours}"),
    ({Check.HOLDS}, "UPDATE credit_balances SET held = held + 7 WHERE kind = 'phone'{ours}"),
    ({Check.HOLDS}, "UPDATE additions SET email_held = 7 WHERE list_id = {done}"),
    ({Check.COUNTERS}, "UPDATE lead_lists SET done = done - 1 WHERE id = {done}"),
    ({Check.COUNTERS}, "UPDATE lead_lists SET queued = 0, processing = 2 WHERE id = {waiting}"),
    ({Check.COUNTERS}, "UPDATE lead_lists SET entry_count = entry_count + 1 WHERE id = {done}"),
    ({Check.COUNTERS}, "UPDATE lead_lists SET last_sequence = 2 WHERE id = {done}"),
    ({Check.SPENT}, "UPDATE additions SET email_spent = 0 WHERE list_id = {done}"),
    (
        {Check.CHARGES, Check.SPENT},
        "UPDATE credit_entries SET reason = 'grant', charge_key = 'grant:x', list_id = NULL, sequence = NULL "
        "WHERE charge_key = 'phone:p-ann'{ours}",
    ),
    (
        {Check.CHARGES, Check.SPENT, Check.BALANCES},
        "DELETE FROM credit_entries WHERE charge_key LIKE 'person:p-bob:%'{ours}",
    ),
    ({Check.JOBS}, "DELETE FROM {jobs}"),
    (
        {Check.SUMMARIES},
        "UPDATE entry_summaries SET sequence = sequence + 500 WHERE list_id = {done} AND sequence < 3",
    ),
    (
        {Check.SUMMARIES},
        "INSERT INTO entry_summaries (list_id, sequence, status, has_phone) "
        "VALUES ({waiting}, 1, 'done', false)",
    ),
    ({Check.STATES, Check.HOLDS}, "UPDATE lead_lists SET status = 'completed' WHERE id = {waiting}"),
]
"""What is found wrong after each. Writing a missing line changes the balance too."""


async def damage(bench: Workbench, statement: str, done: LeadList, waiting: LeadList) -> None:
    await bench.write(
        statement.format(
            ours=f" AND workspace_id = {bench.caller.workspace_id}",
            done=done.row_id,
            waiting=waiting.row_id,
            jobs=JOBS[bench.database.is_sqlite],
        )
    )


async def test_sound_database_is_found_sound_and_left_alone(bench: Workbench) -> None:
    await fill(bench)
    await bench.cancel(await bench.create(linkedin_leads("dan"), ALL_STEPS))
    await bench.delete(await bench.create(linkedin_leads("eve"), ALL_STEPS))
    before = await bench.query("SELECT * FROM credit_entries ORDER BY id")
    report = await reconcile(bench, repair=True)
    assert (report.is_sound, differing(report)) == (True, {})
    looked_at = {check: tally.looked_at for check, tally in report.tallies.items()}
    # The leads of a list that was deleted may be going at this moment.
    assert looked_at[Check.SEQUENCES] == looked_at[Check.COUNTERS] == 3
    assert looked_at[Check.KEYS] == looked_at[Check.CHARGES] == 7
    assert looked_at[Check.CHARGED_ONCE] == 7
    assert looked_at[Check.BALANCES] == 6
    assert await bench.query("SELECT * FROM credit_entries ORDER BY id") == before


@pytest.mark.parametrize(("expected", "statement"), DAMAGES)
async def test_damage_is_found_repaired_and_gone(
    bench: Workbench, expected: set[Check], statement: str
) -> None:
    done, waiting = await fill(bench)
    await damage(bench, statement, done, waiting)
    found = await reconcile(bench)
    assert differing(found).keys() == expected
    assert sum(repaired for _, repaired in differing(found).values()) == 0
    assert not found.is_sound
    with capture_logs() as logs:
        repaired = await reconcile(bench, repair=True)
    assert differing(repaired).keys() <= expected | {Check.BALANCES}
    assert repaired.is_sound
    assert {each["event"] for each in logs} == {"discrepancy_repaired"}
    again = await reconcile(bench)
    assert (again.is_sound, differing(again)) == (True, {})
    await bench.finish(waiting)
    assert (await bench.read(waiting)).status is ListStatus.COMPLETED
    assert (await reconcile(bench)).is_sound


async def test_second_charge_for_a_person_within_a_day_is_given_back_once(bench: Workbench) -> None:
    done, _ = await fill(bench)
    twice = (
        "INSERT INTO credit_entries (workspace_id, kind, amount, reason, admin_id, list_id, sequence, "
        "charge_key, created_at) SELECT workspace_id, kind, amount, reason, admin_id, list_id, sequence, "
        "'person:p-bob:' || CAST({moment} AS text), created_at FROM credit_entries "
        "WHERE charge_key = 'person:p-bob:{first}'"
    )
    first = int(bench.clock.now.timestamp() - 120) * 1000
    day = 24 * 3_600_000
    for moment in (first + day - 1, first + day):
        await bench.write(twice.format(moment=moment, first=first))
    report = await reconcile(bench, repair=True)
    assert differing(report)[Check.CHARGED_ONCE] == (1, 1)
    assert report.is_sound
    assert differing(await reconcile(bench, repair=True)) == {}
    (line,) = await bench.query(
        "SELECT amount, kind, note, list_id FROM credit_entries WHERE reason = 'correction'"
    )
    assert tuple(line) == (500, "email", REPEATED_NOTE, done.row_id)


async def test_missing_line_is_written_with_its_key_and_lowers_the_balance(bench: Workbench) -> None:
    await fill(bench)
    balances = await bench.balances()
    key = "phone:p-ann"
    await bench.write("UPDATE credit_balances SET balance = balance + 1000 WHERE kind = 'phone'")
    await bench.write("DELETE FROM credit_entries WHERE charge_key = :key", key=key)
    assert (await reconcile(bench, repair=True)).is_sound
    (line,) = await bench.query("SELECT amount, note FROM credit_entries WHERE charge_key = :key", key=key)
    assert tuple(line) == (-1000, MISSING_NOTE)
    assert await bench.balances() == balances


async def test_what_was_lost_is_told_and_left_as_it_is(bench: Workbench) -> None:
    done, _ = await fill(bench)
    await bench.write("DELETE FROM lead_list_entries WHERE list_id = :id AND sequence = 2", id=done.row_id)
    found = await reconcile(bench, repair=True)
    assert differing(found) == {
        Check.SEQUENCES: (1, 0),
        Check.COUNTERS: (1, 1),
        Check.SUMMARIES: (1, 1),
    }
    assert not found.is_sound
    assert differing(await reconcile(bench)) == {Check.SEQUENCES: (1, 0)}


async def test_key_that_is_not_the_leads_is_told_without_telling_the_lead(bench: Workbench) -> None:
    done, _ = await fill(bench)
    await bench.write(
        "UPDATE lead_list_entries SET key = 'somebody-else' WHERE list_id = :id AND key = 'nobody'",
        id=done.row_id,
    )
    found = await reconcile(bench, repair=True)
    assert differing(found) == {Check.KEYS: (1, 0)}
    assert found.tallies[Check.KEYS].examples == [f"lead {entry_id(done.id, 3)}"]


async def test_balance_below_what_is_held_is_told_until_credits_are_granted(bench: Workbench) -> None:
    _, waiting = await fill(bench)
    await bench.write(
        "UPDATE credit_entries SET amount = 1000 WHERE reason = 'grant' AND kind = 'email' "
        "AND workspace_id = :id",
        id=waiting.workspace_id,
    )
    found = await reconcile(bench, repair=True)
    assert differing(found) == {Check.BALANCES: (1, 0)}
    await bench.grant(CreditKind.EMAIL, 100_000)
    found = await reconcile(bench, repair=True)
    assert (differing(found), found.is_sound) == ({Check.BALANCES: (1, 1)}, True)


async def test_jobs_and_leads_of_no_list_are_found_and_only_the_jobs_removed(bench: Workbench) -> None:
    _, waiting = await fill(bench)
    async with bench.database.write() as tx:
        await tx.queue.enqueue(tx, [Chunk(4_711, 1, 1, 100)], pending=0)
    await bench.write(
        "INSERT INTO lead_list_entries (list_id, sequence, key, lead) VALUES (4712, 1, 'lost', '{}')"
    )
    found = await reconcile(bench, repair=True)
    assert differing(found) == {Check.STRAYS: (2, 1)}
    assert differing(await reconcile(bench)) == {Check.STRAYS: (1, 0)}
    assert len(await bench.chunks(waiting)) == 1


async def test_requests_with_leads_of_many_kinds_and_erased_persons_are_sound(bench: Workbench) -> None:
    bench.service.knows = dict(PEOPLE)
    people = [{"linkedin_url": "linkedin.com/in/ann"}, {"email": "bob@sent.example"}]
    drafts, _ = draft_people(split_leads(msgspec.Raw(msgspec.json.encode(people))))
    async with bench.database.write() as tx:
        lead_list = await batches.start_enrichment(tx, bench.rules, bench.caller, ALL_STEPS, drafts)
    await bench.finish(lead_list)
    await fill(bench)
    await erase_person(bench.database, bench.caller, Traces(profiles=frozenset({"ann"})))
    report = await reconcile(bench)
    assert (report.is_sound, differing(report)) == (True, {})


async def test_deleted_list_whose_leads_are_just_going_is_sound(bench: Workbench) -> None:
    done, _ = await fill(bench)
    await bench.delete(done)
    for table in ("lead_list_entries", "entry_summaries"):
        await bench.write(f"DELETE FROM {table} WHERE list_id = :id AND sequence <= 2", id=done.row_id)
    assert differing(await reconcile(bench)) == {}
