from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from tests.api.support import add_user, execute, faults_of, member, require_error, unsupported
from tests.support.installation import ADMIN_EMAIL, Client, Service

from leadyard.domain.accounts import SCOPES_OF, Role, Scope

KEY = r"ly_test_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}"


async def make(client: Client, **body: Any) -> httpx2.Response:
    return await client.post("/api-keys", json={"name": "crm", **body})


async def made(client: Client, **body: Any) -> dict[str, Any]:
    answer = await make(client, **body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_new_key_opens_the_data_of_the_key_that_made_it(client: Client, service: Service) -> None:
    key = await made(client)
    assert re.fullmatch(KEY, key["key"])
    assert (key["user"], key["role"], key["status"]) == (ADMIN_EMAIL, "admin", "active")
    assert key["scopes"] == sorted(Scope)
    assert key["expires_at"] is key["last_used_at"] is key["rotated_at"] is key["revoked_at"] is None
    assert key["last_four"] == key["key"][-4:]
    async with service.client(key["key"]) as other:
        listed = (await other.get("/api-keys")).json()["api_keys"]
    assert key["id"] in {each["id"] for each in listed}


async def test_key_is_shown_once(client: Client, service: Service) -> None:
    body, headers = {"name": "crm"}, {"Idempotency-Key": "a"}
    first = await client.post("/api-keys", json=body, headers=headers)
    again = await client.post("/api-keys", json=body, headers=headers)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == {**first.json(), "key": None}
    key = first.json()["key"]
    for table in ("api_keys", "idempotency_keys", "audit_entries"):
        rows = await service.query(f"SELECT * FROM {table}")
        assert not any(key in str(value) or key[8:40] in str(value) for row in rows for value in row)
    assert first.headers["cache-control"] == "no-store"


async def test_key_with_scopes_can_do_that_alone(client: Client, service: Service) -> None:
    key = await made(client, scopes=["lists:read", "credits:read"])
    assert key["scopes"] == ["credits:read", "lists:read"]
    async with service.client(key["key"]) as limited:
        assert (await limited.get("/lead-lists")).status_code == 200
        require_error(await limited.get("/users"), "forbidden", "This key lacks the scope account:read.")


async def test_key_for_another_user_has_their_role(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        await add_user(tx, "mia@acme.example", Role.READ_ONLY)
    key = await made(client, user=" MIA@acme.example")
    assert (key["user"], key["role"]) == ("mia@acme.example", "read_only")
    assert key["scopes"] == sorted(SCOPES_OF[Role.READ_ONLY])
    refused = await make(client, user="mia@acme.example", role="member")
    detail = "A user who is read_only cannot have a key that is member."
    require_error(refused, "unsupported_value", detail, pointer="/role")
    refused = await make(client, role="read_only", scopes=["lists:read", "lists:write"])
    detail = "A key that is read_only cannot have the scope lists:write."
    require_error(refused, "unsupported_value", detail, pointer="/scopes")


async def test_nobody_makes_a_key_that_can_do_more_than_theirs(client: Client, service: Service) -> None:
    key = await made(client, scopes=["admin", "lists:read"])
    target = await made(client)
    async with service.client(key["key"]) as limited:
        await made(limited, scopes=["lists:read"])
        for body in ({}, {"scopes": ["lists:write"]}, {"role": "member"}):
            answer = await make(limited, **body)
            assert (answer.status_code, answer.json()["_errors"][0]["code"]) == (403, "forbidden"), body
        answer = await limited.post(f"/api-keys/{target['id']}/rotate")
        assert answer.status_code == 403


async def test_key_of_a_user_who_lost_a_role_has_lost_it_too(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        await add_user(tx, "boss@acme.example", Role.ADMIN)
    key = await made(client, user="boss@acme.example")
    await execute(service, "UPDATE users SET role = 'member' WHERE email = 'boss@acme.example'")
    async with Service(service.installation).client(key["key"]) as lesser:
        assert (await lesser.get("/api-keys")).status_code == 403
        assert (await lesser.get("/lead-lists")).status_code == 200


async def test_expiry_is_in_days_from_now(client: Client) -> None:
    key = await made(client, expires_in_days=90)
    assert key["expires_at"][:10] > key["created_at"][:10]


async def test_no_key_outlives_the_one_that_made_it(client: Client, service: Service) -> None:
    short = await made(client, name="short", expires_in_days=1)
    lasting = await made(client, name="lasting")
    year = await made(client, name="year", expires_in_days=365)
    async with service.client(short["key"]) as caller:
        for days in (None, 365):
            assert (await made(caller, name="x", expires_in_days=days))["expires_at"] == short["expires_at"]
        for old in (lasting, year, short):
            answer = await caller.post(f"/api-keys/{old['id']}/rotate", json={"overlap_hours": 0})
            assert answer.json()["expires_at"] == short["expires_at"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_body_that_cannot_be_used_is_refused_at_its_places(client: Client) -> None:
    answer = await make(client, role="owner", scopes=["lists:read", "all"], expires_in_days=0, more=1)
    assert faults_of(answer) == [
        ("/role", "'owner' is not a supported role."),
        ("/scopes/1", unsupported("scopes[1]")),
        ("/expires_in_days", unsupported("expires_in_days")),
        ("/more", unsupported("more")),
    ]
    bodies: tuple[dict[str, Any], ...] = ({"scopes": []}, {"scopes": "all"}, {"expires_in_days": 1.5})
    for body in bodies:
        assert (await make(client, **body)).status_code == 400
    for user in ("nobody@acme.example", "no address"):
        require_error(
            await make(client, user=user), "unsupported_value", unsupported("user"), pointer="/user"
        )


async def test_member_makes_no_keys(service: Service) -> None:
    async with member(service) as mia:
        require_error(await make(mia), "forbidden", "This key lacks the scope admin.")
