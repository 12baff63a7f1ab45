"""`leadyard login` and `leadyard logout`."""

from __future__ import annotations

import sys

import click

from leadyard.cli.failures import NOT_THERE, Failure
from leadyard.cli.profiles import DEFAULT_NAME, Profile, profiles_path, read_profiles, write_profiles
from leadyard.cli.remote import json_option, to_json
from leadyard_client import Leadyard
from leadyard_client.configuration import DEFAULT_URL


@click.command()
@click.option("--profile", default=DEFAULT_NAME, show_default=True, help="The name to keep it under.")
@click.option("--url", help="The address of the service; asked for by default.")
@json_option
def login(profile: str, url: str | None, as_json: bool) -> None:
    """Keep the address of a service and an API key for the other commands.

    The key is asked for, or read from standard input, never from the command line. It is tried before it is
    kept, in a file that only you can read.
    """
    is_terminal = sys.stdin.isatty()
    if url is None and is_terminal:
        url = click.prompt("Address", default=DEFAULT_URL, err=True)
    api_key = click.prompt("API key", hide_input=True, err=True) if is_terminal else sys.stdin.readline()
    with Leadyard(url or DEFAULT_URL, api_key.strip()) as leadyard:
        account = leadyard.get_account()
        write_profiles({**read_profiles(), profile: Profile(leadyard.url, api_key.strip())})
        kept_in = str(profiles_path())
        told = {
            "profile": profile,
            "url": leadyard.url,
            "account": account.name,
            "file": kept_in,
        }
    if as_json:
        click.echo(to_json(told))
    else:
        click.echo(f"Logged in to {account.name} at {told['url']}. Kept in {told['file']}.", err=True)


@click.command()
@click.option("--profile", default=DEFAULT_NAME, show_default=True, help="The name it is kept under.")
def logout(profile: str) -> None:
    """Forget an address and its API key. The key itself goes on."""
    kept = read_profiles()
    if kept.pop(profile, None) is None:
        raise Failure(f"There is no profile {profile!r}.", NOT_THERE)
    write_profiles(kept)
    click.echo(f"Forgot {profile}.", err=True)
