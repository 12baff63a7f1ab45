"""The pytest plugin: `pytest_plugins = ["tests.support.plugin"]` in `tests/conftest.py`.

A test, or a fixture of any scope, that asks for `postgres_server` gets the one server of the run. Asking by
`request.getfixturevalue("postgres_server")` does as well, so a run without such tests starts none.

The browser tests of a run with several workers go to one of them, so that there is one browser.
"""

import os
from typing import Protocol

import pytest
from tests.support.postgres import ServerAddress
from tests.support.shared_server import SharedServer, ask_for_address
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

WORKER_INPUT = "leadyard_postgres"
BROWSER_TESTS = "tests/browser/"

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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`, two a processor: tests wait half of the time, for databases and second attempts."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_unconfigure(config: pytest.Config) -> None:
    """The run is over: so is the server."""
    if _shared_server in config.stash:
        config.stash[_shared_server].close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """What gives tests to workers, unless another way is asked for."""
    return _OneBrowser(config, log) if config.getoption("dist") == "load" else None


class _OneBrowser(LoadScopeScheduling):  # type: ignore[misc]
    """Each test by itself to whichever worker is free, but those of `tests/browser` together, and first."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER_TESTS if nodeid.startswith(BROWSER_TESTS) else nodeid


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> ServerAddress:
    """The PostgreSQL of this test run, shared by all its workers."""
    if _shared_server in pytestconfig.stash:
        return pytestconfig.stash[_shared_server].address()
    worker_input: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    return ask_for_address(worker_input[WORKER_INPUT])
