"""A whole copy of a SQLite file, taken while it is written to, and what can be told of such a copy."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from leadyard.storage.backup_file import BackupFailed, sync_folder

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
_REVISION = "SELECT version_num FROM alembic_version"


def copy_database(source: Path, target: Path) -> None:
    """Copies one state of a database in a single step: writers go on, the copy knows nothing of them.

    In more steps it would begin anew with each of their commits. Raises BackupFailed for a file that is no
    database.
    """
    try:
        with closing(_open(source)) as ours, closing(sqlite3.connect(target)) as copy:
            ours.backup(copy)
            # A file in WAL mode has two others beside it as soon as somebody looks into it.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"{source} cannot be read as a SQLite database ({error}).") from None


def examine_copy(path: Path) -> tuple[str | None, dict[str, int]]:
    """The revision of a copy and how many rows each table has. Raises BackupFailed if it is damaged."""
    try:
        with closing(_open(path)) as copy:
            verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if verdict != "ok" or copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupFailed("The SQLite database is damaged: SQLite's integrity check fails.")
            names = [name for (name,) in copy.execute(_TABLES)]
            rows = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
            found = copy.execute(_REVISION).fetchone() if "alembic_version" in names else None
    except sqlite3.DatabaseError as error:
        raise BackupFailed(f"The SQLite database is damaged ({error}).") from None
    return (None if found is None else str(found[0])), rows


def _open(path: Path) -> sqlite3.Connection:
    """For reading only; a file that is not there is not made."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)


def put_in_place(copy: Path, path: Path) -> None:
    """Makes a copy the database at `path`, where nothing is yet, all at once and for good."""
    with open(copy, "rb") as file:
        os.fsync(file.fileno())
    copy.chmod(0o600)
    copy.rename(path)
    sync_folder(path.parent)
