"""Steady work from outside, and a memory of everything that was acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import httpx2
from tests.chaos.world import KEYS, World
from tests.support.installation import ADMIN_EMAIL

from leadyard.api.errors import STATUSES
from leadyard.domain.errors import ErrorCode

OPTIONS = {"reveal_phone_numbers": True, "validate_email": True, "enrich": True}
MOST_LEADS = 80
MOST_IN_A_LIST = 1_500
ADDERS = 3
PAUSE_SECONDS = 0.25
CODES = {code.value: status for code, status in STATUSES.items()}
TRY_AGAIN = {
    STATUSES[ErrorCode.SERVICE_UNAVAILABLE],
    STATUSES[ErrorCode.TOO_MANY_REQUESTS],
    STATUSES[ErrorCode.IDEMPOTENCY_KEY_IN_USE],
}


@dataclass(slots=True)
class Batch:
    """Leads that were sent together; `is_acknowledged` once the service said that it has them."""

    list_id: str
    slugs: tuple[str, ...]
    is_acknowledged: bool = False


@dataclass(slots=True)
class Record:
    """What was sent and what was answered. `violations` are answers that the contract does not know."""

    batches: list[Batch] = field(default_factory=list)
    never_sent: set[str] = field(default_factory=set)
    lists: dict[str, str] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[Batch]:
        """What the service says that it has."""
        return [batch for batch in self.batches if batch.is_acknowledged]

    def check(self, answer: httpx2.Response, *expected: int) -> bool:
        """Whether the answer is one of these; notes it if it is none that the contract has."""
        self.statuses[str(answer.status_code)] += 1
        if answer.status_code in expected:
            return True
        fault = _fault_of_shape(answer)
        if fault or answer.status_code not in TRY_AGAIN:
            place = f"{answer.request.method} {answer.request.url.path}"
            self.violations.append(f"{place} answered {answer.status_code}: {fault or answer.text[:200]}")
        return False


def _fault_of_shape(answer: httpx2.Response) -> str:
    """What is wrong with an error's shape (contract §1); empty if nothing is."""
    try:
        body = json.loads(answer.content)
        codes = [error["code"] for error in body["_errors"]]
    except (ValueError, KeyError, TypeError):
        return "not the shape of an error"
    if not codes or CODES.get(codes[0]) != answer.status_code:
        return f"codes {codes}"
    if answer.status_code in (429, 503) and "retry-after" not in answer.headers:
        return "no Retry-After"
    return ""


class Traffic:
    """Adds leads and reads, as long as it runs."""

    def __init__(self, world: World, seed: int) -> None:
        self.record = Record()
        self._world = world
        self._random = random.Random(seed)
        self._numbers = count()
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins."""
        modes = ["test", "live", "test"] if self._world.is_paying else ["test"] * ADDERS
        work = [self._add_forever(mode) for mode in modes]
        self._tasks = [
            asyncio.create_task(each) for each in (*work, self._read_forever(), self._leave_forever())
        ]

    async def end(self) -> None:
        """Ends after the requests under way; raises what went wrong in here."""
        self._stop.set()
        await asyncio.gather(*self._tasks)

    def _client(self, mode: str) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {KEYS[mode]}"}
        return httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60)

    def _url(self) -> str:
        return self._random.choice(self._world.urls)

    async def _rest(self) -> None:
        await asyncio.sleep(PAUSE_SECONDS * self._random.uniform(0.5, 1.5))

    async def _add_forever(self, mode: str) -> None:
        async with self._client(mode) as http:
            list_id, sent = "", 0
            while not self._stop.is_set():
                if not list_id or sent > MOST_IN_A_LIST:
                    list_id, sent = await self._make_list(http, mode), 0
                if list_id:
                    sent += await self._add(http, list_id)
                await self._rest()

    async def _make_list(self, http: httpx2.AsyncClient, mode: str) -> str:
        body = {"shared": True, "owner": ADMIN_EMAIL, "type": "linkedin", "leads": [], "options": OPTIONS}
        if mode == "live":
            body["options"] = {**OPTIONS, "validate_email": False}
        answer = await self._send(http, "/lead-lists", body, f"list-{next(self._numbers)}")
        if answer is None:
            return ""
        made: dict[str, Any] = answer.json()
        self.record.lists[made["id"]] = mode
        return str(made["id"])

    async def _add(self, http: httpx2.AsyncClient, list_id: str) -> int:
        number = next(self._numbers)
        kinds = ("person", "person", "person", "stranger-notfound")
        slugs = tuple(
            f"{self._random.choice(kinds)}-{number}-{place}"
            for place in range(self._random.randint(1, MOST_LEADS))
        )
        batch = Batch(list_id, slugs)
        self.record.batches.append(batch)
        body = {"type": "linkedin", "leads": [{"linkedin_url": f"linkedin.com/in/{slug}"} for slug in slugs]}
        key = f"add-{number}" if self._random.random() < 0.7 else None
        answer = await self._send(http, f"/lead-lists/{list_id}/leads", body, key)
        if answer is not None:
            batch.is_acknowledged = True
            if answer.json() != {"total": len(slugs), "total_added_to_lead_list": len(slugs)}:
                self.record.violations.append(f"a batch of {len(slugs)} was answered {answer.text}")
        return len(slugs)

    async def _send(
        self, http: httpx2.AsyncClient, path: str, body: Any, key: str | None
    ) -> httpx2.Response | None:
        """Sends until it is accepted if a key makes that safe, else once."""
        headers = {} if key is None else {"Idempotency-Key": key}
        while True:
            try:
                answer = await http.post(self._url() + path, json=body, headers=headers)
                if self.record.check(answer, 202):
                    return answer
                if answer.status_code not in TRY_AGAIN:
                    return None
            except httpx2.TransportError:
                self.record.statuses["closed"] += 1
            if key is None:
                return None
            await self._rest()

    async def _read_forever(self) -> None:
        async with self._client("test") as http:
            while not self._stop.is_set():
                path = self._random.choice(
                    ["/lead-lists", "/credits", "/credits/entries", "/users", "/metrics"]
                )
                try:
                    self.record.check(await http.get(self._url() + path), 200)
                except httpx2.TransportError:
                    self.record.statuses["closed"] += 1
                await self._rest()

    async def _leave_forever(self) -> None:
        """Clients that go away in the middle of what they send."""
        while not self._stop.is_set():
            lists = [list_id for list_id, mode in self.record.lists.items() if mode == "test"]
            if lists:
                await self._leave_in_mid_upload(self._random.choice(lists))
            await self._rest()

    async def _leave_in_mid_upload(self, list_id: str) -> None:
        slug = f"gone-{next(self._numbers)}"
        self.record.never_sent.add(slug)
        lead = {"linkedin_url": f"linkedin.com/in/{slug}"}
        body = json.dumps({"type": "linkedin", "leads": [lead]}).encode()
        parts = urlsplit(self._url())
        head = (
            f"POST /lead-lists/{list_id}/leads HTTP/1.1\r\nHost: leadyard\r\n"
            f"Authorization: Bearer {KEYS['test']}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(head.encode() + body[: self._random.randrange(len(body))])
            await writer.drain()
            writer.close()
        except OSError:
            self.record.statuses["closed"] += 1
