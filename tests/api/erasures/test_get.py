"""GET /erasures."""

from __future__ import annotations

from tests.api.support import member, require_walks, stranger
from tests.support.installation import Client, Service

PATH = "/erasures"


async def test_pages_lead_through_all_newest_first(client: Client, service: Service) -> None:
    people = [{"email": f"{number}@acme.example"} for number in range(4)]
    ids = [(await client.post(PATH, json=person)).json()["id"] for person in people]
    await require_walks(client, PATH + "?page[size]={size}", "erasures", ids[::-1])
    async with stranger(service) as other:
        assert (await other.get(PATH)).json()["erasures"] == []
        assert (await other.get(f"{PATH}?page[after]={ids[0]}")).status_code == 400


async def test_member_may_read(client: Client, service: Service) -> None:
    made = (await client.post(PATH, json={"email": "jane@acme.example"})).json()
    async with member(service) as reader:
        assert (await reader.get(PATH)).json()["erasures"] == [made]
