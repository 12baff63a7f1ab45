"""Doing a thing once for an Idempotency-Key, and giving the same answer again (contract §2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from msgspec.structs import replace

from leadyard.domain.accounts import Caller
from leadyard.domain.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from leadyard.storage import idempotency as answer_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.idempotency import StoredAnswer
from leadyard.storage.sealing import Sealer


class Answer(msgspec.Struct, frozen=True):
    """A successful answer: status, headers of its own, and the body's text.

    `kept_body` is what is kept, and given again, of an answer with something in it that is shown once.
    One that `tells_persons` is forgotten with the next erasure.
    """

    status: int
    headers: dict[str, str]
    body: str
    kept_body: str | None = None
    tells_persons: bool = False


class RequestKey(msgspec.Struct, frozen=True):
    """An Idempotency-Key and a digest of the request it came with (method, path and body)."""

    key: str
    fingerprint: str


class OnceOnly:
    """Runs actions in a transaction, at most once for each key.

    The answer is a row of the action's own transaction: either both are there or none. Only successful
    answers are kept. A refusal has changed nothing, so asking again simply asks again, and a request that
    was refused for want of credits succeeds with the same key once there are some. An answer that holds a
    secret is kept sealed.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._running: set[tuple[int, str]] = set()

    async def run(
        self,
        caller: Caller,
        request_key: RequestKey | None,
        act: Callable[[Tx], Awaitable[Answer]],
        *,
        is_secret: bool = False,
    ) -> tuple[Answer, bool]:
        """The answer, and whether it is a replay. `is_secret`: it is not to be kept as it is.

        Raises IdempotencyKeyInUse while a request with the same key runs (here or in another process),
        IdempotencyKeyReused for another request with it, and whatever `act` raises.
        """
        if request_key is None:
            async with self._database.write() as tx:
                return await act(tx.for_last_action()), False
        request_key = _of_user(caller, request_key)
        mark = (caller.workspace_id, request_key.key)
        if mark in self._running:
            raise IdempotencyKeyInUse
        self._running.add(mark)
        try:
            async with self._database.write() as tx:
                return await self._run_keyed(tx, caller.workspace_id, request_key, act, is_secret=is_secret)
        finally:
            self._running.discard(mark)

    async def _run_keyed(
        self,
        tx: Tx,
        workspace_id: int,
        request_key: RequestKey,
        act: Callable[[Tx], Awaitable[Answer]],
        *,
        is_secret: bool,
    ) -> tuple[Answer, bool]:
        purpose = f"answer:{request_key.key}"
        if not await tx.dialect.try_lock_key(tx.conn, workspace_id, request_key.key):
            raise IdempotencyKeyInUse
        kept = await answer_rows.find_answer(tx, workspace_id, request_key.key)
        if kept is not None:
            answer = _replay(kept, request_key)
            opened = self._sealer.open(answer.body, workspace_id, purpose) if is_secret else answer.body
            return replace(answer, body=opened), True
        answer = await act(tx)
        body = answer.body if answer.kept_body is None else answer.kept_body
        body = self._sealer.seal(body, workspace_id, purpose) if is_secret else body
        stored = StoredAnswer(
            request_key.fingerprint, answer.status, answer.headers, body, answer.tells_persons
        )
        await answer_rows.store_answer(tx, workspace_id, request_key.key, stored)
        return answer, False

    async def find_replay(self, caller: Caller, request_key: RequestKey | None) -> Answer | None:
        """The answer that was given to this request before, if it holds no secret.

        Raises IdempotencyKeyReused.
        """
        if request_key is None:
            return None
        request_key = _of_user(caller, request_key)
        async with self._database.read() as tx:
            kept = await answer_rows.find_answer(tx, caller.workspace_id, request_key.key)
        return None if kept is None else _replay(kept, request_key)


def _of_user(caller: Caller, request_key: RequestKey) -> RequestKey:
    """The key as it is kept: users of a workspace know nothing of each other's."""
    return replace(request_key, key=f"{caller.user_id}:{request_key.key}")


def _replay(kept: StoredAnswer, request_key: RequestKey) -> Answer:
    if kept.fingerprint != request_key.fingerprint:
        raise IdempotencyKeyReused
    return Answer(kept.status, kept.headers, kept.body)
