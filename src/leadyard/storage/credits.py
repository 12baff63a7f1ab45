"""The ledger, append-only, and the balances kept beside it in the same transactions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import Caller
from leadyard.domain.credits import (
    NOTHING,
    PERSON_CHARGE_WINDOW,
    Balance,
    Charge,
    Cost,
    CreditEntry,
    CreditKind,
    Reason,
    SpentLine,
    cost_of_lines,
)
from leadyard.domain.errors import InsufficientCredits
from leadyard.domain.lead_lists import entry_id
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Statement
from leadyard.storage.ids import new_id
from leadyard.storage.paging import Collection as Rows
from leadyard.storage.paging import fetch_page

_OPEN = text("INSERT INTO credit_balances (workspace_id, kind, balance) VALUES (:workspace_id, :kind, 0)")
_BALANCES = "SELECT kind, balance, held FROM credit_balances WHERE workspace_id = :workspace_id ORDER BY kind"
_HOLD = "UPDATE credit_balances SET held = held + :amount WHERE workspace_id = :workspace_id AND kind = :kind"
_ENOUGH = "ck_credit_balances_balance"
_ADD = text(
    "UPDATE credit_balances SET balance = balance + :amount "
    "WHERE workspace_id = :workspace_id AND kind = :kind"
)
_SETTLE = (
    "UPDATE credit_balances SET "
    "balance = balance - CASE kind WHEN 'email' THEN :email_spent ELSE :phone_spent END, "
    "held = held - CASE kind WHEN 'email' THEN :email_released ELSE :phone_released END "
    "WHERE workspace_id = :workspace_id RETURNING kind, balance"
)
_ADMIN_ID = (
    "(SELECT min(u.id) FROM users u JOIN workspaces w ON w.account_id = u.account_id "
    "WHERE w.id = :workspace_id AND u.role = 'admin')"
)
_GRANT = text(
    "INSERT INTO credit_entries (workspace_id, kind, amount, reason, note, admin_id, key_id, user_id, "
    "charge_key, created_at) VALUES (:workspace_id, :kind, :amount, :reason, :note, "
    f"{_ADMIN_ID}, :key_id, :user_id, :charge_key, :now) RETURNING id"
)
_CHARGE_COLUMNS = {
    "kind": "text",
    "amount": "bigint",
    "reason": "text",
    "sequence": "integer",
    "charge_key": "text",
}
_CHARGE = (
    "INSERT INTO credit_entries (workspace_id, kind, amount, reason, note, admin_id, key_id, user_id, "
    "list_id, sequence, charge_key, created_at) SELECT :workspace_id, r.kind, r.amount, r.reason, "
    f":note, {_ADMIN_ID}, :key_id, :user_id, :list_id, r.sequence, r.charge_key, :now FROM r WHERE true "
    "ON CONFLICT (workspace_id, charge_key) DO NOTHING RETURNING kind, amount, sequence"
)
_PERSON_COLUMNS = {"person_id": "text"}
_CHARGE_PERSONS = (
    "INSERT INTO person_charges (workspace_id, person_id, charged_at) "
    "SELECT :workspace_id, r.person_id, :now FROM r WHERE true "
    "ON CONFLICT (workspace_id, person_id) DO UPDATE SET charged_at = excluded.charged_at "
    "WHERE person_charges.charged_at <= :expired RETURNING person_id"
)
_SELECT = (
    "SELECT c.id, c.kind, c.amount, c.reason, c.note, c.sequence, c.created_at, u.email AS user_email, "
    "l.public_id AS list_public_id FROM credit_entries c LEFT JOIN users u ON u.id = c.user_id "
    "LEFT JOIN lead_lists l ON l.id = c.list_id AND l.purpose = 'list' "
    "AND (l.shared OR l.owner_id = coalesce(:viewer_id, l.owner_id)) WHERE c.workspace_id = :workspace_id"
)
_GET = text(f"{_SELECT} AND c.id = :id")
_FILTERS = {
    "kind": "c.kind = :kind",
    "reason": "c.reason = :reason",
    "user": "u.email = :user",
    "list": "l.public_id = :list",
}
_OF_PERSON = (
    "(c.charge_key IN (:email_key, :phone_key) OR (c.charge_key >= :first_key AND c.charge_key < :end_key))"
)
_OF_EMAIL = "c.reason = 'email_validated' AND substr(c.charge_key, length(c.charge_key) - :length) = :suffix"
_DIFFERENCES = text(
    "SELECT b.workspace_id, b.kind, b.balance, "
    "(SELECT coalesce(sum(c.amount), 0) FROM credit_entries c WHERE c.workspace_id = b.workspace_id "
    "AND c.kind = b.kind) AS total FROM credit_balances b"
)


class Asker(msgspec.Struct, frozen=True):
    """Who caused a movement of credits, and on which list."""

    workspace_id: int
    key_id: int | None = None
    user_id: int | None = None
    list_row_id: int | None = None


async def open_balances(tx: Tx, workspace_id: int) -> None:
    """Starts both balances of a new workspace at zero."""
    for kind in CreditKind:
        await tx.conn.execute(_OPEN, {"workspace_id": workspace_id, "kind": kind})


async def list_balances(tx: Tx, workspace_id: int) -> dict[CreditKind, Balance]:
    """Both balances of a workspace."""
    rows = (await tx.run(_BALANCES, {"workspace_id": workspace_id})).rows
    return {CreditKind(row.kind): Balance(CreditKind(row.kind), row.balance, row.held) for row in rows}


async def lock_balances(tx: Tx, workspace_id: int) -> None:
    """Locks both balances until the commit, always in the same order, so that nobody deadlocks."""
    if clause := tx.dialect.lock_clause():
        await tx.run(f"{_BALANCES} {clause}", {"workspace_id": workspace_id})


async def hold_credits(tx: Tx, workspace_id: int, cost: Cost) -> None:
    """Holds credits of both kinds for work to come. Raises InsufficientCredits; nothing may commit then."""
    if statements := hold_statements(workspace_id, cost):
        with refusing_shortage(tx):
            await tx.run_each(statements)


def hold_statements(workspace_id: int, cost: Cost) -> list[Statement]:
    """What holds credits, a statement for each kind of which there is something to hold.

    The table refuses what there is not enough for, so that nothing sent along is done (`refusing_shortage`).
    """
    return [
        (_HOLD, {"workspace_id": workspace_id, "kind": kind.value, "amount": amount})
        for kind, amount in ((CreditKind.EMAIL, cost.email), (CreditKind.PHONE, cost.phone))
        if amount
    ]


@contextmanager
def refusing_shortage(tx: Tx) -> Iterator[None]:
    """Raises InsufficientCredits where the block holds more than there is."""
    try:
        yield
    except Exception as error:
        if tx.dialect.find_broken_check(error) == _ENOUGH:
            raise InsufficientCredits from None
        raise


async def move_credits(tx: Tx, workspace_id: int, *, spent: Cost, released: Cost) -> dict[CreditKind, int]:
    """Takes what was spent from the balances and what was released from what is held.

    Returns the balances as they are then; none if nothing was moved.
    """
    if spent == NOTHING and released == NOTHING:
        return {}
    values = {
        "workspace_id": workspace_id,
        "email_spent": spent.email,
        "phone_spent": spent.phone,
        "email_released": released.email,
        "phone_released": released.phone,
    }
    rows = (await tx.run(_SETTLE, values)).rows
    return {CreditKind(row.kind): row.balance for row in rows}


async def grant_credits(
    tx: Tx, asker: Asker, kind: CreditKind, amount: int, reason: Reason, note: str | None
) -> CreditEntry:
    """Adds milli-credits to a balance, with a line in the ledger."""
    values = {
        "workspace_id": asker.workspace_id,
        "kind": kind,
        "amount": amount,
        "reason": reason,
        "note": note,
        "key_id": asker.key_id,
        "user_id": asker.user_id,
        "charge_key": f"{reason}:{new_id(tx.now_ms)}",
        "now": tx.now_ms,
    }
    await lock_balances(tx, asker.workspace_id)
    row_id = (await tx.conn.execute(_GRANT, values)).scalar_one()
    move = {"workspace_id": asker.workspace_id, "kind": kind, "amount": amount}
    await tx.conn.execute(_ADD, move)
    of_grant = {"workspace_id": asker.workspace_id, "id": row_id, "viewer_id": None}
    row = await tx.conn.execute(_GET, of_grant)
    return _to_entry(row.one())


async def charge(tx: Tx, asker: Asker, charges: Sequence[Charge]) -> list[SpentLine]:
    """Writes those charges to the ledger that were not made before; returns the lines.

    The balances are locked. A charge key that is there already, and a person charged for within the last
    24 hours, take nothing.
    """
    return await _write_lines(tx, asker, await _open_person_charges(tx, asker.workspace_id, charges))


async def write_missing_charges(tx: Tx, asker: Asker, charges: Sequence[Charge], note: str) -> Cost:
    """Writes charges whose lines are missing in the ledger, whenever their persons were paid for last.

    Returns what they sum up to.
    """
    lines = [_to_line(tx, charge) for charge in charges if charge.amount]
    return cost_of_lines(await _write_lines(tx, asker, lines, note))


async def _write_lines(
    tx: Tx, asker: Asker, lines: Sequence[tuple[Any, ...]], note: str | None = None
) -> list[SpentLine]:
    """Writes the lines, each with the values of _CHARGE_COLUMNS; returns those that were not there before."""
    if not lines:
        return []
    values = {
        "workspace_id": asker.workspace_id,
        "key_id": asker.key_id,
        "user_id": asker.user_id,
        "list_id": asker.list_row_id,
        "note": note,
        "now": tx.now_ms,
    }
    written = await tx.dialect.run_with_rows(tx.conn, _CHARGE, _CHARGE_COLUMNS, lines, values)
    return [SpentLine(*row) for row in written]


async def _open_person_charges(tx: Tx, workspace_id: int, charges: Sequence[Charge]) -> list[tuple[Any, ...]]:
    """The charges as ledger rows, without those for persons whose 24 hours are not over."""
    person_ids = sorted({charge.person_id for charge in charges if charge.person_id is not None})
    due = await _move_person_windows(tx, workspace_id, person_ids) if person_ids else set()
    rows = []
    for item in charges:
        if item.person_id is not None:
            if item.person_id not in due:
                continue
            due.discard(item.person_id)
        if item.amount:
            rows.append(_to_line(tx, item))
    return rows


def _to_line(tx: Tx, charge: Charge) -> tuple[Any, ...]:
    """A charge as a line of the ledger."""
    key = charge.key if charge.person_id is None else f"person:{charge.person_id}:{tx.now_ms}"
    return charge.kind.value, -charge.amount, charge.reason.value, charge.sequence, key


async def _move_person_windows(tx: Tx, workspace_id: int, person_ids: list[str]) -> set[str]:
    values = {
        "workspace_id": workspace_id,
        "now": tx.now_ms,
        "expired": to_ms(tx.now - PERSON_CHARGE_WINDOW),
    }
    rows = [(person_id,) for person_id in person_ids]
    found = await tx.dialect.run_with_rows(tx.conn, _CHARGE_PERSONS, _PERSON_COLUMNS, rows, values)
    return {person_id for (person_id,) in found}


async def list_credit_entries(
    tx: Tx, caller: Caller, request: PageRequest, filters: Mapping[str, str] = MappingProxyType({})
) -> Page[CreditEntry] | None:
    """A page of the ledger, newest first; None for an unknown cursor. `filters`: kind, reason, user, list.

    What was charged for a list that the caller may not know of is there, but does not name the list.
    """
    scope = {"workspace_id": caller.workspace_id, "viewer_id": caller.viewer_id}
    where = "".join(f" AND {_FILTERS[name]}" for name in filters)

    async def position(cursor: str) -> int | None:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
            return None
        row = (await tx.conn.execute(_GET, {**scope, "id": int(cursor)})).one_or_none()
        return None if row is None else int(row.id)

    return await fetch_page(
        tx,
        Rows(_SELECT + where, "c.id", {**scope, **filters}, newest_first=True),
        request,
        cursor=position,
        convert=_to_entry,
    )


async def list_charges_of(
    tx: Tx, workspace_id: int, emails: Collection[str], person_ids: Collection[str], limit: int
) -> list[CreditEntry]:
    """The oldest charges whose keys name one of these e-mails or persons, at most `limit` of each."""
    asked: list[tuple[str, dict[str, Any]]] = [
        (_OF_EMAIL, {"suffix": f":{email}", "length": len(email)}) for email in emails
    ]
    asked += [(_OF_PERSON, person_charge_keys(person_id)) for person_id in person_ids]
    found: dict[int, CreditEntry] = {}
    for condition, values in asked:
        statement = text(f"{_SELECT} AND {condition} ORDER BY c.id LIMIT :limit")
        scope = {"workspace_id": workspace_id, "viewer_id": None}
        rows = await tx.conn.execute(statement, {**values, **scope, "limit": limit})
        found.update((row.id, _to_entry(row)) for row in rows)
    return [found[row_id] for row_id in sorted(found)]


def person_charge_keys(person_id: str) -> dict[str, str]:
    """The charge keys that name a person: two, and a range."""
    return {
        "email_key": f"email:{person_id}",
        "phone_key": f"phone:{person_id}",
        "first_key": f"person:{person_id}:",
        "end_key": f"person:{person_id};",
    }


async def list_differences(tx: Tx) -> list[tuple[int, CreditKind, int, int]]:
    """Balances that are not the sum of their ledger: workspace, kind, balance and sum."""
    rows = await tx.conn.execute(_DIFFERENCES)
    return [
        (row.workspace_id, CreditKind(row.kind), row.balance, int(row.total))
        for row in rows
        if row.balance != int(row.total)
    ]


async def correct_balances(tx: Tx, workspace_id: int) -> list[tuple[CreditKind, int, int]]:
    """Sets a workspace's locked balances to the sum of the ledger, which is the truth.

    Returns what was corrected: kind, balance before and sum.
    """
    corrected = [
        (kind, balance, total)
        for differing_id, kind, balance, total in await list_differences(tx)
        if differing_id == workspace_id
    ]
    for kind, balance, total in corrected:
        values = {
            "workspace_id": workspace_id,
            "kind": kind,
            "amount": total - balance,
        }
        await tx.conn.execute(_ADD, values)
    return corrected


def _to_entry(row: Row[Any]) -> CreditEntry:
    list_id = row.list_public_id
    return CreditEntry(
        id=row.id,
        kind=CreditKind(row.kind),
        amount=row.amount,
        reason=Reason(row.reason),
        note=row.note,
        user_email=row.user_email,
        list_id=list_id,
        entry_id=None if list_id is None or row.sequence is None else entry_id(list_id, row.sequence),
        created_at=from_ms(row.created_at),
    )
