from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
import psycopg
import pytest
from benchmarks.filling import add_entries, add_lists
from benchmarks.floor import postgresql_floor, sqlite_floor
from benchmarks.leads import KINDS, make_faults, make_leads
from benchmarks.peers import comparing, environment
from benchmarks.peers.datasette_write import make_body
from benchmarks.rig import Options, Rig, Store, processor_seconds, resident_mb
from tests.support.databases import temporary_database
from tests.support.installation import Client, Service
from tests.support.postgres import ServerAddress

from benchmarks import reading, slow_service
from leadyard.domain.drafting import draft_leads, split_leads
from leadyard.domain.leads import ListType
from leadyard.providers import catalog
from leadyard.settings import Settings


def check_stored(stored: Sequence[Any], body: bytes, new: Sequence[int]) -> None:
    leads = [bytes(raw).decode() for raw in msgspec.json.decode(leads_of(body), type=list[msgspec.Raw])]
    assert [(sequence, lead) for sequence, _, lead in sorted(stored)] == [
        (sequence, leads[place]) for sequence, place in enumerate(new, 1)
    ]


def leads_of(body: bytes) -> msgspec.Raw:
    return msgspec.json.decode(body, type=dict[str, msgspec.Raw])["leads"]


@pytest.mark.parametrize(("kind", "new", "fields"), [("plain", 20, 8), ("wide", 14, 40)])
def test_bodies_have_the_leads_that_they_promise(kind: str, new: int, fields: int) -> None:
    body = make_leads(40, 20, kind)
    leads = msgspec.json.decode(body.data)["leads"]
    assert len(leads) == body.total == 20
    assert {len(lead) for lead in leads} == {fields}
    drafts, faults = draft_leads(ListType.EMAIL, split_leads(leads_of(body.data)))
    assert faults == []
    first_of_key: dict[str, int] = {}
    for draft in drafts:
        first_of_key.setdefault(draft.key, draft.place)
    assert tuple(first_of_key.values()) == body.new
    assert len(body.new) == new


@pytest.mark.parametrize("kind", KINDS)
def test_every_lead_of_a_body_of_faults_is_at_fault(kind: str) -> None:
    _, faults = draft_leads(ListType.EMAIL, split_leads(leads_of(make_faults(7, kind))))
    assert [fault.pointer for fault in faults] == [f"/leads/{place}/email" for place in range(7)]


def test_bodies_of_datasette_have_a_row_for_each_lead() -> None:
    rows = msgspec.json.decode(make_body(make_leads(0, 3), "5"))["rows"]
    assert [(row["list_id"], row["email"]) for row in rows] == [
        (5, f"first.last{number}@firm-{number}.example") for number in range(3)
    ]


@pytest.mark.parametrize("kind", ["plain", "wide"])
def test_floor_of_sqlite_stores_what_is_new(kind: str, tmp_path: Path) -> None:
    body = make_leads(0, 20, kind)
    assert sqlite_floor(tmp_path)(body, 1) > 0
    with closing(sqlite3.connect(tmp_path / "floor.db")) as connection:
        stored = connection.execute("SELECT sequence, key, lead FROM lead_list_entries").fetchall()
    check_stored(stored, body.data, body.new)


@pytest.mark.parametrize("kind", ["plain", "wide"])
def test_floor_of_postgresql_stores_what_is_new(kind: str, postgres_server: ServerAddress) -> None:
    body = make_leads(0, 20, kind)
    with temporary_database(postgres_server) as name:
        url = postgres_server.url(name)
        assert postgresql_floor(url)(body, 1) > 0
        with psycopg.connect(url) as connection:
            stored = connection.execute("SELECT sequence, key, lead FROM lead_list_entries").fetchall()
    check_stored(stored, body.data, body.new)


async def test_databases_filled_by_statements_are_read_like_others(
    settings: Settings, client: Client, service: Service
) -> None:
    store = Store(settings.data_path, None if settings.is_sqlite else settings.libpq_url, "filled")
    add_lists(store, 3, 5)
    add_entries(store, 3, 5)
    lists = (await client.get("/lead-lists")).json()["lead_lists"]
    assert [found["progress"]["done"] for found in lists] == [5, 5, 5]
    found = (await client.get(f"/lead-lists/{lists[0]['id']}?page[size]=10")).json()["leads"]
    assert len({lead["email"] for lead in found}) == 5
    again = [{"email": found[0]["email"]}, {"email": "new@x.example"}]
    answer = await client.post(f"/lead-lists/{lists[0]['id']}/leads", json={"type": "email", "leads": again})
    assert answer.json() == {"total": 2, "total_added_to_lead_list": 1}


def test_processor_time_is_that_of_all_descendants() -> None:
    work = "sum(range(8_000_000)); print('done', flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", work], stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"done\n"
        of_child = processor_seconds([child.pid])
        assert of_child > 0.05
        assert processor_seconds([os.getpid()]) >= sum(os.times()[:2]) + of_child - 0.05
        child.communicate(b"\n")


def test_memory_is_told_in_megabytes() -> None:
    assert 10 < resident_mb(os.getpid()) < 10_000


async def test_peers_do_the_same_work(tmp_path: Path) -> None:
    if not environment.is_there():
        pytest.skip("the peers are not installed: `make bench` does that")
    lines = await comparing.compare(Rig("sqlite", tmp_path, Options(quick=True)), rounds=1)
    assert [line.what for line in lines if line.target] == [
        "  FastAPI + SQLAlchemy, over Leadyard",
        "  Django REST framework, over Leadyard",
        "  Datasette, over Leadyard",
        "  FastAPI + our own storage, over Leadyard",
    ]


async def test_slow_service_is_one_that_a_template_can_ask() -> None:
    async with slow_service.serve(0.01, 4) as options:
        catalog.require_options("http", options)
        async with aiohttp.ClientSession() as session:
            for email in ("a@x.example", "b@x.example"):
                url = options["url"].format(email=quote(email))
                answer = await (await session.get(url)).json()
                assert answer["person"]["email"] == email


def test_metrics_of_one_route_are_told_from_those_of_others() -> None:
    seconds = 'leadyard_http_request_seconds_sum{route="/lead-lists/{list_id:str}"} 0.25\n'
    count = 'leadyard_http_request_seconds_count{route="/lead-lists/{list_id:str}"} 5.0\n'
    other = 'leadyard_http_request_seconds_count{route="/lead-lists"} 7.0\n'
    assert reading.read_served(seconds + count + other, "/lead-lists/{list_id}") == (0.25, 5.0)
