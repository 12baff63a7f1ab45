"""Every answer that is not 2xx has the documented shape, whoever made it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import httpx2
import msgspec
import pytest
from structlog.testing import capture_logs
from tests.api.support import (
    UNKNOWN_ID,
    call_raw,
    count_requests,
    error_body,
    execute,
    require_error,
)
from tests.support.installation import (
    TEST_KEY,
    Client,
    Service,
    add_leads,
    create_list,
    list_body,
)

from leadyard.api.errors import STATUSES
from leadyard.app import build
from leadyard.domain.errors import ErrorCode, Fault
from leadyard.settings import Settings

SOMETHING_WENT_WRONG = error_body("internal_server_error", "Something went wrong.")
TABLE = {
    "missing_field": ("Missing Field", 400),
    "unsupported_value": ("Unsupported Value", 400),
    "unauthorized": ("Unauthorized", 401),
    "insufficient_credits": ("Insufficient Credits", 402),
    "forbidden": ("Forbidden", 403),
    "not_found": ("Not Found", 404),
    "person_not_found": ("Person Not Found", 404),
    "method_not_allowed": ("Method Not Allowed", 405),
    "conflict": ("Conflict", 409),
    "gone": ("Gone", 410),
    "payload_too_large": ("Payload Too Large", 413),
    "unsupported_media_type": ("Unsupported Media Type", 415),
    "idempotency_key_in_use": ("Idempotency Key In Use", 409),
    "idempotency_key_reused": ("Idempotency Key Reused", 422),
    "too_many_requests": ("Too Many Requests", 429),
    "unavailable_for_legal_reasons": ("Unavailable For Legal Reasons", 451),
    "internal_server_error": ("Internal Server Error", 500),
    "service_unavailable": ("Service Unavailable", 503),
}


@pytest.fixture
async def cut_off(settings: Settings, database_kind: str) -> AsyncIterator[Service]:
    """An installation whose database cannot be reached."""
    urls = {
        "sqlite": f"sqlite:///{settings.data_path}/nowhere/leadyard.db",
        "postgresql": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    installation = build(msgspec.structs.replace(settings, database_url=urls[database_kind]))
    yield Service(installation)
    await installation.database.close()
    # A connection that could not be opened ends in its own thread, which still tells the loop of it.
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)


def test_codes_have_the_titles_and_statuses_of_the_contract() -> None:
    assert {code.value: (Fault(code, "").title, STATUSES[code]) for code in ErrorCode} == TABLE


async def test_path_that_is_not_there_is_not_found(client: Client) -> None:
    for path in (
        "/nothing",
        f"/lead-lists/{UNKNOWN_ID}/nothing",
        "/LEAD-LISTS",
        "/v1/lead-lists",
        "/%00",
    ):
        require_error(await client.get(path), "not_found", "Could not find this resource.")


async def test_method_that_a_path_does_not_know_is_refused_with_those_it_does(client: Client) -> None:
    known = {
        ("DELETE", "/lead-lists"): {"GET", "POST"},
        ("PUT", f"/lead-lists/{UNKNOWN_ID}"): {"GET", "PATCH", "DELETE"},
        ("GET", f"/lead-lists/{UNKNOWN_ID}/leads"): {"POST"},
        ("POST", "/credits"): {"GET"},
        ("GET", "/credits/grants"): {"POST"},
        ("FOO", "/users"): {"GET"},
    }
    for (method, path), allowed in known.items():
        answer = await client.request(method, path)
        require_error(answer, "method_not_allowed", "This resource does not support the method.")
        assert set(answer.headers["allow"].split(", ")) - {"OPTIONS", "HEAD"} == allowed


async def test_host_that_is_none_is_refused(service: Service) -> None:
    headers = {"Host": "a b", "Authorization": f"Bearer {TEST_KEY}"}
    answer = await call_raw(service, "GET", "/users", headers=headers)
    require_error(answer, "unsupported_value", "The request cannot be understood.")


async def test_query_that_is_no_utf_8_is_no_failure(service: Service) -> None:
    headers = {
        "Authorization": f"Bearer {TEST_KEY}",
        "Content-Type": "application/json",
        "Idempotency-Key": "a",
    }
    body = {"type": "http.request", "body": b'{"type": "email", "leads": []}', "more_body": False}
    for query in (b"x=\xff", b"x=%ff", b"\xff", b"&&==&%", b"x=%ED%A0%80"):
        answer = await call_raw(service, "GET", "/lead-lists", query=query, headers=headers)
        assert answer.status_code == 200
        named = {**headers, "Idempotency-Key": query.hex()}
        answer = await call_raw(service, "POST", "/normalize", query=query, headers=named, messages=[body])
        assert answer.status_code == 200


async def test_failure_of_ours_keeps_its_request_id_its_metrics_and_its_log_line(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "email")
    await service.until_completed(client, created["id"])
    route = ("POST", "/lead-lists/{list_id}/leads", 500)
    before = await count_requests(client, *route)
    await execute(service, "DROP TABLE lead_list_entries")
    with capture_logs() as lines:
        leads = [{"email": "jane@acme.example"}]
        answer = await add_leads(client, created["id"], "email", leads, X_Request_Id="trace-1")
    assert (answer.status_code, answer.json()) == (500, SOMETHING_WENT_WRONG)
    assert answer.headers["x-request-id"] == "trace-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert await count_requests(client, *route) == before + 1
    assert [line["event"] for line in lines] == ["unexpected_error", "request"]
    assert isinstance(lines[0]["exc_info"], Exception)


async def test_failure_while_reading_tells_nothing_of_its_cause(client: Client, service: Service) -> None:
    created = await create_list(client, "email")
    await service.until_completed(client, created["id"])
    await execute(service, "DROP TABLE lead_list_entries")
    answer = await client.get(f"/lead-lists/{created['id']}")
    assert (answer.status_code, answer.json()) == (500, SOMETHING_WENT_WRONG)


async def test_failure_leaves_nothing_half_done(client: Client, service: Service) -> None:
    created = await create_list(client, "email", options={"validate_email": True})
    await service.until_completed(client, created["id"])
    await execute(service, "ALTER TABLE additions RENAME COLUMN left_out TO hidden")
    leads = [{"email": "jane@acme.example"}]
    assert (await add_leads(client, created["id"], "email", leads)).status_code == 500
    await execute(service, "ALTER TABLE additions RENAME COLUMN hidden TO left_out")
    found = (await client.get(f"/lead-lists/{created['id']}")).json()
    assert (found["leads"], found["status"]) == ([], "completed")
    assert (await client.get("/credits")).json()["email"]["held"] == 0
    assert (await add_leads(client, created["id"], "email", leads)).json()["total_added_to_lead_list"] == 1


async def test_database_that_cannot_be_reached_is_a_503_that_asks_to_come_back(cut_off: Service) -> None:
    async with cut_off.client(TEST_KEY) as client:
        answers: list[httpx2.Response] = [
            await client.get("/account-info"),
            await client.post("/lead-lists", json=list_body("email", [])),
            await client.get(f"/lead-lists/{UNKNOWN_ID}"),
            await client.get("/readyz"),
        ]
        assert (await client.get("/healthz")).status_code == 200
    for answer in answers:
        detail = "The service cannot reach its database. Try again shortly."
        require_error(answer, "service_unavailable", detail)
        assert int(answer.headers["retry-after"]) >= 1
