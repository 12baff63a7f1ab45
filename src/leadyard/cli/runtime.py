"""What the commands share: settings, one open installation, and the lock on an embedded database."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import click
import structlog

from leadyard.app import Leadyard, build
from leadyard.domain.accounts import Account, Caller, Mode, Role
from leadyard.domain.errors import DatabaseAway, LeadyardError
from leadyard.settings import Settings, load_settings
from leadyard.storage.accounts import find_first_account, get_workspace_id
from leadyard.storage.api_keys import find_caller
from leadyard.storage.database import Tx
from leadyard.storage.migrate import DatabaseTooNew

WAIT_FOR_DATABASE_SECONDS = 60.0
RETRY_SECONDS = 1.0

ResultT = TypeVar("ResultT")

log = structlog.get_logger()


@asynccontextmanager
async def open_installation(settings: Settings) -> AsyncIterator[tuple[Leadyard, list[str]]]:
    """The installation, migrated and set up, and the keys made just now; waits for its database.

    Raises click.ClickException when the database stays away for a minute or is newer than the code.
    """
    installation = build(settings)
    deadline = time.monotonic() + WAIT_FOR_DATABASE_SECONDS
    try:
        while True:
            try:
                keys = await installation.prepare()
                break
            except DatabaseAway as error:
                if time.monotonic() > deadline:
                    raise click.ClickException("The database cannot be reached.") from error
                await asyncio.sleep(RETRY_SECONDS)
            except DatabaseTooNew as error:
                raise click.ClickException(str(error)) from error
        yield installation, keys
    finally:
        await installation.close()


def run_in_transaction(act: Callable[[Leadyard, Tx, Account], Awaitable[ResultT]]) -> ResultT:
    """Runs a function in one transaction of the configured installation, on its first account."""

    async def run() -> ResultT:
        async with open_installation(load_settings()) as (installation, keys):
            show_keys(keys)
            async with installation.database.write() as tx:
                account = await find_first_account(tx)
                assert account is not None
                return await act(installation, tx, account)

    return asyncio.run(run())


async def get_operator(tx: Tx, account: Account, mode: Mode) -> Caller:
    """Whoever runs the command, as an admin on the live or the test data."""
    workspace_id = await get_workspace_id(tx, account.row_id, mode)
    return Caller(account.row_id, workspace_id, mode, key_id=0, user_id=0, role=Role.ADMIN)


@contextmanager
def explain_refusals(kind: type[click.ClickException] = click.ClickException) -> Iterator[None]:
    """Tells what the service refuses in one sentence, as this kind of error."""
    try:
        yield
    except DatabaseAway:
        raise
    except LeadyardError as error:
        fault = error.faults[0]
        raise kind(f"{fault.detail} ({fault.pointer})" if fault.pointer else fault.detail) from None


def run_change(act: Callable[[Leadyard, Tx, Account], Awaitable[ResultT]]) -> ResultT:
    """As `run_in_transaction`; what is refused ends the command with a sentence."""
    with explain_refusals():
        return run_in_transaction(act)


async def warn_of_unknown_key(installation: Leadyard) -> None:
    """Tells if the key of the settings opens nothing: it is taken at the very first start alone."""
    key = installation.settings.api_key
    if key is None:
        return
    async with installation.database.read() as tx:
        known = await find_caller(tx, installation.digest(key))
    if known is None:
        log.warning("api_key_not_known")
        click.echo(
            "LEADYARD_API_KEY is no key of this installation, or has ended, and opens nothing: it is taken "
            "at the very first start alone. `leadyard keys` makes, rotates and revokes keys.",
            err=True,
        )


def show_keys(keys: list[str]) -> None:
    """Prints keys that were made for a new installation. They cannot be shown again."""
    if keys:
        click.echo("These API keys are shown once and not kept:", err=True)
        for key in keys:
            click.echo(f"  {key}", err=True)


@contextmanager
def hold_embedded_database(settings: Settings) -> Iterator[None]:
    """Keeps a second serving process off a SQLite database for as long as the block runs.

    The lock is a file beside the database's: two data folders may well name the same database.
    Raises click.ClickException when there is one already. The operating system frees the lock of a
    process that is killed.
    """
    if not settings.is_sqlite:
        yield
        return
    path = settings.sqlite_path.with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(
                f"Another Leadyard process serves the SQLite database in {path.parent}. An embedded "
                "database has one process: stop the other one, or set LEADYARD_DATABASE_URL to a "
                "PostgreSQL database (`leadyard move --to postgresql://…` takes the data along)."
            ) from None
        yield
    finally:
        os.close(descriptor)
