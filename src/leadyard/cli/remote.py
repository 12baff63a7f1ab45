"""What the commands share that call a service: whom they call, what they print, what needs a consent."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar, cast

import click

from leadyard.cli.failures import NO_CREDITS, Failure
from leadyard.cli.profiles import choose_profile
from leadyard.cli.terminal import printable
from leadyard_client import CostRange, LeadList, Leadyard

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

COLORS = {
    "completed": "green",
    "deliverable": "green",
    "processing": "cyan",
    "risky": "yellow",
    "paused": "yellow",
    "undeliverable": "red",
    "waiting": "yellow",
    "given_up": "red",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Remote:
    """A service to call, and how its answers are printed."""

    leadyard: Leadyard
    as_json: bool

    def show(self, result: Any, text: str) -> None:
        """A result on standard output: as JSON, or as this text."""
        click.echo(to_json(result) if self.as_json else text)

    def show_all(
        self, results: Iterable[Any], header: Sequence[str], row: Callable[[Any], Sequence[str]]
    ) -> None:
        """Results on standard output: a line of JSON each, as soon as it is there, or a table."""
        if self.as_json:
            for result in results:
                click.echo(to_json(result))
        else:
            show_table(header, [row(result) for result in results])

    def find_list(self, told: str) -> LeadList:
        """The list with this id, else the one with this name. Raises Failure for several of that name."""
        if is_id(told):
            return self.leadyard.get_list(told)
        named = self.lists_named(told)
        if not named:
            return self.leadyard.get_list(told)
        return require_one(named, told)

    def lists_named(self, name: str) -> list[LeadList]:
        """The lists with exactly this name."""
        return [each for each in self.leadyard.list_lists(name=name) if each.name == name]


def remote_command(command: CommandT) -> CommandT:
    """Gives a command `--profile` and `--json`, and a Remote as its first argument."""

    @remote_options
    @functools.wraps(command)
    def call(profile: str | None, as_json: bool, **arguments: Any) -> Any:
        with open_remote(profile, as_json) as remote:
            return command(remote, **arguments)

    return cast(CommandT, call)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, a line for each result.")


def remote_options(command: CommandT) -> CommandT:
    """Gives a command `--profile` and `--json`."""
    kept = click.option("--profile", help="The profile to use, of those that `leadyard login` keeps.")
    return kept(json_option(command))


@contextmanager
def open_remote(profile: str | None, as_json: bool) -> Iterator[Remote]:
    """The service of a profile, or of the environment."""
    chosen = choose_profile(profile)
    with Leadyard(chosen.url, chosen.api_key) as leadyard:
        yield Remote(leadyard, as_json)


def refuse_misplaced(profile: str | None, as_json: bool) -> None:
    """Of a group that does something itself: its options are not for its commands."""
    if profile or as_json:
        raise click.UsageError("--profile and --json stand behind the last word of the command.")


def is_id(told: str) -> bool:
    """Whether it has the form of a list's id."""
    return len(told) == 36 and told.count("-") == 4


def require_one(named: list[LeadList], name: str) -> LeadList:
    """The only list of a name. Raises click.UsageError."""
    if len(named) > 1:
        ids = "\n".join(f"  {each.id}  {each.created_at:%Y-%m-%d %H:%M}" for each in named)
        raise click.UsageError(
            f"{len(named)} lists are called {printable(name)!r}: name one by its id.\n{ids}"
        )
    return named[0]


def to_json(result: Any) -> str:
    """A result as one line."""
    is_result = dataclasses.is_dataclass(result) and not isinstance(result, type)
    value = dataclasses.asdict(result) if is_result else result
    return json.dumps(value, ensure_ascii=False, default=_encode)


def _encode(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows in columns; the header on standard error, so that standard output has only results."""
    cells = [[printable(cell) for cell in row] for row in rows]
    is_headed = bool(cells) and sys.stderr.isatty()
    widths = [max(map(len, column)) for column in zip(*([header] if is_headed else []), *cells, strict=True)]
    if is_headed:
        click.secho("  ".join(map(str.ljust, header, widths)).rstrip(), bold=True, err=True)
    for row in cells:
        padded = [
            click.style(cell.ljust(width), fg=COLORS.get(cell))
            for cell, width in zip(row, widths, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())


def confirm(question: str, *, is_agreed: bool) -> None:
    """Asks, unless it is agreed to already. Raises click.UsageError where nobody can be asked."""
    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody can be asked here: say so with --yes.")
    click.confirm(question, abort=True, err=True)


def agree_on_cost(email: CostRange, phone: CostRange, max_credits: float | None, *, is_agreed: bool) -> None:
    """Tells what something can cost, and goes on if that is agreed to.

    With a maximum, when both kinds together are within it; raises Failure when they are not.
    """
    most = email.most + phone.most
    if most:
        told = [(email, "e-mail"), (phone, "phone")]
        parts = [f"{_amount(each)} {kind} credits" for each, kind in told if each.most]
        click.echo(f"It costs {' and '.join(parts)}.", err=True)
    if max_credits is not None:
        if most > max_credits:
            raise Failure(f"That may be more than {max_credits:g} credits: nothing was done.", NO_CREDITS)
    elif most:
        confirm("Go on?", is_agreed=is_agreed)


def _amount(cost: CostRange) -> str:
    return f"{cost.most:g}" if cost.least == cost.most else f"{cost.least:g} to {cost.most:g}"


def progress_text(lead_list: LeadList) -> str:
    """How far a list is, in a few characters."""
    progress = lead_list.progress
    return f"{progress.finished:,}/{progress.total:,}"


def status_text(lead_list: LeadList) -> str:
    """The status of a list, or that it is paused."""
    return "paused" if lead_list.paused else lead_list.status


max_credits_option = click.option(
    "--max-credits",
    type=click.FloatRange(min=0),
    help="Go on without a question if it cannot cost more, both kinds of credits together; else do nothing.",
)
yes_option = click.option("--yes", is_flag=True, help="Go on without a question.")
