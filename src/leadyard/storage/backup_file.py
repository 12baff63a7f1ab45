"""The file of a backup: a zip archive with the database, the secret and what is known of both.

Every member has a checksum, and the directory of the archive comes last: a file that was cut off or changed
is told from one that is whole, and any program that reads zip archives gets the data out.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

import msgspec

FORMAT = 1
COMPRESSION_LEVEL = 1
_COPY_BYTES = 1024 * 1024

_MANIFEST = "manifest.json"
_SECRET = "secret.key"  # noqa: S105
_DATABASE = "database"

Kind = Literal["sqlite", "postgresql"]


class BackupFailed(Exception):
    """There is no backup, or nothing was restored; the text says why and what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a backup.

    `secret_mark` is a digest made with the installation's secret, by which another secret is noticed.
    `tool` is the major version of the pg_dump that wrote the database, if it was PostgreSQL.
    """

    format: int = FORMAT
    leadyard: str
    kind: Kind
    revision: str
    made_at: datetime
    secret_mark: str
    rows: dict[str, int]
    tool: int | None = None


class BackupWriter:
    """A backup that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @contextmanager
    def open_database(self, *, is_compressed: bool) -> Iterator[IO[bytes]]:
        """Where the database's bytes go; those that are compressed already are left as they are."""
        info = zipfile.ZipInfo(_DATABASE)
        info.compress_type = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
        with self._archive.open(info, "w", force_zip64=True) as member:
            yield member

    def add_secret(self, secret: bytes) -> None:
        """Puts the secret in."""
        self._archive.writestr(_SECRET, secret)

    def add_manifest(self, manifest: Manifest) -> None:
        """Says what the backup is of; the last thing that is written."""
        self._archive.writestr(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


@contextmanager
def write_backup(path: Path, folder: Path) -> Iterator[BackupWriter]:
    """A new backup, which is at `path` only once the block has ended well and every byte is on the disk.

    `folder` is where it is until then, on the same disk and nobody else's. Raises BackupFailed for a path
    that is taken.
    """
    require_absent(path)
    draft = folder / path.name
    with open(draft, "xb", opener=_open_for_owner) as file:
        with zipfile.ZipFile(file, "w", compresslevel=COMPRESSION_LEVEL) as archive:
            yield BackupWriter(archive)
        file.flush()
        os.fsync(file.fileno())
    require_absent(path)
    draft.rename(path)
    sync_folder(path.parent)


def require_absent(path: Path) -> None:
    """Raises BackupFailed where something is already."""
    if path.exists():
        raise BackupFailed(f"{path} is there already, and is not overwritten: name another file.")


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """A folder for its owner only, gone with all that is in it when the block ends."""
    with tempfile.TemporaryDirectory(dir=parent, prefix=".leadyard-") as folder:
        yield Path(folder)


class Backup:
    """A backup that is being read. Raises BackupFailed where it is not as it was written."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self.manifest = self._read_manifest()

    @property
    def secret(self) -> bytes | None:
        """The secret, if it is in the backup."""
        return self._read(_SECRET) if _SECRET in self._archive.namelist() else None

    def copy_database(self, target: IO[bytes]) -> None:
        """Writes the database's bytes, checked against their checksum as they go by."""
        with self._explain(), self._archive.open(_DATABASE) as member:
            copy_bytes(member, target)

    def _read_manifest(self) -> Manifest:
        try:
            encoded = self._read(_MANIFEST)
            if msgspec.json.decode(encoded)["format"] > FORMAT:
                raise BackupFailed(
                    f"{self._path} was made by a newer Leadyard: install that version, or a newer one."
                )
            return msgspec.json.decode(encoded, type=Manifest)
        except (KeyError, TypeError, msgspec.DecodeError):
            raise BackupFailed(f"{self._path} is no backup of Leadyard.") from None

    def _read(self, name: str) -> bytes:
        with self._explain():
            return self._archive.read(name)

    @contextmanager
    def _explain(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, EOFError, zlib.error):
            raise BackupFailed(f"{self._path} is damaged: it is not as it was written.") from None


@contextmanager
def read_backup(path: Path) -> Iterator[Backup]:
    """A backup, open for reading. Raises BackupFailed for a file that is none, or not whole."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise BackupFailed(f"{path} is no backup of Leadyard, or it was cut off.") from None
    with archive:
        yield Backup(path, archive)


def copy_bytes(source: IO[bytes], target: IO[bytes]) -> None:
    """Copies what is left of a file to another, a megabyte at a time."""
    shutil.copyfileobj(source, target, _COPY_BYTES)


def sync_folder(folder: Path) -> None:
    """Makes sure that a file which was put into a folder is there after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
