"""Errors, routes, metrics and log events are documented, each of them, and nothing else is."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY
from tests.docs.pages import SOURCE, code_spans, own_files, read, section, table

import leadyard
from leadyard.api.agents import answer_agent
from leadyard.api.application import HANDLERS, make_routes
from leadyard.api.errors import STATUSES
from leadyard.dashboard.application import GUIDE_HANDLERS
from leadyard.domain.errors import ErrorCode, Fault

PRODUCTION = "docs/how-to/run-in-production.md"
IDS = {"request_id", "request_ids", "job_id", "trace_id"}
"""What lines of the log have beside their event."""
UNIMPORTABLE = ("leadyard.__main__", "leadyard.storage.migrations.env")


def unnamed(path: str) -> str:
    """A path without the names of its parameters, which are not part of it."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@pytest.fixture
def routes() -> set[tuple[str, str]]:
    """Method and path of every route of the API; OPTIONS is one for all of them. Pages have no reference."""
    return {
        (method, unnamed(route.path_format))
        for route in make_routes([*HANDLERS, *GUIDE_HANDLERS, answer_agent]).routes
        for method in cast(Any, route).methods
        if method != "OPTIONS"
    }


def test_every_error_code_is_documented_with_its_status_and_title() -> None:
    rows = table(read("docs/reference/errors.md"), "Code")
    assert [(row[0].strip("`"), int(row[1]), row[2]) for row in rows] == [
        (code.value, STATUSES[code], Fault(code, "").title) for code in ErrorCode
    ]


def test_every_error_code_is_explained() -> None:
    for code, _, _, when, advice in table(read("docs/reference/errors.md"), "Code"):
        assert when, code
        assert advice or "this release has no endpoint" in when, code


def test_every_route_is_documented_and_no_other(routes: set[tuple[str, str]]) -> None:
    headings = re.findall(r"^### `([A-Z]+) (/\S*)`$", read("docs/reference/endpoints.md"), re.MULTILINE)
    assert sorted((method, unnamed(path)) for method, path in headings) == sorted(routes)


def test_every_metric_is_documented_and_no_other() -> None:
    for module in pkgutil.walk_packages(leadyard.__path__, "leadyard."):
        if module.name not in UNIMPORTABLE and ".versions." not in module.name:
            importlib.import_module(module.name)
    exported = {
        f"{metric.name}_total" if metric.type == "counter" else metric.name
        for metric in REGISTRY.collect()
        if metric.name.startswith("leadyard")
    }
    assert {row[0].strip("`") for row in table(read(PRODUCTION), "Metric")} == exported


def test_every_warning_in_the_log_is_documented_and_no_other() -> None:
    logged = {
        event
        for path in own_files(".py")
        if path.is_relative_to(SOURCE)
        for event in re.findall(r"log\.(?:warning|error|exception)\(\s*\"(\w+)\"", path.read_text("utf-8"))
    }
    spans = code_spans(section(read(PRODUCTION), "## Logs"))
    assert {span for span in spans if re.fullmatch(r"[a-z]+(_[a-z]+)+", span)} - IDS == logged
