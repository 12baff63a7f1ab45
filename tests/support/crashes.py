"""Workers that kill themselves: a process that forks one for each task, and the test's end of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from leadyard.logs import configure_logging

TASK_SECONDS = 45
PATIENCE_SECONDS = 60.0

TaskT = TypeVar("TaskT", bound=msgspec.Struct)


class CrashChild:
    """The child that forks workers, imported once. `module` calls `serve_tasks` when it is run."""

    def __init__(self, log_path: Path, module: str) -> None:
        self._log = log_path.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def run(self, task: msgspec.Struct) -> int:
        """Runs a worker to its end; its exit status, negative if a signal ended it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(task) + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """Lets it end."""
        self._process.communicate(timeout=PATIENCE_SECONDS)
        self._log.close()


def die() -> None:
    """What nobody can prepare for."""
    os.kill(os.getpid(), signal.SIGKILL)


def serve_tasks(task_type: type[TaskT], work: Callable[[TaskT], Awaitable[None]]) -> None:
    """Reads a task a line, forks a worker for it, and writes its exit status; until the input ends."""
    configure_logging("info", "text")
    for line in sys.stdin:
        print(_fork(work, msgspec.json.decode(line, type=task_type)), flush=True)  # noqa: T201


def _fork(work: Callable[[TaskT], Awaitable[None]], task: TaskT) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        signal.alarm(TASK_SECONDS)
        asyncio.run(_run(work, task))
        status = 0
    finally:
        os._exit(status)


async def _run(work: Callable[[TaskT], Awaitable[None]], task: TaskT) -> None:
    await work(task)
