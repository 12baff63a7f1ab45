"""Files of leads in Parquet, written batch by batch."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow
import pyarrow.parquet

from leadyard.domain.export_columns import cell_text


class _Outlet(io.RawIOBase):
    """Where the writer of Parquet writes to: it asks where it is, and must not notice what was taken away."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


class ParquetFile:
    """Columns of text, one row group for each batch."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
        self._outlet = _Outlet()
        self._writer = pyarrow.parquet.ParquetWriter(self._outlet, self._schema, compression="zstd")
        self._is_finished = False

    def add(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Takes rows."""
        if rows:
            columns = [[cell_text(value) or None for value in column] for column in zip(*rows, strict=True)]
            arrays = [pyarrow.array(column, pyarrow.string()) for column in columns]
            self._writer.write_table(pyarrow.Table.from_arrays(arrays, schema=self._schema))
        return self._outlet.take()

    def finish(self) -> Iterator[bytes]:
        """The footer."""
        self._is_finished = True
        self._writer.close()
        yield self._outlet.take()

    def close(self) -> None:
        """Ends a file that was not finished."""
        if not self._is_finished:
            self._writer.close()
