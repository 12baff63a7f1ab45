"""Fixtures of the HTTP API's tests."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import structlog

from leadyard.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Tracebacks without the values of variables, which take seconds to lay out."""
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    merge = structlog.contextvars.merge_contextvars
    structlog.configure(processors=[merge, structlog.processors.add_log_level, renderer])


@pytest.fixture
def overrides() -> dict[str, Any]:
    """The settings that a test has changed, by `with_settings`."""
    return {}


@pytest.fixture
def settings(settings: Settings, overrides: dict[str, Any]) -> Settings:
    """The settings of this test's installation."""
    return msgspec.structs.replace(settings, **overrides)
