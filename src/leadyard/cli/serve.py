"""`leadyard serve` and `leadyard worker`."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

import click
import uvicorn
from litestar.types import ASGIApp
from uvicorn.supervisors import Multiprocess

import leadyard.cli.plain_structlog  # noqa: F401 - before all that imports structlog
from leadyard.app import Leadyard, build
from leadyard.cli.connections import BoundedConnection, allow_connections
from leadyard.cli.garbage import calm_garbage_collector
from leadyard.cli.probing import tell_probing
from leadyard.cli.runtime import hold_embedded_database, open_installation, show_keys, warn_of_unknown_key
from leadyard.cli.sign_in_links import show_first_link
from leadyard.dashboard.ending import end_streams
from leadyard.logs import configure_logging
from leadyard.settings import Settings, load_settings
from leadyard.tracing import configure_tracing

GRACEFUL_SECONDS = 8
"""Answers under way, and begun leads meanwhile: container runtimes kill after ten seconds."""
SPAWN_SECONDS = 30
STATEMENT_SECONDS = 60.0
_QUIET_SERVER: dict[str, Any] = {
    "lifespan": "on",
    "ws": "none",
    "log_config": None,
    "log_level": "warning",
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "timeout_graceful_shutdown": GRACEFUL_SECONDS,
}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, help="Processes (PostgreSQL only).")
@click.option("--no-worker", is_flag=True, help="Serve only; `leadyard worker` runs the jobs.")
def serve(host: str, port: int, workers: int, no_worker: bool) -> None:
    """Serve the API and the pages, and run the jobs beside them."""
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    if workers > 1 and settings.is_sqlite:
        raise click.UsageError(
            "--workers above 1 needs PostgreSQL: an embedded SQLite database has one process. "
            "Set LEADYARD_DATABASE_URL (`leadyard move --to postgresql://…` takes the data along)."
        )
    with hold_embedded_database(settings):
        asyncio.run(prepare(settings, address=f"http://{_reachable(host)}:{port}"))
        factory = "make_api" if no_worker else "make_api_and_worker"
        config = uvicorn.Config(
            f"leadyard.cli.serve:{factory}",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http=BoundedConnection,
            timeout_worker_healthcheck=SPAWN_SECONDS,
            **_QUIET_SERVER,
        )
        if workers > 1:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
        else:
            click.echo(f"Leadyard listens on http://{host}:{port}", err=True)
            server = _Server(config)
            server.run()
            if not server.started:
                raise SystemExit(1)


@click.command()
@click.option("--metrics-host", default="127.0.0.1", show_default=True, help="Address for --metrics-port.")
@click.option("--metrics-port", type=int, help="Port for /healthz, /readyz and /metrics; none by default.")
def worker(metrics_host: str, metrics_port: int | None) -> None:
    """Run jobs only (PostgreSQL): as many of these, on as many machines, as you like."""
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    if settings.is_sqlite:
        raise click.UsageError(
            "A worker of its own needs PostgreSQL: with SQLite, `leadyard serve` runs the jobs itself. "
            "Set LEADYARD_DATABASE_URL (`leadyard move --to postgresql://…` takes the data along)."
        )
    send_last_spans = configure_tracing()
    asyncio.run(_work(settings, metrics_host, metrics_port))
    send_last_spans()


async def _work(settings: Settings, metrics_host: str, metrics_port: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with open_installation(settings) as (installation, keys):
        show_keys(keys)
        calm_garbage_collector()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        click.echo("Leadyard works.", err=True)
        telling = asyncio.create_task(tell_probing(settings))
        async with _serve_health(installation, metrics_host, metrics_port):
            await installation.worker().run(stop)
        telling.cancel()


@asynccontextmanager
async def _serve_health(installation: Leadyard, host: str, port: int | None) -> AsyncIterator[None]:
    """Health and metrics on a port of their own, if there is to be one, for as long as the block runs."""
    if port is None:
        yield
        return
    config = uvicorn.Config(
        installation.health_api(), host=host, port=port, http=BoundedConnection, **_QUIET_SERVER
    )
    server = _QuietServer(config)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def prepare(settings: Settings, address: str = "http://127.0.0.1:8000") -> None:
    """Migrates, sets up what is empty, and tells what there is to know of keys and of signing in."""
    async with open_installation(settings) as (installation, keys):
        show_keys(keys)
        await warn_of_unknown_key(installation)
        await show_first_link(installation, address)


def _reachable(host: str) -> str:
    """A host of this machine for who listens everywhere; IPv6 in brackets, as addresses have it."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


class _QuietServer(uvicorn.Server):
    """uvicorn's server within a process that minds the signals itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves them alone."""
        yield


class _Server(uvicorn.Server):
    """uvicorn's server, but a signal that ends it in good order does not also kill the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Lets SIGTERM and SIGINT ask for the end; leaves nothing to be raised afterwards."""
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def make_api() -> ASGIApp:
    """The application of a process that serves only."""
    return _make(with_worker=False)


def make_api_and_worker() -> ASGIApp:
    """The application of a process that also runs jobs, from its start-up to its shutdown."""
    return _make(with_worker=True)


def _make(*, with_worker: bool) -> ASGIApp:
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    send_last_spans = configure_tracing()
    installation = build(settings, statement_seconds=STATEMENT_SECONDS)
    stop = asyncio.Event()
    tasks: list[asyncio.Task[None]] = []
    telling: list[asyncio.Task[None]] = []

    async def start() -> None:
        _end_with_parent()
        allow_connections()
        calm_garbage_collector()
        _on_termination(end_streams)
        if with_worker:
            _on_termination(stop.set)
            tasks.append(asyncio.create_task(installation.worker().run(stop)))
            telling.append(asyncio.create_task(tell_probing(settings)))

    async def end() -> None:
        stop.set()
        for task in telling:
            task.cancel()
        await asyncio.gather(*tasks)
        await installation.close()
        await asyncio.to_thread(send_last_spans)

    return installation.api(on_startup=[start], on_shutdown=[end])


def _on_termination(act: Callable[[], None]) -> None:
    """Calls `act` as soon as the process is told to end, while the server still gives its last answers."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        servers_own = signal.getsignal(number)

        def handle(number: int, frame: FrameType | None, servers_own: Any = servers_own) -> None:
            loop.call_soon_threadsafe(act)
            if callable(servers_own):
                servers_own(number, frame)

        signal.signal(number, handle)


def _end_with_parent() -> None:
    """Ends a serving child whose parent was killed, so that nobody holds the port unseen."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    loop, sentinel = asyncio.get_running_loop(), parent.sentinel

    def end() -> None:
        loop.remove_reader(sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(sentinel, end)
