"""Reading a file in a process of its own: what the file makes it do ends nothing else."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection


def limit_memory(most_bytes: int) -> None:
    """Lets this process have no more than that for data; asking for more is a MemoryError."""
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))


@contextmanager
def read_elsewhere(send: Callable[..., None], *arguments: object) -> Iterator[Callable[[], bytes]]:
    """A function that receives what `send(*arguments, connection)` sends next from the other process.

    That reads ahead by as much as fits the pipe, and is ended with the block. If it ends, EOFError is raised.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send, args=(*arguments, sender), daemon=True)
    process.start()
    sender.close()
    try:
        yield partial(_receive, receiver)
    finally:
        receiver.close()
        process.kill()
        process.join()


def _receive(receiver: Connection) -> bytes:
    try:
        return receiver.recv_bytes()
    except OSError:
        # So it is told of a process that was killed in the middle of a message.
        raise EOFError from None
