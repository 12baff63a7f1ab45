"""Who is kept out of a workspace: looked up for many at once, and for nothing where nobody is."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence, Set
from itertools import chain, islice
from typing import Any

import msgspec
from sqlalchemy import text

from leadyard.domain.suppression import ExclusionKind, Identity, Suppression
from leadyard.storage.database import Tx

BARRIERS = (
    "SELECT EXISTS (SELECT 1 FROM exclusions WHERE workspace_id = :workspace_id) AS excluded, "
    "EXISTS (SELECT 1 FROM tombstones WHERE workspace_id = :workspace_id) AS erased"
)
# The rows come first, and each finds its match in the index: SQLite would otherwise read the parameter again
# for every exclusion.
_IN_EXCLUSIONS = (
    "WITH r AS MATERIALIZED (SELECT * FROM {rows}) SELECT e.kind, e.value FROM r CROSS JOIN exclusions AS e "
    "WHERE e.workspace_id = :workspace_id AND e.kind = r.kind AND e.value = r.value"
)
_EXCLUSIONS = "SELECT kind, value FROM exclusions WHERE workspace_id = :workspace_id LIMIT :most"
_TOMBSTONES = "SELECT digest FROM tombstones WHERE workspace_id {workspaces} LIMIT :most"
FEW_KEPT_OUT = 5_000
MANY_IDENTITIES = 500
"""To read so few exclusions or tombstones is quicker than to look for what so many have."""
_IN_TOMBSTONES = (
    "WITH r AS MATERIALIZED (SELECT * FROM {rows}) SELECT t.digest FROM r CROSS JOIN tombstones AS t "
    "WHERE t.digest = r.digest AND t.workspace_id {workspaces}"
)
_IDENTITIES_AT_ONCE = 200
_STAMP = text(
    "SELECT count(*) AS excluded, coalesce(sum(id), 0) AS numbers, "
    "(SELECT count(*) FROM tombstones WHERE workspace_id = :workspace_id) AS erased "
    "FROM exclusions WHERE workspace_id = :workspace_id"
)
_HERE = "= :workspace_id"
_LIVE = "IN (SELECT id FROM workspaces WHERE mode = 'live')"


class Barriers(msgspec.Struct, frozen=True):
    """Whether anybody is excluded from a workspace, or was erased there."""

    excluded: bool
    erased: bool


def read_barriers(row: Any) -> Barriers:
    """The barriers in a row of BARRIERS."""
    return Barriers(bool(row.excluded), bool(row.erased))


async def find_suppressed(
    tx: Tx, workspace_id: int, identities: Iterable[Identity], barriers: Barriers | None = None
) -> dict[int, Suppression]:
    """Those who are kept out, by their place among `identities`, and why.

    Where nobody is erased or excluded that takes one small statement, and `identities` are not looked at;
    otherwise another for each of the two that there is, or two. `barriers` are those that this
    transaction has read already.
    """
    barriers = barriers or await find_barriers(tx, workspace_id)
    if not barriers.excluded and not barriers.erased:
        return {}
    known = await _make_all(identities)
    found: dict[int, Suppression] = {}
    if barriers.excluded:
        found = dict.fromkeys(await _find_excluded(tx, workspace_id, known), Suppression.EXCLUDED)
    if barriers.erased:
        erased = await _find_erased(tx, known, _HERE, workspace_id=workspace_id)
        found |= dict.fromkeys(erased, Suppression.ERASED)
    return found


async def find_erased(tx: Tx, workspace_id: int, identities: Iterable[Identity]) -> list[int]:
    """The places of those who were erased from the workspace; where nobody was, nothing is looked at."""
    barriers = await find_barriers(tx, workspace_id)
    if not barriers.erased:
        return []
    return await _find_erased(tx, await _make_all(identities), _HERE, workspace_id=workspace_id)


async def keeps_somebody_out(tx: Tx, workspace_id: int) -> bool:
    """Whether anybody is excluded or was erased here."""
    barriers = await find_barriers(tx, workspace_id)
    return barriers.excluded or barriers.erased


async def stamp_of_barriers(tx: Tx, workspace_id: int) -> tuple[int, int, int]:
    """Another value as soon as somebody else is kept out here."""
    row = (await tx.conn.execute(_STAMP, {"workspace_id": workspace_id})).one()
    return row.excluded, int(row.numbers), row.erased


async def find_erased_anywhere(tx: Tx, identities: Iterable[Identity]) -> list[int]:
    """The places of those who were erased from the live data of any account."""
    return await _find_erased(tx, await _make_all(identities), _LIVE)


async def is_erased(
    tx: Tx, workspace_id: int, *, email_key: str | None = None, linkedin_key: str | None = None
) -> bool:
    """Whether the person with this e-mail or LinkedIn profile was erased from the workspace."""
    identity = Identity((email_key,) if email_key else (), (linkedin_key,) if linkedin_key else ())
    return bool(await _find_erased(tx, [identity], _HERE, workspace_id=workspace_id))


async def find_barriers(tx: Tx, workspace_id: int) -> Barriers:
    """Whether anybody is excluded or was erased here, and would have to be looked for."""
    found = await tx.run(BARRIERS, {"workspace_id": workspace_id})
    return read_barriers(found.rows[0])


async def _make_all(identities: Iterable[Identity]) -> list[Identity]:
    """Those of many leads take a second to make in some scripts: after some of them others have a turn."""
    made: list[Identity] = []
    each = iter(identities)
    while some := list(islice(each, _IDENTITIES_AT_ONCE)):
        made += some
        if len(some) == _IDENTITIES_AT_ONCE:
            await asyncio.sleep(0)
    return made


async def _find_excluded(tx: Tx, workspace_id: int, identities: list[Identity]) -> list[int]:
    rows: Sequence[Any] | None = None
    if len(identities) >= MANY_IDENTITIES:
        rows = await _read_few_exclusions(tx, workspace_id)
    if rows is None:
        rows = await _look_for(tx, workspace_id, identities)
    emails = {row.value for row in rows if row.kind == ExclusionKind.EMAIL}
    domains = {row.value for row in rows if row.kind == ExclusionKind.DOMAIN}
    return [place for place, each in enumerate(identities) if each.is_among(emails, domains)]


async def _read_few_exclusions(tx: Tx, workspace_id: int) -> Sequence[Any] | None:
    """All exclusions, or None if they are many."""
    found = await tx.run(_EXCLUSIONS, {"workspace_id": workspace_id, "most": FEW_KEPT_OUT + 1})
    return found.rows if len(found.rows) <= FEW_KEPT_OUT else None


async def _look_for(tx: Tx, workspace_id: int, identities: list[Identity]) -> Sequence[Any]:
    """The exclusions of what these have."""
    asked = [
        *(
            {"kind": ExclusionKind.EMAIL, "value": email}
            for email in _all(each.emails for each in identities)
        ),
        *(
            {"kind": ExclusionKind.DOMAIN, "value": domain}
            for domain in _all(each.domains for each in identities)
        ),
    ]
    statement = _IN_EXCLUSIONS.format(rows=tx.dialect.rows_from("rows", {"kind": "text", "value": "text"}))
    values = {"workspace_id": workspace_id, "rows": _encode(asked)}
    return (await tx.conn.execute(text(statement), values)).all()


def _all(texts: Iterable[Iterable[str]]) -> set[str]:
    return set(chain.from_iterable(texts))


async def _find_erased(tx: Tx, identities: list[Identity], workspaces: str, **parameters: int) -> list[int]:
    digests = [[tx.digest(mark) for mark in identity.marks] for identity in identities]
    found: Set[str] | None = None
    if len(identities) >= MANY_IDENTITIES:
        found = await _read_few_tombstones(tx, workspaces, **parameters)
    if found is None:
        found = await _find_digests(tx, _all(digests), workspaces, **parameters)
    return [place for place, each in enumerate(digests) if not found.isdisjoint(each)]


async def _read_few_tombstones(tx: Tx, workspaces: str, **parameters: int) -> set[str] | None:
    """The digests of all who were erased, or None if they are many."""
    statement = _TOMBSTONES.format(workspaces=workspaces)
    found = await tx.run(statement, {**parameters, "most": FEW_KEPT_OUT + 1})
    return {row.digest for row in found.rows} if len(found.rows) <= FEW_KEPT_OUT else None


async def _find_digests(tx: Tx, asked: Collection[str], workspaces: str, **parameters: int) -> set[str]:
    if not asked:
        return set()
    rows = tx.dialect.rows_from("rows", {"digest": "text"})
    statement = _IN_TOMBSTONES.format(rows=rows, workspaces=workspaces)
    values = {**parameters, "rows": _encode([{"digest": digest} for digest in asked])}
    return set((await tx.conn.execute(text(statement), values)).scalars())


def _encode(rows: Any) -> str:
    return msgspec.json.encode(rows).decode()
