"""Links by which a password is set, printed for whoever runs the server."""

from __future__ import annotations

import click

from leadyard.actions.members import make_first_link
from leadyard.app import Leadyard
from leadyard.settings import Settings
from leadyard.storage.accounts import find_first_account


async def show_first_link(installation: Leadyard, address: str) -> None:
    """Prints a link for the first admin while nobody has a password; it is not kept.

    `address` is where the service listens, for an installation without a public address of its own.
    """
    async with installation.database.write() as tx:
        account = await find_first_account(tx)
        assert account is not None
        made = await make_first_link(tx, installation.digest, account)
    if made is None:
        return
    user, token = made
    public_url = installation.settings.public_url
    base = address if public_url == Settings().public_url else public_url
    click.echo(f"Nobody can sign in yet. Set a password for {user.email} within 24 hours:", err=True)
    click.echo(f"  {link_to(base, token)}", err=True)


def link_to(public_url: str, token: str) -> str:
    """The address of a link."""
    return f"{public_url.rstrip('/')}/welcome/{token}"
