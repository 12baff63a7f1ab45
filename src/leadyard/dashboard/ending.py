"""Whether the server is about to end, which it cannot while pages are kept up to date."""

from __future__ import annotations

from threading import Event

_is_near = Event()


def end_streams() -> None:
    """Ends the streams within a second: a server that is to end waits for what it is answering."""
    _is_near.set()


def is_ending() -> bool:
    """Whether streams are to end."""
    return _is_near.is_set()
