"""The same methods with an event loop, on both databases."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from io import BytesIO

import httpx2
import pytest
from tests.support.installation import TEST_KEY, Service

from leadyard_client import AsyncLeadyard, Leadyard, NotFound


@pytest.fixture
async def leadyard(service: Service) -> AsyncIterator[AsyncLeadyard]:
    transport = httpx2.ASGITransport(app=service.api)  # type: ignore[arg-type]
    async with AsyncLeadyard("http://leadyard.example", TEST_KEY, transport=transport) as leadyard:
        yield leadyard


def methods_of(kind: type) -> dict[str, list[str]]:
    """The names of the parameters of each public method."""
    return {
        name: list(inspect.signature(member).parameters)
        for name, member in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    }


def test_both_clients_have_the_same_methods() -> None:
    assert methods_of(AsyncLeadyard) == methods_of(Leadyard)
    assert inspect.signature(Leadyard.get_list).return_annotation == "LeadList"
    assert inspect.signature(AsyncLeadyard.list_users).return_annotation == "AsyncIterator[User]"


async def test_list_is_made_filled_waited_for_and_read(service: Service, leadyard: AsyncLeadyard) -> None:
    await service.work()
    made = await leadyard.create_list("email", [{"email": "ann@acme.example"}], reveal_phone_numbers=True)
    leads = [{"email": f"p{number}@acme.example"} for number in range(3)]
    added = await leadyard.add_leads(made.id, "email", leads)
    assert added.total_added_to_lead_list == 3
    ended = await leadyard.wait(made, poll_seconds=0.02)
    assert (ended.status, ended.progress.done) == ("completed", 4)
    entries = [entry async for entry in leadyard.list_entries(made.id, page_size=3)]
    assert [entry.email for entry in entries][::3] == ["ann@acme.example", "p2@acme.example"]
    assert [each.id async for each in leadyard.list_lists()] == [made.id]
    file = BytesIO()
    await leadyard.export_list(made.id, file)
    assert file.getvalue().count(b"@acme.example") == 4
    spent = (await leadyard.get_credits()).phone
    assert spent.held == 0


async def test_refusal_is_raised(leadyard: AsyncLeadyard) -> None:
    with pytest.raises(NotFound):
        await leadyard.get_list("no-such-list")
