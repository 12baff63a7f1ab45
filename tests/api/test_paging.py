"""`page[size]`, `page[after]` and `page[before]`, the same on every collection."""

from __future__ import annotations

import pytest
from tests.api.support import require_error
from tests.support.installation import Client, create_list


@pytest.fixture
async def collections(client: Client) -> list[str]:
    """The paths of all collections."""
    created = await create_list(client, "email", [{"email": "jane@acme.example"}])
    return ["/lead-lists", f"/lead-lists/{created['id']}", "/users", "/credits/entries"]


async def test_size_is_a_number_from_1_to_1000(client: Client, collections: list[str]) -> None:
    for path in collections:
        for size in ("1", "1000"):
            answer = await client.get(f"{path}?page[size]={size}")
            assert answer.status_code == 200
            assert answer.json()["_links"]["self"]["href"] == f"{path}?page[size]={size}"
        for size in ("0", "1001", "-1", "1.5", "1e2", "", "ten", "%D9%A3", "%00", "9" * 5_000, "+1", "0x1"):
            answer = await client.get(f"{path}?page[size]={size}")
            detail = "Unsupported value provided for parameter: page[size]"
            require_error(answer, "unsupported_value", detail, parameter="page[size]")


async def test_cursor_is_one_that_was_given_before(client: Client, collections: list[str]) -> None:
    for path in collections:
        for name in ("page[after]", "page[before]"):
            for cursor in (
                "x",
                "",
                "%00",
                "%ff",
                "-1",
                "0",
                "999999",
                "9" * 18,
                "9" * 100,
                "x" * 5_000,
                "%27",
            ):
                answer = await client.get(f"{path}?{name}={cursor}")
                detail = f"Unsupported value provided for parameter: {name}"
                require_error(answer, "unsupported_value", detail, parameter=name)


async def test_only_one_cursor_may_be_given(client: Client, collections: list[str]) -> None:
    for path in collections:
        answer = await client.get(f"{path}?page[after]=a&page[before]=b")
        detail = "Give page[after] or page[before], not both."
        require_error(answer, "unsupported_value", detail, parameter="page[before]")


async def test_brackets_may_be_escaped(client: Client, collections: list[str]) -> None:
    for path in collections:
        plain = await client.get(f"{path}?page[size]=1")
        assert (await client.get(f"{path}?page%5Bsize%5D=1")).json() == plain.json()


async def test_walk_is_not_disturbed_by_lists_made_meanwhile(client: Client) -> None:
    ids = [(await create_list(client, "email"))["id"] for _ in range(4)]
    first = (await client.get("/lead-lists?page[size]=2")).json()
    newer = await create_list(client, "email")
    second = (await client.get(first["_links"]["next"]["href"])).json()
    met = [found["id"] for page in (first, second) for found in page["lead_lists"]]
    assert met == ids[::-1]
    back = (await client.get(first["_links"]["self"]["href"])).json()
    assert back["lead_lists"][0]["id"] == newer["id"]
    before = (await client.get(f"/lead-lists?page[before]={ids[-1]}")).json()
    assert [found["id"] for found in before["lead_lists"]] == [newer["id"]]
    assert set(before["_links"]) == {"self", "next"}
