from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from tests.cli.test_main import commands

from leadyard.cli.main import cli

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
HEADING = re.compile(r"^## leadyard (.+)$", re.MULTILINE)


def sections() -> dict[str, str]:
    """The text on each command, by the words it is called by."""
    _, *parts = HEADING.split(REFERENCE.read_text())
    return dict(zip(parts[::2], parts[1::2], strict=True))


LEAVES = {
    " ".join(words): found
    for words, found in commands(cli)
    if not isinstance(found, click.Group) or found.invoke_without_command
}
SHARED = {"--profile", "--json"}
"""Options of all commands that call a service, which are described once."""


def test_every_command_has_a_section_and_no_other_is_described() -> None:
    assert sorted(sections()) == sorted(LEAVES)


@pytest.mark.parametrize("words", LEAVES)
def test_section_names_exactly_the_options_and_arguments_of_the_command(words: str) -> None:
    section, command = sections()[words], LEAVES[words]
    options = {name for each in command.params if isinstance(each, click.Option) for name in each.opts}
    own = options - SHARED if options >= SHARED else options
    assert set(re.findall(r"^\| `(--?[a-z-]+)` \|", section, re.MULTILINE)) == own
    for each in command.params:
        if isinstance(each, click.Argument):
            name = each.metavar or (each.name or "").upper()
            assert re.search(rf"`leadyard {words} [A-Z_ ]*{name}", section), name


@pytest.mark.parametrize("words", LEAVES)
def test_choices_are_told(words: str) -> None:
    section, command = sections()[words], LEAVES[words]
    for each in command.params:
        if isinstance(each.type, click.Choice):
            assert all(f"`{choice}`" in section for choice in each.type.choices), each.name


def test_options_that_commands_share_are_told_once() -> None:
    text = REFERENCE.read_text().partition("\n## ")[0]
    assert set(re.findall(r"^\| `(--[a-z-]+)` \|", text, re.MULTILINE)) == SHARED


def test_options_of_the_program_itself_are_named() -> None:
    text = REFERENCE.read_text()
    for each in cli.params:
        assert all(f"`{name}`" in text for name in each.opts), each.name
