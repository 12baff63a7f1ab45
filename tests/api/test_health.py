"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from tests.api.support import UNKNOWN_ID, count_requests, execute, require_error
from tests.support.installation import Client, Service, add_leads, create_list

from leadyard.api.metrics import render


async def test_process_and_database_are_well(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_database_of_another_version_is_not_ready_and_says_so(client: Client, service: Service) -> None:
    empty = "The database is empty: run `leadyard migrate`."
    for change, reason in (
        (
            "UPDATE alembic_version SET version_num = '0001'",
            "The database is at revision 0001: run `leadyard migrate`.",
        ),
        (
            "UPDATE alembic_version SET version_num = 'of-the-future'",
            "The database is at revision of-the-future, which this version of Leadyard does not know: "
            "install the newer version that wrote it.",
        ),
        ("DELETE FROM alembic_version", empty),
        ("DROP TABLE alembic_version", empty),
    ):
        await execute(service, change)
        answer = await client.get("/readyz")
        require_error(answer, "service_unavailable", reason)
        assert answer.headers["retry-after"] == "5"
        assert (await client.get("/healthz")).status_code == 200


NO_ROOM = "The database has no room left on its disk."
FULL = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full''; END'",
    "CREATE TRIGGER refuse_leads BEFORE INSERT ON lead_list_entries EXECUTE FUNCTION refuse()",
    "CREATE TRIGGER refuse_all BEFORE UPDATE ON accounts EXECUTE FUNCTION refuse()",
)


async def test_database_without_room_says_so_until_it_has_some(client: Client, service: Service) -> None:
    lead_list = await create_list(client, "email")
    leads = [{"email": f"lead-{number}@example.com"} for number in range(2_000)]
    is_sqlite = service.installation.database.is_sqlite
    for statement in ("PRAGMA max_page_count = 1",) if is_sqlite else FULL:
        await execute(service, statement)
    require_error(await add_leads(client, lead_list["id"], "email", leads), "service_unavailable", NO_ROOM)
    if not is_sqlite:
        # What writes nothing new finds room in a file of SQLite's that may not grow.
        require_error(await client.get("/readyz"), "service_unavailable", NO_ROOM)
    room = ("PRAGMA max_page_count = 1000000",) if is_sqlite else ("DROP FUNCTION refuse CASCADE",)
    await execute(service, *room)
    assert (await client.get("/readyz")).status_code == 200
    assert (await add_leads(client, lead_list["id"], "email", leads)).status_code == 202


async def test_metrics_tell_what_the_database_knows(client: Client, service: Service) -> None:
    leads = [{"email": f"{name}@example.com"} for name in ("ada", "grace", "ada")]
    lead_list = await create_list(client, "email", leads, options={"validate_email": True})
    lines = (await client.get("/metrics")).text.splitlines()
    assert 'leadyard_jobs{state="waiting"} 1.0' in lines
    assert 'leadyard_credits_held{kind="email",mode="test"} 2.0' in lines
    assert "leadyard_database_up 1.0" in lines
    purpose = "read" if service.installation.database.is_sqlite else "all"
    assert f'leadyard_database_connections{{purpose="{purpose}",state="in_use"}} 0.0' in lines
    added = _value(lines, 'leadyard_leads_total{outcome="added"}')
    duplicates = _value(lines, 'leadyard_leads_total{outcome="duplicate_in_batch"}')
    await add_leads(client, lead_list["id"], "email", [{"email": "alan@example.com"}] * 2)
    lines = (await client.get("/metrics")).text.splitlines()
    assert 'leadyard_jobs{state="waiting"} 1.0' in lines, "within ten seconds nothing is read again"
    assert _value(lines, 'leadyard_leads_total{outcome="added"}') == added + 1
    assert _value(lines, 'leadyard_leads_total{outcome="duplicate_in_batch"}') == duplicates + 1


def _value(lines: list[str], metric: str) -> float:
    (line,) = (line for line in lines if line.startswith(f"{metric} "))
    return float(line.split()[-1])


def test_metrics_of_a_database_that_is_away_are_left_out() -> None:
    lines = render(None, []).decode().splitlines()
    assert "leadyard_database_up 0.0" in lines
    assert "leadyard_oldest_job_seconds NaN" in lines
    assert not [line for line in lines if line.startswith(("leadyard_jobs{", "leadyard_credits_held{"))]


async def test_metrics_count_requests_by_method_route_and_status(client: Client) -> None:
    counted = [
        ("GET", "/lead-lists/{list_id}", 404),
        ("GET", "unmatched", 404),
        ("PUT", "unmatched", 405),
        ("POST", "/normalize", 415),
        ("other", "unmatched", 405),
    ]
    before = [await count_requests(client, *labels) for labels in counted]
    await client.get(f"/lead-lists/{UNKNOWN_ID}")
    await client.get("/nothing/at/all")
    await client.put("/users")
    await client.post("/normalize")
    await client.request("BREW", "/users")
    after = [await count_requests(client, *labels) for labels in counted]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1] * len(counted)


async def test_metrics_are_text_for_prometheus_and_name_no_list_or_key(client: Client) -> None:
    await client.get(f"/lead-lists/{UNKNOWN_ID}")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "leadyard_http_request_seconds_bucket" in answer.text
    assert UNKNOWN_ID not in answer.text
    assert "ly_test_" not in answer.text
