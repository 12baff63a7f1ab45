"""`?dry_run=true`: what adding these leads would come to; nothing is stored."""

from __future__ import annotations

from typing import Any

import httpx2
from tests.api.support import ALL_OPTIONS, UNKNOWN_ID, read_entries, require_error, with_settings
from tests.support.installation import Client, add_leads, create_list

JANE = {"linkedin_url": "linkedin.com/in/jane"}
JOHN = {"linkedin_url": "linkedin.com/in/john"}
ANN = {"linkedin_url": "linkedin.com/in/ann", "email": "ann@acme.example"}


async def preview(
    client: Client, list_id: str, leads: list[Any], list_type: str = "linkedin", **headers: str
) -> httpx2.Response:
    path = f"/lead-lists/{list_id}/leads?dry_run=true"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(path, json={"type": list_type, "leads": leads}, headers=named)


@with_settings(max_leads_per_list=3)
async def test_preview_counts_leads_by_what_would_become_of_them(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE])
    others = [{"linkedin_url": f"linkedin.com/in/p{number}"} for number in range(4)]
    answer = await preview(client, created["id"], [JOHN, JOHN, JANE, *others])
    assert answer.status_code == 200
    told = answer.json()
    assert set(told.pop("estimate")) == {"token", "expires_at"}
    assert told == {
        "object": "addition_preview",
        "total": 7,
        "total_added_to_lead_list": 2,
        "counts": {
            "added": 2,
            "duplicate_in_batch": 1,
            "duplicate_in_list": 1,
            "over_capacity": 3,
            "suppressed": 0,
        },
        "cost": {"email": {"least": 0, "most": 0}, "phone": {"least": 0, "most": 0}},
    }


async def test_preview_stores_and_holds_nothing(client: Client) -> None:
    created = await create_list(client, "linkedin", options=ALL_OPTIONS)
    before = (await client.get("/credits")).json()
    answer = await preview(client, created["id"], [JANE, JOHN])
    assert "location" not in answer.headers
    assert await read_entries(client, created["id"]) == []
    assert (await client.get("/credits")).json() == before
    added = await add_leads(client, created["id"], "linkedin", [JANE, JOHN])
    assert added.json()["total_added_to_lead_list"] == answer.json()["total_added_to_lead_list"] == 2


async def test_least_and_most_follow_the_options_and_whether_an_email_was_sent(client: Client) -> None:
    without_email, with_email = [JANE, JOHN], [ANN]
    expected: dict[tuple[str, ...], list[tuple[tuple[float, float], tuple[float, float]]]] = {
        (): [((0, 0), (0, 0)), ((0, 0), (0, 0))],
        ("enrich",): [((0, 3), (0, 0)), ((0, 0.5), (0, 0))],
        ("validate_email",): [((0, 0), (0, 0)), ((1, 1), (0, 0))],
        ("reveal_phone_numbers",): [((0, 0), (0, 2)), ((0, 0), (0, 1))],
        ("enrich", "validate_email"): [((0, 5), (0, 0)), ((1, 1.5), (0, 0))],
        ("enrich", "reveal_phone_numbers"): [((0, 3), (0, 2)), ((0, 0.5), (0, 1))],
        ("validate_email", "reveal_phone_numbers"): [((0, 0), (0, 2)), ((1, 1), (0, 1))],
        ("enrich", "validate_email", "reveal_phone_numbers"): [((0, 5), (0, 2)), ((1, 1.5), (0, 1))],
    }
    for options, ranges in expected.items():
        created = await create_list(client, "linkedin", options=dict.fromkeys(options, True))
        for leads, (email, phone) in zip((without_email, with_email), ranges, strict=True):
            cost = (await preview(client, created["id"], leads)).json()["cost"]
            assert cost == {
                "email": {"least": email[0], "most": email[1]},
                "phone": {"least": phone[0], "most": phone[1]},
            }, options


@with_settings(price_email_validated=200_000)
async def test_preview_needs_no_credits(client: Client) -> None:
    created = await create_list(client, "email", options={"validate_email": True})
    answer = await preview(client, created["id"], [{"email": "ann@acme.example"}], "email")
    assert answer.json()["cost"]["email"] == {"least": 200_000, "most": 200_000}


@with_settings(max_leads_per_list=1)
async def test_preview_is_refused_as_adding_would_be(client: Client) -> None:
    require_error(await preview(client, UNKNOWN_ID, [JANE]), "not_found", "Could not find lead list.")
    created = await create_list(client, "linkedin", [JANE])
    list_id = created["id"]
    assert (await preview(client, list_id, [{}])).status_code == 400
    full = "The maximum of 1 leads per list has been reached."
    require_error(await preview(client, list_id, [JOHN]), "conflict", full, pointer="/leads")
    await client.patch(f"/lead-lists/{list_id}", json={"status": "canceled"})
    require_error(await preview(client, list_id, [JOHN]), "conflict", "Lead list is canceled.")
    await client.delete(f"/lead-lists/{list_id}")
    require_error(await preview(client, list_id, [JOHN]), "gone", "Lead list is no longer available.")


async def test_dry_run_is_true_or_false(client: Client) -> None:
    created = await create_list(client, "linkedin")
    path = f"/lead-lists/{created['id']}/leads"
    body = {"type": "linkedin", "leads": [JANE]}
    for value in ("1", "yes", "", "%00"):
        answer = await client.post(f"{path}?dry_run={value}", json=body)
        detail = "Unsupported value provided for parameter: dry_run"
        require_error(answer, "unsupported_value", detail, parameter="dry_run")
    for value, status in (("True", 200), ("TRUE", 200), ("False", 202)):
        assert (await client.post(f"{path}?dry_run={value}", json=body)).status_code == status


async def test_preview_is_not_kept_for_its_idempotency_key(client: Client) -> None:
    created = await create_list(client, "linkedin")
    for _ in range(2):
        answer = await preview(client, created["id"], [JANE], Idempotency_Key="a")
        assert answer.json()["total_added_to_lead_list"] == 1
        assert "idempotent-replayed" not in answer.headers
    added = await add_leads(client, created["id"], "linkedin", [JANE], Idempotency_Key="a")
    assert added.status_code == 202
