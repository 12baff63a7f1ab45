"""What was measured: lines with a target and a verdict, as a table and as JSON."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a value may be at most, or must be at least."""

    bound: float
    is_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a value keeps to it."""
        return value >= self.bound if self.is_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.is_least else '≤'} {self.bound:g}"


def at_most(bound: float) -> Target:
    """The value is not to be larger."""
    return Target(bound)


def at_least(bound: float) -> Target:
    """The value is not to be smaller."""
    return Target(bound, is_least=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on one database. Without a target it is only told; without a value it could not be had."""

    subject: str
    what: str
    database: str
    value: float | None
    unit: str
    target: Target | None = None
    detail: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether there is a target, and it was not met."""
        return self.target is not None and (self.value is None or not self.target.is_met(self.value))

    @property
    def verdict(self) -> str:
        """In a word."""
        if self.value is None:
            return "FAILED" if self.target else "not measured"
        return "" if self.target is None else "MISSED" if self.is_missed else "ok"

    def __str__(self) -> str:
        value = self.detail if self.value is None else f"{_digits(self.value)} {self.unit}".strip()
        return f"{value} {self.verdict}".strip()


def print_table(lines: Sequence[Line], title: str) -> None:
    """One row for each thing that was measured, one column for each database."""
    databases = [name for name in DATABASES if any(line.database == name for line in lines)]
    table = Table("", "target", *(DATABASES[name] for name in databases), title=title)
    subject = ""
    for what in dict.fromkeys((line.subject, line.what) for line in lines):
        found = {line.database: line for line in lines if (line.subject, line.what) == what}
        if what[0] != subject:
            subject = what[0]
            table.add_section()
        targets = list(dict.fromkeys(str(line.target) for line in found.values() if line.target))
        cells = (str(found[name]) if name in found else "" for name in databases)
        table.add_row(what[1], " / ".join(targets), *cells)
    Console(width=max(120, Console().width)).print(table)


def write_json(path: Path, lines: Sequence[Line], conditions: dict[str, Any]) -> None:
    """Everything, with what was asked for and on what machine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            **{
                name: getattr(line, name)
                for name in ("subject", "what", "database", "value", "unit", "detail")
            },
            "target": None if line.target is None else str(line.target),
            "verdict": line.verdict,
        }
        for line in lines
    ]
    report = {"conditions": {**conditions, **describe_machine()}, "lines": rows}
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report)) + b"\n")


def describe_machine() -> dict[str, Any]:
    """What the figures depend on beside the code."""
    return {
        "processors": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.platform(),
    }


def _digits(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
