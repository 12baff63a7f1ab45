"""The environment of the peers, `.venv/peers`, made by the lock in requirements/peers.txt."""

from __future__ import annotations

import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements/peers.txt"
FOLDER = ROOT / ".venv/peers"
PYTHON = FOLDER / "bin/python"
_STAMP = FOLDER / "lock.sha256"


def is_there() -> bool:
    """Whether the environment is set up as the lock has it."""
    return _STAMP.exists() and _STAMP.read_text() == _digest()


def set_up() -> None:
    """Makes the environment anew, unless it is there. Raises subprocess.CalledProcessError."""
    if is_there():
        return
    print("Setting up .venv/peers …", file=sys.stderr, flush=True)
    venv.create(FOLDER, clear=True)
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON), "--quiet", "--disable-pip-version-check"]
    install = [*pip, "install"]
    subprocess.run([*install, "--require-hashes", "--requirement", str(LOCK)], check=True)
    ours = ["--no-deps", "--no-build-isolation", "--editable", f"{ROOT}/client", "--editable", str(ROOT)]
    subprocess.run([*install, *ours], check=True)
    _STAMP.write_text(_digest())


def _digest() -> str:
    return sha256(LOCK.read_bytes()).hexdigest()
