"""A file of leads as the command line imports it: what its columns are, and what becomes of each row."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click

from leadyard.domain.export_columns import defuse
from leadyard.domain.import_columns import find_list_type, header_key, lead_of_row
from leadyard.domain.import_rows import fields_of, find_faults, guess_below, members_of
from leadyard.domain.imports import (
    COLUMN_CHOICES,
    PROBLEMS,
    REFUSED_COLUMNS,
    RIDES_ALONG,
    SKIPPED,
    RowVerdict,
    StagedRow,
)
from leadyard.domain.leads import KNOWN_FIELDS, LeadFields, ListType, lead_key
from leadyard.files.tables import Row, open_table

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class FilePlan:
    """A file, and what each of its columns is: one of COLUMN_CHOICES."""

    path: Path
    digest: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    guessed_type: ListType | None

    def key_for(self, list_id: str, kind: ListType) -> str:
        """The same for the same leads on their way into the same list, whenever that is."""
        told = "\n".join([self.digest, list_id, kind, *self.columns])
        return f"import-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


class JudgedRow(NamedTuple):
    """A row, and the lead that it is or the reason why it is none."""

    row: Row
    lead: dict[str, str]
    verdict: RowVerdict
    problem: str


def plan_file(path: Path, told: Iterable[str]) -> FilePlan:
    """What a file is taken for, but for what is told: `name of a column=field`.

    Raises UnreadableFile, and click.UsageError for a column or field that there is not.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with open_table(path) as table:
        head = [StagedRow(*row) for row in ([table.header] if table.header else []) + table.sample]
        guess = guess_below(head, table.header.number if table.header else 0, len(table.names))
    columns = _map(table.names, list(guess.columns), dict(map(_read_mapping, told)))
    kind = find_list_type(fields_of(columns), [row.cells for row in table.sample])
    return FilePlan(path, digest, tuple(table.names), tuple(columns), kind)


def _read_mapping(text: str) -> tuple[str, str]:
    name, separator, choice = text.rpartition("=")
    choice = choice.strip().lower()
    if not separator or choice not in COLUMN_CHOICES:
        raise click.UsageError(f"--map {text!r}: say COLUMN=FIELD, a field of {', '.join(COLUMN_CHOICES)}.")
    return name.strip(), choice


def _map(names: list[str], columns: list[str], told: Mapping[str, str]) -> list[str]:
    """The columns as they are told to be; what was guessed otherwise of the same field rides along."""
    for name, choice in told.items():
        place = _find_column(names, name)
        if choice not in (RIDES_ALONG, SKIPPED):
            columns = [RIDES_ALONG if each == choice else each for each in columns]
        columns[place] = choice
    return columns


def _find_column(names: list[str], told: str) -> int:
    for form in (str, str.casefold, header_key):
        found = [place for place, name in enumerate(names) if form(name) == form(told)]
        if len(found) == 1:
            return found[0]
    raise click.UsageError(f"--map: there is no column {told!r}, but {', '.join(map(repr, names))}.")


def judge_rows(plan: FilePlan, kind: ListType) -> Iterator[JudgedRow]:
    """Every row below the names of the columns, in order, each time the same. Raises as `plan_file`."""
    members = members_of(plan.names, plan.columns)
    seen: set[bytes] = set()
    with open_table(plan.path) as table:
        for row in table.rows:
            yield _judge(row, members, kind, seen)


def _judge(row: Row, members: list[str], kind: ListType, seen: set[bytes]) -> JudgedRow:
    faults = find_faults(kind, members, row.cells)
    if faults:
        staged = StagedRow(row.number, row.cells, RowVerdict.FAULTY, faults)
        return JudgedRow(row, {}, RowVerdict.FAULTY, staged.problem)
    lead = lead_of_row(members, row.cells)
    known = {name: text for name, text in lead.items() if name in KNOWN_FIELDS}
    key = hashlib.blake2b(lead_key(kind, LeadFields(**known)).encode(), digest_size=DIGEST_BYTES).digest()
    if key in seen:
        verdict = RowVerdict.DUPLICATE_IN_FILE
        return JudgedRow(row, {}, verdict, PROBLEMS[verdict])
    seen.add(key)
    return JudgedRow(row, lead, RowVerdict.READY, "")


def count_rows(plan: FilePlan, kind: ListType, on_row: Callable[[int], None]) -> Counter[RowVerdict]:
    """How many rows have each verdict."""
    counts: Counter[RowVerdict] = Counter()
    for number, judged in enumerate(judge_rows(plan, kind), 1):
        counts[judged.verdict] += 1
        if number % 1_000 == 0:
            on_row(number)
    return counts


def write_refused(plan: FilePlan, kind: ListType, later: Mapping[int, RowVerdict], file: Path) -> None:
    """Writes the rows that were not added to a new CSV file: number, reason, and the row as it came.

    `later` are those that the service left out, by their numbers. The file can be mended and imported.
    """
    kept = [place for place, name in enumerate(plan.names) if name not in REFUSED_COLUMNS]
    with file.open("x", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([*REFUSED_COLUMNS, *(defuse(plan.names[place]) for place in kept)])
        for judged in judge_rows(plan, kind):
            number, cells = judged.row
            problem = PROBLEMS[later[number]] if number in later else judged.problem
            if problem:
                padded = [*cells, *[""] * (len(plan.names) - len(cells))]
                kept_cells = [*(padded[place] for place in kept), *padded[len(plan.names) :]]
                writer.writerow([str(number), problem, *map(defuse, kept_cells)])


def describe_columns(plan: FilePlan) -> list[str]:
    """What each column is taken for, as lines of text."""
    pairs = list(zip(plan.names, plan.columns, strict=True))
    fields = fields_of(plan.columns)
    lines = [f"  {name} = {field}" for (name, _), field in zip(pairs, fields, strict=True) if field]
    for choice, text in ((RIDES_ALONG, "kept as they are"), (SKIPPED, "left out")):
        if others := [name for name, each in pairs if each == choice]:
            lines.append(f"  {text}: {', '.join(others)}")
    return ["Columns:", *lines]
