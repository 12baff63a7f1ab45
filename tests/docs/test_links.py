"""Links lead somewhere; files, functions and targets that are named exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.pages import (
    ROOT,
    SOURCE,
    anchors,
    blocks,
    code_blocks,
    code_spans,
    markdown_files,
    own_files,
    read,
    table,
    without_code_blocks,
)

PAGES = [str(path.relative_to(ROOT)) for path in markdown_files()]
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FILE = re.compile(r"[\w./-]+\.(?:py|md|toml|csv|txt)")
_FOLDER = re.compile(r"[\w./-]+/")
_FUNCTION = re.compile(r"(?:(\w+)\.)?(\w+)\(\)")
_MAKE = re.compile(r"\bmake (?:[A-Z]+=\S+ )?([a-z.][\w./-]*)")
_IMPORT = re.compile(r"^\s*from leadyard\.(\w+)", re.MULTILINE)


def find(name: str) -> Path | None:
    """A file or folder as it is named: from the repository, or from the source."""
    return next((base / name for base in (ROOT, SOURCE) if (base / name).exists()), None)


def is_defined(name: str, owner: str | None, source: str) -> bool:
    """Whether a source has a function of this name, and the class that it is said to be of."""
    has_class = owner is None or re.search(rf"^class {owner}\b", source, re.MULTILINE) is not None
    return has_class and re.search(rf"^\s*(?:async )?def {name}\b", source, re.MULTILINE) is not None


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page: str) -> None:
    for target in _LINK.findall(without_code_blocks(read(page))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text("utf-8")), target


@pytest.mark.parametrize("page", PAGES)
def test_files_and_folders_that_are_named_exist(page: str) -> None:
    for span in code_spans(read(page)):
        if "/" in span and (_FILE.fullmatch(span) or _FOLDER.fullmatch(span)) and span[0] not in "/.":
            beside = (ROOT / page).parent / span
            assert find(span) or beside.exists() or span in ("leadyard-data/",), span


@pytest.mark.parametrize("page", PAGES)
def test_functions_stand_in_a_file_that_is_named_beside_them(page: str) -> None:
    for block in blocks(read(page)):
        spans = code_spans(block)
        files = [found for span in spans if span.endswith(".py") and (found := find(span))]
        for span in spans:
            if match := _FUNCTION.fullmatch(span):
                sources = [path.read_text("utf-8") for path in files]
                assert any(is_defined(match[2], match[1], source) for source in sources), span


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_that_are_named_exist(page: str) -> None:
    targets = set(re.findall(r"^([\w./-]+):", read("Makefile"), re.MULTILINE))
    code = [*code_spans(read(page)), *code_blocks(read(page), "sh"), *code_blocks(read(page), "console")]
    for named in code:
        assert set(_MAKE.findall(named)) <= targets, named


def test_readme_has_the_two_commands_one_of_which_ci_runs() -> None:
    commands = ["make demo", "make test"]
    assert commands in [block.split("\n") for block in map(str.strip, code_blocks(read("README.md"), "sh"))]
    assert commands[1] in (ROOT / ".ci/run").read_text().split("\n")


def test_every_page_of_the_documentation_is_on_the_map() -> None:
    index = ROOT / "docs/index.md"
    linked = {(index.parent / target).resolve() for target in _LINK.findall(read(index))}
    assert {path for path in markdown_files() if path.is_relative_to(ROOT / "docs")} - linked == {index}


def test_pages_that_the_code_names_exist() -> None:
    for path in (*own_files(".py"), ROOT / "Makefile"):
        for named in re.findall(r"docs/[a-z/-]+\.md", path.read_text("utf-8")):
            assert (ROOT / named).exists(), f"{path.name}: {named}"


def test_architecture_knows_every_folder_and_what_it_imports() -> None:
    rows = {row[0].strip("`/"): row[2] for row in table(read("ARCHITECTURE.md"), "Folder")}
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert set(rows) == folders
    for folder, documented in rows.items():
        if documented != "all":
            files = own_files(".py")
            mine = [path for path in files if path.is_relative_to(SOURCE / folder)]
            imported = {name for path in mine for name in _IMPORT.findall(path.read_text("utf-8"))}
            words = set() if documented == "nothing" else set(documented.split(", "))
            assert words == imported & folders - {folder}, folder
