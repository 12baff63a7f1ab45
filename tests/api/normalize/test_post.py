"""Asking for the identity of leads."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import faults_of, missing, post_text, require_error, unsupported, with_settings
from tests.support.installation import Client, add_leads, create_list


def fault(code: str, detail: str, pointer: str) -> dict[str, Any]:
    return {
        "code": code,
        "title": code.replace("_", " ").title(),
        "detail": detail,
        "source": {"pointer": pointer},
    }


async def test_each_lead_has_its_key_or_its_first_fault_in_the_order_sent(client: Client) -> None:
    leads = [
        {"linkedin_url": "https://www.LinkedIn.com/in/Jane-Doe/?x=1", "title": "CTO"},
        {},
        {"linkedin_url": "linkedin.com/company/acme", "email": 5},
        "jane",
        {"linkedin_url": "linkedin.com/in/jane-doe"},
    ]
    answer = await client.post("/normalize", json={"type": "linkedin", "leads": leads})
    assert answer.status_code == 200
    name = "leads[1].linkedin_url"
    assert answer.json() == {
        "results": [
            {"index": 0, "key": "jane-doe"},
            {"index": 1, "error": fault("unsupported_value", missing(name), "/leads/1/linkedin_url")},
            {
                "index": 2,
                "error": fault(
                    "unsupported_value", unsupported("leads[2].linkedin_url"), "/leads/2/linkedin_url"
                ),
            },
            {"index": 3, "error": fault("unsupported_value", unsupported("leads[3]"), "/leads/3")},
            {"index": 4, "key": "jane-doe"},
        ]
    }


@pytest.mark.parametrize(
    ("list_type", "lead", "key"),
    [
        ("linkedin", {"linkedin_url": "linkedin.com/in/JANE"}, "jane"),
        ("email", {"email": " Jane@ACME.example "}, "jane@acme.example"),
        ("titles_and_company", {"title": "CTO ", "company_domain": "www.acme.com"}, "cto\tacme.com"),
    ],
)
async def test_key_is_the_one_that_finds_duplicates(
    client: Client, list_type: str, lead: dict[str, str], key: str
) -> None:
    answer = await client.post("/normalize", json={"type": list_type, "leads": [lead]})
    assert answer.json() == {"results": [{"index": 0, "key": key}]}


async def test_nothing_is_stored(client: Client) -> None:
    lead = {"email": "jane@acme.example"}
    created = await create_list(client, "email")
    await client.post("/normalize", json={"type": "email", "leads": [lead]})
    assert (await add_leads(client, created["id"], "email", [lead])).json()["total_added_to_lead_list"] == 1


async def test_no_leads_have_no_results(client: Client) -> None:
    answer = await client.post("/normalize", json={"type": "email", "leads": []})
    assert answer.json() == {"results": []}


async def test_every_fault_of_the_body_is_told(client: Client) -> None:
    assert faults_of(await client.post("/normalize", json={})) == [
        ("/type", missing("type")),
        ("/leads", missing("leads")),
    ]
    answer = await client.post("/normalize", json={"leads": {}, "extra": 1, "type": "foo"})
    assert faults_of(answer) == [
        ("/leads", unsupported("leads")),
        ("/extra", unsupported("extra")),
        ("/type", "'foo' is not a supported type."),
    ]


async def test_ten_thousand_leads_are_the_most(client: Client) -> None:
    leads = [{"email": f"p{number}@acme.example"} for number in range(10_000)]
    answer = await client.post("/normalize", json={"type": "email", "leads": leads})
    assert answer.json()["results"][-1] == {"index": 9_999, "key": "p9999@acme.example"}
    answer = await client.post("/normalize", json={"type": "email", "leads": [*leads, {}]})
    detail = "Number of leads exceeds 10,000 limit."
    require_error(answer, "unsupported_value", detail, pointer="/leads")


@with_settings(max_leads_per_request=1)
async def test_limit_is_that_of_a_request(client: Client) -> None:
    answer = await client.post("/normalize", json={"type": "email", "leads": [{}, {}]})
    detail = "Number of leads exceeds 1 limit."
    require_error(answer, "unsupported_value", detail, pointer="/leads")


async def test_repeated_names_and_deep_nesting_are_no_failure(client: Client) -> None:
    lead = '{"email": 5, "email": "jane@acme.example"}'
    answer = await post_text(client, "/normalize", f'{{"type": "email", "leads": [{lead}]}}')
    error = fault("unsupported_value", unsupported("leads[0]"), "/leads/0")
    assert answer.json() == {"results": [{"index": 0, "error": error}]}
    for depth in range(950, 1000):
        nested = f'{{"email": "jane@acme.example", "x": {"[" * depth}{"]" * depth}}}'
        answer = await post_text(client, "/normalize", f'{{"type": "email", "leads": [{nested}]}}')
        assert answer.status_code in (200, 400), depth
