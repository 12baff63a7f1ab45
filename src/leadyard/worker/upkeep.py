"""What has to be done now and then, whoever does it: every task may run twice at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import LeadList, PauseReason
from leadyard.domain.pausing import has_room_for, next_day
from leadyard.domain.provider_calls import Spent
from leadyard.domain.retention import Keeping
from leadyard.domain.waterfall import Freshness
from leadyard.pipeline.open_calls import close_open_calls
from leadyard.pipeline.paid_service import SAME_LIST
from leadyard.pipeline.provider_desk import ProviderDesk
from leadyard.storage import credits as ledger
from leadyard.storage import idempotency as answer_rows
from leadyard.storage import lead_lists as list_rows
from leadyard.storage import mail_hosts as place_rows
from leadyard.storage import outbox, pauses, unfinished
from leadyard.storage import provider_calls as call_rows
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage import request_windows as window_rows
from leadyard.storage import searches as search_rows
from leadyard.storage import webhooks as webhook_rows
from leadyard.storage.database import Database, Tx
from leadyard.worker.beginning import run_all
from leadyard.worker.clock_watch import ClockWatch
from leadyard.worker.dispatcher import Dispatcher, pause
from leadyard.worker.failures import failure_told
from leadyard.worker.retention import delete_old_imports, delete_old_leads

ORPHANED_AFTER = timedelta(seconds=60)
CHECKPOINT_SECONDS = 1.0
CLOCK_SECONDS = 5.0
INQUIRIES_SECONDS = 2.0
SEARCH_LIFETIME = timedelta(days=1)
SEARCHES_AT_ONCE = 1_000
ANSWER_MARGIN = timedelta(days=1)
"""How much longer than it is used an answer is kept, so that none is deleted that somebody has in hand."""
MESSAGE_LIFETIME = timedelta(days=30)
MESSAGES_AT_ONCE = 1_000
ANSWERS_AT_ONCE = 5_000
SWEEP_SECONDS = 20.0
TIDY_SECONDS = 600.0

log = structlog.get_logger()


async def run_upkeep(
    database: Database, dispatcher: Dispatcher, desk: ProviderDesk, keeping: Keeping, stop: asyncio.Event
) -> None:
    """Runs every task at its own interval until `stop` is set. One that fails is logged and tried again."""
    sweep = (partial(reenqueue_orphans, database, dispatcher), partial(resume_paused, database))
    tidy = (
        partial(forget_old_answers, database),
        partial(forget_old_searches, database),
        partial(delete_old_leads, database, keeping),
        partial(delete_old_imports, database, keeping),
        partial(forget_bought_answers, database, desk.freshness),
        partial(forget_lost_places, database),
        partial(forget_request_windows, database),
        partial(forget_old_messages, database),
        partial(reconcile_balances, database),
    )
    rounds = (
        (SWEEP_SECONDS, sweep),
        (TIDY_SECONDS, tidy),
        (TIDY_SECONDS, (partial(close_open_calls, desk),)),
        (CLOCK_SECONDS, (partial(ClockWatch.notice_steps, ClockWatch(database)),)),
        (INQUIRIES_SECONDS, (partial(end_inquiries, desk),)),
        (CHECKPOINT_SECONDS, (partial(database.checkpoint),)),
    )
    await run_all([partial(_every, seconds, tasks) for seconds, tasks in rounds], stop)


async def _every(seconds: float, tasks: Sequence[partial[Any]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        for task in tasks:
            name = task.func.__name__
            try:
                with failure_told(name):
                    await task()
            except DatabaseAway:
                log.warning("upkeep_postponed", task=name)
        await pause(seconds, stop)


async def reenqueue_orphans(database: Database, dispatcher: Dispatcher) -> int:
    """Puts lists that have work but no job, and have not moved for a minute, back in the queue."""
    async with database.read() as tx:
        orphans = await dispatcher.list_orphans(tx, tx.now - ORPHANED_AFTER)
    for row_id in orphans:
        with failure_told("reenqueue_orphans", list_id=row_id):
            await _reenqueue(database, dispatcher, row_id)
    return len(orphans)


async def _reenqueue(database: Database, dispatcher: Dispatcher, row_id: int) -> None:
    async with database.write() as tx:
        await list_rows.lock_list(tx, row_id)
        if row_id not in await dispatcher.list_orphans(tx, tx.now - ORPHANED_AFTER):
            return
        if chunks := await unfinished.enqueue_unfinished(tx, row_id):
            log.warning("orphaned_list_enqueued", chunks=chunks)


async def resume_paused(database: Database) -> int:
    """Goes on with lists that wait for room under a limit, or for a provider, and can; returns how many."""
    async with database.read() as tx:
        waiting = [
            lead_list.row_id
            for lead_list in await pauses.list_waiting(tx)
            if _is_due(lead_list, tx.now) or await _can_go_on(tx, lead_list)
        ]
    resumed = 0
    for row_id in waiting:
        with failure_told("resume_paused", list_id=row_id):
            resumed += await _resume(database, row_id)
    return resumed


async def _resume(database: Database, row_id: int) -> bool:
    async with database.write() as tx:
        lead_list = await list_rows.lock_list(tx, row_id)
        if lead_list.pause is None or lead_list.pause.reason is PauseReason.REQUESTED:
            return False
        if await _can_go_on(tx, lead_list):
            await unfinished.resume_list(tx, row_id)
            log.info("list_resumed", list_id=row_id)
            return True
        if _is_due(lead_list, tx.now):
            await pauses.defer_pause(tx, row_id, next_day(tx.now))
        return False


def _is_due(lead_list: LeadList, now: datetime) -> bool:
    """Whether the moment has come that the list's pause names, if it names one."""
    until = None if lead_list.pause is None else lead_list.pause.until
    return until is not None and until <= now


async def _can_go_on(tx: Tx, lead_list: LeadList) -> bool:
    """Whether one of those that a paused list waits for is over, or may be."""
    causes = () if lead_list.pause is None else lead_list.pause.causes
    spent: Spent | None = None
    for cause in causes:
        if cause.limit is None:
            if await gate_rows.takes_calls(tx, lead_list.workspace_id, cause.provider):
                return True
            continue
        spent = spent or await call_rows.sum_spent(tx, lead_list.workspace_id, lead_list.row_id)
        plan = await settings_rows.get_plan(tx, lead_list.workspace_id)
        if has_room_for(cause, plan.limits, spent):
            return True
    return not causes


async def end_inquiries(desk: ProviderDesk) -> int:
    """Ends the questions to validators that outlasted their list, or were left when it was stopped.

    What is on the wire is heard out. Returns for how many lists.
    """
    if not (asked_for := desk.inquiries.lines):
        return 0
    async with desk.database.read() as tx:
        over = asked_for - await unfinished.list_going_on(tx, asked_for)
    desk.inquiries.end(over)
    return len(over)


async def forget_old_answers(database: Database) -> int:
    """Deletes answers kept for an Idempotency-Key longer than 24 hours."""
    async with database.write() as tx:
        return await answer_rows.delete_old_answers(tx)


async def forget_old_searches(database: Database) -> int:
    """Empties searches for one person that ended a day ago; returns how many."""
    count = 0
    while True:
        async with database.read() as tx:
            row_ids = await search_rows.list_old_searches(tx, tx.now - SEARCH_LIFETIME, SEARCHES_AT_ONCE)
        if not row_ids:
            return count
        async with database.write() as tx:
            await search_rows.empty_searches(tx, row_ids)
        count += len(row_ids)


async def forget_bought_answers(database: Database, freshness: Freshness) -> int:
    """Deletes answers of paid providers that are too old to be used again; returns how many."""
    found = max(freshness.found, SAME_LIST) + ANSWER_MARGIN
    others = max(freshness.not_found, SAME_LIST) + ANSWER_MARGIN
    count = 0
    after: call_rows.AnswerPlace | None = call_rows.BEFORE_ALL_ANSWERS
    while after is not None:
        async with database.write() as tx:
            last = await call_rows.find_answer(tx, after, ANSWERS_AT_ONCE)
            count += await call_rows.delete_old_answers(tx, after, last, tx.now - found, tx.now - others)
        after = last
    return count


async def forget_lost_places(database: Database) -> int:
    """Deletes the places at mail hosts that dead processes held; returns how many."""
    async with database.write() as tx:
        return await place_rows.forget_lost_places(tx)


async def forget_request_windows(database: Database) -> int:
    """Deletes the minutes of keys that have been over for an hour; returns how many."""
    async with database.write() as tx:
        return await window_rows.forget_windows(tx)


async def forget_old_messages(database: Database) -> int:
    """Deletes messages to webhooks of 30 days ago, and secrets that sign no more."""
    async with database.write() as tx:
        await webhook_rows.drop_old_secrets(tx)
    count = 0
    while True:
        async with database.write() as tx:
            deleted = await outbox.forget_messages(tx, tx.now - MESSAGE_LIFETIME, MESSAGES_AT_ONCE)
        count += deleted
        if deleted < MESSAGES_AT_ONCE:
            return count


async def reconcile_balances(database: Database) -> int:
    """Sets balances that differ from the sum of their ledger right, and logs each."""
    async with database.read() as tx:
        differences = await ledger.list_differences(tx)
    for workspace_id in dict.fromkeys(workspace_id for workspace_id, *_ in differences):
        with failure_told("reconcile_balances", workspace_id=workspace_id):
            await _correct_balances(database, workspace_id)
    return len(differences)


async def _correct_balances(database: Database, workspace_id: int) -> None:
    async with database.write() as tx:
        await ledger.lock_balances(tx, workspace_id)
        corrected = await ledger.correct_balances(tx, workspace_id)
    for kind, balance, total in corrected:
        log.error("balance_corrected", kind=kind, was=balance, sum_of_entries=total)
