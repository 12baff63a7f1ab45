"""`leadyard mcp`: a service's tools for an agent that starts programs."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os

import click

from leadyard.cli.profiles import KEY_VARIABLE, choose_profile
from leadyard_client.configuration import DEFAULT_URL


@click.command()
@click.option("--profile", help="The profile to use, of those that `leadyard login` keeps.")
def mcp(profile: str | None) -> None:
    """Let an agent use a service, over standard input and output.

    An agent that speaks HTTP needs no command: it connects to /mcp of the service.
    """
    chosen = choose_profile(profile)
    key = chosen.api_key or os.environ.get(KEY_VARIABLE)
    if key is None:
        raise click.UsageError("Which key? Set LEADYARD_API_KEY, or keep one with `leadyard login`.")
    if importlib.util.find_spec("mcp") is None:
        raise click.ClickException("The packages for agents are missing: pip install 'leadyard[mcp]'.")
    from leadyard.mcp.stdio import serve_stdio  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    asyncio.run(serve_stdio(chosen.url or DEFAULT_URL, key))
