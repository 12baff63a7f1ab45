"""What all tables share: how constraints are named, and the types that both databases have.

Times are UTC milliseconds since 1970, amounts are milli-credits, JSON is text: the same in both databases.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

RowId = BigInteger().with_variant(Integer(), "sqlite")
KeyText = Text().with_variant(Text(collation="C"), "postgresql")
