"""The Python client against a service of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.support.installation import TEST_KEY
from tests.support.served import Served

from leadyard_client import Leadyard


@pytest.fixture
def leadyard(served: Served) -> Iterator[Leadyard]:
    with Leadyard(served.url, TEST_KEY, max_retries=0) as leadyard:
        yield leadyard
