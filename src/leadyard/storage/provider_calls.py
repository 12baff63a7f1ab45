"""The ledger of calls to paid providers, and the answers that were paid for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.pausing import is_given_up
from leadyard.domain.provider_calls import (
    AnswerState,
    CallState,
    KeptAnswer,
    NewCall,
    OpenCall,
    ProviderStatistics,
    Settlement,
    Spent,
)
from leadyard.domain.providers import Bought, FoundCompany, FoundPerson, PersonQuery, Verified
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx

_CALL_COLUMNS = {
    "place": "integer",
    "list_id": "bigint",
    "groups": "text",
    "asked": "integer",
    "reserved": "bigint",
    "settings": "text",
}
_ANSWER_COLUMNS = {"key": "text", "call_id": "bigint", "place": "integer", "query": "text"}
_SETTLED_COLUMNS = {"id": "bigint", "cost": "bigint", "found": "integer"}
_TOLD_COLUMNS = {
    "call_id": "bigint",
    "place": "integer",
    "state": "text",
    "answer": "text",
    "cost": "bigint",
}
_PLACE_COLUMNS = {"call_id": "bigint", "place": "integer"}
_ORDER = text(
    "UPDATE provider_calls SET state = 'ordered', order_id = :order_id WHERE id = :id AND state = 'reserved'"
)
_FAIL = text(
    "UPDATE provider_calls SET state = 'failed', cost = 0, found = 0, failure = :failure, settled_at = :now, "
    "milliseconds = :now - created_at WHERE id = :id AND state IN ('reserved', 'ordered')"
)
_LOSE = text(
    "UPDATE provider_calls SET state = 'lost', cost = reserved, failure = :failure, settled_at = :now "
    "WHERE id = :id AND state IN ('reserved', 'ordered')"
)
_LOSE_ANSWERS = text(
    "UPDATE provider_answers SET state = 'lost', fetched_at = :now WHERE call_id = :id AND state = 'asked'"
)
_REVIVE = text("UPDATE provider_calls SET state = 'reserved' WHERE id = :id AND state = 'lost'")
_REVIVE_ANSWERS = text("UPDATE provider_answers SET state = 'asked' WHERE call_id = :id AND state = 'lost'")
_FORGET_ASKED = text("DELETE FROM provider_answers WHERE call_id = :id AND state = 'asked'")
_KEPT = (
    "a.key, a.call_id, a.place, a.state, a.query, a.answer, a.cost, a.fetched_at, c.list_id, "
    "c.state AS call_state, c.order_id, c.created_at AS called_at, c.settings"
)
_OF_CALL = text(
    f"SELECT {_KEPT} FROM provider_answers a JOIN provider_calls c ON c.id = a.call_id "
    "WHERE a.call_id = :id ORDER BY a.place"
)
_OPEN = text(
    "SELECT id, workspace_id, provider, list_id, created_at FROM provider_calls "
    "WHERE state IN ('reserved', 'ordered') AND created_at < :before ORDER BY id LIMIT 1000"
)
AnswerPlace = tuple[int, str, str]
"""Where an answer stands among all: its workspace, its provider, its key."""

BEFORE_ALL_ANSWERS: AnswerPlace = (0, "", "")
_PLACE = "(workspace_id, provider, key)"
_AFTER = f"{_PLACE} > (:after_workspace_id, :after_provider, :after_key)"
_UP_TO_LAST = f"{_PLACE} <= (:last_workspace_id, :last_provider, :last_key)"
_NTH_ANSWER = text(
    f"SELECT workspace_id, provider, key FROM provider_answers WHERE {_AFTER} "
    "ORDER BY workspace_id, provider, key LIMIT 1 OFFSET :count"
)
_DELETE_OLD_ANSWERS = (
    f"DELETE FROM provider_answers WHERE {_AFTER} AND state <> 'asked' "
    "AND fetched_at < CASE state WHEN 'found' THEN :found ELSE :others END"
)
_COUNTED = "CASE WHEN state IN ('reserved', 'ordered') THEN reserved ELSE cost END"
_SPENT_TODAY = text(
    f"SELECT provider, groups, sum({_COUNTED}) AS cost FROM provider_calls "
    "WHERE workspace_id = :workspace_id AND created_at >= :since GROUP BY provider, groups"
)
_SPENT_FOR_LIST = text(f"SELECT coalesce(sum({_COUNTED}), 0) FROM provider_calls WHERE list_id = :list_id")

STATISTICS_PERIOD = timedelta(days=30)
_STATISTICS = text(
    "SELECT c.provider, count(*) AS calls, sum(c.asked) AS asked, sum(c.found) AS found, "
    "sum(CASE c.state WHEN 'failed' THEN 1 ELSE 0 END) AS failed, "
    "sum(CASE c.state WHEN 'lost' THEN 1 ELSE 0 END) AS lost, "
    f"sum({_COUNTED}) AS cost, avg(CASE c.state WHEN 'settled' THEN c.milliseconds END) AS latency, "
    "max(g.failures) AS failures, max(g.closed_until) AS closed_until, max(g.last_failure) AS last_failure, "
    "max(g.failing_since) AS failing_since "
    "FROM provider_calls c LEFT JOIN provider_gates g "
    "ON g.workspace_id = c.workspace_id AND g.provider = c.provider "
    "WHERE c.workspace_id = :workspace_id AND c.created_at >= :since GROUP BY c.provider"
)

_decode_query = msgspec.json.Decoder(PersonQuery).decode
_decode_person = msgspec.json.Decoder(FoundPerson).decode
_decode_company = msgspec.json.Decoder(FoundCompany).decode
_decode_verified = msgspec.json.Decoder(Verified).decode


async def find_answers(
    tx: Tx, workspace_id: int, provider: str, keys: Sequence[str]
) -> dict[str, KeptAnswer]:
    """What is kept of these questions, by key."""
    # The rows come first, and each finds its answer in the index: SQLite would otherwise read the parameter
    # again for every answer that there is.
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', {'key': 'text'})}) "
        f"SELECT {_KEPT} FROM r CROSS JOIN provider_answers a JOIN provider_calls c ON c.id = a.call_id "
        "WHERE a.workspace_id = :workspace_id AND a.provider = :provider AND a.key = r.key"
    )
    values = {"workspace_id": workspace_id, "provider": provider, "rows": _encode([{"key": k} for k in keys])}
    return {row.key: _to_kept(row) for row in await tx.conn.execute(statement, values)}


async def reserve_calls(tx: Tx, calls: Sequence[NewCall]) -> list[int]:
    """Writes calls of one provider down before they are made, with their questions as asked.

    Returns their row ids. An answer that was kept until now makes room for the new one.
    """
    if not calls:
        return []
    values = {"workspace_id": calls[0].workspace_id, "provider": calls[0].provider, "now": tx.now_ms}
    call_ids = await _insert_calls(tx, calls, values)
    rows = [
        {"key": question.key, "call_id": call_id, "place": place, "query": _encode(question.query)}
        for call_id, call in zip(call_ids, calls, strict=True)
        for place, question in enumerate(call.questions)
    ]
    statement = text(
        "INSERT INTO provider_answers "
        "(workspace_id, provider, key, call_id, place, state, query, fetched_at) "
        "SELECT :workspace_id, :provider, r.key, r.call_id, r.place, 'asked', r.query, :now "
        f"FROM (SELECT * FROM {tx.dialect.rows_from('rows', _ANSWER_COLUMNS)}) AS r WHERE true "
        "ORDER BY r.key ON CONFLICT (workspace_id, provider, key) DO UPDATE SET call_id = excluded.call_id, "
        "place = excluded.place, state = 'asked', query = excluded.query, answer = NULL, cost = 0, "
        "fetched_at = excluded.fetched_at"
    )
    await tx.conn.execute(statement, {**values, "rows": _encode(rows)})
    return call_ids


async def _insert_calls(tx: Tx, calls: Sequence[NewCall], values: dict[str, Any]) -> list[int]:
    rows = [
        {
            "place": place,
            "list_id": call.list_id,
            "groups": ",".join(sorted(call.groups)),
            "asked": len(call.questions),
            "reserved": call.reserved,
            "settings": call.settings,
        }
        for place, call in enumerate(calls)
    ]
    # Both databases number rows in the order in which they are selected.
    statement = text(
        "INSERT INTO provider_calls "
        "(workspace_id, provider, list_id, groups, asked, state, reserved, created_at, settings) "
        "SELECT :workspace_id, :provider, r.list_id, r.groups, r.asked, 'reserved', r.reserved, :now, "
        f"r.settings FROM (SELECT * FROM {tx.dialect.rows_from('rows', _CALL_COLUMNS)}) AS r WHERE true "
        "ORDER BY r.place RETURNING id"
    )
    inserted = await tx.conn.execute(statement, {**values, "rows": _encode(rows)})
    return sorted(inserted.scalars())


async def note_order(tx: Tx, call_id: int, order_id: str) -> None:
    """Keeps the provider's id of an order, by which its answers are fetched, by whoever it is.

    A call that was taken for lost is an order all the same; one that was settled meanwhile stays so.
    """
    await _revive_call(tx, call_id)
    await tx.conn.execute(_ORDER, {"id": call_id, "order_id": order_id})


async def settle_calls(tx: Tx, settlements: Sequence[Settlement]) -> set[int]:
    """Writes down what calls came to; returns the ids of those for which nobody has done so already.

    A call that was taken for lost is settled all the same: its process was only slow.
    """
    rows: list[dict[str, Any]]
    rows = [{"id": each.call_id, "cost": each.cost, "found": each.found} for each in settlements]
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _SETTLED_COLUMNS)}) "
        "UPDATE provider_calls SET state = 'settled', cost = r.cost, found = r.found, failure = NULL, "
        "settled_at = :now, milliseconds = :now - created_at FROM r WHERE provider_calls.id = r.id "
        "AND provider_calls.state IN ('reserved', 'ordered', 'lost') RETURNING provider_calls.id"
    )
    settled = set((await tx.conn.execute(statement, {"rows": _encode(rows), "now": tx.now_ms})).scalars())
    open_ones = [each for each in settlements if each.call_id in settled]
    await _write_answers(tx, open_ones)
    await _forget(tx, open_ones)
    return settled


async def _write_answers(tx: Tx, settlements: Sequence[Settlement]) -> None:
    rows = [
        {
            "call_id": each.call_id,
            "place": place,
            "state": state,
            "answer": None if found is None else _encode(found),
            "cost": cost,
        }
        for each in settlements
        for place, (state, found, cost) in each.answers.items()
    ]
    if not rows:
        return
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _TOLD_COLUMNS)}) "
        "UPDATE provider_answers SET state = r.state, answer = r.answer, cost = r.cost, fetched_at = :now "
        "FROM r WHERE provider_answers.call_id = r.call_id AND provider_answers.place = r.place"
    )
    await tx.conn.execute(statement, {"now": tx.now_ms, "rows": _encode(rows)})


async def _forget(tx: Tx, settlements: Sequence[Settlement]) -> None:
    rows = [{"call_id": each.call_id, "place": place} for each in settlements for place in each.forgotten]
    if not rows:
        return
    statement = text(
        "DELETE FROM provider_answers WHERE state IN ('asked', 'lost') AND (call_id, place) IN "
        f"(SELECT r.call_id, r.place FROM (SELECT * FROM {tx.dialect.rows_from('rows', _PLACE_COLUMNS)}) "
        "AS r)"
    )
    await tx.conn.execute(statement, {"rows": _encode(rows)})


async def fail_call(tx: Tx, call_id: int, failure: str) -> None:
    """The call came to nothing and cost nothing: its questions may be asked again."""
    await _revive_call(tx, call_id)
    await tx.conn.execute(_FAIL, {"id": call_id, "failure": failure, "now": tx.now_ms})
    await tx.conn.execute(_FORGET_ASKED, {"id": call_id})


async def _revive_call(tx: Tx, call_id: int) -> None:
    if (await tx.conn.execute(_REVIVE, {"id": call_id})).rowcount:
        await tx.conn.execute(_REVIVE_ANSWERS, {"id": call_id})


async def lose_call(tx: Tx, call_id: int, failure: str) -> None:
    """Nobody knows what became of the call: it counts as paid for, and its questions are not repeated."""
    await tx.conn.execute(_LOSE, {"id": call_id, "failure": failure, "now": tx.now_ms})
    await tx.conn.execute(_LOSE_ANSWERS, {"id": call_id, "now": tx.now_ms})


async def list_call_answers(tx: Tx, call_id: int) -> list[KeptAnswer]:
    """The questions of a call in the order they were asked."""
    return [_to_kept(row) for row in await tx.conn.execute(_OF_CALL, {"id": call_id})]


async def list_open_calls(tx: Tx, made_before: datetime) -> list[OpenCall]:
    """The oldest calls that are reserved or ordered and were made before a moment, up to a thousand."""
    rows = await tx.conn.execute(_OPEN, {"before": to_ms(made_before)})
    return [
        OpenCall(row.id, row.workspace_id, row.provider, row.list_id, from_ms(row.created_at)) for row in rows
    ]


async def sum_spent(tx: Tx, workspace_id: int, list_id: int | None) -> Spent:
    """What providers have cost a workspace since midnight in UTC, and what they have cost for a list."""
    midnight = tx.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"workspace_id": workspace_id, "since": to_ms(midnight)}
    by_group: dict[str, int] = {}
    by_provider: dict[str, int] = {}
    for row in await tx.conn.execute(_SPENT_TODAY, values):
        cost = int(row.cost)
        by_provider[row.provider] = by_provider.get(row.provider, 0) + cost
        for group in row.groups.split(","):
            by_group[group] = by_group.get(group, 0) + cost
    for_list = 0
    if list_id is not None:
        for_list = int((await tx.conn.execute(_SPENT_FOR_LIST, {"list_id": list_id})).scalar_one())
    return Spent(sum(by_provider.values()), for_list, by_group, by_provider)


async def list_statistics(tx: Tx, workspace_id: int) -> dict[str, ProviderStatistics]:
    """What the providers of a workspace did in the last 30 days, and how they are, by name."""
    values = {"workspace_id": workspace_id, "since": to_ms(tx.now - STATISTICS_PERIOD)}
    return {row.provider: _to_statistics(row, tx.now) for row in await tx.conn.execute(_STATISTICS, values)}


async def find_answer(tx: Tx, after: AnswerPlace, count: int) -> AnswerPlace | None:
    """Where the answer stands that is so many behind a place; None if there are fewer."""
    values = {**_place_values("after", after), "count": count - 1}
    row = (await tx.conn.execute(_NTH_ANSWER, values)).one_or_none()
    return None if row is None else (row.workspace_id, row.provider, row.key)


async def delete_old_answers(
    tx: Tx, after: AnswerPlace, last: AnswerPlace | None, found_before: datetime, others_before: datetime
) -> int:
    """Forgets answers behind one place, up to another or to the end, that are too old to be used again.

    Calls stay. Returns how many.
    """
    values = {
        "found": to_ms(found_before),
        "others": to_ms(others_before),
        **_place_values("after", after),
    }
    if last is None:
        return (await tx.conn.execute(text(_DELETE_OLD_ANSWERS), values)).rowcount
    values |= _place_values("last", last)
    return (await tx.conn.execute(text(f"{_DELETE_OLD_ANSWERS} AND {_UP_TO_LAST}"), values)).rowcount


def _place_values(name: str, place: AnswerPlace) -> dict[str, Any]:
    return dict(zip((f"{name}_workspace_id", f"{name}_provider", f"{name}_key"), place, strict=True))


def _to_statistics(row: Row[Any], now: datetime) -> ProviderStatistics:
    since = None if row.failing_since is None else from_ms(row.failing_since)
    return ProviderStatistics(
        provider=row.provider,
        calls=row.calls,
        asked=int(row.asked),
        found=int(row.found),
        failed=int(row.failed),
        lost=int(row.lost),
        cost=int(row.cost),
        mean_latency=None if row.latency is None else round(row.latency),
        failures=row.failures or 0,
        closed_until=from_ms(row.closed_until) if (row.closed_until or 0) > to_ms(now) else None,
        last_failure=row.last_failure,
        failing_since=since,
        is_given_up=is_given_up(row.last_failure or "", since, now),
    )


def _to_kept(row: Row[Any]) -> KeptAnswer:
    query = _decode_query(row.query)
    return KeptAnswer(
        key=row.key,
        call_id=row.call_id,
        place=row.place,
        state=AnswerState(row.state),
        query=query,
        answer=None if row.answer is None else _decode_answer(query, row.answer),
        cost=row.cost,
        fetched_at=from_ms(row.fetched_at),
        list_id=row.list_id,
        call_state=CallState(row.call_state),
        order_id=row.order_id,
        called_at=from_ms(row.called_at),
        settings=row.settings,
    )


def _decode_answer(query: PersonQuery, answer: str) -> Bought:
    if query.company is not None:
        return _decode_company(answer)
    # Of whom nothing is wanted, only the e-mail is verified.
    return _decode_person(answer) if query.wanted else _decode_verified(answer)


def _encode(value: Any) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
