"""One PostgreSQL for a whole test run, however many worker processes it has.

The process that leads the run owns the server. Its workers ask it for the address over a local socket, and
the first question, from wherever it comes, starts the server: a run that needs none starts none.
"""

import contextlib
import json
import secrets
import threading
from multiprocessing.connection import Client, Listener

from tests.support.postgres import PostgresError, PostgresServer, ServerAddress

ADDRESS_FAMILY = "AF_UNIX"
WAITING_WORKERS = 64


class SharedServer:
    """The server of this run: not started before somebody asks, stopped by `close`."""

    def __init__(self) -> None:
        """Nothing is started, nothing listens."""
        self._lock = threading.Lock()
        self._server: PostgresServer | None = None
        self._failure: str | None = None
        self._where: str | None = None
        self._thread: threading.Thread | None = None
        self._closing = False

    def address(self) -> ServerAddress:
        """Where the server listens; started now if it was not. A start that failed is not tried again."""
        with self._lock:
            if self._failure is not None:
                raise PostgresError(self._failure)
            if self._server is None:
                server = PostgresServer()
                try:
                    server.start()
                except PostgresError as error:
                    self._failure = str(error)
                    raise
                self._server = server
            return self._server.address

    def where_to_ask(self) -> str:
        """The name of the socket at which `ask_for_address` gets an answer. It is no file."""
        if self._where is None:
            self._where = f"\0leadyard-tests-{secrets.token_hex(16)}"
            listener = Listener(self._where, ADDRESS_FAMILY, backlog=WAITING_WORKERS)
            self._thread = threading.Thread(target=self._answer, args=[listener], daemon=True)
            self._thread.start()
        return self._where

    def close(self) -> None:
        """Stop the server, if it was started, and answer no more questions."""
        self._closing = True
        if self._where is not None and self._thread is not None:
            with contextlib.suppress(OSError):
                Client(self._where, ADDRESS_FAMILY).close()
            self._thread.join()
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None

    def _answer(self, listener: Listener) -> None:
        """Tell everyone who connects the address, or why there is none."""
        with listener:
            while not self._closing:
                with contextlib.suppress(OSError), listener.accept() as connection:
                    if not self._closing:
                        connection.send_bytes(json.dumps(self._reply()).encode())

    def _reply(self) -> dict[str, str]:
        """The answer to one question."""
        try:
            return {"folder": self.address().folder}
        except (PostgresError, OSError) as error:
            return {"failure": str(error)}


def ask_for_address(where: str) -> ServerAddress:
    """What a worker does: ask the leading process for the server, and wait until it answers."""
    with Client(where, ADDRESS_FAMILY) as connection:
        reply: dict[str, str] = json.loads(connection.recv_bytes())
    if "failure" in reply:
        raise PostgresError(reply["failure"])
    return ServerAddress(**reply)
