"""The peers: how each is started, and how it is asked to add leads to a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import make_url

from benchmarks.leads import Body
from benchmarks.peers import datasette_write
from benchmarks.rig import KEY, Store, make_environment

_UVICORN = (
    *("-m", "uvicorn", "--no-access-log", "--log-level", "warning"),
    *("--loop", "uvloop", "--http", "httptools", "--port", "{port}"),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that does the same work. `command` is what follows the interpreter, with {port}."""

    title: str
    command: tuple[str, ...]
    settings: Callable[[Store], dict[str, str]]
    is_taught: bool = True
    is_sqlite_only: bool = False
    prepare: Callable[[Store, Body], None] = lambda _store, _body: None
    make_list: str | None = None
    address: str = "/lists/{list_id}/leads"
    make_body: Callable[[Body, str], bytes] = lambda body, _list_id: body.data
    read_added: Callable[[Store, str, Any], int] = lambda _store, _list_id, answer: int(answer["added"])
    key: str | None = None


def _sqlalchemy(store: Store) -> dict[str, str]:
    if store.url is None:
        return {"PEER_DATABASE_URL": f"sqlite:///{store.folder / 'peer.db'}"}
    return {"PEER_DATABASE_URL": store.url.replace("postgresql://", "postgresql+psycopg://")}


def _django(store: Store) -> dict[str, str]:
    if store.url is None:
        return {"PEER_SQLITE_FILE": str(store.folder / "peer.db")}
    url = make_url(store.url)
    told = {"NAME": url.database, "USER": url.username, "HOST": url.query["host"]}
    return {f"PEER_DATABASE_{name}": str(value) for name, value in told.items()}


PEERS = (
    Peer(
        "FastAPI + SQLAlchemy",
        (*_UVICORN, "benchmarks.peers.fastapi_sqlalchemy:app"),
        _sqlalchemy,
    ),
    Peer(
        "Django REST framework",
        (
            *("-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60"),
            *("--bind", "127.0.0.1:{port}", "benchmarks.peers.django_rest"),
        ),
        _django,
    ),
    Peer(
        "Datasette",
        datasette_write.COMMAND,
        lambda _store: {},
        is_taught=False,
        is_sqlite_only=True,
        prepare=datasette_write.make_file,
        address=datasette_write.ADDRESS,
        make_body=datasette_write.make_body,
        read_added=datasette_write.count_added,
    ),
    Peer(
        "FastAPI + our own storage",
        (*_UVICORN, "benchmarks.peers.fastapi_own_storage:app"),
        make_environment,
        is_taught=False,
        make_list="/lists",
        key=KEY,
    ),
)
