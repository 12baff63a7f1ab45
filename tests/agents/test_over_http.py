"""What an agent can do over HTTP: a real client of the protocol, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp import Client as Agent
from mcp.client.streamable_http import streamable_http_client
from msgspec.structs import replace
from tests.support.installation import ADMIN_EMAIL, TEST_KEY, Client, Service

from leadyard.api.rate_limit import RateLimiter

LEADS = [{"linkedin_url": "linkedin.com/in/jane"}, {"linkedin_url": "linkedin.com/in/john"}]
NEW_LIST = {"type": "linkedin", "owner": ADMIN_EMAIL, "leads": LEADS, "name": "Q3", "enrich": True}


@asynccontextmanager
async def connect(service: Service, key: str = TEST_KEY) -> AsyncIterator[Agent]:
    """An agent with a key; its messages go straight into the application."""
    async with (
        service.client(key) as http,
        Agent(streamable_http_client("http://leadyard.example/mcp", http_client=http)) as agent,
    ):
        yield agent


async def call(agent: Agent, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """What a tool gives."""
    result = await agent.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return dict(result.structured_content)


async def refusal(agent: Agent, tool: str, /, **arguments: Any) -> str:
    """The code of the error that a tool tells."""
    result = await agent.call_tool(tool, arguments)
    assert result.is_error
    return str(result.structured_content["_errors"][0]["code"])


async def spend(agent: Agent, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """A tool that spends, with the token of its estimate."""
    told = await call(agent, "estimate_cost", tool=tool, arguments=arguments)
    return await call(agent, tool, **arguments, estimate_token=told["estimate"]["token"])


async def test_agent_makes_a_list_and_reads_what_became_of_it(service: Service, client: Client) -> None:
    async with connect(service) as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        assert {
            name for name, tool in tools.items() if "estimate_token" in tool.input_schema["properties"]
        } == {
            "create_lead_list",
            "add_leads_to_lead_list",
            "find_person",
            "verify_email",
        }
        created = await spend(agent, "create_lead_list", **NEW_LIST)
        more = [*LEADS, {"linkedin_url": "linkedin.com/in/ann"}]
        added = await spend(
            agent, "add_leads_to_lead_list", list_id=created["id"], type="linkedin", leads=more
        )
        assert added == {"total": 3, "total_added_to_lead_list": 1}
        await service.until_completed(client, created["id"])
        read = await call(agent, "get_lead_list", list_id=created["id"])
        listed = await call(agent, "list_lead_lists", name="q3")
        balance = await call(agent, "get_credits")
    assert [lead["status"] for lead in read["leads"]] == ["done"] * 3
    assert all(lead["email"] for lead in read["leads"])
    assert [each["id"] for each in listed["lead_lists"]] == [created["id"]]
    assert balance["email"]["balance"] == 100_000 - 3 * 1.5


async def test_agent_finds_a_person_and_verifies_an_email(service: Service) -> None:
    await service.work()
    async with connect(service) as agent:
        person = await spend(agent, "find_person", linkedin_url="linkedin.com/in/jane", reveal_email=True)
        verified = await spend(agent, "verify_email", email="risky@acme.example")
    assert person["email"]
    assert [result["result"] for result in verified["results"]] == ["risky"]


async def test_nothing_is_spent_without_the_token_of_its_estimate(service: Service, client: Client) -> None:
    async with connect(service) as agent:
        for nothing in ({}, {"estimate_token": " "}, {"estimate_token": 1}):
            assert await refusal(agent, "create_lead_list", **NEW_LIST, **nothing) == "missing_field"
        told = await call(agent, "estimate_cost", tool="create_lead_list", arguments=NEW_LIST)
        token = told["estimate"]["token"]
        assert told["cost"]["email"] == {"least": 0, "most": 3}
        other = {**NEW_LIST, "validate_email": True}
        assert await refusal(agent, "create_lead_list", **other, estimate_token=token) == "unsupported_value"
        twice = [await call(agent, "create_lead_list", **NEW_LIST, estimate_token=token) for _ in range(2)]
    assert twice[0]["id"] == twice[1]["id"]
    assert len((await client.get("/lead-lists")).json()["lead_lists"]) == 1


async def test_errors_are_told_in_the_words_of_the_api(service: Service) -> None:
    async with connect(service) as agent:
        assert await refusal(agent, "get_lead_list", list_id="nothing") == "not_found"
        assert await refusal(agent, "get_lead_list", list="nothing") == "unsupported_value"
        assert await refusal(agent, "no_such_tool") == "not_found"
        wrong = {"tool": "verify_email", "arguments": {"email": "nobody"}}
        assert await refusal(agent, "estimate_cost", **wrong) == "unsupported_value"


async def test_agent_without_a_key_or_with_the_wrong_type_is_refused(service: Service) -> None:
    async with service.client(None) as anybody:
        answer = await anybody.post("/mcp", json={})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    async with service.client(TEST_KEY) as http:
        assert (
            await http.post("/mcp", content=b"{}", headers={"Content-Type": "text/plain"})
        ).status_code == 415
        assert (await http.get("/mcp")).status_code == 405


async def test_service_without_the_packages_says_so(service: Service, client: Client) -> None:
    service.api.services = replace(service.api.services, answer_agent=None)
    answer: httpx2.Response = await client.post("/mcp", json={})
    assert answer.status_code == 404
    assert "leadyard[mcp]" in answer.json()["_errors"][0]["detail"]


LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
AS_AGENTS_ASK = {"Accept": "application/json, text/event-stream"}


async def test_every_message_counts_as_a_request(service: Service, client: Client) -> None:
    service.api.services = replace(service.api.services, limiter=RateLimiter(2))
    answers = [await client.post("/mcp", json=LIST_TOOLS, headers=AS_AGENTS_ASK) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_messages_beyond_the_room_are_refused(service: Service, client: Client) -> None:
    admission = service.api.services.admission
    before = admission.room
    admission.room = replace(before, relaying=0)
    for _ in range(before.working + 1):
        answer = await client.post("/mcp", json=LIST_TOOLS, headers=AS_AGENTS_ASK)
        assert answer.status_code == 503
    admission.room = before
    assert (await client.post("/mcp", json=LIST_TOOLS, headers=AS_AGENTS_ASK)).status_code == 200
    assert not admission.counts.total()
    assert not admission.body_bytes
