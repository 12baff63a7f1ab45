"""DELETE /excluded-emails."""

from __future__ import annotations

from tests.api.support import faults_of, member, require_error, unsupported
from tests.support.installation import Client, Service, create_list

PATH = "/excluded-emails"
JANE = {"email": "jane@acme.example"}


async def test_email_is_excluded_no_more(client: Client) -> None:
    await client.post(PATH, json={"excluded_emails": [JANE]})
    body = {"excluded_emails": [{"email": "Jane@acme.example"}, {"email": "joe@acme.example"}]}
    answer = await client.request("DELETE", PATH, json=body)
    assert (answer.status_code, answer.json()) == (
        200,
        {"Jane@acme.example": "success", "joe@acme.example": "not_found"},
    )
    assert (await client.get(PATH)).json()["excluded_emails"] == []
    assert (await create_list(client, "email", [JANE]))["progress"]["total"] == 1


async def test_member_may_not_take_an_excluded_email_back(client: Client, service: Service) -> None:
    await client.post(PATH, json={"excluded_emails": [JANE]})
    async with member(service) as other:
        answer = await other.request("DELETE", PATH, json={"excluded_emails": [JANE]})
    require_error(answer, "forbidden", "This key lacks the scope privacy:erase.")
    assert len((await client.get(PATH)).json()["excluded_emails"]) == 1


async def test_what_is_no_address_is_refused(client: Client) -> None:
    answer = await client.request("DELETE", PATH, json={"excluded_emails": [{"email": "x"}]})
    assert faults_of(answer) == [("/excluded_emails/0/email", unsupported("excluded_emails[0].email"))]
