"""What PostgreSQL is sent in binary: rows for COPY, and arrays that it makes a table of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from struct import Struct
from typing import Any

import msgspec

from leadyard.domain.leads import LeadDraft

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"

_COPY_ROW = Struct("!hiqiii").pack
_COPY_LENGTH = Struct("!i").pack
_COLUMNS = 4


def copy_rows(list_id: int, first_sequence: int, drafts: Sequence[LeadDraft]) -> bytes:
    """Rows of list, sequence, key and lead, as COPY takes them behind its header (PostgreSQL, COPY)."""
    parts: list[bytes | msgspec.Raw] = []
    for sequence, draft in enumerate(drafts, first_sequence):
        key = draft.key.encode()
        head = _COPY_ROW(_COLUMNS, 8, list_id, 4, sequence, len(key))
        parts += (head, key, _COPY_LENGTH(len(memoryview(draft.raw))), draft.raw)
    return b"".join(parts)


def select_arrays(columns: Mapping[str, str]) -> str:
    """A query of the driver's for rows that are sent as arrays, one a column: names, and types."""
    arrays = ", ".join(f"%(_{name})b::{kind}[]" for name, kind in columns.items())
    return f"SELECT * FROM unnest({arrays}) AS _rows({', '.join(columns)})"


def array_values(columns: Iterable[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """The parameters of `select_arrays`: each column of the rows, of which there is one at least."""
    return {f"_{name}": list(values) for name, values in zip(columns, zip(*rows, strict=True), strict=True)}
