"""Leadyard as a process of its own, for the tests that kill it.

`run_leadyard` starts `python -m leadyard` in a clean environment and a process group of its own. Neither it
nor its children outlive the test, or the process that runs the tests.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import SystemRandom
from types import MappingProxyType, TracebackType
from typing import Self

import httpx2
from tests.support.tether import TetheredProcess

OWN_PREFIXES = ("LEADYARD_", "OTEL_")
INHERITED_VARIABLES = ("PATH", "HOME")
READY_PATH = "/readyz"
READY_SECONDS = 90.0
REQUEST_SECONDS = 5.0
TERMINATE_SECONDS = 80.0
"""Longer than a process may take that waits for a paid call (docs/how-to/run-in-production.md)."""
POLL_SECONDS = 0.05
LOG_TAIL_CHARS = 4000


class ProcessError(Exception):
    """The process did not do what it was asked in time."""


class LeadyardProcess:
    """One `python -m leadyard …`, killed when the context is left."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path,
        log_path: Path,
        preload: Mapping[str, str],
    ) -> None:
        """Start it in `folder`, its output appended to `log_path`; `preload` is for the dynamic linker."""
        foreign = sorted(name for name in env if not name.startswith(OWN_PREFIXES))
        if foreign:
            raise ValueError(f"only settings can be given, not {', '.join(foreign)}")
        inherited = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        self.log_path = log_path
        self._process = TetheredProcess(
            [sys.executable, "-m", "leadyard", *arguments],
            env=inherited | dict(env) | dict(preload),
            folder=folder,
            log_path=log_path,
        )

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave nothing of it."""
        self.kill()

    @property
    def pid(self) -> int:
        """Its process id, which is its group's too."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit status, negative if a signal ended it; None before `kill`, `terminate` or `wait`."""
        return self._process.returncode

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.running()

    def log(self) -> str:
        """All it has written so far."""
        return self.log_path.read_text(errors="replace")

    def wait_until_ready(self, url: str, seconds: float = READY_SECONDS) -> None:
        """Wait until `url`/readyz answers 200; an error with its log if it ends or takes longer."""
        deadline = time.monotonic() + seconds
        answer = "nothing yet"
        with httpx2.Client(trust_env=False, timeout=REQUEST_SECONDS) as client:
            while time.monotonic() < deadline:
                if not self.running():
                    raise ProcessError(f"leadyard ended before it was ready\n{self._log_tail()}")
                try:
                    status = client.get(url.rstrip("/") + READY_PATH).status_code
                    if status == httpx2.codes.OK:
                        return
                    answer = str(status)
                except httpx2.TransportError as error:
                    answer = repr(error)
                time.sleep(POLL_SECONDS)
        raise ProcessError(f"leadyard is not ready after {seconds} s: {answer}\n{self._log_tail()}")

    def send(self, number: signal.Signals) -> None:
        """Signal the process itself and not its children, as `kill -STOP` by hand would."""
        self._process.send(number)

    def wait(self, seconds: float) -> int:
        """Wait for it to end by itself; its exit status. What it left behind in its group is killed."""
        if not self._process.wait(seconds):
            raise ProcessError(f"leadyard still runs after {seconds} s\n{self._log_tail()}")
        return self._process.finish()

    def terminate(self, timeout: float = TERMINATE_SECONDS) -> int:
        """SIGTERM, as a service manager does, and `wait`."""
        self.send(signal.SIGTERM)
        return self.wait(timeout)

    def kill(self) -> int:
        """SIGKILL to the whole group at once; its exit status. `send(SIGKILL)` spares the children."""
        return self._process.finish()

    def _log_tail(self) -> str:
        """The end of its log."""
        return self.log()[-LOG_TAIL_CHARS:]


def run_leadyard(
    *args: str, env: Mapping[str, str], folder: Path, preload: Mapping[str, str] = MappingProxyType({})
) -> LeadyardProcess:
    """Start `python -m leadyard ARGS` in `folder` with nothing but PATH, HOME and the LEADYARD_ settings.

    Each process of a folder has a log of its own there: `leadyard-1.log`, `leadyard-2.log`, …
    """
    number = len(list(folder.glob("leadyard-*.log"))) + 1
    log_path = folder / f"leadyard-{number}.log"
    return LeadyardProcess(args, env=env, folder=folder, log_path=log_path, preload=preload)


def free_port() -> int:
    """A port of 127.0.0.1 that was free for TCP and UDP a moment ago, and that nobody is given unasked.

    The system picks ports from 32768 on (Linux's `ip_local_port_range`) for connections and for port 0.
    """
    for port in SystemRandom().sample(range(10_000, 32_768), 100):
        with socket.socket() as streams, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            try:
                streams.bind(("127.0.0.1", port))
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise ProcessError("none of 100 ports is free")
