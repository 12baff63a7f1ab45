"""`leadyard leads`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from leadyard.cli.remote import Remote, agree_on_cost, max_credits_option, remote_command, yes_option

MORE_FROM_INPUT = "-"


@click.group("leads")
def leads_group() -> None:
    """Add leads to a list."""


@leads_group.command()
@click.argument("lead_list", metavar="LIST")
@click.argument("leads", metavar="LEADS", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Tell what it would come to and cost, and add nothing.")
@click.option("--idempotency-key", help="The same leads with the same key do nothing again for 24 hours.")
@max_credits_option
@yes_option
@remote_command
def add(
    remote: Remote,
    lead_list: str,
    leads: tuple[str, ...],
    dry_run: bool,
    idempotency_key: str | None,
    max_credits: float | None,
    yes: bool,
) -> None:
    """Add LEADS to LIST, which is an id or a name.

    A lead is an e-mail, a LinkedIn URL or a JSON object; - reads more from standard input, one a line.
    `leadyard import` is for files.
    """
    found = remote.find_list(lead_list)
    drafts = list(map(read_lead, read_arguments(leads or (MORE_FROM_INPUT,))))
    if not drafts:
        raise click.UsageError("There are no leads.")
    preview = remote.leadyard.preview_leads(found.id, found.type, drafts)
    if dry_run:
        counts = preview.counts
        duplicates = counts.duplicate_in_batch + counts.duplicate_in_list
        text = (
            f"{preview.total:,} leads: {counts.added:,} would be added, {duplicates:,} are duplicates, "
            f"{counts.over_capacity:,} have no room, {counts.suppressed:,} are kept out."
        )
        remote.show(preview, text)
        return
    agree_on_cost(preview.cost.email, preview.cost.phone, max_credits, is_agreed=yes)
    added = remote.leadyard.add_leads(found.id, found.type, drafts, idempotency_key=idempotency_key)
    remote.show(added, f"{added.total_added_to_lead_list:,} of {added.total:,} leads added.")


def read_arguments(told: Iterable[str]) -> Iterator[str]:
    """What stands on the command line, and for a - the lines of standard input that are not blank."""
    for each in told:
        if each == MORE_FROM_INPUT:
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield each


def read_lead(text: str) -> dict[str, Any]:
    """A lead as somebody types it. Raises click.UsageError."""
    if text.startswith("{"):
        try:
            lead = json.loads(text)
        except ValueError:
            raise click.UsageError(f"This is no JSON object: {text[:60]}") from None
        assert isinstance(lead, dict)
        return lead
    return {"email" if "@" in text and "/" not in text else "linkedin_url": text}
