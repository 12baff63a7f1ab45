"""Processes that end with the process that started them, however that one ends: return, crash or `kill -9`.

The kernel closes the write end of a pipe when its last holder dies. Each tethered process has such a pipe and
a watcher on the other end of it (`tether_launcher.py`). Unlike a parent-death signal this reaches the whole
process group, works from any thread, and can delete the folder that was used.
"""

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

LAUNCHER = Path(__file__).with_name("tether_launcher.py")
ABSENT = "-"
POLL_SECONDS = 0.02

_held: set[int] = set()


def _let_go_after_fork() -> None:
    """A forked child holds the lifelines too, and would keep the watchers waiting for its own death."""
    for descriptor in _held:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_after_fork)


class TetheredProcess:
    """A program in a process group of its own. It is not reaped before `finish`, so its id stays its own."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path,
        log_path: Path,
        account: pwd.struct_passwd | None = None,
        farewell: signal.Signals = signal.SIGKILL,
        remove: Path | None = None,
    ) -> None:
        """Start `command` in `folder`, as `account` if given, with both outputs appended to `log_path`.

        If this process dies, the group gets `farewell` and the folder `remove` is deleted.
        """
        identity = [ABSENT, ABSENT] if account is None else [str(account.pw_uid), str(account.pw_gid)]
        watched, self._lifeline = os.pipe()
        _held.add(self._lifeline)
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(watched), str(int(farewell))]
        try:
            with log_path.open("ab") as log:
                self._process = subprocess.Popen(
                    [*launcher, str(remove or ABSENT), *identity, *command],
                    env=dict(env),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=[watched],
                    process_group=0,
                )
        except BaseException:
            self._release()
            raise
        finally:
            os.close(watched)

    @property
    def pid(self) -> int:
        """The program's process id, and its group's."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status once finished; the negative signal number if a signal ended it."""
        return self._process.returncode

    def running(self) -> bool:
        """Whether the program itself has not ended yet."""
        if self._process.returncode is not None:
            return False
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def send(self, number: signal.Signals) -> None:
        """Signal the program, and nothing else; silent if it has ended."""
        if self._process.returncode is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Wait for the program to end by itself; whether it did in time."""
        deadline = time.monotonic() + seconds
        while self.running():
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def finish(self) -> int:
        """Kill what is left of the group, reap the program, dismiss the watcher, return the exit status."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
            with contextlib.suppress(OSError):
                os.write(self._lifeline, b".")
            self._release()
        return self._process.returncode

    def _release(self) -> None:
        """Close the lifeline."""
        _held.discard(self._lifeline)
        os.close(self._lifeline)
