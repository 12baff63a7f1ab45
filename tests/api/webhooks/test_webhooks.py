"""/webhooks: making, reading, changing and forgetting them, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import (
    UNKNOWN_ID,
    execute,
    faults_of,
    member,
    require_error,
    stranger,
    unsupported,
    with_settings,
)
from tests.support.installation import Client, Service

from leadyard.api.webhook_schemas import DeliveryView, WebhookView
from leadyard.domain.events import CHOOSABLE, EventType
from leadyard.domain.webhooks import MAX_WEBHOOKS, DeliveryError, DeliveryStatus, DisabledReason

BODY = {"url": "https://hooks.example/leads", "events": ["list.completed", "credits.low"]}


async def add(client: Client, **changed: Any) -> dict[str, Any]:
    """A new webhook, which must be accepted."""
    answer = await client.post("/webhooks", json={**BODY, **changed})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/webhooks/{answer.json()['id']}"
    return dict(answer.json())


async def test_secret_is_shown_when_it_is_made_and_never_again(client: Client, service: Service) -> None:
    made = await add(client)
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert len(secret) == 6 + 44
    assert (made["enabled"], made["events"], made["object"]) == (True, BODY["events"], "webhook")
    assert (await client.get(f"/webhooks/{made['id']}")).json() == made
    listed = (await client.get("/webhooks")).json()
    assert listed["webhooks"] == [made]
    rotated = (await client.post(f"/webhooks/{made['id']}/rotate-secret")).json()
    assert rotated["secret"] not in (None, secret)
    assert rotated["previous_secret_until"] > rotated["updated_at"]
    assert "secret" not in (await client.get(f"/webhooks/{made['id']}")).json()


async def test_repeated_request_gets_the_secret_again_which_is_kept_sealed(
    client: Client, service: Service
) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await client.post("/webhooks", json=BODY, headers=headers)
    second = await client.post("/webhooks", json=BODY, headers=headers)
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert len((await client.get("/webhooks")).json()["webhooks"]) == 1
    path = f"/webhooks/{first.json()['id']}/rotate-secret"
    rotated = [(await client.post(path, headers={"Idempotency-Key": "turn"})).json() for _ in range(2)]
    assert rotated[0] == rotated[1]
    kept = "\n".join(str(row) for row in await service.query("SELECT * FROM idempotency_keys"))
    kept += "\n".join(str(row) for row in await service.query("SELECT * FROM webhook_endpoints"))
    for secret in (first.json()["secret"], rotated[0]["secret"]):
        assert secret.removeprefix("whsec_")[:12] not in kept
    require_error(
        await client.post("/webhooks", json={**BODY, "events": ["list.full"]}, headers=headers),
        "idempotency_key_reused",
        "This Idempotency-Key was used with another request.",
        header="Idempotency-Key",
    )


async def test_webhook_is_changed_disabled_and_enabled(client: Client, service: Service) -> None:
    path = f"/webhooks/{(await add(client))['id']}"
    changed = (await client.patch(path, json={"events": ["list.full", "list.full"], "url": None})).json()
    assert (changed["events"], changed["url"]) == (["list.full"], BODY["url"])
    disabled = (await client.patch(path, json={"enabled": False})).json()
    assert (disabled["enabled"], disabled["disabled_reason"]) == (False, "requested")
    assert disabled["disabled_at"] is not None
    for verb in ("test", "deliveries/msg_1/replay"):
        answer = await client.post(f"{path}/{verb}")
        assert answer.status_code == (409 if verb == "test" else 404)
    await execute(service, "UPDATE webhook_endpoints SET failing_since = 1, failed_turns = 9")
    enabled = (await client.patch(path, json={"enabled": True})).json()
    assert (enabled["enabled"], enabled["disabled_reason"], enabled["failing_since"]) == (True, None, None)
    assert (await client.delete(path)).status_code == 204
    for answer in (await client.get(path), await client.delete(path), await client.patch(path, json={})):
        require_error(answer, "not_found", "Could not find webhook.")


async def test_every_fault_of_a_body_is_named(client: Client) -> None:
    answer = await client.post("/webhooks", json={"events": ["list.full", "ping", 7], "x": 1})
    assert faults_of(answer) == [
        ("/url", "Missing field from request: url"),
        ("/events/1", unsupported("events[1]")),
        ("/events/2", unsupported("events[2]")),
        ("/x", unsupported("x")),
    ]
    wrong: list[Any] = [[], "list.full", {}]
    for events in wrong:
        assert faults_of(await client.post("/webhooks", json={**BODY, "events": events})) == [
            ("/events", unsupported("events"))
        ]
    assert (await client.get("/webhooks")).json()["webhooks"] == []


@pytest.mark.parametrize("url", ["http://hooks.example/", "https://127.0.0.1/", "https://a@hooks.example/"])
async def test_address_that_may_not_be_called_is_refused(client: Client, url: str) -> None:
    made = await add(client)
    for answer in (
        await client.post("/webhooks", json={**BODY, "url": url}),
        await client.patch(f"/webhooks/{made['id']}", json={"url": url}),
    ):
        assert [pointer for pointer, _ in faults_of(answer)] == ["/url"]


@with_settings(allowed_hosts="127.0.0.0/8,crm.internal")
async def test_operator_can_allow_addresses_within(client: Client) -> None:
    for url in ("http://127.0.0.1:8080/hook", "http://crm.internal/hook"):
        assert (await add(client, url=url))["url"] == url


async def test_workspace_has_20_webhooks_at_most(client: Client) -> None:
    for _ in range(MAX_WEBHOOKS):
        await add(client)
    answer = await client.post("/webhooks", json=BODY)
    require_error(answer, "conflict", f"There can be {MAX_WEBHOOKS} webhooks, and there are.")


async def test_members_read_and_change_nothing_and_strangers_find_nothing(
    client: Client, live_client: Client, service: Service
) -> None:
    path = f"/webhooks/{(await add(client))['id']}"
    changes = [
        ("POST", "/webhooks", BODY),
        ("PATCH", path, {"enabled": False}),
        ("DELETE", path, None),
        ("POST", f"{path}/rotate-secret", {}),
        ("POST", f"{path}/test", {}),
        ("POST", f"{path}/deliveries/msg_1/replay", {}),
    ]
    async with member(service) as somebody:
        for method, target, body in changes:
            answer = await somebody.request(method, target, json=body)
            assert answer.status_code == 403, (method, target)
        for target in (path, f"{path}/deliveries", "/webhooks"):
            assert (await somebody.get(target)).status_code == 200
    async with stranger(service) as other:
        for foreign in (other, live_client):
            assert (await foreign.get("/webhooks")).json()["webhooks"] == []
            for method, target, body in changes[1:]:
                answer = await foreign.request(method, target, json=body)
                require_error(answer, "not_found", "Could not find webhook.")
            for target in (path, f"{path}/deliveries", f"/webhooks/{UNKNOWN_ID}", "/webhooks/x"):
                require_error(await foreign.get(target), "not_found", "Could not find webhook.")


def test_words_on_the_wire_are_those_of_the_rules() -> None:
    webhook, delivery = WebhookView.__annotations__, DeliveryView.__annotations__
    for words, shape in (
        (DisabledReason, webhook["disabled_reason"]),
        (DeliveryError, delivery["error"]),
        (DeliveryStatus, "pending delivered failed"),
    ):
        assert all(word in shape for word in words)
    assert {*CHOOSABLE, EventType.PING} == set(EventType)
