"""The users of an account."""

from __future__ import annotations

from tests.api.support import add_user, execute, require_error, require_walks, stranger
from tests.support.installation import ADMIN_EMAIL, Client, Service


async def test_users_are_shown_oldest_first_with_status_and_role(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        mia = await add_user(tx, "mia@acme.example")
    await execute(service, "UPDATE users SET status = 'disabled' WHERE email = 'mia@acme.example'")
    answer = await client.get("/users")
    assert answer.status_code == 200
    body = answer.json()
    assert body == {
        "users": [
            {
                "id": body["users"][0]["id"],
                "name": "admin",
                "email": ADMIN_EMAIL,
                "status": "active",
                "role": "admin",
            },
            {
                "id": mia.id,
                "name": "Mia",
                "email": "mia@acme.example",
                "status": "disabled",
                "role": "member",
            },
        ],
        "_links": {"self": {"href": "/users?page[size]=20"}},
    }


async def test_walking_forward_and_back_meets_every_user_once(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        for number in range(5):
            await add_user(tx, f"user{number}@acme.example")
    ids = [user["id"] for user in (await client.get("/users")).json()["users"]]
    assert len(set(ids)) == 6
    await require_walks(client, "/users?page[size]={size}", "users", ids)


async def test_users_of_another_account_are_not_shown_and_no_cursors(
    client: Client, service: Service
) -> None:
    async with stranger(service) as foreign:
        (theirs,) = (await foreign.get("/users")).json()["users"]
        assert theirs["email"] == "admin@stranger.example"
    assert [user["email"] for user in (await client.get("/users")).json()["users"]] == [ADMIN_EMAIL]
    answer = await client.get(f"/users?page[after]={theirs['id']}")
    detail = "Unsupported value provided for parameter: page[after]"
    require_error(answer, "unsupported_value", detail, parameter="page[after]")


async def test_live_and_test_keys_see_the_same_users(client: Client, live_client: Client) -> None:
    assert (await live_client.get("/users")).json() == (await client.get("/users")).json()
