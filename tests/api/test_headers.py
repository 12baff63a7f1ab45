"""The headers that every answer has."""

from __future__ import annotations

import uuid

from tests.api.support import UNKNOWN_ID, call_raw
from tests.support.installation import TEST_KEY, Client, Service, create_list, list_body


async def test_every_answer_has_a_request_id(client: Client, service: Service) -> None:
    created = await create_list(client, "email")
    path = f"/lead-lists/{created['id']}"
    async with service.client(None) as nobody:
        answers = [
            await client.get(path),
            await client.post("/lead-lists", json=list_body("email", [])),
            await client.patch(path, json={}),
            await client.delete(path),
            await client.get(path),
            await client.get(f"/lead-lists/{UNKNOWN_ID}"),
            await client.post("/normalize", content=b"{", headers={"Content-Type": "application/json"}),
            await client.post("/normalize", content=b"{}"),
            await client.get("/nothing"),
            await client.put("/users"),
            await client.options("/users"),
            await nobody.get("/users"),
            await nobody.get("/healthz"),
            await nobody.get("/metrics"),
        ]
    ids = {uuid.UUID(answer.headers["x-request-id"]) for answer in answers}
    assert len(ids) == len(answers)
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


async def test_every_answer_has_security_headers(client: Client, service: Service) -> None:
    async with service.client(None) as nobody:
        answers = {
            path: await who.get(path)
            for who, path in ((client, "/users"), (client, "/nothing"), (nobody, "/users"), (nobody, "/docs"))
        }
    for path, answer in answers.items():
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        [policy] = answer.headers.get_list("content-security-policy")
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers.get_list("cache-control") == ["no-cache" if path == "/docs" else "no-store"]
        assert not {"strict-transport-security", "access-control-allow-origin"} & set(answer.headers)


async def test_sane_request_id_of_the_caller_is_kept(client: Client) -> None:
    for request_id in ("1", "trace-1", "a.b:c_d=e+f/g", "x" * 128, str(uuid.uuid4())):
        answer = await client.get("/users", headers={"X-Request-Id": request_id})
        assert answer.headers.get_list("x-request-id") == [request_id]


async def test_request_id_that_is_not_sane_is_replaced(service: Service) -> None:
    for request_id in ("", " ", "x" * 129, "a b", "<script>", "é", "a\x00b", "a\nb", "1,2"):
        headers = {"Authorization": f"Bearer {TEST_KEY}", "X-Request-Id": request_id}
        answer = await call_raw(service, "GET", "/users", headers=headers)
        assert answer.status_code == 200
        assert str(uuid.UUID(answer.headers["x-request-id"])) == answer.headers["x-request-id"]


async def test_links_and_locations_are_relative_with_plain_brackets(client: Client) -> None:
    answer = await client.post("/lead-lists", json=list_body("email", [{"email": "jane@acme.example"}]))
    path = f"/lead-lists/{answer.json()['id']}"
    assert answer.headers["location"] == path
    assert answer.json()["_links"] == {"self": {"href": path}}
    answer = await client.get(f"{path}?page%5Bsize%5D=3", headers={"Host": "elsewhere.example"})
    assert answer.json()["_links"] == {"self": {"href": f"{path}?page[size]=3"}}


async def test_body_of_an_answer_has_its_type_and_length(client: Client) -> None:
    for answer in (await client.get("/users"), await client.get("/nothing")):
        assert answer.headers["content-type"] == "application/json"
        assert int(answer.headers["content-length"]) == len(answer.content)


async def test_options_tell_the_methods_of_a_path(client: Client) -> None:
    for path, methods in {
        "/lead-lists": "GET, OPTIONS, POST",
        f"/lead-lists/{UNKNOWN_ID}": "DELETE, GET, OPTIONS, PATCH",
        f"/lead-lists/{UNKNOWN_ID}/leads": "OPTIONS, POST",
    }.items():
        answer = await client.options(path)
        assert (answer.status_code, answer.headers["allow"], answer.content) == (204, methods, b"")


async def test_head_is_answered_as_get(client: Client) -> None:
    created = await create_list(client, "email")
    for path in ("/users", f"/lead-lists/{created['id']}", f"/lead-lists/{UNKNOWN_ID}", "/healthz"):
        head, got = await client.head(path), await client.get(path)
        assert head.status_code == got.status_code
        for name in ("content-type", "content-length", "retry-after"):
            assert head.headers.get(name) == got.headers.get(name)


async def test_unknown_query_parameters_are_ignored(client: Client) -> None:
    created = await create_list(client, "email")
    for path in ("/users", "/credits", "/credits/entries", "/lead-lists", f"/lead-lists/{created['id']}"):
        answer = await client.get(f"{path}?page=x&size=-1&page[number]=7&page[]=&foo[bar]=%00&dry_run=x")
        assert answer.status_code == 200, path
    answer = await client.post("/normalize?foo=bar", json={"type": "email", "leads": []})
    assert answer.status_code == 200


async def test_path_may_end_with_a_slash(client: Client) -> None:
    assert (await client.get("/users/")).json() == (await client.get("/users")).json()
