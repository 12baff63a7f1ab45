"""POST /excluded-domains, and what it keeps out."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import faults_of, read_entries, unsupported
from tests.support.installation import Client, add_leads, create_list

from leadyard.storage import suppression
from leadyard.storage.suppression import MANY_IDENTITIES

PATH = "/excluded-domains"


async def exclude(client: Client, *domains: str) -> dict[str, str]:
    answer = await client.post(PATH, json={"excluded_domains": [{"domain": domain} for domain in domains]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def kept(client: Client, list_type: str, leads: list[dict[str, Any]], field: str) -> list[Any]:
    """What a new list takes of these leads."""
    made = await create_list(client, list_type, leads)
    return [lead[field] for lead in await read_entries(client, made["id"])]


async def test_answer_says_of_each_what_became_of_it(client: Client) -> None:
    assert await exclude(client, "acme.example") == {"acme.example": "success"}
    assert await exclude(client, "www.acme.example", "eu.acme.example") == {
        "www.acme.example": "duplicated",
        "eu.acme.example": "success",
    }


@pytest.mark.parametrize("domain", ["com", "co.uk", "", "jane@acme.example", "192.0.2.1", "a b"])
async def test_what_nobody_can_have_registered_is_refused(client: Client, domain: str) -> None:
    answer = await client.post(PATH, json={"excluded_domains": [{"domain": domain}]})
    assert faults_of(answer) == [("/excluded_domains/0/domain", unsupported("excluded_domains[0].domain"))]


async def test_domain_keeps_out_its_mail_and_that_of_its_subdomains(client: Client) -> None:
    await exclude(client, "acme.example")
    emails = ["a@acme.example", "b@mail.eu.acme.example", "c@notacme.example", "d@acme.example.com"]
    leads = [{"email": email} for email in emails]
    assert await kept(client, "email", leads, "email") == emails[2:]


async def test_subdomain_keeps_out_itself_only(client: Client) -> None:
    await exclude(client, "eu.acme.example")
    emails = ["a@acme.example", "b@eu.acme.example", "c@x.eu.acme.example", "d@us.acme.example"]
    leads = [{"email": email} for email in emails]
    assert await kept(client, "email", leads, "email") == [emails[0], emails[3]]


async def test_domain_keeps_out_the_company_whatever_the_lead_is_known_by(client: Client) -> None:
    await exclude(client, "acme.example")
    companies = ["https://www.acme.example/jobs", "shop.acme.example", "other.example", "no domain at all"]
    titles = [{"title": "CEO", "company_name": "X", "company_domain": company} for company in companies[:3]]
    assert await kept(client, "titles_and_company", titles, "company_domain") == [companies[2]]
    profiles = [
        {"linkedin_url": f"linkedin.com/in/p{place}", "company_domain": company}
        for place, company in enumerate(companies)
    ]
    assert await kept(client, "linkedin", profiles, "company_domain") == companies[2:]


@pytest.mark.parametrize("few", [1, 3])
@pytest.mark.parametrize("others", [0, MANY_IDENTITIES])
async def test_as_many_are_kept_out_however_exclusions_are_looked_for(
    client: Client, monkeypatch: pytest.MonkeyPatch, few: int, others: int
) -> None:
    # There are three: they are read if that is few, and else only those that the leads have are looked for.
    monkeypatch.setattr(suppression, "FEW_KEPT_OUT", few)
    await exclude(client, "acme.example", "nobody.example")
    excluded = {"excluded_emails": [{"email": "bob@firm.example"}]}
    assert (await client.post("/excluded-emails", json=excluded)).status_code == 200
    leads = [
        {"email": "a@ACME.example"},
        {"email": "Bob@Firm.example"},
        {"email": "c@x.acme.example"},
        {"email": "d@firm.example", "company_domain": "www.acme.example"},
        *({"email": f"e{number}@firm.example"} for number in range(others + 1)),
    ]
    made = await create_list(client, "email", [])
    answer = await add_leads(client, made["id"], "email", leads)
    assert answer.json() == {"total": others + 5, "total_added_to_lead_list": others + 1}
    assert (await read_entries(client, made["id"]))[0]["email"] == "e0@firm.example"
