"""Balances."""

from __future__ import annotations

from tests.api.support import ALL_OPTIONS, member, stranger
from tests.support.installation import Client, Service, create_list

UNTOUCHED = {"balance": 100_000, "held": 0, "available": 100_000}


async def test_balances_are_two_each_with_what_is_held_and_available(client: Client) -> None:
    answer = await client.get("/credits")
    assert answer.status_code == 200
    assert answer.json() == {"object": "credits", "email": UNTOUCHED, "phone": UNTOUCHED}


async def test_the_most_that_leads_can_cost_is_held_until_they_are_done(
    client: Client, service: Service
) -> None:
    leads = [
        {"linkedin_url": "linkedin.com/in/jane"},
        {"linkedin_url": "linkedin.com/in/john", "email": "john@acme.example"},
        {"linkedin_url": "linkedin.com/in/max", "email": "no e-mail"},
    ]
    created = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    assert (await client.get("/credits")).json() == {
        "object": "credits",
        "email": {"balance": 100_000, "held": 6.5, "available": 99_993.5},
        "phone": {"balance": 100_000, "held": 3, "available": 99_997},
    }
    await service.until_completed(client, created["id"])
    assert (await client.get("/credits")).json() == {
        "object": "credits",
        "email": {"balance": 99_993.5, "held": 0, "available": 99_993.5},
        "phone": {"balance": 99_997, "held": 0, "available": 99_997},
    }


async def test_live_test_and_other_accounts_have_balances_of_their_own(
    client: Client, live_client: Client, service: Service
) -> None:
    await create_list(client, "email", [{"email": "jane@acme.example"}], options={"validate_email": True})
    assert (await client.get("/credits")).json()["email"]["held"] == 1
    assert (await live_client.get("/credits")).json()["email"] == UNTOUCHED
    async with stranger(service) as foreign:
        assert (await foreign.get("/credits")).json() == {
            "object": "credits",
            "email": {"balance": 7, "held": 0, "available": 7},
            "phone": {"balance": 0, "held": 0, "available": 0},
        }


async def test_members_spend_the_credits_of_the_account(client: Client, service: Service) -> None:
    async with member(service) as mia:
        leads = [{"email": "jane@acme.example"}]
        created = await create_list(mia, "email", leads, options={"validate_email": True})
        await service.until_completed(mia, created["id"])
        assert (await mia.get("/credits")).json() == (await client.get("/credits")).json()
    assert (await client.get("/credits")).json()["email"]["balance"] == 99_999
