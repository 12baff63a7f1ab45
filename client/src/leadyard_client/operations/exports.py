"""Lists as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Literal, TypeAlias
from urllib.parse import quote

from leadyard_client.plans import Plan, ask, download
from leadyard_client.results.batches import Verdict
from leadyard_client.results.entries import EntryStatus, Outcome

ExportFormat: TypeAlias = Literal["csv", "xlsx", "ndjson", "parquet"]


def export_list(
    list_id: str,
    to: BinaryIO,
    format: ExportFormat = "csv",
    *,
    columns: Sequence[str] | None = None,
    raw: bool | None = None,
    status: EntryStatus | None = None,
    enrich: Outcome | None = None,
    validate: Outcome | None = None,
    reveal: Outcome | None = None,
    result: Verdict | None = None,
    has_email: bool | None = None,
    has_phone: bool | None = None,
    trouble: str | None = None,
    search: str | None = None,
) -> Plan[None]:
    """Writes the leads of a list to a file that is open for bytes, as they come; filters leave some out.

    Where the connection is lost when part of the file is written, ConnectionFailed is raised at once.
    """
    query = {
        "format": format,
        "columns": None if columns is None else ",".join(columns),
        "raw": raw,
        "status": status,
        "enrich": enrich,
        "validate": validate,
        "reveal": reveal,
        "result": result,
        "has_email": has_email,
        "has_phone": has_phone,
        "trouble": trouble,
        "search": search,
    }
    yield from ask(download(f"/lead-lists/{quote(list_id, safe='')}/export", query, to))
