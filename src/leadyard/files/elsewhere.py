"""Reading a file in a process of its own: what the file makes it do ends nothing else."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection


def limit_memory(most_bytes: int) -> None:
    """Lets this process have no more than that for data; asking for more is a MemoryError."""
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))


@contextmanager
def read_elsewhere(send: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """Where that is received which `send(*arguments, connection)` sends from the other process.

    It reads ahead by as much as fits the pipe, and is ended with the block. Its own end is an EOFError here.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send, args=(*arguments, sender), daemon=True)
    process.start()
    sender.close()
    try:
        yield receiver
    finally:
        receiver.close()
        process.kill()
        process.join()
