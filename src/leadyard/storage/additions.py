"""Additions: the record of each POST of leads, and the credits held for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.accounts import Caller
from leadyard.domain.additions import (
    Addition,
    Fate,
    FewLeads,
    HoldSettlement,
    SourceRequest,
    sequences_by_place,
)
from leadyard.domain.credits import NOTHING, Cost, Prices, total_cost
from leadyard.domain.entries import Terms
from leadyard.domain.lead_lists import CHUNK_SIZE, Chunk, LeadList, join_chunks, split_into_chunks
from leadyard.domain.reconciliation import TermsOfAddition
from leadyard.storage.clock import from_ms
from leadyard.storage.database import Tx
from leadyard.storage.dialects.results import Statement
from leadyard.storage.ids import new_id
from leadyard.storage.lead_lists import read_options

_INSERT = (
    "INSERT INTO additions (public_id, list_id, key_id, user_id, total, first_sequence, added, left_out, "
    "enrich, validate_email, reveal_phone_numbers, reveal_email, prices, email_held, phone_held, "
    "request_id, traceparent, created_at) "
    "VALUES (:public_id, :list_id, :key_id, :user_id, :total, :first_sequence, :added, :left_out, :enrich, "
    ":validate_email, :reveal_phone_numbers, :reveal_email, :prices, :email_held, :phone_held, "
    ":request_id, :traceparent, :now) RETURNING id"
)
_FIND = text(
    "SELECT a.*, k.name AS key_name, u.email AS user_email, l.public_id AS list_public_id "
    "FROM additions a JOIN lead_lists l ON l.id = a.list_id "
    "LEFT JOIN api_keys k ON k.id = a.key_id LEFT JOIN users u ON u.id = a.user_id "
    "WHERE a.list_id = :list_id AND a.public_id = :public_id"
)
_OPTIONS = ("enrich", "validate_email", "reveal_phone_numbers", "reveal_email")
_TERM_COLUMNS = (*_OPTIONS, "prices", "key_id", "user_id")
_SAME_OPTIONS = " AND ".join(f"a.{column} = l.{column}" for column in _OPTIONS)
AS_FEW = (
    f"a.added > 0 AND {_SAME_OPTIONS} AND a.prices = :prices "
    "AND a.key_id {equals} :key_id AND a.user_id {equals} :user_id"
)
"""Whether a few leads that are added to a list `l` now have the terms and the asker of its addition `a`."""
_SELECT_TERMS = (
    f"SELECT a.id, a.first_sequence, {', '.join(f'a.{column}' for column in _TERM_COLUMNS)}, a.request_id, "
    "a.traceparent, l.public_id AS list_public_id FROM additions a JOIN lead_lists l ON l.id = a.list_id"
)
_TERMS = text(f"{_SELECT_TERMS} WHERE a.id = :id")
# Those without a lead have the first sequence of the next one.
_TERMS_IN_CHUNK = (
    f"{_SELECT_TERMS} WHERE a.id = :id OR (a.list_id = :list_id AND a.added > 0 "
    "AND a.first_sequence > :first_sequence AND a.first_sequence <= :last_sequence) ORDER BY a.first_sequence"
)
_PLACES = text(
    "SELECT total, first_sequence, left_out FROM additions WHERE list_id = :list_id ORDER BY id LIMIT 1"
)
_SETTLE = (
    "UPDATE additions SET email_held = email_held - r.email_released, "
    "phone_held = phone_held - r.phone_released, email_spent = additions.email_spent + r.email_spent, "
    "phone_spent = additions.phone_spent + r.phone_spent FROM r WHERE additions.id = r.id "
    # PostgreSQL would rather go through all of them.
    "AND additions.id BETWEEN :first_id AND :last_id "
    "AND email_held >= r.email_released AND phone_held >= r.phone_released RETURNING additions.id"
)
_SETTLED_COLUMNS = {
    "id": "bigint",
    "email_released": "bigint",
    "phone_released": "bigint",
    "email_spent": "bigint",
    "phone_spent": "bigint",
}
_ALL_TERMS = text(
    f"SELECT id, first_sequence, {', '.join(_TERM_COLUMNS)} FROM additions "
    "WHERE list_id = :list_id AND added > 0 ORDER BY first_sequence"
)
_HELD = "SELECT a.id, a.email_held, a.phone_held FROM {ids} AS n JOIN additions AS a ON a.id = n.number"
_HELD_FOR_LIST = text(
    "SELECT coalesce(sum(email_held), 0) AS email, coalesce(sum(phone_held), 0) AS phone "
    "FROM additions WHERE list_id = :list_id"
)
_RELEASE_LIST = text(
    "UPDATE additions SET email_held = 0, phone_held = 0 "
    "WHERE list_id = :list_id AND (email_held > 0 OR phone_held > 0)"
)
_UNFINISHED = (
    f"SELECT a.id, a.first_sequence, a.added, {', '.join(f'a.{column}' for column in _TERM_COLUMNS)} "
    "FROM additions a WHERE a.list_id = :list_id AND EXISTS "
    "(SELECT 1 FROM lead_list_entries e WHERE e.list_id = a.list_id AND e.sequence >= a.first_sequence "
    "AND e.sequence < a.first_sequence + a.added AND e.status IN ('queued', 'processing')) "
    "ORDER BY a.first_sequence"
)


_decode_prices = msgspec.json.Decoder(Prices).decode


class ChunkTerms(msgspec.Struct, frozen=True):
    """What the leads of a chunk are processed and charged by, and who asked, in which requests.

    `additions` has the first sequence and the row id of each addition that they came with, in order.
    """

    terms: Terms
    key_id: int | None
    user_id: int | None
    requests: Sequence[SourceRequest]
    additions: Sequence[tuple[int, int]]


class NewAddition(msgspec.Struct, frozen=True):
    """What one POST of leads came to. `held` is in milli-credits."""

    total: int
    added: int
    left_out: Sequence[Fate]
    held: Cost
    prices: Prices
    request: SourceRequest


async def add_addition(tx: Tx, lead_list: LeadList, caller: Caller, new: NewAddition) -> tuple[int, str]:
    """Writes the record; returns its row id and its public id. The list is as it was before."""
    public_id = new_id(tx.now_ms)
    added = await tx.run(*addition_statement(tx, public_id, lead_list, caller, new))
    return added.rows[0].id, public_id


def addition_statement(
    tx: Tx, public_id: str, lead_list: LeadList, caller: Caller, new: NewAddition, added_before: int = 0
) -> Statement:
    """What writes the record and returns its row id. The list is as it was before.

    `added_before` is how many leads the same transaction has added, or will have by then.
    """
    values = {
        "public_id": public_id,
        "list_id": lead_list.row_id,
        "key_id": caller.key_id or None,
        "user_id": caller.user_id,
        "total": new.total,
        "first_sequence": lead_list.last_sequence + added_before + 1,
        "added": new.added,
        "left_out": msgspec.json.encode(new.left_out).decode(),
        "enrich": lead_list.options.enrich,
        "validate_email": lead_list.options.validate_email,
        "reveal_phone_numbers": lead_list.options.reveal_phone_numbers,
        "reveal_email": lead_list.options.reveal_email,
        "prices": msgspec.json.encode(new.prices).decode(),
        "email_held": new.held.email,
        "phone_held": new.held.phone,
        "request_id": new.request.request_id,
        "traceparent": new.request.traceparent,
        "now": tx.now_ms,
    }
    return _INSERT, values


async def find_addition(tx: Tx, list_row_id: int, public_id: str) -> Addition | None:
    """An addition of a list."""
    values = {"list_id": list_row_id, "public_id": public_id}
    row = (await tx.conn.execute(_FIND, values)).one_or_none()
    return None if row is None else _to_addition(row)


async def list_places(tx: Tx, list_row_id: int) -> list[int | None]:
    """The sequence of each lead of a list's first addition, in the order sent (see `sequences_by_place`)."""
    row = (await tx.conn.execute(_PLACES, {"list_id": list_row_id})).one()
    left_out = msgspec.json.decode(row.left_out, type=list[Fate])
    return sequences_by_place(row.total, row.first_sequence, left_out)


def terms_of_few(few: FewLeads) -> dict[str, Any]:
    """The values that AS_FEW compares with."""
    return {
        "public_id": few.list_public_id,
        "count": few.count,
        "size": CHUNK_SIZE,
        "prices": msgspec.json.encode(few.prices).decode(),
        "key_id": few.key_id,
        "user_id": few.user_id,
    }


async def get_terms(tx: Tx, row_id: int) -> Terms:
    """What the leads of an addition are processed and charged by."""
    return _to_terms((await tx.conn.execute(_TERMS, {"id": row_id})).one())


def chunk_terms_statement(chunk: Chunk) -> Statement:
    """What finds the additions of a chunk, the first of which has the terms of all."""
    values = {
        "id": chunk.addition_id,
        "list_id": chunk.list_id,
        "first_sequence": chunk.first_sequence,
        "last_sequence": chunk.last_sequence,
    }
    return _TERMS_IN_CHUNK, values


def read_chunk_terms(rows: Sequence[Any]) -> ChunkTerms:
    """What the rows of `chunk_terms_statement` come to."""
    return ChunkTerms(
        terms=_to_terms(rows[0]),
        key_id=rows[0].key_id,
        user_id=rows[0].user_id,
        requests=[SourceRequest(row.request_id, row.traceparent) for row in rows],
        additions=[(row.first_sequence, row.id) for row in rows],
    )


def _to_terms(row: Row[Any]) -> Terms:
    return Terms(
        validation_id=row.list_public_id,
        options=read_options(row),
        prices=_decode_prices(row.prices),
    )


async def list_terms(tx: Tx, lead_list: LeadList) -> list[TermsOfAddition]:
    """The terms of all additions of a list that brought leads, in the order of these."""
    additions: list[TermsOfAddition] = []
    rows = await tx.conn.execute(_ALL_TERMS, {"list_id": lead_list.row_id})
    for run, (_, alike) in enumerate(groupby(rows, key=_terms_in)):
        first, *others = alike
        terms = Terms(lead_list.id, read_options(first), _decode_prices(first.prices))
        additions += [
            TermsOfAddition(row.id, row.first_sequence, terms, row.key_id, row.user_id, run)
            for row in (first, *others)
        ]
    return additions


def _terms_in(row: Row[Any]) -> tuple[Any, ...]:
    """What two additions have the same of if their terms and their askers are the same."""
    return tuple(getattr(row, column) for column in _TERM_COLUMNS)


async def settle_holds(tx: Tx, settlements: Mapping[int, HoldSettlement]) -> Cost:
    """Takes finished leads out of the holds of additions, by row id, and adds what they cost.

    Returns what was released: less than asked for if less is held. That happens when the rules have
    changed since the leads were added, and must not keep them from ending.
    """
    if not settlements:
        return NOTHING
    settled = await _settle(tx, settlements)
    if short := settlements.keys() - settled:
        values = {"ids": msgspec.json.encode(sorted(short)).decode()}
        held = await tx.run(_HELD.format(ids=tx.dialect.numbers_from("ids")), values)
        less = {
            row.id: settlements[row.id].release_at_most(Cost(row.email_held, row.phone_held))
            for row in held.rows
        }
        await _settle(tx, less)
        settlements = {**settlements, **less}
    return total_cost(each.released for each in settlements.values())


async def _settle(tx: Tx, settlements: Mapping[int, HoldSettlement]) -> set[int]:
    """The row ids of those additions that held enough."""
    rows = [
        (row_id, each.released.email, each.released.phone, each.spent.email, each.spent.phone)
        for row_id, each in settlements.items()
    ]
    bounds = {"first_id": min(settlements), "last_id": max(settlements)}
    settled = await tx.dialect.run_with_rows(tx.conn, _SETTLE, _SETTLED_COLUMNS, rows, bounds)
    return {row_id for (row_id,) in settled}


async def add_holds(tx: Tx, held: Mapping[int, Cost]) -> None:
    """Holds more for additions whose entries are taken up again, by row id."""
    rows = [{"id": row_id, "email": cost.email, "phone": cost.phone} for row_id, cost in held.items()]
    columns = {"id": "bigint", "email": "bigint", "phone": "bigint"}
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', columns)}) "
        "UPDATE additions SET email_held = email_held + r.email, phone_held = phone_held + r.phone "
        "FROM r WHERE additions.id = r.id"
    )
    await tx.conn.execute(statement, {"rows": msgspec.json.encode(rows).decode()})


async def release_list_holds(tx: Tx, list_row_id: int) -> Cost:
    """Ends every hold of a list; returns what was held."""
    row = (await tx.conn.execute(_HELD_FOR_LIST, {"list_id": list_row_id})).one()
    await tx.conn.execute(_RELEASE_LIST, {"list_id": list_row_id})
    return Cost(int(row.email), int(row.phone))


async def list_unfinished_chunks(tx: Tx, list_row_id: int) -> list[Chunk]:
    """Chunks of all that is unfinished in a list, in order."""
    rows = (await tx.run(_UNFINISHED, {"list_id": list_row_id})).rows
    return join_chunks(
        (chunk, _terms_in(row))
        for row in rows
        for chunk in split_into_chunks(
            list_row_id, row.id, row.first_sequence, row.first_sequence + row.added - 1
        )
    )


def _to_addition(row: Row[Any]) -> Addition:
    return Addition(
        row_id=row.id,
        id=row.public_id,
        list_id=row.list_public_id,
        total=row.total,
        first_sequence=row.first_sequence,
        added=row.added,
        left_out=msgspec.json.decode(row.left_out, type=list[Fate]),
        held=Cost(row.email_held, row.phone_held),
        spent=Cost(row.email_spent, row.phone_spent),
        key_name=row.key_name,
        user_email=row.user_email,
        created_at=from_ms(row.created_at),
    )
