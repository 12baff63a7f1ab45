"""Loading the directory from a page: in the background, one file at a time in a process.

How far it is is known to this process. What is loaded stays; a load that breaks off is simply done again.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import structlog

from leadyard.actions.directory import load_directory, record_load
from leadyard.actions.providers import require_changeable
from leadyard.domain.accounts import Caller
from leadyard.domain.directory import LoadReport, UnreadableFile
from leadyard.domain.errors import Conflict, DatabaseAway
from leadyard.storage.database import Database

log = structlog.get_logger()


class Load(msgspec.Struct):
    """One file: how far it is, and what it came to, or why it did not."""

    account_id: int
    file_name: str
    done: int = 0
    total: int = 0
    report: LoadReport | None = None
    problem: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not come to an end."""
        return self.report is None and self.problem is None


class DirectoryLoads:
    """Runs loads, and remembers the last one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last: Load | None = None
        self._task: asyncio.Task[None] | None = None

    def find_last(self, caller: Caller) -> Load | None:
        """The last load of the caller's account, if this process has had one."""
        is_theirs = self._last is not None and self._last.account_id == caller.account_id
        return self._last if is_theirs else None

    def require_free(self, caller: Caller) -> None:
        """Raises Forbidden, also for test data, and Conflict while another file is loaded."""
        require_changeable(caller)
        if self._last is not None and self._last.is_running:
            raise Conflict("Another file is being loaded. Wait until it is done.")

    def begin(self, caller: Caller, path: Path, file_name: str, holding: AsyncExitStack) -> None:
        """Begins to load a file, which `holding` keeps until it is done. Raises Forbidden and Conflict."""
        self.require_free(caller)
        self._last = Load(caller.account_id, file_name)
        self._task = asyncio.create_task(self._run(caller, self._last, path, holding))

    async def _run(self, caller: Caller, load: Load, path: Path, holding: AsyncExitStack) -> None:
        def note(done: int, total: int) -> None:
            load.done, load.total = done, total

        async with holding:
            try:
                report = await load_directory(self._database, path, note)
                async with self._database.write() as tx:
                    await record_load(tx, caller, report)
                load.report = report
            except UnreadableFile as error:
                load.problem = str(error)
            except DatabaseAway:
                load.problem = "The database was lost. What was loaded stays: load the file again."
            except Exception:
                load.problem = "Something went wrong. What was loaded stays: load the file again."
                log.exception("directory_load_failed")
