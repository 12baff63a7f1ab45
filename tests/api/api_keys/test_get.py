from __future__ import annotations

from tests.api.support import execute, require_walks
from tests.support.installation import TEST_KEY, Client, Service


async def test_keys_of_the_workspace_are_listed_newest_first_without_the_keys(
    client: Client, live_client: Client
) -> None:
    ids = [(await client.post("/api-keys", json={"name": f"key {n}"})).json()["id"] for n in range(3)]
    body = (await client.get("/api-keys")).json()
    assert [key["id"] for key in body["api_keys"]][:3] == ids[::-1]
    assert all("key" not in key for key in body["api_keys"])
    other = (await live_client.get("/api-keys")).json()["api_keys"]
    assert not {key["id"] for key in body["api_keys"]} & {key["id"] for key in other}
    everything = [key["id"] for key in body["api_keys"]]
    await require_walks(client, "/api-keys?page[size]={size}", "api_keys", everything)


async def test_last_use_is_written_when_it_is_due_and_never_goes_back(service: Service) -> None:
    made = Service(service.installation)
    doorkeeper = made.api.services.doorkeeper
    async with made.client(TEST_KEY) as client:
        [before] = (await client.get("/api-keys")).json()["api_keys"]
        await doorkeeper.write_uses()
        [after] = (await client.get("/api-keys")).json()["api_keys"]
        assert (before["last_used_at"], after["last_used_at"] is not None) == (None, True)
        await execute(service, "UPDATE api_keys SET last_used_at = 4102444800000")
        await doorkeeper.write_uses()
        [later] = (await client.get("/api-keys")).json()["api_keys"]
        assert later["last_used_at"] == "2100-01-01T00:00:00Z"


async def test_uses_are_written_when_the_server_ends(service: Service) -> None:
    made = Service(service.installation)
    doorkeeper = made.api.services.doorkeeper
    await doorkeeper.open()
    async with made.client(TEST_KEY) as client:
        await client.get("/users")
    await doorkeeper.close()
    used = await service.query_one("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL")
    assert used == 1


async def test_expired_key_says_so_and_is_not_let_in(client: Client, service: Service) -> None:
    made = (await client.post("/api-keys", json={"name": "short", "expires_in_days": 1})).json()
    await execute(service, "UPDATE api_keys SET expires_at = 1 WHERE public_id = :id", id=made["id"])
    [key, *_] = (await client.get("/api-keys")).json()["api_keys"]
    assert (key["id"], key["status"]) == (made["id"], "expired")
    async with service.client(made["key"]) as late:
        assert (await late.get("/users")).status_code == 401
