"""Taking a step with some leads, moving, removing and copying them, and deleting a list for a while."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import DBAPIError
from tests.support.outage import refuse_to_cancel
from tests.support.stand_ins import Known
from tests.support.workbench import ALL_STEPS, Workbench, linkedin_leads

from leadyard.actions import copying, list_control, moving, selection
from leadyard.actions import lead_lists as list_actions
from leadyard.actions.exclusions import add_exclusions
from leadyard.actions.lead_lists import ListChanges
from leadyard.actions.list_control import Prepared
from leadyard.actions.list_view import view_list
from leadyard.actions.moving import Moved
from leadyard.domain.additions import LeftOut
from leadyard.domain.capacity import Limits
from leadyard.domain.credits import NOTHING, Cost
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.errors import Conflict, Gone, InsufficientCredits
from leadyard.domain.lead_lists import NO_STEPS, LeadList, ListStatus
from leadyard.domain.leads import ListType
from leadyard.domain.list_view import EntryFilter, ListCounts, Selection, SortBy, ViewRequest
from leadyard.domain.suppression import ExclusionKind, Identity
from leadyard.storage.erasures import add_tombstones
from leadyard.storage.list_copies import COPIED_AT_ONCE
from leadyard.worker.reconciliation import Reconciliation

PEOPLE = {
    "ann": Known("ann-id", "ann@acme.example", ("+12065550100",)),
    "ben": Known("ben-id"),
    "cat": Known("cat-id", "cat@acme.example"),
}
EVERY = Selection()
FIRST = Selection(sequences=frozenset({1}))


async def make(bench: Workbench, *slugs: str, **more: Any) -> LeadList:
    """A list whose leads have ended."""
    bench.service.knows = dict(PEOPLE)
    made = await bench.create(linkedin_leads(*slugs), more.pop("options", NO_STEPS), **more)
    await bench.finish(made)
    return await bench.read(made)


async def prepare(bench: Workbench, made: LeadList, step: Step, chosen: Selection = EVERY) -> Prepared:
    async with bench.database.read() as tx:
        return await selection.prepare_step(tx, bench.caller, made.id, chosen, step)


async def take(bench: Workbench, made: LeadList, step: Step, chosen: Selection = EVERY) -> tuple[Cost, Cost]:
    """Takes a step, runs what is queued for it, and returns the least and most it was said to cost."""
    prepared = await prepare(bench, made, step, chosen)
    async with bench.database.write() as tx:
        told = await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)
    await bench.finish(made)
    return told.least, told.most


async def look(bench: Workbench, made: LeadList, **request: Any) -> tuple[list[int], ListCounts]:
    async with bench.database.read() as tx:
        found = await list_actions.get_list(tx, bench.caller, made.id)
        page, counts = await view_list(tx, found, ViewRequest(**request))
    assert len(page.entries) == min(page.total, 50)
    return [entry.sequence for entry in page.entries], counts


async def move(bench: Workbench, made: LeadList, target: LeadList, chosen: Selection = EVERY) -> Moved:
    return await moving.move_leads(bench.database, bench.rules, bench.caller, made.id, target.id, chosen)


async def spent(bench: Workbench) -> int:
    return sum(amount for _, amount in await bench.charges())


async def require_sound(bench: Workbench) -> None:
    """Everything that is counted adds up, and nothing is held."""
    report = await Reconciliation(bench.database, bench.installation.dispatcher).run()
    assert {check: tally.examples for check, tally in report.tallies.items() if tally.differ} == {}
    assert {balance.held for balance in (await bench.balances()).values()} == {0}


async def test_steps_are_taken_one_by_one_with_leads_that_were_only_kept(bench: Workbench) -> None:
    made = await make(bench, "ann", "ben", "nobody")
    assert await take(bench, made, Step.ENRICH, FIRST) == (NOTHING, Cost(1500))
    assert await spent(bench) == 1500
    entries = await bench.entries(made)
    outcomes = [(entry.findings.enrich, entry.findings.validate) for entry in entries]
    assert outcomes == [(Outcome.FOUND, Outcome.SKIPPED)] + [(Outcome.SKIPPED, Outcome.SKIPPED)] * 2
    # Nobody but Ann has an e-mail to check.
    assert await take(bench, made, Step.VALIDATE) == (Cost(1000), Cost(1000))
    assert await take(bench, made, Step.REVEAL) == (NOTHING, Cost(0, 3000))
    assert await spent(bench) == 1500 + 1000 + 1000
    _, counts = await look(bench, made)
    assert [counts.steps[step][Outcome.FOUND] for step in Step] == [1, 1, 1]
    assert (counts.results["deliverable"], counts.with_email, counts.with_phone) == (1, 1, 1)
    assert counts.steps[Step.REVEAL][Outcome.NOT_FOUND] == 2
    await require_sound(bench)


async def test_step_that_has_told_is_not_taken_or_paid_for_again(bench: Workbench) -> None:
    made = await make(bench, "ann", "ben", options=ALL_STEPS)
    paid = await spent(bench)
    for step in (Step.ENRICH, Step.VALIDATE):
        assert (await prepare(bench, made, step)).reopening.total == 0
    assert await take(bench, made, Step.REVEAL) == (NOTHING, Cost(0, 1000))
    assert await spent(bench) == paid
    await require_sound(bench)


async def test_leads_under_way_and_in_canceled_lists_are_left_alone(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann", "ben"))
    assert (await prepare(bench, made, Step.ENRICH)).reopening.total == 0
    await bench.cancel(made)
    with pytest.raises(Conflict):
        await prepare(bench, made, Step.ENRICH)


async def test_step_that_would_cost_more_by_now_than_was_told_is_not_taken(bench: Workbench) -> None:
    made, other = await make(bench, "ann"), await make(bench, "ben")
    prepared = await prepare(bench, made, Step.ENRICH)
    assert (await move(bench, other, made)).count == 1
    with pytest.raises(Conflict):
        async with bench.database.write() as tx:
            await list_control.reopen_prepared(
                tx, bench.caller, made.id, prepared, at_most=prepared.reopening.most
            )
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    await require_sound(bench)


async def test_step_without_the_credits_for_it_changes_nothing(bench: Workbench) -> None:
    bench.caller = await bench.open_account(email=1499)
    made = await make(bench, "ann")
    prepared = await prepare(bench, made, Step.ENRICH)
    with pytest.raises(InsufficientCredits):
        async with bench.database.write() as tx:
            await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)
    assert (await bench.read(made)).status is ListStatus.COMPLETED
    await require_sound(bench)


async def test_step_asked_for_is_retried_with_what_failed(bench: Workbench) -> None:
    made = await make(bench, "ann")
    bench.service.down = {Step.ENRICH}
    await take(bench, made, Step.ENRICH)
    _, counts = await look(bench, made, wanted=EntryFilter(trouble="any"))
    assert counts.troubles == {"stand-in": 1}
    bench.service.down = set()
    async with bench.database.read() as tx:
        prepared = await list_control.prepare_retry(tx, bench.caller, made.id)
    async with bench.database.write() as tx:
        await list_control.reopen_prepared(tx, bench.caller, made.id, prepared)
    assert (await look(bench, made, wanted=EntryFilter(status=EntryStatus.DONE)))[0] == []
    assert (await look(bench, made, wanted=EntryFilter(status=EntryStatus.QUEUED)))[0] == [1]
    await bench.finish(made)
    assert [entry.findings.enrich for entry in await bench.entries(made)] == [Outcome.FOUND]
    await require_sound(bench)


async def test_moved_leads_keep_what_they_came_to_and_cost_nothing(bench: Workbench) -> None:
    made = await make(bench, "ann", "ben", "nobody", options=ALL_STEPS)
    target = await make(bench, "ben", "cat", options=ALL_STEPS)
    paid, before = await spent(bench), await bench.entries(made)
    moved = await move(bench, made, target)
    assert (moved.count, moved.left_out[LeftOut.DUPLICATE_IN_LIST]) == (2, 1)
    ann, nobody = (await bench.entries(target))[2:]
    assert (ann.raw, ann.findings.person) == (before[0].raw, before[0].findings.person)
    assert (ann.sequence, nobody.sequence, nobody.findings.enrich) == (3, 4, Outcome.NOT_FOUND)
    assert [entry.raw for entry in await bench.entries(made)] == ["{}", before[1].raw, "{}"]
    assert (await look(bench, made))[0] == [2]
    assert (await look(bench, target, sort=SortBy.EMAIL))[0] == [3, 2, 1, 4]
    assert (await bench.read(made)).progress.done == 1
    assert await spent(bench) == paid
    await require_sound(bench)
    # It comes back behind the others, for its place is taken.
    assert (await move(bench, target, made, Selection(sequences=frozenset({3})))).count == 1
    assert (await look(bench, made))[0] == [2, 4]
    assert (await prepare(bench, made, Step.VALIDATE)).reopening.total == 0
    await require_sound(bench)


async def test_move_stops_where_the_other_list_is_full(bench: Workbench) -> None:
    made, target = await make(bench, "ann", "ben"), await make(bench, "cat")
    bench.rules = replace(bench.rules, limits=Limits(leads_per_list=2))
    moved = await move(bench, made, target)
    assert (moved.count, moved.left_out[LeftOut.OVER_CAPACITY]) == (1, 1)
    with pytest.raises(Conflict):
        await move(bench, made, target)
    await require_sound(bench)


async def test_whoever_was_found_and_is_kept_out_stays(bench: Workbench) -> None:
    made, target = await make(bench, "ann", "ben", "cat", options=ALL_STEPS), await make(bench)
    excluded = {"ann@acme.example": "ann@acme.example"}
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.EMAIL, excluded)
        # As an erasure begins, which then looks for entries list by list.
        await add_tombstones(tx, [bench.caller.workspace_id], Identity(emails=("cat@acme.example",)))
    moved = await move(bench, made, target)
    assert (moved.count, moved.left_out[LeftOut.SUPPRESSED]) == (1, 2)
    assert (await look(bench, made))[0] == [1, 3]


async def test_move_into_a_list_that_was_made_with_less_room(bench: Workbench) -> None:
    limits = bench.rules.limits
    bench.rules = replace(bench.rules, limits=Limits(leads_per_list=1))
    target = await make(bench, "cat")
    bench.rules = replace(bench.rules, limits=limits)
    assert (await move(bench, await make(bench, "ann", "ben"), target)).count == 2
    assert (await bench.read(target)).progress.total == 3
    await require_sound(bench)


async def test_leads_move_to_another_open_list_of_their_type_only(bench: Workbench) -> None:
    made, canceled = await make(bench, "ann"), await bench.create(linkedin_leads("ben"))
    await bench.cancel(canceled)
    emails = await make(bench, list_type=ListType.EMAIL)
    for target in (made, canceled, emails):
        with pytest.raises(Conflict):
            await move(bench, made, target)
    waiting = await bench.create(linkedin_leads("cat"))
    assert await move(bench, waiting, made) == Moved(0, 1)


async def test_removed_leads_leave_nothing_but_their_place(bench: Workbench) -> None:
    made = await make(bench, "ann", "ben", options=ALL_STEPS)
    await bench.add(made, linkedin_leads("cat"))
    paid = await spent(bench)
    chosen = Selection(sequences=frozenset({1, 3, 99}))
    assert await selection.remove_leads(bench.database, bench.caller, made.id, chosen) == 2
    left = await bench.read(made)
    assert (left.status, left.progress.total, left.progress.done) == (ListStatus.COMPLETED, 3, 1)
    assert await spent(bench) == paid
    sequences, counts = await look(bench, made)
    assert (sequences, counts.total, counts.emptied) == ([2], 1, 2)
    assert counts.statuses[EntryStatus.CANCELED] == 0
    await bench.add(made, linkedin_leads("ann"))
    await bench.finish(made)
    assert (await look(bench, made, is_descending=True))[0] == [4, 2]
    assert await spent(bench) == paid
    await require_sound(bench)


async def test_cost_for_all_is_counted_as_it_is_found_one_by_one(bench: Workbench) -> None:
    made = await make(bench, "ann", "ben", "nobody", options=ALL_STEPS)
    for more in ({"enrich": False, "validate_email": False}, {"enrich": True, "reveal_phone_numbers": False}):
        async with bench.database.write() as tx:
            await list_actions.update_list(tx, bench.caller, made.id, ListChanges(options=more))
        slug = f"cat-{more['enrich']}"
        await bench.add(made, linkedin_leads(slug, "bob") + linkedin_leads("eve", email="eve@acme.example"))
        await bench.finish(made)
    totals = set()
    for step in Step:
        for wanted in (EntryFilter(), EntryFilter(has_email=True), EntryFilter(search="b")):
            prepared = await prepare(bench, made, step, Selection(wanted))
            async with bench.database.read() as tx:
                told = await selection.estimate_step(tx, bench.caller, made.id, wanted, step)
            assert (step, wanted, told) == (step, wanted, prepared.reopening)
            totals.add(told.total)
    assert len(totals) > 3


async def test_all_that_a_filter_leaves_are_selected(bench: Workbench) -> None:
    made = await make(bench, "ann", "ben", "nobody", options=ALL_STEPS)
    chosen = Selection(EntryFilter(enrich=Outcome.NOT_FOUND))
    assert await selection.remove_leads(bench.database, bench.caller, made.id, chosen) == 1
    assert (await look(bench, made))[0] == [1, 2]


async def test_copy_has_the_same_leads_and_settings_and_costs_nothing(bench: Workbench) -> None:
    made = await make(bench, "ann", "ben", options=ALL_STEPS)
    await selection.remove_leads(bench.database, bench.caller, made.id, FIRST)
    paid = await spent(bench)
    copy = await copying.copy_list(bench.database, bench.rules, bench.caller, made.id)
    await bench.finish(copy)
    assert (copy.name, copy.options, copy.progress.total) == ("List (copy)", ALL_STEPS, 1)
    (entry,) = await bench.entries(copy)
    assert (entry.raw, entry.findings.enrich) == ((await bench.entries(made))[1].raw, Outcome.SKIPPED)
    assert await spent(bench) == paid
    await require_sound(bench)


async def test_copy_of_a_long_list_is_numbered_without_gaps_up_to_the_cap(bench: Workbench) -> None:
    slugs = [f"p{number}" for number in range(2 * COPIED_AT_ONCE + 10)]
    out = {0, COPIED_AT_ONCE, 2 * COPIED_AT_ONCE - 1}
    leads = [lead for slug in slugs for lead in linkedin_leads(slug)]
    leads = [{**lead, "email": "x@out.example"} if at in out else lead for at, lead in enumerate(leads)]
    made = await bench.create(leads)
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.DOMAIN, {"out.example": "out.example"})
    most = replace(bench.rules, limits=Limits(leads_per_list=2 * COPIED_AT_ONCE + 2))
    copy = await copying.copy_list(bench.database, most, bench.caller, made.id)
    rows = await bench.query(
        "SELECT sequence, key FROM lead_list_entries WHERE list_id = :id ORDER BY sequence", id=copy.row_id
    )
    kept = [slug for at, slug in enumerate(slugs) if at not in out]
    assert [tuple(row) for row in rows] == list(enumerate(kept[: most.limits.leads_per_list], 1))
    assert copy.progress.total == len(rows) == most.limits.leads_per_list


async def test_copy_leaves_out_who_is_kept_out_and_says_so(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann") + linkedin_leads("ben", email="ben@out.example"))
    await bench.add(made, linkedin_leads("cat"))
    await bench.finish(made)
    async with bench.database.write() as tx:
        keys = {"out.example": "out.example"}
        await add_exclusions(tx, bench.caller, ExclusionKind.DOMAIN, keys)
    copy = await copying.copy_list(bench.database, bench.rules, bench.caller, made.id)
    sent = [json.loads(entry.raw)["linkedin_url"] for entry in await bench.entries(copy)]
    assert sent == ["linkedin.com/in/ann", "linkedin.com/in/cat"]
    (addition,) = await bench.query("SELECT * FROM additions WHERE list_id = :id", id=copy.row_id)
    assert (addition.total, addition.added, json.loads(addition.left_out)) == (
        3,
        2,
        [[1, "suppressed", None]],
    )
    await bench.finish(copy)


async def test_copy_looks_again_when_somebody_is_excluded_meanwhile(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ben", email="ben@out.example") + linkedin_leads("ann"))
    await bench.finish(made)
    async with bench.database.read() as tx:
        prepared = await copying.prepare_copy(tx, bench.caller, made.id)
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.DOMAIN, {"out.example": "out.example"})
    async with bench.database.write() as tx:
        copy = await copying.copy_prepared(tx, bench.rules, bench.caller, made.id, prepared)
    (entry,) = await bench.entries(copy)
    assert json.loads(entry.raw)["linkedin_url"] == "linkedin.com/in/ann"
    await bench.finish(copy)


async def test_deletion_can_be_taken_back_for_a_while(bench: Workbench) -> None:
    made = await make(bench, "ann")

    async def restore() -> LeadList:
        async with bench.database.write() as tx:
            return await list_actions.restore_list(tx, bench.rules, bench.caller, made.id)

    await bench.delete(made)
    assert (await restore()).id == made.id
    assert [entry.sequence for entry in await bench.entries(made)] == [1]
    await bench.delete(made)
    bench.rules = replace(bench.rules, undo=timedelta())
    with pytest.raises(Gone):
        await restore()


async def test_leads_that_are_about_to_be_removed_are_not_begun_meanwhile(bench: Workbench) -> None:
    made = await bench.create(linkedin_leads("ann", "ben", "cat"), ALL_STEPS)
    (chunk,) = await bench.chunks(made)
    for statement in refuse_to_cancel(is_sqlite=bench.database.is_sqlite):
        await bench.write(statement)
    chosen = Selection(sequences=frozenset({1, 3}))
    with pytest.raises(DBAPIError):
        await selection.remove_leads(bench.database, bench.caller, made.id, chosen)
    again_at = await bench.run(chunk)
    assert again_at == bench.clock.now + timedelta(minutes=10)
    assert [entry.status for entry in await bench.entries(made)] == [
        EntryStatus.QUEUED,
        EntryStatus.DONE,
        EntryStatus.QUEUED,
    ]
    assert {key for _, key in bench.service.asked} == {"ben"}
    bench.clock.now = again_at
    await bench.finish(made)
    assert (await bench.read(made)).progress.done == 3
