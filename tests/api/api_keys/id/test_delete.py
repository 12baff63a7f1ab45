from __future__ import annotations

from tests.api.support import UNKNOWN_ID, require_error
from tests.support.installation import Client, Service

NOT_FOUND = "Could not find API key."


async def test_revoked_key_is_not_let_in_and_stays_listed(client: Client, service: Service) -> None:
    made = (await client.post("/api-keys", json={"name": "crm"})).json()
    answer = await client.delete(f"/api-keys/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    async with service.client(made["key"]) as gone:
        assert (await gone.get("/users")).status_code == 401
    [key, *_] = (await client.get("/api-keys")).json()["api_keys"]
    assert (key["id"], key["status"], key["revoked_at"] is not None) == (made["id"], "revoked", True)
    require_error(await client.delete(f"/api-keys/{made['id']}"), "not_found", NOT_FOUND)


async def test_key_that_is_not_there_is_not_found(client: Client, live_client: Client) -> None:
    [live] = (await live_client.get("/api-keys")).json()["api_keys"]
    for key_id in (UNKNOWN_ID, "x", live["id"]):
        require_error(await client.delete(f"/api-keys/{key_id}"), "not_found", NOT_FOUND)
