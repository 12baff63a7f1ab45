"""Browsers that are signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.dashboard.support import open_browser
from tests.support.installation import ADMIN_EMAIL, Client, Service


@pytest.fixture
def database_kind() -> str:
    """Pages show what actions return, and those are tested on both databases."""
    return "sqlite"


@pytest.fixture
async def browser(service: Service) -> AsyncIterator[Client]:
    """The admin's, on the test data, in which the API's client of the tests works."""
    async with open_browser(service, ADMIN_EMAIL) as signed_in:
        yield signed_in


@pytest.fixture
async def visitor(service: Service) -> AsyncIterator[Client]:
    """Somebody who is not signed in."""
    async with open_browser(service) as nobody:
        yield nobody
