"""`leadyard providers`: how providers do, over the API; they are set up where the database is."""

from __future__ import annotations

import click

from leadyard.cli.main import refuse_moved_data
from leadyard.cli.remote import Remote, open_remote, refuse_misplaced, remote_options
from leadyard.cli.tables import Entry, TableGroup
from leadyard_client import Provider

COMMANDS = {
    "list": Entry("leadyard.cli.provider_setup", "list_providers", "List providers."),
    "set": Entry("leadyard.cli.provider_setup", "set_provider", "Set a provider up."),
    "remove": Entry("leadyard.cli.provider_setup", "remove_provider", "Forget a provider and its key."),
    "check": Entry("leadyard.cli.provider_setup", "check_providers", "See whether keys work."),
}


@click.group(
    cls=TableGroup,
    sections={"Commands of the installation": COMMANDS},
    invoke_without_command=True,
    subcommand_metavar="[COMMAND] [ARGS]...",
)
@remote_options
@click.pass_context
def providers(ctx: click.Context, profile: str | None, as_json: bool) -> None:
    """Show how providers do, or set paid ones up.

    Without a command: name, state, finds of the last 30 days, what that cost, and what it finds.
    """
    if ctx.invoked_subcommand is not None:
        refuse_misplaced(profile, as_json)
        refuse_moved_data(ctx)
        return
    with open_remote(profile, as_json) as remote:
        show_providers(remote)


def show_providers(remote: Remote) -> None:
    """Every provider, a line each."""
    remote.show_all(
        remote.leadyard.list_providers(),
        ("Name", "State", "Hits", "Cost", "Finds"),
        lambda each: (each.name, _state(each), _hits(each), _cost(each), ", ".join(_abilities(each))),
    )


def _state(provider: Provider) -> str:
    if not provider.is_set_up:
        return "not set up"
    return provider.health.state if provider.health else "own"


def _hits(provider: Provider) -> str:
    told = provider.last_30_days
    return "-" if told is None or told.hit_rate is None else f"{told.hit_rate:.0%} of {told.asked:,}"


def _cost(provider: Provider) -> str:
    return f"{provider.last_30_days.cost:,g}" if provider.last_30_days else "-"


def _abilities(provider: Provider) -> list[str]:
    return [*provider.groups, *(["verification"] if provider.verifies else [])]
