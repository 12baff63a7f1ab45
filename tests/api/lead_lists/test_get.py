"""Finding lists."""

from __future__ import annotations

from urllib.parse import quote

from tests.api.support import (
    UNKNOWN_ID,
    add_user,
    require_error,
    require_walks,
    stranger,
)
from tests.support.installation import Client, Service, create_list


async def find(client: Client, query: str) -> list[str]:
    """The names of the lists that a query finds."""
    answer = await client.get(f"/lead-lists?{query}")
    assert answer.status_code == 200, answer.text
    return [found["name"] for found in answer.json()["lead_lists"]]


async def test_lists_come_newest_first_without_their_leads(client: Client) -> None:
    older = await create_list(client, "email", [{"email": "jane@acme.example"}], name="older")
    newer = await create_list(client, "linkedin", name="newer")
    body = (await client.get("/lead-lists")).json()
    assert set(body) == {"lead_lists", "_links"}
    assert body["lead_lists"] == [newer, older]
    assert body["_links"] == {"self": {"href": "/lead-lists?page[size]=20"}}


async def test_page_holds_twenty_lists_by_default_and_a_thousand_at_most(client: Client) -> None:
    for number in range(21):
        await create_list(client, "email", name=str(number))
    body = (await client.get("/lead-lists")).json()
    assert len(body["lead_lists"]) == 20
    cursor = body["lead_lists"][-1]["id"]
    assert body["_links"]["next"]["href"] == f"/lead-lists?page[size]=20&page[after]={cursor}"
    assert len(await find(client, "page[size]=1000")) == 21


async def test_filters_choose_lists(client: Client, service: Service) -> None:
    async with service.installation.database.write() as tx:
        mia = await add_user(tx, "mia@acme.example")
    await create_list(client, "email", name="Alpha 100%", owner="mia@acme.example", shared=False)
    await create_list(client, "linkedin", name="alpha_beta")
    await create_list(client, "titles_and_company", name="Gamma!")
    canceled = await create_list(client, "email", name="ÉTÉ 2026")
    await client.patch(f"/lead-lists/{canceled['id']}", json={"status": "canceled"})
    everything = ["ÉTÉ 2026", "Gamma!", "alpha_beta", "Alpha 100%"]
    expected = {
        "": everything,
        "status=canceled": ["ÉTÉ 2026"],
        "status=queued": everything[1:],
        "status=completed": [],
        "type=email": ["ÉTÉ 2026", "Alpha 100%"],
        "shared=false": ["Alpha 100%"],
        "shared=true": everything[:3],
        "shared=True": everything[:3],
        "owner_email=mia@acme.example": ["Alpha 100%"],
        "owner_email=%20MIA@Acme.example": ["Alpha 100%"],
        "owner_email=nobody": [],
        f"owner_id={mia.id}": ["Alpha 100%"],
        f"owner_id={UNKNOWN_ID}": [],
        "name=alpha": ["alpha_beta", "Alpha 100%"],
        "name=ALPHA": ["alpha_beta", "Alpha 100%"],
        "name=%25": ["Alpha 100%"],
        "name=_": ["alpha_beta"],
        "name=!": ["Gamma!"],
        "name=%5C": [],
        f"name={quote('ÉTÉ')}": ["ÉTÉ 2026"],
        "name=": everything,
        "type=email&status=queued": ["Alpha 100%"],
        "unknown=1&page=2&page[number]=3": everything,
    }
    for query, names in expected.items():
        assert await find(client, query) == names, query


async def test_filter_with_a_value_that_cannot_be_is_refused(client: Client) -> None:
    for name, value in (
        ("status", "done"),
        ("status", ""),
        ("type", "foo"),
        ("shared", "1"),
        ("name", "%00"),
        ("name", "a%0Ab"),
        ("owner_email", "%00"),
        ("owner_id", "%00"),
    ):
        answer = await client.get(f"/lead-lists?{name}={value}")
        detail = f"Unsupported value provided for parameter: {name}"
        require_error(answer, "unsupported_value", detail, parameter=name)


async def test_filters_at_fault_are_told_together(client: Client) -> None:
    answer = await client.get("/lead-lists?type=foo&shared=1&status=x")
    sources = [error["source"] for error in answer.json()["_errors"]]
    assert sources == [{"parameter": "status"}, {"parameter": "type"}, {"parameter": "shared"}]


async def test_walking_forward_and_back_meets_every_list_once(client: Client) -> None:
    ids = [(await create_list(client, "email"))["id"] for _ in range(5)]
    await require_walks(client, "/lead-lists?page[size]={size}", "lead_lists", ids[::-1])


async def test_links_keep_the_filters(client: Client) -> None:
    kept = [(await create_list(client, "email", name="a & b = é"))["id"] for _ in range(3)]
    await create_list(client, "linkedin", name="a & b = é")
    await create_list(client, "email", name="other")
    query = f"type=email&name={quote('a & b = é')}&shared=true&page[size]="
    await require_walks(client, f"/lead-lists?{query}{{size}}", "lead_lists", kept[::-1])
    answer = await client.get(f"/lead-lists?{query}2")
    assert answer.json()["_links"] == {
        "self": {"href": "/lead-lists?type=email&name=a%20%26%20b%20%3D%20%C3%A9&shared=true&page[size]=2"},
        "next": {
            "href": "/lead-lists?type=email&name=a%20%26%20b%20%3D%20%C3%A9&shared=true&page[size]=2"
            f"&page[after]={kept[1]}"
        },
    }


async def test_lists_of_others_are_not_shown(client: Client, live_client: Client, service: Service) -> None:
    await create_list(client, "email", name="test")
    await create_list(live_client, "email", name="live")
    async with stranger(service) as foreign:
        await create_list(foreign, "email", name="foreign", owner="admin@stranger.example")
        assert await find(client, "") == ["test"]
        assert await find(live_client, "") == ["live"]
        assert await find(foreign, "") == ["foreign"]


async def test_deleted_list_is_not_shown_but_still_a_cursor(client: Client) -> None:
    ids = [(await create_list(client, "email", name=str(number)))["id"] for number in range(3)]
    await client.delete(f"/lead-lists/{ids[1]}")
    assert await find(client, "") == ["2", "0"]
    assert await find(client, f"page[after]={ids[1]}") == ["0"]
    assert await find(client, f"page[before]={ids[1]}") == ["2"]


async def test_list_of_another_workspace_is_no_cursor(client: Client, live_client: Client) -> None:
    created = await create_list(live_client, "email")
    answer = await client.get(f"/lead-lists?page[after]={created['id']}")
    detail = "Unsupported value provided for parameter: page[after]"
    require_error(answer, "unsupported_value", detail, parameter="page[after]")
