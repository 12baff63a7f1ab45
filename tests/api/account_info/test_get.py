"""The caller's account."""

from __future__ import annotations

from tests.api.support import member, stranger
from tests.support.installation import Client, Service


async def test_account_has_an_id_and_a_name(client: Client, service: Service) -> None:
    answer = await client.get("/account-info")
    assert answer.status_code == 200
    account_id = await service.query_one("SELECT public_id FROM accounts")
    assert answer.json() == {"id": account_id, "name": "Leadyard"}


async def test_live_and_test_keys_and_members_have_the_same_account(
    client: Client, live_client: Client, service: Service
) -> None:
    own = (await client.get("/account-info")).json()
    assert (await live_client.get("/account-info")).json() == own
    async with member(service) as mia:
        assert (await mia.get("/account-info")).json() == own


async def test_another_key_has_another_account(client: Client, service: Service) -> None:
    async with stranger(service) as foreign:
        theirs = (await foreign.get("/account-info")).json()
    assert theirs["name"] == "Stranger"
    assert theirs["id"] != (await client.get("/account-info")).json()["id"]
