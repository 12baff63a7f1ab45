"""What lists are searched, filtered and sorted by, in a table of its own beside their entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from leadyard.domain.entries import Entry, EntryStatus, Findings
from leadyard.domain.summaries import summarize

revision = "0014"
down_revision = "0011"

BATCH_ROWS = 1_000
_LISTS = sa.text(
    "SELECT id, last_sequence FROM lead_lists WHERE purpose = 'list' AND emptied_at IS NULL ORDER BY id"
)
_ENTRIES = sa.text(
    "SELECT sequence, key, lead, status, findings FROM lead_list_entries WHERE list_id = :list_id "
    "AND sequence BETWEEN :first AND :last "
    "AND (status IN ('done', 'failed') OR key >= :erased AND key < :end)"
)
_COLUMNS = (
    "sequence", "status", "name", "email", "title", "company", "has_phone", "enrich", "validate", "reveal",
    "result", "trouble",
)  # fmt: skip
_INSERT = sa.text(
    f"INSERT INTO entry_summaries (list_id, {', '.join(_COLUMNS)}) "
    f"VALUES (:list_id, {', '.join(f':{name}' for name in _COLUMNS)})"
)


def upgrade() -> None:
    """Makes the table and fills it for the entries that have ended: about 20,000 a second."""
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "entry_summaries",
        sa.Column("list_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("name", key),
        sa.Column("email", key),
        sa.Column("title", key),
        sa.Column("company", key),
        sa.Column("has_phone", sa.Boolean(), nullable=False),
        sa.Column("enrich", sa.Text()),
        sa.Column("validate", sa.Text()),
        sa.Column("reveal", sa.Text()),
        sa.Column("result", sa.Text()),
        sa.Column("trouble", sa.Text()),
        sa.PrimaryKeyConstraint("list_id", "sequence", name="pk_entry_summaries"),
        sqlite_with_rowid=False,
    )
    bind = op.get_bind()
    for rows in _summaries(bind):
        bind.execute(_INSERT, rows)


def _summaries(bind: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    for lead_list in bind.execute(_LISTS).all():
        for first in range(1, lead_list.last_sequence + 1, BATCH_ROWS):
            scope = {"list_id": lead_list.id, "first": first, "last": first + BATCH_ROWS - 1}
            found = bind.execute(_ENTRIES, {**scope, "erased": "\t", "end": "\n"})
            rows = [{"list_id": lead_list.id, **_summarize(row)} for row in found]
            if rows:
                yield rows


def _summarize(row: Any) -> dict[str, Any]:
    if row.key.startswith("\t"):
        return {**dict.fromkeys(_COLUMNS), "sequence": row.sequence, "status": "emptied", "has_phone": False}
    findings = Findings() if row.findings is None else msgspec.json.decode(row.findings, type=Findings)
    told = msgspec.to_builtins(summarize(Entry(row.sequence, row.lead, EntryStatus(row.status), findings)))
    return {name: told[name] for name in _COLUMNS}
