"""The documentation as the tests read it: pages, tables, code, headings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/leadyard"
FOLDERS_OF_OTHERS = {"__pycache__", "dist", "leadyard-data"}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_BLOCK_START = re.compile(r"^\s*(?:\d+\.|[-*]) |^#{1,6} ")

Row = list[str]


@cache
def own_files(ending: str = "") -> tuple[Path, ...]:
    """Files of the repository, without what tools and installations leave there."""
    found = []
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(name for name in names if name[0] != "." and name not in FOLDERS_OF_OTHERS)
        found += [Path(folder, file) for file in sorted(files) if file.endswith(ending)]
    return tuple(found)


def markdown_files() -> tuple[Path, ...]:
    """Every page of the repository."""
    return own_files(".md")


def read(path: Path | str) -> str:
    """A file's text; a path without root is the repository's."""
    return (ROOT / path).read_text("utf-8")


def without_code_blocks(text: str) -> str:
    """A page without its fenced code."""
    return _FENCE.sub("", text)


def code_blocks(text: str, language: str) -> list[str]:
    """The fenced code of a language, in order."""
    return [code for found, code in _FENCE.findall(text) if found == language]


def code_spans(text: str) -> list[str]:
    """The code within lines."""
    return _CODE_SPAN.findall(without_code_blocks(text))


def anchors(text: str) -> set[str]:
    """The names that links can give to the headings of a page, as GitHub makes them."""
    made: set[str] = set()
    for heading in _HEADING.findall(without_code_blocks(text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = 0
        while (numbered := f"{name}-{number}" if number else name) in made:
            number += 1
        made.add(numbered)
    return made


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of the same level."""
    level = heading.partition(" ")[0]
    begin = re.search(rf"^{re.escape(heading)}$", text, re.MULTILINE)
    assert begin is not None, heading
    rest = text[begin.end() :]
    end = re.search(rf"^#{{1,{len(level)}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables(text: str) -> Iterator[tuple[Row, list[Row]]]:
    """The tables of a page: the header and the rows of each."""
    rows: list[Row] = []
    for line in [*without_code_blocks(text).splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif rows:
            yield rows[0], rows[2:]
            rows = []


def table(text: str, first_header: str) -> list[Row]:
    """The rows of all tables whose first column is called so; there must be some."""
    found = [row for header, rows in tables(text) if header[0] == first_header for row in rows]
    assert found, first_header
    return found


def blocks(text: str) -> list[str]:
    """A page's paragraphs, items and table rows, each row with the header of its table."""
    found: list[str] = []
    header = ""
    for line in without_code_blocks(text).splitlines():
        if line.startswith("|"):
            header = header or line
            found.append(f"{header}\n{line}")
            continue
        header = ""
        if not line.strip() or _BLOCK_START.match(line) or not found or found[-1].startswith("|"):
            found.append(line)
        else:
            found[-1] += f"\n{line}"
    return found
