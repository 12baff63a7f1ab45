"""GET /excluded-emails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.api.support import member, require_error, stranger
from tests.support.installation import Client, Service

PATH = "/excluded-emails"


async def exclude(client: Client, *emails: str) -> None:
    for email in emails:
        answer = await client.post(PATH, json={"excluded_emails": [{"email": email}]})
        assert answer.status_code == 200, answer.text


async def test_there_is_nothing_at_first(client: Client) -> None:
    assert (await client.get(PATH)).json() == {
        "excluded_emails": [],
        "_links": {"self": {"href": "/excluded-emails?page[size]=20"}},
    }


async def test_each_tells_its_source_date_and_reason(client: Client) -> None:
    await exclude(client, "Jane@ACME.example")
    (item,) = (await client.get(PATH)).json()["excluded_emails"]
    added = datetime.fromisoformat(item.pop("date_added"))
    assert item == {"email": "jane@acme.example", "source": "leadyard", "excluded_reason": "api"}
    assert timedelta() <= datetime.now(UTC) - added < timedelta(minutes=1)


async def test_pages_lead_through_all_newest_first_and_back(client: Client) -> None:
    emails = [f"{number}-{'x' * 50}@{'y' * 60}.{'z' * 60}.example" for number in range(5)]
    await exclude(client, *emails)
    seen: list[list[str]] = []
    href = f"{PATH}?page[size]=2"
    while True:
        page = (await client.get(href)).json()
        seen.append([item["email"] for item in page["excluded_emails"]])
        if "next" not in page["_links"]:
            break
        href = page["_links"]["next"]["href"]
    assert seen == [[emails[4], emails[3]], [emails[2], emails[1]], [emails[0]]]
    back = (await client.get(page["_links"]["prev"]["href"])).json()
    assert [item["email"] for item in back["excluded_emails"]] == seen[1]


async def test_cursor_that_is_not_excluded_is_refused(client: Client) -> None:
    await exclude(client, "jane@acme.example")
    answer = await client.get(f"{PATH}?page[after]=joe@acme.example")
    detail = "Unsupported value provided for parameter: page[after]"
    require_error(answer, "unsupported_value", detail, parameter="page[after]")


async def test_workspaces_and_accounts_see_their_own_only(client: Client, service: Service) -> None:
    await exclude(client, "jane@acme.example")
    async with stranger(service) as other:
        assert (await other.get(PATH)).json()["excluded_emails"] == []


async def test_member_may_read(client: Client, service: Service) -> None:
    await exclude(client, "jane@acme.example")
    async with member(service) as reader:
        assert len((await reader.get(PATH)).json()["excluded_emails"]) == 1


async def test_live_data_has_exclusions_of_its_own(client: Client, live_client: Client) -> None:
    await exclude(client, "jane@acme.example")
    assert (await live_client.get(PATH)).json()["excluded_emails"] == []
