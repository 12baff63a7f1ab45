"""What is stored of a person, wherever that is: read for an export, emptied by an erasure.

Entries are found by reading the lists through, in batches: no index names their persons, for that would cost
every lead that is added.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.entries import STATUSES, Findings
from leadyard.domain.erasure import ERASED_KEY_PREFIX, ERASED_LEAD, StoredLead
from leadyard.domain.lead_lists import LeadList
from leadyard.storage import lead_lists as list_rows
from leadyard.storage.clock import to_ms
from leadyard.storage.credits import person_charge_keys
from leadyard.storage.database import Tx
from leadyard.storage.leads import CANCELED_AT_ONCE
from leadyard.storage.summaries import empty_summaries

LEDGER_WINDOW = 20_000
"""Lines of the ledger that one statement looks through."""

_LISTS = text(
    "SELECT id FROM lead_lists WHERE workspace_id = :workspace_id AND id > :after ORDER BY id LIMIT 1"
)
_ENTRIES = "SELECT sequence, key, lead, status, findings FROM lead_list_entries WHERE list_id = :list_id"
_READ = text(f"{_ENTRIES} AND sequence > :after AND sequence <= :upto ORDER BY sequence")
_SENT = text(
    "SELECT sequence, key, lead FROM lead_list_entries WHERE list_id = :list_id AND sequence > :after "
    "AND substr(key, 1, 1) <> :erased ORDER BY sequence LIMIT :limit"
)
_SEQUENCE = {"sequence": "integer"}
_LAST_LINE = text("SELECT max(id) FROM credit_entries WHERE workspace_id = :workspace_id")
_FORGET_VALIDATIONS = text(
    "UPDATE credit_entries SET "
    "charge_key = substr(charge_key, 1, length(charge_key) - :length) || :pseudonym "
    "WHERE workspace_id = :workspace_id AND id > :after AND id <= :upto AND reason = 'email_validated' "
    "AND substr(charge_key, length(charge_key) - :length) = :suffix"
)
_OF_PERSON = (
    "workspace_id = :workspace_id AND (charge_key IN (:email_key, :phone_key) "
    "OR (charge_key >= :first_key AND charge_key < :end_key))"
)
_PUT_OFF_FOR = timedelta(minutes=10)
_FORGET_PERSON = text(
    f"UPDATE credit_entries SET charge_key = replace(charge_key, :person_id, :pseudonym) WHERE {_OF_PERSON}"
)
_FORGET_WINDOW = text(
    "DELETE FROM person_charges WHERE workspace_id = :workspace_id AND person_id = :person_id"
)


async def find_next_list(tx: Tx, workspace_id: int, after: int) -> LeadList | None:
    """The workspace's list with the next row id, deleted or not."""
    row_id = (
        await tx.conn.execute(_LISTS, {"workspace_id": workspace_id, "after": after})
    ).scalar_one_or_none()
    return None if row_id is None else await list_rows.get_list(tx, row_id)


async def read_entries(tx: Tx, list_row_id: int, after: int, upto: int) -> list[StoredLead]:
    """The entries of a list behind a sequence, up to another, in their order."""
    values = {"list_id": list_row_id, "after": after, "upto": upto}
    return [_to_stored_lead(row) for row in await tx.conn.execute(_READ, values)]


async def read_perhaps_of(
    tx: Tx, list_row_id: int, after: int, upto: int, needles: Collection[str]
) -> list[StoredLead]:
    """The entries behind a sequence, up to another, that may have one of these texts in lower case.

    They are all that do, and all that may spell it in other ways: not in plain ASCII, or with escapes.
    """
    told = "key || ' ' || lead || ' ' || coalesce(findings, '')"
    values: dict[str, Any] = {
        "list_id": list_row_id,
        "after": after,
        "upto": upto,
        "escape": "\\",
        "coded": "%",
    }
    conditions = [f"NOT {tx.dialect.is_plain_ascii('t.told')}"]
    conditions += [tx.dialect.contains("t.told", name) for name in ("escape", "coded")]
    for place, needle in enumerate(sorted(needles)):
        values[f"needle_{place}"] = needle
        conditions.append(tx.dialect.contains("t.told", f"needle_{place}"))
    statement = text(
        f"WITH t AS MATERIALIZED (SELECT sequence, {tx.dialect.lower_ascii(f'({told})')} AS told "
        "FROM lead_list_entries WHERE list_id = :list_id AND sequence > :after AND sequence <= :upto) "
        "SELECT e.sequence, e.key, e.lead, e.status, e.findings FROM t JOIN lead_list_entries AS e "
        "ON e.list_id = :list_id AND e.sequence = t.sequence "
        f"WHERE {' OR '.join(conditions)} ORDER BY e.sequence"
    )
    return [_to_stored_lead(row) for row in await tx.conn.execute(statement, values)]


async def read_sent(tx: Tx, list_row_id: int, after: int, limit: int) -> list[tuple[int, str, str]]:
    """Sequence, key and JSON of up to `limit` leads that are not emptied, as they were sent, in order."""
    values = {"list_id": list_row_id, "erased": ERASED_KEY_PREFIX, "after": after, "limit": limit}
    return [(row.sequence, row.key, row.lead) for row in await tx.conn.execute(_SENT, values)]


async def read_some_entries(tx: Tx, list_row_id: int, sequences: Sequence[int]) -> list[StoredLead]:
    """The entries of a list with these sequences, in their order."""
    chosen = f"sequence IN (SELECT n.number FROM {tx.dialect.numbers_from('sequences')} AS n)"
    values = {"list_id": list_row_id, "sequences": _encode(sequences)}
    rows = await tx.conn.execute(text(f"{_ENTRIES} AND {chosen} ORDER BY sequence"), values)
    return [_to_stored_lead(row) for row in rows]


async def put_off_entries(tx: Tx, list_row_id: int, sequences: Sequence[int]) -> None:
    """Lets entries of a locked list wait that are not begun: they are about to be erased, some at a time.

    Else they would be processed meanwhile, and paid for. If they are not erased after all it goes on.
    """
    chosen = f"sequence IN (SELECT n.number FROM {tx.dialect.numbers_from('sequences')} AS n)"
    statement = text(
        "UPDATE lead_list_entries SET not_before = :until "
        f"WHERE list_id = :list_id AND status = 'queued' AND {chosen}"
    )
    until = to_ms(tx.now + _PUT_OFF_FOR)
    for start in range(0, len(sequences), CANCELED_AT_ONCE):
        some = _encode(sequences[start : start + CANCELED_AT_ONCE])
        await tx.conn.execute(statement, {"list_id": list_row_id, "sequences": some, "until": until})


async def erase_entries(tx: Tx, list_row_id: int, sequences: Sequence[int]) -> list[StoredLead]:
    """Empties entries of a locked list and cancels them; returns them as they were.

    Those that were erased before are left out.
    """
    rows = tx.dialect.rows_from("rows", _SEQUENCE)
    values = {"list_id": list_row_id, "rows": _encode([{"sequence": each} for each in sequences])}
    chosen = f"sequence IN (SELECT r.sequence FROM (SELECT * FROM {rows}) AS r)"
    found = [
        lead
        for lead in map(_to_stored_lead, await tx.conn.execute(text(f"{_ENTRIES} AND {chosen}"), values))
        if not lead.is_erased
    ]
    statement = text(
        "UPDATE lead_list_entries SET key = :prefix || CAST(sequence AS text), lead = :lead, "
        "status = 'canceled', not_before = NULL, findings = NULL "
        f"WHERE list_id = :list_id AND {chosen}"
    )
    await tx.conn.execute(statement, {**values, "prefix": ERASED_KEY_PREFIX, "lead": ERASED_LEAD})
    await empty_summaries(tx, list_row_id, sequences)
    return found


async def find_additions(tx: Tx, list_row_id: int, sequences: Collection[int]) -> dict[int, int]:
    """The row id of the addition that each entry came with."""
    statement = text(
        "SELECT r.sequence, a.id FROM "
        f"(SELECT * FROM {tx.dialect.rows_from('rows', _SEQUENCE)}) AS r JOIN additions AS a "
        "ON a.list_id = :list_id AND r.sequence >= a.first_sequence "
        "AND r.sequence < a.first_sequence + a.added"
    )
    values = {"list_id": list_row_id, "rows": _encode([{"sequence": each} for each in sequences])}
    return {row.sequence: row.id for row in await tx.conn.execute(statement, values)}


async def find_last_line(tx: Tx, workspace_id: int) -> int:
    """The id of the newest line of the ledger; 0 if there is none."""
    last = (await tx.conn.execute(_LAST_LINE, {"workspace_id": workspace_id})).scalar_one()
    return int(last or 0)


async def forget_validations(tx: Tx, workspace_id: int, email: str, after: int) -> int:
    """Puts a digest in the place of an e-mail in the charge keys of LEDGER_WINDOW lines; returns how many.

    What was paid stays, and so does that it was paid once: nobody can be charged for the address any more.
    """
    values = {
        "workspace_id": workspace_id,
        "after": after,
        "upto": after + LEDGER_WINDOW,
        "length": len(email),
        "suffix": f":{email}",
        "pseudonym": tx.digest(f"email:{email}"),
    }
    return (await tx.conn.execute(_FORGET_VALIDATIONS, values)).rowcount


async def forget_person_charges(tx: Tx, workspace_id: int, person_id: str) -> int:
    """The same for the id of a person, all lines at once: an index finds them."""
    values = {"workspace_id": workspace_id, "person_id": person_id}
    await tx.conn.execute(_FORGET_WINDOW, values)
    pseudonym = tx.digest(f"person:{person_id}")
    forget = {**values, **person_charge_keys(person_id), "pseudonym": pseudonym}
    return (await tx.conn.execute(_FORGET_PERSON, forget)).rowcount


def _encode(rows: Collection[Any]) -> str:
    return msgspec.json.encode(rows).decode()


def _to_stored_lead(row: Row[Any]) -> StoredLead:
    findings = Findings() if row.findings is None else msgspec.json.decode(row.findings, type=Findings)
    return StoredLead(row.sequence, row.key, row.lead, STATUSES[row.status], findings)
