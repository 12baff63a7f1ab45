"""`leadyard backup` and `leadyard restore`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from leadyard import __version__
from leadyard.actions.access import make_digest
from leadyard.cli.runtime import hold_embedded_database
from leadyard.domain.errors import DatabaseAway
from leadyard.settings import Settings, load_settings
from leadyard.storage import backup_file, postgresql_copy, sqlite_copy
from leadyard.storage.backup_file import Backup, BackupFailed, BackupWriter, Manifest
from leadyard.storage.database import Database, utc_now
from leadyard.storage.migrate import DatabaseTooNew, require_known
from leadyard.storage.move import NotMoved, require_suitable

_SECRET_MARK = "the secret of a backup"  # noqa: S105


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write a backup of everything to FILE, which must not be there yet.

    The service may go on running: the backup is of one moment. It holds the secret key too, unless that is in
    LEADYARD_SECRET_KEY. For PostgreSQL, pg_dump must be on the PATH.
    """
    settings = load_settings()
    try:
        manifest = asyncio.run(_back_up(settings, file.absolute()))
    except (BackupFailed, DatabaseTooNew) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file}: {sum(manifest.rows.values()):,} rows, at revision {manifest.revision}.")
    if settings.secret_key is None:
        click.echo("The secret key is in it: keep the file as you keep the key, where nobody else reads it.")
    else:
        click.echo(
            "The secret key is NOT in it, since LEADYARD_SECRET_KEY is set: keep that too. Without it no API "
            "key works after a restore, and keys of providers and marks of erased persons are lost."
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--lost-secret",
    is_flag=True,
    help="The secret key is lost: all API keys, keys of providers and marks of erased persons are void.",
)
def restore(file: Path, lost_secret: bool) -> None:
    """Restore a backup from FILE, where there is no data yet.

    Into an empty data folder, or an empty PostgreSQL database: nothing is overwritten. The next start brings
    the schema up to date.
    """
    settings = load_settings()
    try:
        with backup_file.read_backup(file) as found:
            asyncio.run(_restore(settings, found, has_lost_secret=lost_secret))
            manifest = found.manifest
    except (BackupFailed, DatabaseTooNew, NotMoved) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"Restored {sum(manifest.rows.values()):,} rows as they were on "
        f"{manifest.made_at:%Y-%m-%d at %H:%M:%S} UTC, at revision {manifest.revision}."
    )
    click.echo("Erase again who was erased since, before you start: docs/how-to/back-up-and-restore.md.")
    if lost_secret:
        click.echo("Make new API keys with `leadyard keys create`, and set the providers' keys anew.")


async def _back_up(settings: Settings, path: Path) -> Manifest:
    secret = _require_secret(settings)
    backup_file.require_absent(path)
    with backup_file.private_folder(path.parent) as folder, backup_file.write_backup(path, folder) as writer:
        if settings.is_sqlite:
            revision, rows, tool = _copy_sqlite(settings, folder / "copy.db", writer)
        else:
            revision, rows, tool = await _dump_postgresql(settings, writer)
        if revision is None:
            raise BackupFailed("The database is empty: there is nothing to back up.")
        if settings.secret_key is None:
            writer.add_secret(secret)
        manifest = Manifest(
            leadyard=__version__,
            kind="sqlite" if settings.is_sqlite else "postgresql",
            revision=revision,
            made_at=utc_now(),
            secret_mark=make_digest(secret)(_SECRET_MARK),
            rows=rows,
            tool=tool,
        )
        writer.add_manifest(manifest)
    return manifest


def _copy_sqlite(
    settings: Settings, copy: Path, writer: BackupWriter
) -> tuple[str | None, dict[str, int], None]:
    sqlite_copy.copy_database(settings.sqlite_path, copy)
    revision, rows = sqlite_copy.examine_copy(copy)
    with writer.open_database(is_compressed=False) as member, copy.open("rb") as source:
        backup_file.copy_bytes(source, member)
    return revision, rows, None


async def _dump_postgresql(
    settings: Settings, writer: BackupWriter
) -> tuple[str | None, dict[str, int], int]:
    database = _open(settings)
    try:
        with writer.open_database(is_compressed=True) as member:
            return await postgresql_copy.dump_database(database, settings.libpq_url, member)
    finally:
        await database.close()


async def _restore(settings: Settings, found: Backup, *, has_lost_secret: bool) -> None:
    kind = "sqlite" if settings.is_sqlite else "postgresql"
    if found.manifest.kind != kind:
        other = "unset" if settings.database_url is not None else "set"
        raise BackupFailed(
            f"The backup is of {_KINDS[found.manifest.kind]}, and the settings name {_KINDS[kind]}: "
            f"restore it with LEADYARD_DATABASE_URL {other}. `leadyard move` goes from SQLite to PostgreSQL."
        )
    require_known(found.manifest.revision)
    secret = None if has_lost_secret else _choose_secret(settings, found)
    if settings.is_sqlite:
        _restore_sqlite(settings, found, secret)
    else:
        await _restore_postgresql(settings, found, secret)


_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _restore_sqlite(settings: Settings, found: Backup, secret: bytes | None) -> None:
    path = settings.sqlite_path
    for folder in (path.parent, settings.data_path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold_embedded_database(settings), backup_file.private_folder(path.parent) as folder:
        if any(path.with_name(path.name + suffix).exists() for suffix in ("", "-wal", "-shm", "-journal")):
            raise BackupFailed(f"There is a database at {path} already: name another LEADYARD_DATA_DIR.")
        copy = folder / path.name
        with copy.open("xb") as target:
            found.copy_database(target)
        _, rows = sqlite_copy.examine_copy(copy)
        _require_same(rows, found.manifest)
        if secret is not None:
            settings.keep_secret(secret)
        sqlite_copy.put_in_place(copy, path)


async def _restore_postgresql(settings: Settings, found: Backup, secret: bytes | None) -> None:
    database = _open(settings)
    try:
        async with database.read() as tx:
            await require_suitable(tx)
            await postgresql_copy.require_no_pooler(tx)
            await postgresql_copy.require_no_tables(tx)
        if secret is not None:
            settings.keep_secret(secret)
        made_by = found.manifest.tool or 0
        await postgresql_copy.load_dump(database, settings.libpq_url, made_by, found.copy_database)
        _require_same(await postgresql_copy.count_rows(database), found.manifest)
    except DatabaseAway:
        raise BackupFailed("The PostgreSQL database cannot be reached, or the connection was lost.") from None
    finally:
        await database.close()


def _require_same(rows: dict[str, int], manifest: Manifest) -> None:
    differing = sorted(name for name, count in manifest.rows.items() if rows.get(name) != count)
    if differing:
        raise BackupFailed(f"The restored database has not the rows of the backup: {', '.join(differing)}.")


def _require_secret(settings: Settings) -> bytes:
    """The secret as it is; none is made here, or the backup would hold one that nothing was made with."""
    secret = settings.find_secret()
    if secret is None:
        raise BackupFailed(
            f"There is no secret key in {settings.data_path}: run this where the service runs, or set "
            "LEADYARD_SECRET_KEY to the service's."
        )
    return secret


def _choose_secret(settings: Settings, found: Backup) -> bytes | None:
    """The secret that has to be put in the data folder; None where it is there, or in the settings.

    Raises BackupFailed if it is another than the backup's, or nowhere.
    """
    known = settings.find_secret()
    if known is None and found.secret is None:
        raise BackupFailed(
            "The secret key is not in the backup: set LEADYARD_SECRET_KEY to what it was. If it is lost, "
            "--lost-secret restores the rest."
        )
    if known is None:
        return found.secret
    if make_digest(known)(_SECRET_MARK) != found.manifest.secret_mark:
        place = settings.secret_path if settings.secret_key is None else "LEADYARD_SECRET_KEY"
        raise BackupFailed(
            f"{place} is not the secret key that the backup was made with: set the right one. "
            "If that is lost, --lost-secret restores the rest."
        )
    return None


def _open(settings: Settings) -> Database:
    try:
        return Database(settings.url, None)
    except ValueError as error:
        raise BackupFailed(f"LEADYARD_DATABASE_URL: {error}.") from None
