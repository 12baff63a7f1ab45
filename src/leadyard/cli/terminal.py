"""What the commands write to a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def show_progress(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yields what to call with what is done and the total, if that is known; the bar is gone afterwards.

    Shows nothing where standard error is no terminal.
    """
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    # Not at the top: it takes longer to import than what most commands do.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def printable(text: str) -> str:
    """A text from outside with question marks for what would steer the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
