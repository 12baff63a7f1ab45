"""/healthz, /readyz and /metrics."""

from __future__ import annotations

from tests.api.support import UNKNOWN_ID, count_requests, execute, require_error
from tests.support.installation import Client, Service

AWAY = "The service cannot reach its database. Try again shortly."


async def test_process_and_database_are_well(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_database_of_another_version_is_not_ready(client: Client, service: Service) -> None:
    (version,) = (row.version_num for row in await service.query("SELECT version_num FROM alembic_version"))
    for change in (
        "UPDATE alembic_version SET version_num = 'of-the-future'",
        "DELETE FROM alembic_version",
        "DROP TABLE alembic_version",
    ):
        await execute(service, change)
        answer = await client.get("/readyz")
        require_error(answer, "service_unavailable", AWAY)
        assert answer.headers["retry-after"] == "5"
        assert (await client.get("/healthz")).status_code == 200
    assert version


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
