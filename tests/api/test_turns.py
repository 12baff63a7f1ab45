"""Bodies that take long to look at: another thread does that, so that others are answered meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from tests.support.installation import ADMIN_EMAIL, Client, create_list, list_body

from leadyard.api.call import SMALL_BYTES, look_at
from leadyard.domain import drafting, identity

EMAILS = [f"Ann.{number}@example.com" for number in range(2_000)]
LEADS = [{"email": email} for email in EMAILS]
PEOPLE = [{"title": "CEO", "company_name": f"Firm {number}"} for number in range(2_000)]
DOMAINS = [f"firm-{number}.example" for number in range(2_000)]
CALLS = {
    "/normalize": {"type": "titles_and_company", "leads": PEOPLE},
    "/lead-lists": list_body("email", LEADS, owner=ADMIN_EMAIL),
    "/people/enrichment-requests": {"leads": PEOPLE},
    "/email-validations": {"emails": EMAILS},
    "/excluded-emails": {"excluded_emails": EMAILS},
    "/excluded-domains": {"excluded_domains": DOMAINS},
}


@contextmanager
def calls_of_this_thread(module: str) -> Iterator[list[str]]:
    """The calls of a module's functions by this thread until the block ends."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_globals.get("__name__") == module:
            called.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)


def shorten(body: dict[str, Any]) -> dict[str, Any]:
    """The same with one item."""
    return {name: value[:1] if isinstance(value, list) else value for name, value in body.items()}


def rename(body: dict[str, Any]) -> dict[str, Any]:
    """The same with domains that nobody has seen yet: what was seen before is known without a call."""
    text = json.dumps(body).replace("firm-", f"firm-{os.urandom(4).hex()}-")
    return dict(json.loads(text))


@pytest.mark.parametrize("path", CALLS)
async def test_identities_of_many_are_made_by_another_thread(client: Client, path: str) -> None:
    body = rename(CALLS[path])
    with calls_of_this_thread(identity.__name__) as of_one:
        few = await client.post(path, json=shorten(body))
    with calls_of_this_thread(identity.__name__) as of_many:
        many = await client.post(path, json=body)
    assert few.status_code == many.status_code < 300
    assert of_one
    # The owner of a list is an e-mail, too.
    assert len(of_many) <= 2


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
async def test_faults_of_many_are_looked_for_by_another_thread(client: Client, query: str) -> None:
    lead_list = await create_list(client, "email")
    path = f"/lead-lists/{lead_list['id']}/leads{query}"
    for leads, is_here in ((LEADS[:1], True), (LEADS, False)):
        body = {"type": "email", "leads": [*leads, {"email": "none"}]}
        with calls_of_this_thread(drafting.__name__) as called:
            answer = await client.post(path, json=body)
        assert answer.status_code == 400
        assert ("draft_leads" in called) == is_here


async def test_look_at_a_large_body_leaves_the_loop_to_others() -> None:
    others = threading.Event()
    asyncio.get_running_loop().call_soon(others.set)
    assert await look_at(b" " * (SMALL_BYTES + 1), others.wait, 60.0)
