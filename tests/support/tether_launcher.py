"""The program between the tests and a tethered process: see `tether.py`, which runs it by its path.

    tether_launcher.py LIFELINE FAREWELL FOLDER UID GID PROGRAM [ARGUMENT ...]

LIFELINE is the read end of a pipe whose other end only the starter holds. A watcher, forked off first and
detached from everything, reads it. One byte means that the starter has cleaned up by itself. End of file
means that the starter has died, in whatever way: the watcher sends FAREWELL to the process group, SIGKILL to
what is left of it after a while, and deletes FOLDER. `-` stands for no folder, no UID and no GID.

The launcher itself then becomes PROGRAM, so the process id that the starter knows is the program's own.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

FAREWELL_SECONDS = 10.0
POLL_SECONDS = 0.02
ABSENT = "-"
EXIT_CANNOT_RUN = 127


def main(arguments: list[str]) -> None:
    """Leave a watcher behind, drop to the wanted user, become the program."""
    lifeline, farewell, folder, uid, gid, *command = arguments
    _fork_watcher(int(lifeline), int(farewell), folder)
    os.close(int(lifeline))
    try:
        if uid != ABSENT:
            os.setgroups([])
            os.setgid(int(gid))
            os.setuid(int(uid))
        os.execv(command[0], command)
    except OSError as error:
        os.write(sys.stderr.fileno(), f"cannot run {command[0]}: {error}\n".encode())
        os._exit(EXIT_CANNOT_RUN)


def _fork_watcher(lifeline: int, farewell: int, folder: str) -> None:
    """Fork twice, so that the watcher is no child of the program and no member of its group."""
    group = os.getpgrp()
    between = os.fork()
    if between:
        os.waitpid(between, 0)
        return
    os.setsid()
    if os.fork() == 0:
        with contextlib.suppress(Exception):
            _watch(lifeline, group, farewell, folder)
    os._exit(0)


def _watch(lifeline: int, group: int, farewell: int, folder: str) -> None:
    """Wait for the starter's last word, and clean up after it if there was none."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.chdir("/")
    if os.read(lifeline, 1):
        return
    _end_group(group, farewell)
    if folder != ABSENT:
        shutil.rmtree(folder, ignore_errors=True)


def _end_group(group: int, farewell: int) -> None:
    """Signal the group, and kill it if it has not gone in time."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, farewell)
        deadline = time.monotonic() + FAREWELL_SECONDS
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(POLL_SECONDS)
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
