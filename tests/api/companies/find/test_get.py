"""Finding one company while the caller waits."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from tests.api.support import require_error, spent
from tests.support.installation import Client, Service

from leadyard.actions.directory import load_directory

PATH = "/companies/find"
NOT_FOUND = "Could not find company."
DIRECTORY = """\
email,company_name,company_domain,industry,company_size,company_employees,company_founded_year,company_location
anna@acme.example,Acme GmbH,acme.example,Software,11-50,42,1999,Berlin
"""


async def find(client: Client, **parameters: str) -> httpx2.Response:
    return await client.get(PATH, params=parameters)


async def test_company_has_every_member(client: Client) -> None:
    company = (await find(client, domain="blue-sky.example")).json()
    UUID(company["id"])
    assert company == {
        "id": company["id"],
        "object": "company",
        "name": "Blue Sky",
        "linkedin_url": "https://www.linkedin.com/company/blue-sky",
        "website": None,
        "domain": "blue-sky.example",
        "industry": None,
        "size": None,
        "estimated_number_of_employees": None,
        "founded_year": None,
        "location": None,
        "technologies": [],
        "estimated_revenue": None,
    }


async def test_domain_may_be_a_web_address(client: Client) -> None:
    first = await find(client, domain="acme.example")
    for domain in ("https://www.acme.example/about?x=1", "ACME.example"):
        assert (await find(client, domain=domain)).json() == first.json()


async def test_page_leads_to_a_company(client: Client) -> None:
    urls = ("linkedin.com/company/acme", "https://www.linkedin.com/company/Acme/about/?x=1")
    found = [(await find(client, linkedin_url=url)).json() for url in urls]
    assert found[0] == found[1]
    assert found[0]["linkedin_url"] == "https://www.linkedin.com/company/acme"


@pytest.mark.parametrize(
    "parameters", [{"domain": "notfound.example"}, {"linkedin_url": "linkedin.com/company/notfound"}]
)
async def test_company_that_nobody_knows_is_not_found(client: Client, parameters: dict[str, str]) -> None:
    require_error(await find(client, **parameters), "not_found", NOT_FOUND)


async def test_provider_that_is_away_is_said_to_be(client: Client) -> None:
    answer = await find(client, domain="unavailable.example")
    require_error(answer, "service_unavailable", "The provider cannot answer now. Try again shortly.")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("parameters", [{}, {"domain": ""}, {"name": "Acme"}])
async def test_domain_or_page_is_needed(client: Client, parameters: dict[str, str]) -> None:
    answer = await find(client, **parameters)
    require_error(answer, "missing_field", "Missing parameter from request: domain", parameter="domain")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("domain", "com"),
        ("domain", "127.0.0.1"),
        ("domain", "acme example"),
        ("linkedin_url", "linkedin.com/in/jane"),
        ("linkedin_url", "linkedin.com.evil.example/company/acme"),
        ("linkedin_url", "linkedin.com/company/"),
        ("linkedin_url", "linkedin.com/company/%2e%2e"),
    ],
)
async def test_what_names_no_company_is_refused(client: Client, name: str, value: str) -> None:
    answer = await find(client, **{name: value})
    detail = f"Unsupported value provided for parameter: {name}"
    require_error(answer, "unsupported_value", detail, parameter=name)


async def test_live_companies_are_those_of_the_directory(
    live_client: Client, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(DIRECTORY)
    await load_directory(service.installation.database, tmp_path / "people.csv", lambda _done, _total: None)
    company = (await find(live_client, domain="www.acme.example")).json()
    assert (company["name"], company["industry"], company["size"]) == ("Acme GmbH", "Software", "11-50")
    assert (company["estimated_number_of_employees"], company["founded_year"]) == (42, 1999)
    assert company == (await find(live_client, domain="acme.example")).json()
    require_error(await find(live_client, domain="other.example"), "not_found", NOT_FOUND)
    assert await spent(live_client) == (0, 0)
