"""Fixtures of the HTTP API's tests."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from leadyard.settings import Settings


@pytest.fixture
def overrides() -> dict[str, Any]:
    """The settings that a test has changed, by `with_settings`."""
    return {}


@pytest.fixture
def settings(settings: Settings, overrides: dict[str, Any]) -> Settings:
    """The settings of this test's installation."""
    return msgspec.structs.replace(settings, **overrides)
