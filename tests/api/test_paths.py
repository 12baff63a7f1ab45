"""What the path names comes before what the body says; what names nothing is not there."""

from __future__ import annotations

import pytest
from tests.api.support import UNKNOWN_ID, post_text, require_error
from tests.support.installation import Client, create_list

LISTS = f"/lead-lists/{UNKNOWN_ID}"
HOOKS = f"/webhooks/{UNKNOWN_ID}"


@pytest.mark.parametrize(
    ("method", "path", "what"),
    [
        ("DELETE", "/providers/%00", "provider"),
        ("GET", "/people/%00/export", "person"),
        ("POST", f"/webhooks/{UNKNOWN_ID}/deliveries/%00/replay", "webhook"),
    ],
)
async def test_path_with_a_nul_names_nothing(live_client: Client, method: str, path: str, what: str) -> None:
    answer = await live_client.request(method, path)
    require_error(answer, "not_found", f"Could not find {what}.")


async def test_nul_after_an_id_that_is_there_names_nothing(live_client: Client) -> None:
    made = await live_client.post(
        "/webhooks", json={"url": "https://a.example", "events": ["list.completed"]}
    )
    path = f"/webhooks/{made.json()['id']}/deliveries/%00/replay"
    require_error(await live_client.post(path), "not_found", "Could not find delivery.")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (f"{LISTS}/pause", "lead list"),
        (f"{LISTS}/resume", "lead list"),
        (f"{LISTS}/retry", "lead list"),
        (f"{LISTS}/refresh", "lead list"),
        (f"{LISTS}/retry?dry_run=x", "lead list"),
        (f"{LISTS}/leads?dry_run=x", "lead list"),
        (f"{HOOKS}/test", "webhook"),
        (f"{HOOKS}/rotate-secret", "webhook"),
        (f"{HOOKS}/deliveries/{UNKNOWN_ID}/replay", "webhook"),
        (f"/api-keys/{UNKNOWN_ID}/rotate", "API key"),
    ],
)
async def test_what_is_not_there_comes_before_faults_of_the_body(
    client: Client, path: str, what: str
) -> None:
    answer = await client.post(path, json={"overlap_hours": "x", "nonsense": 1})
    require_error(answer, "not_found", f"Could not find {what}.")
    assert (await post_text(client, path, "{")).status_code == 400 or "dry_run" in path


@pytest.mark.parametrize("change", ["pause", "resume", "retry", "refresh"])
async def test_deleted_list_comes_before_faults_of_the_body(client: Client, change: str) -> None:
    made = await create_list(client, "email")
    await client.delete(f"/lead-lists/{made['id']}")
    answer = await client.post(f"/lead-lists/{made['id']}/{change}", json={"nonsense": 1})
    require_error(answer, "gone", "Lead list is no longer available.")
