"""Sound requests of every kind, made from the OpenAPI document, on data that exists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fuzz.asgi import Request
from tests.support.installation import ADMIN_EMAIL, TEST_KEY, Client, create_list

MARK = "fuzz-mark-7c1d"
"""Stands in every e-mail and profile that is sent, so that it can be looked for in the logs."""
QUERIES = {
    "/people/find": f"email={MARK}%40example.com&reveal_email=true",
    "/companies/find": "domain=example.com",
    "/lead-lists": "page[size]=2&type=email&shared=true",
    "/lead-lists/{id}/leads": "dry_run=true",
}

WEBHOOK_PATHS = (
    "/webhooks/{id}",
    "/webhooks/{id}/rotate-secret",
    "/webhooks/{id}/test",
    "/webhooks/{id}/deliveries",
    "/webhooks/{id}/deliveries/{delivery_id}/replay",
)
KEY_PATHS = ("/api-keys/{id}", "/api-keys/{id}/rotate")


@dataclass(frozen=True, slots=True)
class Seed:
    """A request that is right, and the route that it is for."""

    route: str
    request: Request


async def make_seeds(client: Client, number: int) -> list[Seed]:
    """One request for each example of each operation; the data that they are about is made first.

    What is made with one `number` has nothing to do with what is made with another.
    """
    mark = f"{MARK}-{number}"
    ids = await _make_data(client, mark)
    document = (await client.get("/openapi.json")).json()
    seeds: list[Seed] = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = path
            for name, value in ids.get(path, ids["*"]).items():
                place = place.replace("{" + name + "}", value)
            route = f"{method.upper()} {path}"
            query = QUERIES.get(path, "").replace(MARK, mark).encode()
            bodies = _bodies(operation, mark)
            seeds += [Seed(route, _request(method, place, query, body)) for body in bodies]
    return seeds


def _bodies(operation: dict[str, Any], mark: str) -> Iterator[bytes]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if not content:
        yield b""
    for example in content.get("examples", {}).values():
        text = json.dumps(example["value"]).replace("admin@leadyard.example", ADMIN_EMAIL)
        if "excluded_domains" in text:
            text = text.replace("example.com", f"{mark}.com")
        yield text.replace("jane", mark).encode()


def _request(method: str, place: str, query: bytes, body: bytes) -> Request:
    headers = [(b"authorization", b"Bearer " + TEST_KEY.encode()), (b"host", b"leadyard.example")]
    if body:
        headers.append((b"content-type", b"application/json"))
    return Request(method.upper(), place, query, tuple(headers), body)


async def _make_data(client: Client, mark: str) -> dict[str, dict[str, str]]:
    """Ids for the parts of paths, by path; `*` has those that most take."""
    leads = [{"email": f"{mark}-{number}@example.com", "note": "x"} for number in range(5)]
    made = await create_list(client, "email", leads)
    page = (await client.get(f"/lead-lists/{made['id']}")).json()
    added = await client.post(
        f"/lead-lists/{made['id']}/leads", json={"type": "email", "leads": [{"email": f"{mark}@example.org"}]}
    )
    emails = {"emails": [{"email": f"{mark}@example.net"}]}
    validation = (await client.post("/email-validations", json=emails)).json()
    people = {"leads": [{"linkedin_url": f"linkedin.com/in/{mark}"}]}
    enrichment = (await client.post("/people/enrichment-requests", json=people)).json()
    for old in (await client.get("/webhooks")).json()["webhooks"]:
        await client.delete(f"/webhooks/{old['id']}")
    hook = {"url": "https://hooks.example/leads", "events": ["list.full"]}
    webhook = (await client.post("/webhooks", json=hook)).json()
    delivery = (await client.post(f"/webhooks/{webhook['id']}/test")).json()
    key = (await client.post("/api-keys", json={"name": mark})).json()
    usual = {
        "id": made["id"],
        "entry_id": page["leads"][0]["id"],
        "addition_id": added.headers["location"].rpartition("/")[2],
        "name": "apollo",
        "file": "docs.css",
    }
    return {
        "*": usual,
        **{path: {"id": webhook["id"], "delivery_id": delivery["id"]} for path in WEBHOOK_PATHS},
        **{path: {"id": key["id"]} for path in KEY_PATHS},
        "/email-validations/{id}": {"id": validation["id"]},
        "/people/enrichment-requests/{id}": {"id": str(enrichment["id"])},
    }
