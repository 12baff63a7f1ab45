"""Debian's Chromium for the browser tests: found, or installed where this process may install packages.

`LEADYARD_TEST_CHROMIUM` names another browser to use. Where none can be had, tests are skipped and say why;
but with `CI` or `LEADYARD_TEST_BROWSER=required` in the environment they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

NAMES = ("chromium", "chromium-browser")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
INSTALL_SECONDS = 600
_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")


class NoChromium(Exception):
    """There is no browser to test with; the text says why."""


def is_required() -> bool:
    """Whether a missing browser is a failure."""
    return bool(os.environ.get("CI")) or os.environ.get("LEADYARD_TEST_BROWSER") == "required"


@cache
def chromium_path() -> str:
    """The program, installed first if it is missing. Raises NoChromium."""
    named = os.environ.get("LEADYARD_TEST_CHROMIUM")
    if named is not None:
        return named
    found = _find()
    if found is None:
        _install()
        found = _find()
    if found is None:
        raise NoChromium("chromium was installed, and is still not on the PATH")
    return found


def _find() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _install() -> None:
    if shutil.which("apt-get") is None:
        raise NoChromium(
            "no Chromium, and no apt-get to install it with: install it, or set LEADYARD_TEST_CHROMIUM"
        )
    if os.geteuid() != 0:
        raise NoChromium("no Chromium, and only root can install it: apt-get install chromium")
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        ended = subprocess.run(
            [*_APT, *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        if ended.returncode != 0:
            raise NoChromium(f"apt-get {' '.join(command)} failed: {ended.stderr.strip()[-500:]}")
