"""GET /companies/find from paid providers: in order, kept, limited, in the ledger."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.api.companies.find.test_get import DIRECTORY, NOT_FOUND, find
from tests.api.providers.test_providers import ON_LOOPBACK, provider, selling
from tests.api.support import require_error, spent
from tests.support.installation import Client, Service
from tests.support.vendors.server import cut, refuse

from leadyard.actions.directory import load_directory

AWAY = "The provider cannot answer now. Try again shortly."
PAGE = "https://www.linkedin.com/company/Acme/about"


async def ledger(service: Service) -> list[tuple[Any, ...]]:
    """State, group and cost in thousandths of every call."""
    async with service.installation.database.read() as tx:
        rows = await tx.conn.exec_driver_sql("SELECT state, groups, cost FROM provider_calls ORDER BY id")
        return [tuple(row) for row in rows]


async def test_directory_is_asked_by_page(live_client: Client, service: Service, tmp_path: Path) -> None:
    rows = DIRECTORY.replace("company_size", "company_size,company_linkedin_url")
    (tmp_path / "people.csv").write_text(rows.replace("11-50", "11-50,linkedin.com/company/acme-gmbh"))
    await load_directory(service.installation.database, tmp_path / "people.csv", lambda _done, _total: None)
    company = (await find(live_client, linkedin_url="www.linkedin.com/company/Acme-GmbH/")).json()
    assert company["name"] == "Acme GmbH"
    assert company == (await find(live_client, domain="acme.example")).json()


@ON_LOOPBACK
async def test_page_is_bought_once_and_kept(live_client: Client, service: Service) -> None:
    async with selling(live_client, "people_data_labs") as (vendor, server):
        companies = [(await find(live_client, linkedin_url=PAGE)).json() for _ in range(3)]
        assert companies[0] == companies[1] == companies[2]
        assert (companies[0]["name"], companies[0]["domain"]) == ("Acme", "acme.com")
        assert companies[0]["linkedin_url"] == "https://www.linkedin.com/company/acme"
        assert companies[0]["estimated_revenue"] == "$10M-$25M"
        assert (await find(live_client, domain="acme.com")).json()["id"] == companies[0]["id"]
        for _ in range(2):
            require_error(await find(live_client, domain="nowhere.com"), "not_found", NOT_FOUND)
        assert (vendor.sold, len(server.requests)) == (2, 3)
        told = await provider(live_client, "people_data_labs")
        assert (told["last_30_days"]["calls"], told["last_30_days"]["cost"]) == (3, 1.0)
    assert await ledger(service) == [("settled", "company", 500)] * 2 + [("settled", "company", 0)]
    assert await spent(live_client) == (0, 0)


@ON_LOOPBACK
async def test_searches_at_once_buy_once(live_client: Client) -> None:
    async with selling(live_client, "prospeo") as (_, server):
        answers = await asyncio.gather(*(find(live_client, linkedin_url=PAGE) for _ in range(4)))
        assert [answer.json()["name"] for answer in answers] == ["Acme"] * 4
        assert len(server.requests) == 1


@ON_LOOPBACK
async def test_service_that_takes_no_pages_is_passed_over(live_client: Client) -> None:
    async with selling(live_client, "hunter") as (_, server):
        require_error(await find(live_client, linkedin_url=PAGE), "not_found", NOT_FOUND)
        assert server.requests == []
        assert (await find(live_client, domain="acme.com")).json()["technologies"] == ["cloudflare"]


@ON_LOOPBACK
async def test_provider_that_finds_companies_only_with_persons_is_passed_over(live_client: Client) -> None:
    async with selling(live_client, "fullenrich") as (_, server):
        require_error(await find(live_client, domain="acme.com"), "not_found", NOT_FOUND)
        assert server.requests == []


@ON_LOOPBACK
@pytest.mark.parametrize("limits", [{"groups": {"company": 0.4}}, {"day": 0.4}])
async def test_limit_is_kept_to(live_client: Client, limits: dict[str, Any]) -> None:
    async with selling(live_client, "people_data_labs") as (_, server):
        await live_client.put("/waterfall", json={"limits": limits})
        require_error(await find(live_client, domain="acme.com"), "service_unavailable", AWAY)
        assert server.requests == []
        await live_client.put("/waterfall", json={"limits": {}})
        assert (await find(live_client, domain="acme.com")).status_code == 200


@ON_LOOPBACK
async def test_refusal_is_asked_again_and_a_lost_answer_is_not(live_client: Client, service: Service) -> None:
    async with selling(live_client, "people_data_labs") as (vendor, server):
        server.faults.extend([refuse(500), cut])
        require_error(await find(live_client, domain="acme.com"), "service_unavailable", AWAY)
        for _ in range(2):
            require_error(await find(live_client, domain="acme.com"), "not_found", NOT_FOUND)
        assert (vendor.sold, len(server.requests)) == (1, 2)
    assert await ledger(service) == [("failed", "company", 0), ("lost", "company", 500)]


@ON_LOOPBACK
async def test_test_key_buys_nothing(client: Client, live_client: Client) -> None:
    async with selling(live_client, "people_data_labs") as (_, server):
        assert (await find(client, domain="acme.com")).json()["name"] == "Acme"
        assert server.requests == []
