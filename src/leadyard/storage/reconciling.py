"""What proves that counters and balances are those of the rows they count, and what sets them right.

Each query compares within one statement, so that what others write meanwhile is on both sides or on none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from sqlalchemy import text

from leadyard.domain.credits import Charge, CreditKind, Reason
from leadyard.domain.entries import EntryStatus
from leadyard.domain.lead_lists import LeadList, Progress
from leadyard.domain.reconciliation import PersonLine
from leadyard.storage.database import Tx

_LIST_IDS = text("SELECT id FROM lead_lists WHERE id > :after ORDER BY id LIMIT 1000")
_WORKSPACE_IDS = text("SELECT id FROM workspaces ORDER BY id")
_COUNTED = text(
    "SELECT count(*) AS total, coalesce(max(sequence), 0) AS last, "
    + ", ".join(
        f"coalesce(sum(CASE status WHEN '{status}' THEN 1 ELSE 0 END), 0) AS {status}"
        for status in EntryStatus
        if status is not EntryStatus.CANCELED
    )
    + " FROM lead_list_entries WHERE list_id = :list_id"
)
_ADDED = text(
    "SELECT coalesce(max(upto), 0) AS added, coalesce(sum(CASE WHEN first_sequence = upto - added + 1 "
    "THEN 0 ELSE 1 END), 0) AS misplaced FROM (SELECT first_sequence, added, "
    "sum(added) OVER (ORDER BY id) AS upto FROM additions WHERE list_id = :list_id) AS a"
)
_SET_COUNTERS = text(
    "UPDATE lead_lists SET queued = :queued, processing = :processing, done = :done, failed = :failed, "
    "entry_count = :total, last_sequence = :last, "
    "capacity = CASE WHEN capacity < :total THEN :total ELSE capacity END WHERE id = :id"
)
_SET_UNFINISHED = text("UPDATE lead_lists SET status = 'processing' WHERE id = :id")
_LOOSE_HOLDS = text(
    "SELECT DISTINCT l.id FROM additions a JOIN lead_lists l ON l.id = a.list_id "
    "WHERE l.status IN ('completed', 'canceled') AND (a.email_held <> 0 OR a.phone_held <> 0) ORDER BY l.id"
)
_BALANCES = text(
    "SELECT b.kind, b.balance, b.held, (SELECT coalesce(sum(c.amount), 0) FROM credit_entries c "
    "WHERE c.workspace_id = b.workspace_id AND c.kind = b.kind) AS total, (SELECT "
    "coalesce(sum(CASE b.kind WHEN 'email' THEN a.email_held ELSE a.phone_held END), 0) FROM additions a "
    "JOIN lead_lists l ON l.id = a.list_id WHERE l.workspace_id = b.workspace_id) AS should_hold "
    "FROM credit_balances b WHERE b.workspace_id = :workspace_id ORDER BY b.kind"
)
_SET_BALANCE = text(
    "UPDATE credit_balances SET balance = :balance, held = :held "
    "WHERE workspace_id = :workspace_id AND kind = :kind"
)
_BY_KIND = ", ".join(
    f"coalesce(-sum(CASE kind WHEN '{kind}' THEN amount ELSE 0 END), 0) AS {kind}" for kind in CreditKind
)
_WRONGLY_SPENT = text(
    "SELECT a.list_id FROM (SELECT list_id, sum(email_spent) AS email, sum(phone_spent) AS phone "
    "FROM additions GROUP BY list_id) AS a LEFT JOIN "
    f"(SELECT list_id, {_BY_KIND} FROM credit_entries WHERE list_id IS NOT NULL GROUP BY list_id) AS c "
    "ON c.list_id = a.list_id WHERE a.email <> coalesce(c.email, 0) OR a.phone <> coalesce(c.phone, 0) "
    "ORDER BY a.list_id"
)
_SET_SPENT = text(
    "UPDATE additions SET email_spent = (SELECT coalesce(-sum(c.amount), 0) FROM credit_entries c "
    "WHERE c.list_id = additions.list_id AND c.kind = 'email' AND c.sequence >= additions.first_sequence "
    "AND c.sequence < additions.first_sequence + additions.added), phone_spent = "
    "(SELECT coalesce(-sum(c.amount), 0) FROM credit_entries c WHERE c.list_id = additions.list_id "
    "AND c.kind = 'phone' AND c.sequence >= additions.first_sequence "
    "AND c.sequence < additions.first_sequence + additions.added) WHERE list_id = :list_id"
)
_COUNT_LINES = text("SELECT count(*) FROM credit_entries WHERE workspace_id = :workspace_id AND amount < 0")
_PERSON_LINES = text(
    "SELECT c.id, c.charge_key FROM credit_entries c WHERE c.workspace_id = :workspace_id "
    "AND c.charge_key > :after AND c.charge_key < 'person;' AND NOT EXISTS (SELECT 1 FROM credit_entries d "
    "WHERE d.workspace_id = c.workspace_id AND d.charge_key = 'correction:' || CAST(c.id AS text)) "
    "ORDER BY c.charge_key LIMIT :limit"
)
_GIVE_BACK = text(
    "INSERT INTO credit_entries (workspace_id, kind, amount, reason, note, admin_id, list_id, sequence, "
    "charge_key, created_at) SELECT workspace_id, kind, -amount, :reason, :note, admin_id, list_id, "
    "sequence, 'correction:' || CAST(id AS text), :now FROM credit_entries WHERE id = :id "
    "ON CONFLICT (workspace_id, charge_key) DO NOTHING"
)
_STRAY_ENTRIES = text(
    "WITH RECURSIVE found(list_id) AS (SELECT min(list_id) FROM lead_list_entries UNION ALL "
    "SELECT (SELECT min(e.list_id) FROM lead_list_entries e WHERE e.list_id > found.list_id) FROM found "
    "WHERE found.list_id IS NOT NULL) SELECT list_id FROM found WHERE list_id IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM lead_lists l WHERE l.id = found.list_id)"
)
_RANGES = {"place": "integer", "first": "text", "last": "text"}


class Counted(msgspec.Struct, frozen=True):
    """What the rows of a list come to, beside what its additions say was added.

    `last` is the highest sequence; `misplaced` are additions that do not follow upon the one before.
    """

    progress: Progress
    last: int
    added: int
    misplaced: int

    @property
    def is_whole(self) -> bool:
        """Whether sequences begin with 1 and have no gap, up to the last that was added."""
        return self.progress.total == self.last == self.added and not self.misplaced

    @property
    def should_count(self) -> int:
        """How many entries the list has to show: all that were added, also where some are missing."""
        return max(self.last, self.added)


class CheckedBalance(msgspec.Struct, frozen=True):
    """A balance beside the sum of its ledger, and what is held beside what additions hold."""

    kind: CreditKind
    balance: int
    held: int
    total: int
    should_hold: int

    @property
    def is_right(self) -> bool:
        """Whether there is nothing to set."""
        return (self.balance, self.held) == (self.total, self.should_hold)

    @property
    def can_be_set(self) -> bool:
        """Whether the ledger covers what is held; else there is nothing that both could be set to."""
        return self.total >= self.should_hold


async def list_list_ids(tx: Tx, after: int) -> list[int]:
    """Row ids of up to 1,000 lists of any kind, deleted or not."""
    return list((await tx.conn.execute(_LIST_IDS, {"after": after})).scalars())


async def list_workspace_ids(tx: Tx) -> list[int]:
    """Row ids of all workspaces."""
    return list((await tx.conn.execute(_WORKSPACE_IDS)).scalars())


async def count_list(tx: Tx, list_row_id: int) -> Counted:
    """What the rows of a list come to."""
    row = (await tx.conn.execute(_COUNTED, {"list_id": list_row_id})).one()
    added = (await tx.conn.execute(_ADDED, {"list_id": list_row_id})).one()
    states = (int(row.queued), int(row.processing), int(row.done), int(row.failed))
    return Counted(Progress(row.total, *states), row.last, int(added.added), int(added.misplaced))


async def set_counters(tx: Tx, lead_list: LeadList, counted: Counted) -> None:
    """Sets the counters of a locked list to what its rows come to."""
    progress = counted.progress
    values = {
        "id": lead_list.row_id,
        "queued": progress.queued,
        "processing": progress.processing,
        "done": progress.done,
        "failed": progress.failed,
        "total": counted.should_count,
        "last": counted.should_count,
    }
    await tx.conn.execute(_SET_COUNTERS, values)


async def set_unfinished(tx: Tx, list_row_id: int) -> None:
    """Lets a locked list that is no canceled one go on."""
    await tx.conn.execute(_SET_UNFINISHED, {"id": list_row_id})


async def list_loose_holds(tx: Tx) -> list[int]:
    """Row ids of lists that have ended and still hold something."""
    return list((await tx.conn.execute(_LOOSE_HOLDS)).scalars())


async def check_balances(tx: Tx, workspace_id: int) -> list[CheckedBalance]:
    """The balances of a workspace beside what they must be."""
    rows = await tx.conn.execute(_BALANCES, {"workspace_id": workspace_id})
    return [
        CheckedBalance(CreditKind(row.kind), row.balance, row.held, int(row.total), int(row.should_hold))
        for row in rows
    ]


async def set_balance(tx: Tx, workspace_id: int, checked: CheckedBalance) -> None:
    """Sets a locked balance to the sum of its ledger, and what is held to what additions hold."""
    values = {
        "workspace_id": workspace_id,
        "kind": checked.kind,
        "balance": checked.total,
        "held": checked.should_hold,
    }
    await tx.conn.execute(_SET_BALANCE, values)


async def list_wrongly_spent(tx: Tx) -> list[int]:
    """Row ids of lists whose additions say that another sum was spent than the ledger does."""
    return list((await tx.conn.execute(_WRONGLY_SPENT)).scalars())


async def set_spent(tx: Tx, list_row_id: int) -> None:
    """Sets what the additions of a locked list have spent to what the ledger says."""
    await tx.conn.execute(_SET_SPENT, {"list_id": list_row_id})


async def count_charges(tx: Tx, workspace_id: int) -> int:
    """How many charges a workspace's ledger has."""
    return int((await tx.conn.execute(_COUNT_LINES, {"workspace_id": workspace_id})).scalar_one())


async def list_person_lines(tx: Tx, workspace_id: int, after: str, limit: int) -> list[PersonLine]:
    """Lines for persons found that were not given back, in the order of their charge keys."""
    values = {"workspace_id": workspace_id, "after": after, "limit": limit}
    return [PersonLine(row.id, row.charge_key) for row in await tx.conn.execute(_PERSON_LINES, values)]


async def give_back(tx: Tx, line_id: int, note: str) -> None:
    """Writes a line that takes a charge back; once, however often it is called. Balances stay."""
    values = {"id": line_id, "reason": Reason.CORRECTION, "note": note, "now": tx.now_ms}
    await tx.conn.execute(_GIVE_BACK, values)


async def find_unpaid(tx: Tx, workspace_id: int, charges: Sequence[Charge]) -> list[Charge]:
    """The charges of which the ledger has no line, neither under their key nor under an erased person's."""
    unpaid = await _without_line(tx, workspace_id, charges, _keys_of)
    return await _without_line(tx, workspace_id, unpaid, partial(_erased_keys_of, tx))


async def _without_line(
    tx: Tx, workspace_id: int, charges: Sequence[Charge], keys_of: Callable[[Charge], tuple[str, str]]
) -> list[Charge]:
    """The charges with no line of the ledger between their first and their last possible key."""
    if not charges:
        return []
    ranges = [
        {"place": place, "first": first, "last": last}
        for place, (first, last) in enumerate(map(keys_of, charges))
    ]
    statement = text(
        f"SELECT r.place FROM (SELECT * FROM {tx.dialect.rows_from('rows', _RANGES)}) AS r "
        "WHERE NOT EXISTS (SELECT 1 FROM credit_entries c WHERE c.workspace_id = :workspace_id "
        "AND c.charge_key >= r.first AND c.charge_key <= r.last)"
    )
    values = {"workspace_id": workspace_id, "rows": msgspec.json.encode(ranges).decode()}
    return [charges[place] for place in sorted((await tx.conn.execute(statement, values)).scalars())]


async def list_stray_entries(tx: Tx) -> list[int]:
    """Row ids of lists that are not there although there are entries of them."""
    return list((await tx.conn.execute(_STRAY_ENTRIES)).scalars())


def _keys_of(charge: Charge) -> tuple[str, str]:
    """First and last of the charge keys under which a charge may stand in the ledger."""
    if charge.person_id is not None:
        return f"person:{charge.person_id}:", f"person:{charge.person_id}:~"
    return charge.key or "", charge.key or ""


def _erased_keys_of(tx: Tx, charge: Charge) -> tuple[str, str]:
    """The same once the person was erased, and a digest has the place of what told of them."""
    if charge.person_id is not None:
        person = tx.digest(f"person:{charge.person_id}")
        return f"person:{person}:", f"person:{person}:~"
    head, _, told = (charge.key or "").rpartition(":")
    kind = "email" if charge.reason is Reason.EMAIL_VALIDATED else "person"
    key = f"{head}:{tx.digest(f'{kind}:{told}')}"
    return key, key
