"""Leads in batches that the service takes: so many of them, and so many bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from leadyard_client.plans import encode

MAX_LEADS = 10_000
MAX_BYTES = 24 * 1024 * 1024
"""The service takes 32 MiB, the rest of the body included."""

Lead = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Leads that follow each other: the place of the first, how many, and their JSON array."""

    offset: int
    count: int
    array: bytes = field(repr=False)

    def body(self, **members: Any) -> bytes:
        """The body of a request with these leads and other members."""
        return encode(members)[:-1] + (b"," if members else b"") + b'"leads":' + self.array + b"}"


def split(leads: Iterable[Lead], size: int = MAX_LEADS) -> Iterator[Chunk]:
    """The leads in batches, none of them empty; they are taken one after the other, as they are needed."""
    offset, total, items = 0, 0, list[bytes]()
    for lead in leads:
        item = encode(lead)
        if items and (len(items) == size or total + len(item) > MAX_BYTES):
            yield Chunk(offset, len(items), b"[" + b",".join(items) + b"]")
            offset, total, items = offset + len(items), 0, []
        items.append(item)
        total += len(item) + 1
    if items:
        yield Chunk(offset, len(items), b"[" + b",".join(items) + b"]")


NO_LEADS = Chunk(0, 0, b"[]")
