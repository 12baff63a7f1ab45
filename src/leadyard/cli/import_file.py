"""`leadyard import`: the leads of a file into a list, batch by batch, over the API."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import click

from leadyard.cli.failures import NO_CREDITS, Failure
from leadyard.cli.import_plan import FilePlan, describe_columns, plan_file
from leadyard.cli.import_run import ImportRun
from leadyard.cli.lists import watch_list
from leadyard.cli.remote import (
    Remote,
    agree_on_cost,
    is_id,
    max_credits_option,
    remote_command,
    require_one,
    yes_option,
)
from leadyard.cli.terminal import printable
from leadyard.domain.directory import UnreadableFile
from leadyard.domain.imports import RowVerdict
from leadyard.domain.leads import ListType
from leadyard_client import Forbidden, LeadList
from leadyard_client import ListType as ListTypeWord

FROM_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for of a list that is to be made, or must be so."""

    told: str
    owner: str | None
    private: bool
    enrich: bool
    validate_email: bool
    reveal_phone_numbers: bool

    @property
    def steps(self) -> list[str]:
        """The options that it must have."""
        names = ("enrich", "validate_email", "reveal_phone_numbers")
        return [name for name in names if getattr(self, name)]

    def make(self, remote: Remote, kind: ListType, *, is_for_a_question: bool = False) -> LeadList:
        """Makes the list; one that only a question is asked about is nobody else's."""
        return remote.leadyard.create_list(
            kind.value,
            name=self.told,
            owner=self.owner,
            shared=not (self.private or is_for_a_question),
            visible=not is_for_a_question,
            enrich=self.enrich,
            validate_email=self.validate_email,
            reveal_phone_numbers=self.reveal_phone_numbers,
        )


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is gone about: what it may cost, and what is done beside it."""

    max_credits: float | None
    yes: bool
    anew: bool
    watch: bool


@click.command("import")
@click.argument("file")
@click.option(
    "--list", "told", required=True, metavar="LIST", help="Its id, or its name: one is made if there is none."
)
@click.option("--type", "kind", type=click.Choice(get_args(ListTypeWord)), help="By the columns by default.")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="What a column is.")
@click.option("--enrich", is_flag=True, help="Look for the persons.")
@click.option("--validate-email", is_flag=True, help="Validate e-mails.")
@click.option("--reveal-phone", "reveal_phone_numbers", is_flag=True, help="Reveal phone numbers.")
@click.option("--owner", help="Who is to own a new list; the first active admin by default.")
@click.option("--private", is_flag=True, help="Let its owner and admins alone see a new list.")
@click.option("--dry-run", is_flag=True, help="Tell what it would come to and cost, and add nothing.")
@click.option("--anew", is_flag=True, help="Add again what was removed from the list since the last time.")
@click.option("--watch", is_flag=True, help="Wait until the list has ended.")
@click.option("--refused", type=click.Path(path_type=Path), help="The file for rows that are not added.")
@max_credits_option
@yes_option
@remote_command
def import_file(
    remote: Remote,
    file: str,
    kind: str | None,
    mapping: tuple[str, ...],
    dry_run: bool,
    refused: Path | None,
    **more: Any,
) -> None:
    """Import the leads of a file: FILE is a CSV, TSV or XLSX file, or - for standard input.

    Columns are known by their names and by what stands in them. An import that was interrupted goes on when
    it is started again: nothing is added or paid for twice.
    docs/how-to/import-from-the-command-line.md tells more.
    """
    manner = Manner(*(more.pop(name) for name in ("max_credits", "yes", "anew", "watch")))
    wishes = Wishes(**more)
    with _open(file) as path, _explain_unreadable():
        plan = plan_file(path, mapping)
        click.echo("\n".join(map(printable, describe_columns(plan))), err=True)
        existing = _find_list(remote, wishes)
        run = ImportRun(remote.leadyard, plan, _choose_type(plan, kind, existing))
        run.read()
        if dry_run:
            _show_preview(remote, run, existing, wishes)
        else:
            _import(remote, run, existing, wishes, _choose_place(refused, file), manner)


def _import(
    remote: Remote,
    run: ImportRun,
    existing: LeadList | None,
    wishes: Wishes,
    refused: Path,
    manner: Manner,
) -> None:
    if not run.counts[RowVerdict.READY]:
        run.write_refused(refused)
        raise click.ClickException("There is no row that can be added.")
    lead_list = existing or wishes.make(remote, run.kind)
    try:
        _agree(remote, run, lead_list, manner)
    except BaseException:
        if existing is None:
            remote.leadyard.delete_list(lead_list.id)
        raise
    failure = run.send(lead_list, str(uuid.uuid4()) if manner.anew else "")
    written = run.write_refused(refused)
    if manner.watch and failure is None:
        watch_list(remote, lead_list)
    _show(remote, lead_list, run, written)
    if failure is not None:
        raise failure


@contextmanager
def _open(file: str) -> Iterator[Path]:
    """The file, which is read more than once: what comes by standard input is kept for that."""
    if file != FROM_INPUT:
        yield Path(file)
        return
    with tempfile.NamedTemporaryFile(prefix="leadyard-import-") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.flush()
        yield Path(kept.name)


@contextmanager
def _explain_unreadable() -> Iterator[None]:
    try:
        yield
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from None


def _find_list(remote: Remote, wishes: Wishes) -> LeadList | None:
    """The list that is named, None if it is to be made. Raises click.UsageError if it has other steps."""
    if is_id(wishes.told):
        found = remote.leadyard.get_list(wishes.told)
    else:
        named = remote.lists_named(wishes.told)
        if not named:
            return None
        found = require_one(named, wishes.told)
    missing = [name for name in wishes.steps if not getattr(found.options, name)]
    if missing:
        there = f"{printable(found.name)} is there already, without {', '.join(missing)}"
        raise click.UsageError(f"{there}: leave that out, or name another list.")
    return found


def _choose_type(plan: FilePlan, told: str | None, existing: LeadList | None) -> ListType:
    """The type of the leads. Raises click.UsageError where none can be."""
    if existing is not None and told not in (None, existing.type):
        raise click.UsageError(f"{printable(existing.name)} is of type {existing.type}.")
    chosen = existing.type if existing else told or plan.guessed_type
    if chosen is None:
        raise click.UsageError(
            "No column has e-mails, LinkedIn URLs, or titles and companies: say which, such as "
            '--map "Work email=email".'
        )
    return ListType(chosen)


def _show_preview(remote: Remote, run: ImportRun, existing: LeadList | None, wishes: Wishes) -> None:
    """Tells what an import would come to; for a list that is not there, one is made and deleted again."""
    lead_list = existing or wishes.make(remote, run.kind, is_for_a_question=True)
    try:
        preview = run.preview(lead_list)
    finally:
        if existing is None:
            remote.leadyard.delete_list(lead_list.id)
    run.take_preview(preview)
    cost = preview.cost
    text = f"Would be imported: {run.summary()}\n"
    text += f"At most {cost.email.most:g} e-mail and {cost.phone.most:g} phone credits."
    remote.show({**run.told(), "cost": dataclasses.asdict(cost)}, text)


def _agree(remote: Remote, run: ImportRun, lead_list: LeadList, manner: Manner) -> None:
    """Goes on if the cost is agreed to, and there. Raises Failure otherwise."""
    options = lead_list.options
    if not (options.enrich or options.validate_email or options.reveal_phone_numbers):
        return
    cost = run.preview(lead_list).cost
    agree_on_cost(cost.email, cost.phone, manner.max_credits, is_agreed=manner.yes)
    _require_credits(remote, cost.email.most, cost.phone.most)


def _require_credits(remote: Remote, email: float, phone: float) -> None:
    try:
        told = remote.leadyard.get_credits()
    except Forbidden:
        return  # Then the service says so when the credits are held.
    for kind, needed, there in (("e-mail", email, told.email), ("phone", phone, told.phone)):
        if needed > there.available:
            text = f"That may take {needed:g} {kind} credits, and {there.available:g} are available."
            raise Failure(f"{text} Nothing was imported.", NO_CREDITS)


def _choose_place(told: Path | None, file: str) -> Path:
    """Where refused rows go: never over a file that is there, which may have been mended meanwhile."""
    if told is not None:
        if told.exists():
            raise click.UsageError(f"There is a file {told} already.")
        return told
    stem = "standard-input" if file == FROM_INPUT else Path(file).stem
    names = (f"{stem}-refused{number}.csv" for number in ("", *(f"-{count}" for count in range(2, 1_000))))
    return next(path for path in map(Path, names) if not path.exists())


def _show(remote: Remote, lead_list: LeadList, run: ImportRun, refused: Path | None) -> None:
    told = {"lead_list_id": lead_list.id, "url": lead_list.url, **run.told()}
    told["refused_file"] = None if refused is None else str(refused)
    remote.show(told, f"{printable(lead_list.name)}: {run.summary()}")
    if run.replayed:
        click.echo(f"{run.replayed:,} of these were sent before; the counts are of that time.", err=True)
    click.echo(lead_list.url, err=True)
