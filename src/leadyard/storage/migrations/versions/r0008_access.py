"""What keys may do, when they end and were used last; the role that only reads; the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from leadyard.storage.migrations.checks import change_check

revision = "0008"
down_revision = "0007"

ROLES_BEFORE = "role IN ('admin', 'member')"
ROLES = "role IN ('admin', 'member', 'read_only')"
TABLES = ("users", "api_keys")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNCHANGEABLE = "audit entries cannot be changed"


def upgrade() -> None:
    """Adds columns that may be null, and an empty table, and lets two checks take one word more.

    None of it takes time, but on PostgreSQL reading all keys and users once.
    """
    _create_audit_entries()
    op.add_column("api_keys", sa.Column("scopes", sa.Text(), nullable=True))
    for name in ("expires_at", "last_used_at", "rotated_at"):
        op.add_column("api_keys", sa.Column(name, sa.BigInteger(), nullable=True))
    for table in TABLES:
        change_check(table, "role", ROLES_BEFORE, ROLES)


def _create_audit_entries() -> None:
    others = {
        "account_id": "accounts",
        "workspace_id": "workspaces",
        "user_id": "users",
        "key_id": "api_keys",
    }
    op.create_table(
        "audit_entries",
        sa.Column("id", ROW_ID, nullable=False),
        *(sa.Column(name, ROW_ID, nullable=name != "account_id") for name in others),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_audit_entries_{name}"))
            for name, table in others.items()
        ),
    )
    op.create_index("ix_audit_entries_account", "audit_entries", ["account_id", "id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for name, event in {"update": "UPDATE", "delete": "DELETE"}.items():
            op.execute(
                f"CREATE TRIGGER audit_entries_no_{name} BEFORE {event} ON audit_entries "
                f"BEGIN SELECT RAISE(ABORT, '{UNCHANGEABLE}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{UNCHANGEABLE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    )
