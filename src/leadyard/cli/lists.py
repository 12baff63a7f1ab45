"""`leadyard lists` and `leadyard list`: see lists, watch them, take them away as files, stop them."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, get_args

import click

from leadyard.cli.remote import (
    Remote,
    confirm,
    progress_text,
    remote_command,
    status_text,
    yes_option,
)
from leadyard.cli.terminal import printable, show_progress
from leadyard_client import EntryStatus, ExportFormat, LeadList, ListStatus, ListType, Verdict

FORMATS = get_args(ExportFormat)
BINARY = ("xlsx", "parquet")
POLL_SECONDS = 1.0


@click.command()
@click.option("--status", type=click.Choice(get_args(ListStatus)), help="Only those with this status.")
@click.option("--type", "list_type", type=click.Choice(get_args(ListType)), help="Only those of this type.")
@click.option("--name", help="Only those with this in their name.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Lists at most.")
@remote_command
def lists(remote: Remote, status: Any, list_type: Any, name: str | None, limit: int) -> None:
    """List lists, newest first: id, status, type, leads done of all, name."""
    found = remote.leadyard.list_lists(status=status, type=list_type, name=name, page_size=min(limit, 100))
    remote.show_all(
        islice(found, limit),
        ("Id", "Status", "Type", "Leads", "Name"),
        lambda each: (each.id, status_text(each), each.type, progress_text(each), each.name),
    )


@click.group("list")
def list_group() -> None:
    """See, watch, export, pause, resume, cancel or delete a list. LIST is its id or its name."""


@list_group.command()
@click.argument("lead_list", metavar="LIST")
@remote_command
def show(remote: Remote, lead_list: str) -> None:
    """Show what a list is and how far it is."""
    found = remote.find_list(lead_list)
    remote.show(found, describe(found))


@list_group.command()
@click.argument("lead_list", metavar="LIST")
@remote_command
def watch(remote: Remote, lead_list: str) -> None:
    """Wait until a list has ended, with a progress bar, and show it then."""
    ended = watch_list(remote, remote.find_list(lead_list))
    remote.show(ended, describe(ended))


def watch_list(remote: Remote, lead_list: LeadList) -> LeadList:
    """Waits until a list has ended, with a progress bar on a terminal."""
    told = None

    def tell(found: LeadList) -> None:
        nonlocal told
        update(found.progress.finished, found.progress.total)
        if found.paused and told != found.paused:
            click.echo(f"Paused: {_why_paused(found)}", err=True)
        told = found.paused

    with show_progress(printable(lead_list.name)) as update:
        return remote.leadyard.wait(lead_list, on_progress=tell, poll_seconds=POLL_SECONDS)


@list_group.command()
@click.argument("lead_list", metavar="LIST")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="By the name of the file by default, else csv."
)
@click.option("--output", default="-", show_default=True, help="The file; - is standard output.")
@click.option("--columns", help="Columns parted by commas, in the order wanted; all by default.")
@click.option("--status", type=click.Choice(get_args(EntryStatus)), help="Only leads with this status.")
@click.option("--result", type=click.Choice(get_args(Verdict)), help="Only leads with this verdict.")
@click.option("--has-email/--no-email", default=None, help="Only leads with, or without, an e-mail.")
@click.option("--search", help="Only leads with this in name, e-mail, company or title.")
@click.option("--raw", is_flag=True, help="Leave cells of a CSV that begin like a formula as they are.")
@remote_command
def export(
    remote: Remote, lead_list: str, kind: Any, output: str, columns: str | None, **filters: Any
) -> None:
    """Write the leads of a list to a file, or to standard output."""
    suffix = Path(output).suffix.lstrip(".").lower()
    kind = kind or (suffix if suffix in FORMATS else "csv")
    if output == "-" and kind in BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{kind} is nothing for a terminal: name a file with --output.")
    found = remote.find_list(lead_list)
    wanted = None if columns is None else [name.strip() for name in columns.split(",")]

    def write(file: BinaryIO) -> None:
        remote.leadyard.export_list(found.id, file, kind, columns=wanted, **filters)

    if output == "-":
        write(sys.stdout.buffer)
        return
    _write_whole(Path(output), write)
    if remote.as_json:
        remote.show({"file": output, "format": kind, "lead_list_id": found.id}, "")
    else:
        click.echo(f"{output}: the leads of {printable(found.name)}.", err=True)


def _write_whole(path: Path, write: Any) -> None:
    """Writes a file that is there when it is complete, and not before."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            write(file)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@list_group.command()
@click.argument("lead_list", metavar="LIST")
@remote_command
def pause(remote: Remote, lead_list: str) -> None:
    """Begin nothing more of a list, until it is resumed."""
    _show_change(remote, remote.leadyard.pause_list(remote.find_list(lead_list).id))


@list_group.command()
@click.argument("lead_list", metavar="LIST")
@remote_command
def resume(remote: Remote, lead_list: str) -> None:
    """Go on with a paused list."""
    _show_change(remote, remote.leadyard.resume_list(remote.find_list(lead_list).id))


@list_group.command()
@click.argument("lead_list", metavar="LIST")
@yes_option
@remote_command
def cancel(remote: Remote, lead_list: str, yes: bool) -> None:
    """Stop what has not begun of a list, for good."""
    found = remote.find_list(lead_list)
    confirm(f"Cancel {printable(found.name)} with {progress_text(found)} leads done?", is_agreed=yes)
    _show_change(remote, remote.leadyard.cancel_list(found.id))


@list_group.command()
@click.argument("lead_list", metavar="LIST")
@yes_option
@remote_command
def delete(remote: Remote, lead_list: str, yes: bool) -> None:
    """Delete a list."""
    found = remote.find_list(lead_list)
    confirm(f"Delete {printable(found.name)} with {found.progress.total:,} leads?", is_agreed=yes)
    remote.leadyard.delete_list(found.id)
    if remote.as_json:
        remote.show({"id": found.id, "status": "deleted"}, "")
    else:
        click.echo(f"Deleted {printable(found.name)}.", err=True)


def _show_change(remote: Remote, changed: LeadList) -> None:
    if remote.as_json:
        remote.show(changed, "")
    else:
        click.echo(f"{printable(changed.name)} is {status_text(changed)}.", err=True)


def describe(lead_list: LeadList) -> str:
    """A list as lines of text."""
    progress, options = lead_list.progress, lead_list.options
    steps = [name.replace("_", " ") for name in options.__dataclass_fields__ if getattr(options, name)]
    lines = {
        "Name": lead_list.name,
        "Id": lead_list.id,
        "Status": status_text(lead_list) + (f": {_why_paused(lead_list)}" if lead_list.paused else ""),
        "Type": lead_list.type,
        "Steps": ", ".join(steps) or "none",
        "Owner": f"{lead_list.owner} ({'shared' if lead_list.shared else 'private'})",
        "Leads": f"{progress.total:,}: {progress.done:,} done, {progress.failed:,} failed, "
        f"{progress.processing:,} under way, {progress.queued:,} waiting",
        "Created": f"{lead_list.created_at:%Y-%m-%d %H:%M} UTC",
        "Page": lead_list.url,
    }
    return "\n".join(f"{name:8} {printable(value)}" for name, value in lines.items())


def _why_paused(lead_list: LeadList) -> str:
    pause = lead_list.paused
    assert pause is not None
    about = [pause.provider, pause.failure, pause.limit and f"limit of the {pause.limit}"]
    return ", ".join([pause.reason.replace("_", " "), *(each for each in about if each)])
