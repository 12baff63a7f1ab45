"""The pytest plugin: `pytest_plugins = ["tests.support.plugin"]` in `tests/conftest.py`.

A test, or a fixture of any scope, that asks for `postgres_server` gets the one server of the run. Asking by
`request.getfixturevalue("postgres_server")` does as well, so a run without such tests starts none.
"""

from typing import Protocol

import pytest
from tests.support.postgres import ServerAddress
from tests.support.shared_server import SharedServer, ask_for_address

WORKER_INPUT = "leadyard_postgres"

_shared_server = pytest.StashKey[SharedServer]()


class XdistNode(Protocol):
    """What is needed of a worker as pytest-xdist, which is not typed, describes it."""

    config: pytest.Config
    workerinput: dict[str, object]


def pytest_configure(config: pytest.Config) -> None:
    """The leading process, and only that one, owns a server."""
    if not hasattr(config, "workerinput"):
        config.stash[_shared_server] = SharedServer()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: XdistNode) -> None:
    """Tell a worker of pytest-xdist where to ask."""
    node.workerinput[WORKER_INPUT] = node.config.stash[_shared_server].where_to_ask()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The run is over: so is the server."""
    if _shared_server in config.stash:
        config.stash[_shared_server].close()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> ServerAddress:
    """The PostgreSQL of this test run, shared by all its workers."""
    if _shared_server in pytestconfig.stash:
        return pytestconfig.stash[_shared_server].address()
    worker_input: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    return ask_for_address(worker_input[WORKER_INPUT])
