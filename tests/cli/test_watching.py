"""What a running service tells of itself: log lines, traces, and a worker's own port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.support.installation import LIVE_KEY, TEST_KEY, list_body
from tests.support.otlp_server import collect_traces
from tests.support.processes import LeadyardProcess, free_port, run_leadyard

from leadyard.settings import Settings

MARK = "zq7mark"
"""Stands in everything of a person that is sent, and must not stand in the log."""
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The same installation for a process of its own, which logs all it can."""
    assert settings.secret_key is not None
    values = {
        "LEADYARD_DATA_DIR": settings.data_dir,
        "LEADYARD_DATABASE_URL": settings.database_url or "",
        "LEADYARD_SECRET_KEY": settings.secret_key,
        "LEADYARD_EMAIL_DNS": "off",
        "LEADYARD_RATE_LIMIT": "0",
        "LEADYARD_LOG_LEVEL": "debug",
        "LEADYARD_LOG_FORMAT": "json",
    }
    return values | more


@contextmanager
def serving(
    settings: Settings, folder: Path, *arguments: str, **more: str
) -> Iterator[tuple[httpx2.Client, LeadyardProcess]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ("serve", "--port", str(port), *arguments)
    with run_leadyard(*command, env=environment(settings, **more), folder=folder) as process:
        process.wait_until_ready(url)
        headers = {"Authorization": f"Bearer {TEST_KEY}"}
        with httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=30) as client:
            yield client, process
        assert process.terminate() == 0


def add_list(client: httpx2.Client, list_type: str, leads: list[Any], **headers: str) -> str:
    options = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
    body = list_body(list_type, leads, options=options)
    answer = client.post("/lead-lists", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def wait_for(client: httpx2.Client, list_id: str, **headers: str) -> None:
    while client.get(f"/lead-lists/{list_id}", headers=headers).json()["status"] != "completed":
        pass


def lines_of(process: LeadyardProcess) -> list[dict[str, Any]]:
    return [json.loads(line) for line in process.log().splitlines() if line.startswith("{")]


def test_log_tells_the_ids_of_all_work_and_nothing_of_persons(settings: Settings, tmp_path: Path) -> None:
    email = f"{MARK}@example.com"
    leads: list[Any] = [
        {"email": email, "first_name": MARK, "company_name": MARK},
        {"email": f"unavailable.{MARK}@example.com"},
    ]
    live = {"Authorization": f"Bearer {LIVE_KEY}"}
    with serving(settings, tmp_path) as (client, process):
        made = add_list(client, "email", leads, **{"X-Request-Id": "request-of-the-list"})
        in_live = add_list(client, "email", leads, **live)
        profiles = add_list(client, "linkedin", [{"linkedin_url": f"linkedin.com/in/{MARK}"}], **live)
        client.post(f"/lead-lists/{made}/leads", json={"type": "email", "leads": [{"email": MARK}, MARK]})
        client.post(
            "/normalize", content=f'{{"{MARK}": '.encode(), headers={"Content-Type": "application/json"}
        )
        client.get("/people/find", params={"email": email})
        client.get("/users", headers={"Authorization": f"Bearer ly_test_{MARK}"})
        client.post("/excluded-emails", json={"excluded_emails": [{"email": email}]})
        client.post("/people/erasures", json={"email": email})
        client.get(f"/{MARK}")
        wait_for(client, made)
        wait_for(client, in_live, **live)
        wait_for(client, profiles, **live)
        refused = client.get("/users", headers={"Authorization": "Bearer nobody"})
    for secret in (MARK, TEST_KEY, LIVE_KEY, settings.secret_key or ""):
        assert secret not in process.log()
    lines = lines_of(process)
    requests = [line for line in lines if line["event"] == "request"]
    assert all(line["request_id"] for line in requests)
    assert refused.headers["x-request-id"] in {line["request_id"] for line in requests}
    works = [line for line in lines if line["event"] in ("chunk", "provider_called", "flushed")]
    assert {line["event"] for line in works} == {"chunk", "provider_called", "flushed"}
    for line in works:
        assert line["request_id"], line
    chunks = [line for line in works if line.get("request_id") == "request-of-the-list"]
    assert {line["event"] for line in chunks} == {"chunk", "provider_called", "flushed"}
    assert all(line["job_id"] for line in chunks)


@ON_POSTGRESQL
def test_one_trace_leads_from_the_request_to_the_provider(settings: Settings, tmp_path: Path) -> None:
    with (
        collect_traces() as collector,
        serving(settings, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as (client, process),
    ):
        leads = [{"email": f"{MARK}@example.com"}]
        made = add_list(client, "email", leads, traceparent=PARENT)
        wait_for(client, made)
    trace_id, parent_id = (bytes.fromhex(part) for part in PARENT.split("-")[1:3])
    spans = {span.span_id: span for span in collector.spans if span.trace_id == trace_id}
    asked = next(span for span in spans.values() if span.name == "ask sandbox")
    path, span_id = [], asked.span_id
    while span_id != parent_id:
        path.append(spans[span_id].name)
        span_id = spans[span_id].parent_span_id
    assert path == ["ask sandbox", "process leads", "database write", "POST /lead-lists"]
    assert collector.services == {"leadyard"}
    told = "".join(str(span) for span in collector.spans)
    assert MARK not in told
    assert made not in told
    assert not [span for span in collector.spans if span.name in ("GET /readyz", "GET /healthz")]
    (line,) = [line for line in lines_of(process) if line["event"] == "chunk"]
    assert line["trace_id"] == trace_id.hex()


def test_job_of_several_requests_names_and_links_to_all_of_them(settings: Settings, tmp_path: Path) -> None:
    others = [f"00-{number:032x}-{number:016x}-01" for number in (1, 2)]
    with collect_traces() as collector:
        endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        with serving(settings, tmp_path, "--no-worker", **endpoint) as (client, _):
            first = {"traceparent": PARENT, "X-Request-Id": "request-0"}
            made = add_list(client, "email", [{"email": "ann@acme.example"}], **first)
            for number, parent in enumerate(others, 1):
                body = {"type": "email", "leads": [{"email": f"bob-{number}@acme.example"}]}
                headers = {"traceparent": parent, "X-Request-Id": f"request-{number}"}
                assert client.post(f"/lead-lists/{made}/leads", json=body, headers=headers).status_code == 202
        with serving(settings, tmp_path, **endpoint) as (client, process):
            wait_for(client, made)
    (span,) = [span for span in collector.spans if span.name == "process leads"]
    assert span.trace_id.hex() == PARENT.split("-")[1]
    assert [link.trace_id.hex() for link in span.links] == [parent.split("-")[1] for parent in others]
    (line,) = [line for line in lines_of(process) if line["event"] == "chunk"]
    assert line["request_id"] == "request-0"
    assert line["request_ids"] == ["request-0", "request-1", "request-2"]


@ON_POSTGRESQL
def test_worker_tells_of_itself_on_a_port_of_its_own(settings: Settings, tmp_path: Path) -> None:
    port = free_port()
    arguments = ("worker", "--metrics-port", str(port))
    with run_leadyard(*arguments, env=environment(settings), folder=tmp_path) as process:
        url = f"http://127.0.0.1:{port}"
        process.wait_until_ready(url)
        with httpx2.Client(base_url=url, trust_env=False) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            assert 'leadyard_jobs{state="waiting"} 0.0' in client.get("/metrics").text
            assert client.get("/users").status_code == 404
        assert process.terminate() == 0
