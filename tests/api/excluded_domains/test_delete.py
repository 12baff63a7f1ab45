"""DELETE /excluded-domains."""

from __future__ import annotations

from tests.api.support import member, require_error
from tests.support.installation import Client, Service

PATH = "/excluded-domains"
ACME = {"excluded_domains": [{"domain": "acme.example"}]}


async def test_domain_is_excluded_no_more(client: Client) -> None:
    await client.post(PATH, json=ACME)
    for result in ("success", "not_found"):
        answer = await client.request("DELETE", PATH, json=ACME)
        assert (answer.status_code, answer.json()) == (200, {"acme.example": result})


async def test_member_may_not_take_an_excluded_domain_back(service: Service) -> None:
    async with member(service) as client:
        answer = await client.request("DELETE", PATH, json=ACME)
    require_error(answer, "forbidden", "This key lacks the scope privacy:erase.")
