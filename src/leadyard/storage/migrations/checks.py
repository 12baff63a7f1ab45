"""Changing a check of a table that is full of rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def change_check(table: str, name: str, before: str, after: str) -> None:
    """Puts another condition in the place of a check's. PostgreSQL reads the whole table for it, once.

    On SQLite the text of the check changes, which is all that it keeps of one: a new table cannot take the
    place of one that others refer to while foreign keys are on, and they cannot be turned off in a
    transaction. This way is SQLite's own (sqlite.org/lang_altertable.html, section 7): no row is stored
    otherwise than before. That all rows meet the new condition is not looked at.
    """
    if op.get_bind().dialect.name == "sqlite":
        _rewrite_check(table, before, after)
        return
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, after)


def _rewrite_check(table: str, before: str, after: str) -> None:
    connection = op.get_bind()
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    connection.execute(sa.text("PRAGMA writable_schema = ON"))
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = :name AND instr(sql, :before) > 0"
        ),
        {"before": before, "after": after, "name": table},
    )
    assert changed.rowcount == 1, table
    connection.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    connection.execute(sa.text("PRAGMA writable_schema = RESET"))
