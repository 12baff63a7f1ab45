"""`Idempotency-Key`: a request is done once, and its answer given again."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
from sqlalchemy import text
from tests.api.support import (
    UNKNOWN_ID,
    call_raw,
    execute,
    member,
    read_entries,
    require_error,
    with_settings,
)
from tests.support.installation import (
    TEST_KEY,
    Client,
    Service,
    add_leads,
    create_list,
    list_body,
)

from leadyard.storage import credits as ledger

JANE = {"email": "jane@acme.example"}
JOHN = {"email": "john@acme.example"}
REUSED = "This Idempotency-Key was used with another request."
IN_USE = "A request with this Idempotency-Key is still running."


async def post(client: Client, path: str, body: Any, key: str) -> httpx2.Response:
    return await client.post(path, json=body, headers={"Idempotency-Key": key})


def require_replay(answer: httpx2.Response, first: httpx2.Response) -> None:
    """The same answer with the same headers, but for those of the single request."""
    assert "idempotent-replayed" not in first.headers
    assert answer.headers["idempotent-replayed"] == "true"
    assert (answer.status_code, answer.content) == (first.status_code, first.content)
    for name in ("location", "retry-after", "content-type"):
        assert answer.headers.get(name) == first.headers.get(name)


async def test_every_post_is_done_once_and_answered_again(client: Client) -> None:
    created = await create_list(client, "email", name="one")
    requests: dict[str, Any] = {
        "/lead-lists": list_body("email", [JANE], name="two"),
        f"/lead-lists/{created['id']}/leads": {"type": "email", "leads": [JANE, JANE]},
        "/credits/grants": {"kind": "email", "amount": 1.5, "reason": "more"},
        "/normalize": {"type": "email", "leads": [JANE]},
    }
    for number, (path, body) in enumerate(requests.items()):
        first = await post(client, path, body, f"key-{number}")
        assert first.is_success
        for _ in range(2):
            require_replay(await post(client, path, body, f"key-{number}"), first)
    names = [found["name"] for found in (await client.get("/lead-lists")).json()["lead_lists"]]
    assert names == ["two", "one"]
    assert len(await read_entries(client, created["id"])) == 1
    assert (await client.get("/credits")).json()["email"]["balance"] == 100_001.5


async def test_same_key_with_another_body_query_or_path_is_refused(client: Client) -> None:
    created = await create_list(client, "email")
    path = f"/lead-lists/{created['id']}/leads"
    body = {"type": "email", "leads": [JANE]}
    await post(client, path, body, "a")
    for other_path, other_body in (
        (path, {"type": "email", "leads": [JOHN]}),
        (path, {"type": "nonsense"}),
        (f"{path}?x=1", body),
        (f"{path}?dry_run=true", body),
        (f"/lead-lists/{UNKNOWN_ID}/leads", body),
        ("/normalize", body),
    ):
        answer = await post(client, other_path, other_body, "a")
        require_error(answer, "idempotency_key_reused", REUSED, header="Idempotency-Key")
    assert len(await read_entries(client, created["id"])) == 1


async def test_requests_without_a_key_are_done_each_time(client: Client) -> None:
    body = {"kind": "email", "amount": 1, "reason": "more"}
    for _ in range(2):
        assert (await client.post("/credits/grants", json=body)).status_code == 201
    assert (await client.get("/credits")).json()["email"]["balance"] == 100_002


async def test_of_requests_at_the_same_time_exactly_one_is_done(client: Client) -> None:
    body = {"kind": "email", "amount": 1, "reason": "more"}
    answers = await asyncio.gather(*(post(client, "/credits/grants", body, "a") for _ in range(10)))
    done = [answer for answer in answers if answer.status_code == 201]
    assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
    for answer in answers:
        if answer.status_code != 201:
            require_error(answer, "idempotency_key_in_use", IN_USE, header="Idempotency-Key")
            assert answer.headers["retry-after"] == "1"
    assert len({answer.content for answer in done}) == 1
    assert (await client.get("/credits")).json()["email"]["balance"] == 100_001


async def test_request_whose_twin_is_still_running_is_told_to_come_back(
    client: Client, service: Service
) -> None:
    body = {"kind": "email", "amount": 1, "reason": "more"}
    async with service.installation.database.write() as tx:
        for row in await tx.conn.execute(text("SELECT id FROM workspaces")):
            await ledger.lock_balances(tx, row.id)
        twins = [asyncio.create_task(post(client, "/credits/grants", body, "a")) for _ in range(2)]
        (early,), (late,) = await asyncio.wait(twins, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        require_error(early.result(), "idempotency_key_in_use", IN_USE, header="Idempotency-Key")
        assert early.result().headers["retry-after"] == "1"
        assert not late.done()
    answer = await late
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)
    require_replay(await post(client, "/credits/grants", body, "a"), answer)


async def test_of_requests_to_several_processes_at_the_same_time_exactly_one_is_done(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "email")
    path, body = f"/lead-lists/{created['id']}/leads", {"type": "email", "leads": [JANE, JOHN]}
    neighbors = [Service(service.installation) for _ in range(4)]

    async def ask(neighbor: Service) -> httpx2.Response:
        async with neighbor.client(TEST_KEY) as http:
            return await post(http, path, body, "a")

    answers = await asyncio.gather(*map(ask, neighbors))
    done = [answer for answer in answers if answer.status_code == 202]
    assert sum("idempotent-replayed" not in answer.headers for answer in done) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.headers["location"] for answer in done}) == 1
    require_replay(await ask(neighbors[0]), next(a for a in done if "idempotent-replayed" not in a.headers))


async def test_different_keys_at_the_same_time_do_not_disturb_each_other(client: Client) -> None:
    body = {"kind": "email", "amount": 1, "reason": "more"}
    answers = await asyncio.gather(*(post(client, "/credits/grants", body, str(n)) for n in range(5)))
    assert [answer.status_code for answer in answers] == [201] * 5


@with_settings(price_email_validated=60_000)
async def test_request_refused_for_want_of_credits_succeeds_with_the_same_key_after_a_grant(
    client: Client,
) -> None:
    created = await create_list(client, "email", options={"validate_email": True})
    body = {"type": "email", "leads": [JANE, JOHN]}
    path = f"/lead-lists/{created['id']}/leads"
    assert (await post(client, path, body, "a")).status_code == 402
    grant = {"kind": "email", "amount": 20_000, "reason": "more"}
    assert (await post(client, "/credits/grants", grant, "b")).status_code == 201
    answer = await post(client, path, body, "a")
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (202, False)
    await client.patch(f"/lead-lists/{created['id']}", json={"status": "canceled"})


async def test_refusals_are_not_kept(client: Client) -> None:
    created = await create_list(client, "email")
    path = f"/lead-lists/{created['id']}/leads"
    for bad in ({"type": "email"}, {"type": "email", "leads": [{}]}):
        assert (await post(client, path, bad, "a")).status_code == 400
    missing = f"/lead-lists/{UNKNOWN_ID}/leads"
    assert (await post(client, missing, {"type": "email", "leads": []}, "a")).status_code == 404
    answer = await post(client, path, {"type": "email", "leads": [JANE]}, "a")
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (202, False)


async def test_keys_are_kept_for_each_workspace_and_user(
    client: Client, live_client: Client, service: Service
) -> None:
    body = {"kind": "email", "amount": 1, "reason": "more"}
    first = await post(client, "/credits/grants", body, "a")
    other = await post(live_client, "/credits/grants", body, "a")
    assert (other.status_code, "idempotent-replayed" in other.headers) == (201, False)
    async with member(service) as mia:
        lists = list_body("email", [], name="same")
        made = await post(mia, "/lead-lists", lists, "b")
        of_admin = await post(client, "/lead-lists", lists, "b")
        assert (of_admin.status_code, "idempotent-replayed" in of_admin.headers) == (202, False)
        assert of_admin.json()["id"] != made.json()["id"]
        require_replay(await post(mia, "/lead-lists", lists, "b"), made)
        require_replay(await post(client, "/lead-lists", lists, "b"), of_admin)
    require_replay(await post(client, "/credits/grants", body, "a"), first)


async def test_member_is_not_given_the_answer_to_an_admins_grant(client: Client, service: Service) -> None:
    body = {"kind": "email", "amount": 1, "reason": "more"}
    await post(client, "/credits/grants", body, "a")
    async with member(service) as mia:
        assert (await post(mia, "/credits/grants", body, "a")).status_code == 403


async def test_answer_is_given_again_whatever_has_become_of_the_list(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "email")
    path = f"/lead-lists/{created['id']}"
    body = {"type": "email", "leads": [JANE]}
    first = await post(client, f"{path}/leads", body, "a")
    await service.until_completed(client, created["id"])
    require_replay(await post(client, f"{path}/leads", body, "a"), first)
    await client.delete(path)
    require_replay(await post(client, f"{path}/leads", body, "a"), first)
    assert (await post(client, f"{path}/leads", body, "b")).status_code == 410


async def test_answer_is_kept_for_a_day(client: Client, service: Service) -> None:
    day = 24 * 60 * 60 * 1000
    body = {"kind": "email", "amount": 1, "reason": "more"}
    first = await post(client, "/credits/grants", body, "a")
    move = "UPDATE idempotency_keys SET created_at = created_at - :by"
    await execute(service, move, by=day - 60_000)
    require_replay(await post(client, "/credits/grants", body, "a"), first)
    await execute(service, move, by=60_000)
    again = await post(client, "/credits/grants", {**body, "amount": 2}, "a")
    assert (again.status_code, again.json()["amount"]) == (201, 2)
    require_replay(await post(client, "/credits/grants", {**body, "amount": 2}, "a"), again)


async def test_key_has_1_to_255_printable_characters(client: Client, service: Service) -> None:
    body = {"type": "email", "leads": []}
    assert (await post(client, "/normalize", body, "~ !" * 85)).status_code == 200
    detail = "Idempotency-Key must have 1 to 255 printable ASCII characters."
    for key in ("", "x" * 256, "a\tb"):
        answer = await post(client, "/normalize", body, key)
        require_error(answer, "unsupported_value", detail, header="Idempotency-Key")
    answer = await call_raw(
        service,
        "POST",
        "/normalize",
        headers={
            "Authorization": f"Bearer {TEST_KEY}",
            "Content-Type": "application/json",
            "Idempotency-Key": "é",
        },
    )
    require_error(answer, "unsupported_value", detail, header="Idempotency-Key")


async def test_other_methods_take_no_notice_of_the_key(client: Client) -> None:
    created = await create_list(client, "email")
    path, key = f"/lead-lists/{created['id']}", {"Idempotency-Key": "a"}
    for name in ("one", "two"):
        answer = await client.patch(path, json={"name": name}, headers=key)
        assert (answer.json()["name"], "idempotent-replayed" in answer.headers) == (name, False)
    assert (await client.get(path, headers=key)).json()["name"] == "two"
    assert (await client.delete(path, headers=key)).status_code == 204


async def test_failure_of_ours_is_not_kept(client: Client, service: Service) -> None:
    created = await create_list(client, "email")
    await service.until_completed(client, created["id"])
    await execute(service, "ALTER TABLE lead_list_entries RENAME TO hidden")
    answer = await add_leads(client, created["id"], "email", [JANE], Idempotency_Key="a")
    assert answer.status_code == 500
    await execute(service, "ALTER TABLE hidden RENAME TO lead_list_entries")
    answer = await add_leads(client, created["id"], "email", [JANE], Idempotency_Key="a")
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (202, False)
