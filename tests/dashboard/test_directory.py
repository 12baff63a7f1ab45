"""The directory: loading a file on a page, and looking into it, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.api.support import execute
from tests.dashboard.support import open_browser
from tests.support.installation import ADMIN_EMAIL, PATIENCE_SECONDS, Client, Service

from leadyard.domain.accounts import Mode

PEOPLE = (
    "linkedin_url,email,first_name,last_name,title,company_name,company_domain,shoe size\n"
    "https://www.linkedin.com/in/jane-doe,jane@acme.example,Jane,Doe,CTO,Acme Ltd,acme.example,40\n"
    ",joe@other.example,Joe,Roe,CFO,Other Works,other.example,44\n"
    ",no e-mail,,,,,,\n"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """What is looked for is SQL of its own."""
    return str(request.param)


@pytest.fixture
async def browser(service: Service) -> AsyncIterator[Client]:
    """The admin's, on the live data."""
    async with open_browser(service, ADMIN_EMAIL, mode=Mode.LIVE) as signed_in:
        yield signed_in


async def load(browser: Client, content: str, name: str = "people.csv") -> str:
    """What the page says when the load has come to an end."""
    answer = await browser.post("/account/directory/load", files={"file": (name, content.encode())})
    assert (answer.status_code, answer.headers.get("location")) == (303, "/account/directory")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            told = (await browser.get("/account/directory/load", headers={"HX-Request": "true"})).text
            if "hx-trigger" not in told:
                return told
            await asyncio.sleep(0.02)


async def test_file_is_loaded_and_its_people_are_found(service: Service, browser: Client) -> None:
    told = await load(browser, PEOPLE)
    assert "2 people and 2 companies are new or changed." in told
    assert "Columns not read: shoe size." in told
    assert "1 rows cannot be loaded" in told
    assert "Line 4: " in told
    for query in (
        "JANE@acme.example",
        "linkedin.com/in/Jane-Doe/",
        "acme.example",
        "Acme Limited",
    ):
        page = (await browser.get("/account/directory", params={"q": query})).text
        assert ("Jane Doe" in page, "Joe Roe" in page) == (True, False), query
    newest = (await browser.get("/account/directory")).text
    assert ("Jane Doe" in newest, "Joe Roe" in newest) == (True, True)
    assert "Nobody is found" in (await browser.get("/account/directory?q=Nowhere")).text
    stale = (await browser.get("/account/directory?stale=30")).text
    assert "Jane Doe" not in stale
    await execute(service, "UPDATE directory_people SET updated_at = 1 WHERE email_key = 'jane@acme.example'")
    stale = (await browser.get("/account/directory?stale=30")).text
    assert ("Jane Doe" in stale, "Joe Roe" in stale) == (True, False)
    entry = (await service.query("SELECT action, user_id FROM audit_entries ORDER BY id DESC LIMIT 1"))[0]
    assert (entry.action, entry.user_id is not None) == ("directory.loaded", True)


async def test_file_that_cannot_be_loaded_is_told(browser: Client) -> None:
    assert "No column identifies people" in await load(browser, "shoe size\n40\n")
    answer = await browser.post("/account/directory/load", data={"file": "x"})
    assert (answer.status_code, "Content-Type must be" in answer.text) == (415, True)


async def test_test_data_loads_nothing(service: Service) -> None:
    async with open_browser(service, ADMIN_EMAIL) as browser:
        answer = await browser.post("/account/directory/load", files={"file": ("p.csv", PEOPLE.encode())})
        assert answer.status_code == 403
        assert "The sandbox answers for test data" in (await browser.get("/account/directory")).text
