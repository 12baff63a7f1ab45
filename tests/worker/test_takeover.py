"""Processes that are killed, frozen, told to end or lose their database: nothing is lost or paid twice."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest
from tests.support.databases import create_database
from tests.support.fleet import (
    STARTED,
    count_entries,
    count_jobs,
    environment,
    prepare,
    require_paid_once,
    serving,
    start_worker,
    until,
)
from tests.support.installation import TEST_KEY, list_body, make_settings
from tests.support.postgres import PostgresServer
from tests.support.processes import run_leadyard
from tests.support.stand_ins import RunningClock
from tests.support.workbench import Workbench, linkedin_leads, open_workbench

from leadyard.domain.errors import DatabaseAway
from leadyard.domain.lead_lists import ListOptions
from leadyard.settings import Settings

ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])
ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])
ENRICH = ListOptions(enrich=True)
ONE_AT_A_TIME = {"WORKER_CONCURRENCY": "1"}


def slow_leads(number: int) -> list[dict[str, str]]:
    """Leads that the sandbox takes 200 ms for, a chunk at once: it makes 1,250 of them a second at most."""
    return linkedin_leads(*(f"slow-{place}" for place in range(number)))


@ON_POSTGRESQL
async def test_chunk_of_a_killed_worker_is_taken_over_within_30_seconds(
    live_bench: Workbench, settings: Settings
) -> None:
    made = await live_bench.create(slow_leads(2_000), ENRICH)
    with start_worker(settings, **ONE_AT_A_TIME) as doomed:
        await until(lambda: _more(live_bench, 300), 30)
        doomed.kill()
    jobs = await live_bench.query("SELECT id FROM procrastinate_jobs WHERE status = 'doing'")
    assert len(jobs) == 1
    assert await count_entries(live_bench, "processing") > 0

    async def is_taken_over() -> bool:
        left = await live_bench.query(
            "SELECT 1 FROM procrastinate_jobs WHERE id = :id AND attempts = 0", id=jobs[0].id
        )
        return left == []

    with start_worker(settings, **ONE_AT_A_TIME):
        assert await until(is_taken_over, 30) < 30
        await until(lambda: _no_jobs(live_bench), 30)
    assert (await live_bench.read(made)).progress.done == 2_000
    await require_paid_once(live_bench, 2_000)


@ON_POSTGRESQL
async def test_frozen_worker_that_goes_on_changes_nothing_twice(
    live_bench: Workbench, settings: Settings
) -> None:
    await live_bench.create(slow_leads(2_000), ENRICH)
    with start_worker(settings, **ONE_AT_A_TIME) as frozen, ExitStack() as others:
        await until(lambda: _more(live_bench, 300), 30)
        frozen.send(signal.SIGSTOP)
        assert await count_jobs(live_bench, begun=True) == 1
        others.enter_context(start_worker(settings, **ONE_AT_A_TIME))
        await until(lambda: _no_jobs(live_bench), 60)
        await require_paid_once(live_bench, 2_000)
        # It still has a chunk in its hands, and answers to write; then there is new work for it.
        frozen.send(signal.SIGCONT)
        await live_bench.create(linkedin_leads(*(f"later-{place}" for place in range(300))), ENRICH)
        await until(lambda: _no_jobs(live_bench), 30)
        await require_paid_once(live_bench, 2_300)
        assert frozen.terminate(20) == 0


@pytest.mark.parametrize("is_answering", [False, True])
async def test_process_told_to_end_hands_back_what_is_not_finished(
    live_bench: Workbench, settings: Settings, is_answering: bool
) -> None:
    await live_bench.create(slow_leads(3_000), ENRICH)
    with serving(settings, **ONE_AT_A_TIME) as (process, url), ExitStack() as connections:
        if is_answering:
            connections.enter_context(_endless_request(url))
        await until(lambda: _more(live_bench, 200), 30)
        begun = time.monotonic()
        process.send(signal.SIGTERM)

        async def has_handed_back() -> bool:
            return await count_jobs(live_bench, begun=True) == 0

        await until(has_handed_back, 6)
        # Whoever still waits for an answer does not keep the leads waiting.
        assert process.running() or not is_answering
        assert process.wait(15) == 0
        assert time.monotonic() - begun < 10
    assert await count_jobs(live_bench, begun=True) == 0
    assert await count_entries(live_bench, "processing") == 0
    done = await count_entries(live_bench, "done")
    assert 200 < done < 3_000
    assert await count_entries(live_bench, "queued") == 3_000 - done
    lists = await live_bench.query("SELECT queued, processing, done FROM lead_lists")
    assert [tuple(row) for row in lists] == [(3_000 - done, 0, done)]
    charges = await live_bench.query("SELECT count(*) AS charges FROM credit_entries WHERE amount < 0")
    assert charges[0].charges == 2 * done


async def test_database_that_goes_away_during_processing_is_waited_for(tmp_path: Path) -> None:
    with PostgresServer() as server:
        settings = make_settings(tmp_path, create_database(server, "leadyard"))
        await prepare(settings)
        async with open_workbench(settings, RunningClock()) as bench:
            await bench.create(slow_leads(1_500), ENRICH)
            with serving(settings, **ONE_AT_A_TIME) as (process, url):
                await until(lambda: _more(bench, 200), 30)
                with server.away():
                    answer = httpx2.get(f"{url}/readyz", trust_env=False, timeout=40)
                    assert answer.status_code == 503
                    refused = httpx2.post(
                        f"{url}/lead-lists",
                        json=list_body("linkedin", []),
                        headers={"Authorization": f"Bearer {TEST_KEY}"},
                        trust_env=False,
                        timeout=40,
                    )
                    assert refused.status_code == 503
                    assert "Retry-After" in refused.headers
                    assert process.running()
                await until(lambda: _no_jobs(bench), 60)
                await require_paid_once(bench, 1_500)
                assert process.terminate(15) == 0


@ON_POSTGRESQL
async def test_children_end_when_their_parent_is_killed(settings: Settings) -> None:
    with serving(settings, "--workers", "2") as (process, url):
        members = _group(process.pid)
        assert len(members - {process.pid}) >= 2
        assert httpx2.get(f"{url}/healthz", trust_env=False).status_code == 200
        process.send(signal.SIGKILL)
        begun = time.monotonic()
        while _group(process.pid) - {process.pid}:
            assert time.monotonic() - begun < 20
            await asyncio.sleep(0.1)
        with pytest.raises(httpx2.TransportError):
            httpx2.get(f"{url}/healthz", trust_env=False)


@ON_POSTGRESQL
async def test_several_processes_serve_as_one_and_end_in_good_order(
    live_bench: Workbench, settings: Settings
) -> None:
    with serving(settings, "--workers", "2", RATE_LIMIT="40") as (process, url):
        made = await live_bench.create(linkedin_leads(*(f"lead-{place}" for place in range(500))), ENRICH)
        await until(lambda: _no_jobs(live_bench), 30)
        assert (await live_bench.read(made)).progress.done == 500
        key = {"Authorization": f"Bearer {TEST_KEY}"}
        # Each on a connection of its own, one by one: of those that come at once one process takes all.
        answers = [httpx2.get(f"{url}/account-info", headers=key, trust_env=False) for _ in range(100)]
        assert {answer.status_code for answer in answers} == {200, 429}
        # What one of them took and was not asked for is less than a tenth.
        assert 36 < sum(answer.status_code == 200 for answer in answers) <= 40
        assert process.terminate(15) == 0
        assert process.log().count("Traceback") == 0


@ON_SQLITE
async def test_embedded_database_is_for_one_process(settings: Settings, tmp_path: Path) -> None:
    env = environment(settings)
    folder = Path(settings.data_dir)
    with serving(settings):
        second = run_leadyard("serve", "--port", "1", env=env, folder=folder)
        worker = run_leadyard("worker", env=env, folder=folder)
        several = run_leadyard("serve", "--workers", "2", env=env, folder=folder)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        by_url = {
            **env,
            "LEADYARD_DATA_DIR": str(elsewhere),
            "LEADYARD_DATABASE_URL": f"sqlite:///{folder}/leadyard.db",
        }
        same_file = run_leadyard("serve", "--port", "1", env=by_url, folder=elsewhere)
        for process, sentence in (
            (second, "Another Leadyard process serves the SQLite database"),
            (same_file, "Another Leadyard process serves the SQLite database"),
            (worker, "A worker of its own needs PostgreSQL"),
            (several, "--workers above 1 needs PostgreSQL"),
        ):
            assert process.wait(30) != 0
            told = " ".join(process.log().split())
            assert sentence in told
            assert "LEADYARD_DATABASE_URL" in told
            assert "Traceback" not in told
    with serving(settings):
        pass


@ON_POSTGRESQL
async def test_worker_told_to_end_while_idle_ends_at_once(settings: Settings) -> None:
    with start_worker(settings) as worker:

        async def has_started() -> bool:
            return STARTED in worker.log()

        await until(has_started, 30)
        begun = time.monotonic()
        assert worker.terminate(15) == 0
        assert time.monotonic() - begun < 5


@contextmanager
def _endless_request(url: str) -> Iterator[None]:
    """A request whose body does not come to its end."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /lead-lists HTTP/1.1\r\nHost: leadyard.example\r\n"
            b"Authorization: Bearer " + TEST_KEY.encode() + b"\r\n"
            b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        )
        yield


async def _more(bench: Workbench, done: int) -> bool:
    """Whether more than so many leads are done, and some are in work."""
    return await count_entries(bench, "done") > done and await count_entries(bench, "processing") > 0


async def _no_jobs(bench: Workbench) -> bool:
    try:
        return await count_jobs(bench) == 0
    except DatabaseAway:
        return False


def _group(leader: int) -> set[int]:
    """The living processes of a process group."""
    members = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            state, _parent, group = re.sub(r".*\) ", "", stat, flags=re.DOTALL).split()[:3]
            if int(group) == leader and state not in "ZX":
                members.add(int(entry.name))
    return members
