"""What stands in deploy/ can be read, and names nothing that there is not."""

from __future__ import annotations

import json
import re
import shlex
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client import REGISTRY
from tests.docs.pages import ROOT, own_files, read, section, table

from leadyard.api.envelope import _UNTRACED
from leadyard.cli.main import cli
from leadyard.settings import PREFIX, Settings, load_settings

DEPLOY = ROOT / "deploy"
FILES = [path for path in own_files() if path.is_relative_to(DEPLOY)]
UNITS = [path for path in FILES if path.suffix == ".service"]
OF_COMPOSE = {"LEADYARD_HOST"}
"""What only Compose and the proxy read."""

SERIES = re.compile(r"\bleadyard_[a-z_]+\b")


def metrics() -> set[str]:
    """Every name that a series of this process can have."""
    names = set()
    for metric in REGISTRY.collect():
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
        names |= {metric.name + ending for ending in endings.get(metric.type, ("",))}
    return names


def commands() -> list[list[str]]:
    """Every command line of `leadyard` in units, Compose and the Dockerfile."""
    compose = yaml.safe_load(read("deploy/compose.yaml"))["services"]
    lines = [list(service["command"]) for service in compose.values() if "command" in service]
    (started,) = re.findall(r"^CMD (\[.*\])$", read("deploy/Dockerfile"), re.MULTILINE)
    lines.append(json.loads(started))
    for unit in UNITS:
        (line,) = re.findall(r"^ExecStart=\S+/leadyard (.*)$", unit.read_text("utf-8"), re.MULTILINE)
        lines.append(shlex.split(line.replace("%i", "8001")))
    return lines


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix in (".yaml", ".json")], ids=str)
def test_file_can_be_read(path: Path) -> None:
    text = path.read_text("utf-8")
    assert json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def test_proxy_gives_the_answer_to_an_upload_time_behind_the_upload() -> None:
    timeouts = dict(re.findall(r"\b(read_body|write) (\d+)m", read("deploy/Caddyfile")))
    assert int(timeouts["write"]) >= int(timeouts["read_body"]) + 5


@pytest.mark.parametrize("path", ["/imports", "/import", "/account/directory/load"])
def test_proxies_let_large_files_pass(path: str) -> None:
    paths = re.findall(r"@(?:others not|files) path (.*)", read("deploy/Caddyfile"))
    assert len([line for line in paths if path in line.split()]) == 2
    (large,) = re.findall(r"location ~ (\S+) \{\n +client_max_body_size 501m", read("deploy/nginx.conf"))
    assert re.search(large, path)


def test_every_metric_that_is_named_exists() -> None:
    dashboard = json.loads(read("deploy/grafana/leadyard.json"))
    alerts = yaml.safe_load(read("deploy/prometheus/alerts.yaml"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    named = {name for expression in asked for name in SERIES.findall(expression)}
    assert len(named) > 15
    assert named <= metrics()


def test_dashboard_shows_every_metric_of_ours() -> None:
    shown = set(SERIES.findall(read("deploy/grafana/leadyard.json")))
    documented = {row[0].strip("`") for row in table(read("docs/how-to/run-in-production.md"), "Metric")}
    assert documented == {re.sub(r"_bucket$", "", name) for name in shown if name != "leadyard"}


def test_every_setting_that_is_named_exists() -> None:
    settings = {PREFIX + name.upper() for name in Settings.__struct_fields__}
    for path in FILES:
        named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text("utf-8")))
        assert named <= settings | OF_COMPOSE, path.name


@pytest.mark.parametrize("line", commands(), ids=" ".join)
def test_every_command_that_is_named_exists(line: list[str]) -> None:
    program = click.Context(cli, **cli.context_settings)
    command = cli.get_command(program, line[0])
    assert command is not None
    command.make_context(line[0], line[1:], program)


def test_settings_of_containers_can_be_loaded() -> None:
    compose = yaml.safe_load(read("deploy/compose.yaml"))
    given: dict[str, Any] = compose["services"]["api"]["environment"]
    secret = "s" * 40
    values = {
        name: re.sub(r"\$\{\w+[^}]*\}", secret, value)
        for name, value in given.items()
        if name.startswith(PREFIX)
    }
    assert not load_settings(values).is_sqlite


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_unit_has_least_rights(unit: Path) -> None:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    service = parser["Service"]
    assert service["User"] == "leadyard"
    assert (service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "strict")
    assert (service["StateDirectory"], service["CapabilityBoundingSet"]) == ("leadyard", "")


def test_image_does_not_run_as_root_and_installs_by_hash_only() -> None:
    text = read("deploy/Dockerfile")
    last = text.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\d+)$", last, re.MULTILINE) == ["10001"]
    assert "--require-hashes --requirement requirements/otel.txt" in text
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.11-slim"] * 2
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for name in copied.split():
            assert f"!{name}" in read(".dockerignore").splitlines(), name


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_proxy_hides_health_and_takes_the_largest_body(name: str) -> None:
    text = read(f"deploy/{name}")
    for path in _UNTRACED:
        assert re.search(rf"{path[1:]}\b", text), path
    sizes = re.findall(r"(?:max_size|client_max_body_size) (\d+)[mM]", text)
    least = (Settings().max_body_bytes, Settings().max_import_bytes)
    for size, bytes_needed in zip(sizes, least, strict=True):
        assert int(size) * 1024 * 1024 >= bytes_needed


def test_page_tells_of_every_unit() -> None:
    page = section(read("docs/how-to/deploy.md"), "## systemd")
    assert {unit.name for unit in UNITS} == set(re.findall(r"\[`([\w@-]+\.service)`\]", page))
