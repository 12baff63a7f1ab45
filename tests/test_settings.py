"""What a URL of a database becomes."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import make_url

from leadyard.settings import load_settings

TWO = {"host": "a,b", "target_session_attrs": "read-write", "connect_timeout": "3", "dbname": "leads"}


@pytest.mark.parametrize(
    ("url", "understood"),
    [
        ("postgresql://u:p%40@a/leads", {"host": "a", "user": "u", "password": "p@", "dbname": "leads"}),
        ("postgresql://u@a,b:6000/leads", {**TWO, "user": "u", "port": "5432,6000"}),
        ("postgresql://u@/leads?host=a,b", {**TWO, "user": "u", "port": "5432,5432"}),
        ("postgresql://a:7,b:8/leads", {**TWO, "port": "7,8"}),
        ("postgresql://[::1]:7,b/leads", {**TWO, "host": "::1,b", "port": "7,5432"}),
        (
            "postgresql://a,b/leads?target_session_attrs=primary&connect_timeout=9",
            {**TWO, "port": "5432,5432", "target_session_attrs": "primary", "connect_timeout": "9"},
        ),
    ],
)
def test_both_drivers_read_the_same_of_a_url(url: str, understood: dict[str, str]) -> None:
    settings = load_settings({"LEADYARD_DATABASE_URL": url})
    dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]
    _, ours = dialect.create_connect_args(make_url(settings.url))  # type: ignore[no-untyped-call]
    assert ours == understood
    assert conninfo_to_dict(settings.libpq_url) == understood


def test_replica_is_looked_for_among_several_hosts() -> None:
    urls = {
        "LEADYARD_DATABASE_URL": "postgresql://a/leads",
        "LEADYARD_READ_DATABASE_URL": "postgres://b,c/leads",
    }
    read_url = load_settings(urls).read_url
    assert read_url is not None
    assert make_url(read_url).query["target_session_attrs"] == "prefer-standby"
