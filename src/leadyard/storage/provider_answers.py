"""What answers of paid providers tell of single persons: found for an export, forgotten by an erasure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from leadyard.domain.erasure import Traces
from leadyard.domain.leads import ListType
from leadyard.domain.provider_calls import AnswerState, KeptAnswer
from leadyard.domain.providers import Bought, FoundCompany, FoundPerson, PersonQuery, Verified
from leadyard.domain.suppression import Identity, Suppression, person_identity
from leadyard.storage.clock import from_ms, to_ms
from leadyard.storage.database import Tx
from leadyard.storage.suppression import find_suppressed

_IN_TEXT = "(lower(query) LIKE :part ESCAPE '!' OR lower(answer) LIKE :part ESCAPE '!')"
_TELLS = f"workspace_id = :workspace_id AND {_IN_TEXT}"
_FIND = text(f"SELECT provider, key, state, fetched_at FROM provider_answers WHERE {_TELLS}")
_FORGET = text(f"DELETE FROM provider_answers WHERE {_TELLS}")
_FORGET_KEYS = text("DELETE FROM person_keys WHERE workspace_id = :workspace_id AND person_id = :person_id")
_BLANK = text(
    "UPDATE provider_answers SET state = 'erased', answer = NULL, query = :nothing "
    "WHERE call_id = :call_id AND place = :place"
)
_FORMER_COLUMNS = {
    "key": "text",
    "call_id": "bigint",
    "place": "integer",
    "query": "text",
    "answer": "text",
    "cost": "bigint",
    "fetched_at": "bigint",
}

_NOTHING = msgspec.json.encode(PersonQuery("", ListType.LINKEDIN, None, None, None, None, None)).decode()


AnswerOfCall = tuple[int, int]
"""Where an answer stands in the ledger: its call, and its place in it."""


class HeldAnswer(NamedTuple):
    """An answer that is kept: from whom, since when, and what it came to."""

    provider: str
    state: AnswerState
    fetched_at: datetime


async def find_answers_about(tx: Tx, workspace_id: int, person: Traces) -> list[HeldAnswer]:
    """The answers that tell of a person, each once."""
    found: dict[tuple[str, str], HeldAnswer] = {}
    for part in _parts(person):
        for row in await tx.conn.execute(_FIND, {"workspace_id": workspace_id, "part": part}):
            answer = HeldAnswer(row.provider, AnswerState(row.state), from_ms(row.fetched_at))
            found[row.provider, row.key] = answer
    return list(found.values())


async def forget_person(tx: Tx, workspace_id: int, person: Traces) -> None:
    """Forgets the answers that tell of a person, and the keys of theirs; the ledger of calls stays."""
    for part in _parts(person):
        await tx.conn.execute(_FORGET, {"workspace_id": workspace_id, "part": part})
    for person_id in sorted(person.person_ids):
        await tx.conn.execute(_FORGET_KEYS, {"workspace_id": workspace_id, "person_id": person_id})


async def blank_erased(tx: Tx, workspace_id: int, found: Mapping[AnswerOfCall, Bought]) -> list[AnswerOfCall]:
    """Takes out of answers, just written, who has been erased meanwhile; returns which those are.

    An erasure waits for those who have written before they look, so nothing can come in behind it.
    """
    about_people = {place: told for place, told in found.items() if not isinstance(told, FoundCompany)}
    if not about_people:
        return []
    places = list(about_people)
    suppressed = await find_suppressed(tx, workspace_id, map(_identity, about_people.values()))
    erased = [places[at] for at, why in suppressed.items() if why is Suppression.ERASED]
    for call_id, place in erased:
        await tx.conn.execute(_BLANK, {"call_id": call_id, "place": place, "nothing": _NOTHING})
    return erased


async def bring_back(tx: Tx, workspace_id: int, call_id: int, former: Sequence[KeptAnswer]) -> None:
    """Gives found answers, which made room for a call, their place again: it came to nothing for them.

    Whoever was erased since then, or is forgotten, stays so.
    """
    if not former:
        return
    statement = text(
        f"WITH r AS MATERIALIZED (SELECT * FROM {tx.dialect.rows_from('rows', _FORMER_COLUMNS)}) "
        "UPDATE provider_answers SET call_id = r.call_id, place = r.place, state = 'found', query = r.query, "
        "answer = r.answer, cost = r.cost, fetched_at = r.fetched_at FROM r "
        "WHERE provider_answers.call_id = :id AND provider_answers.key = r.key "
        "AND provider_answers.state IN ('asked', 'lost')"
    )
    rows = msgspec.json.encode([_former_row(each) for each in former]).decode()
    await tx.conn.execute(statement, {"id": call_id, "rows": rows})
    found = {(each.call_id, each.place): each.answer for each in former if each.answer is not None}
    await blank_erased(tx, workspace_id, found)


def _former_row(each: KeptAnswer) -> dict[str, str | int]:
    return {
        "key": each.key,
        "call_id": each.call_id,
        "place": each.place,
        "query": msgspec.json.encode(each.query, order="deterministic").decode(),
        "answer": msgspec.json.encode(each.answer).decode(),
        "cost": each.cost,
        "fetched_at": to_ms(each.fetched_at),
    }


def _identity(told: FoundPerson | Verified) -> Identity:
    return Identity((told.verdict.email,)) if isinstance(told, Verified) else person_identity(told.person)


def _parts(person: Traces) -> Iterator[str]:
    """What a text of JSON has that tells of the person, as patterns."""
    for email in sorted(person.emails):
        yield _pattern(msgspec.json.encode(email).decode())
    for profile in sorted(person.profiles):
        quoted = msgspec.json.encode(profile).decode()
        yield _pattern(f'"linkedin_key":{quoted}')
        yield _pattern(f"/in/{quoted[1:]}")


def _pattern(part: str) -> str:
    for special in "!%_":
        part = part.replace(special, f"!{special}")
    return f"%{part.lower()}%"
