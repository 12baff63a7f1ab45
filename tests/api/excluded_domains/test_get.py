"""GET /excluded-domains."""

from __future__ import annotations

from tests.api.support import stranger
from tests.support.installation import Client, Service

PATH = "/excluded-domains"


async def test_domains_are_shown_normalized_newest_first(client: Client, service: Service) -> None:
    sent = [{"domain": "https://www.Acme.example/about"}, {"domain": "bücher.example"}]
    for item in sent:
        await client.post(PATH, json={"excluded_domains": [item]})
    page = (await client.get(f"{PATH}?page[size]=1")).json()
    assert [item["domain"] for item in page["excluded_domains"]] == ["xn--bcher-kva.example"]
    assert page["excluded_domains"][0].keys() == {"domain", "source", "date_added", "excluded_reason"}
    following = (await client.get(page["_links"]["next"]["href"])).json()
    assert [item["domain"] for item in following["excluded_domains"]] == ["acme.example"]
    async with stranger(service) as other:
        assert (await other.get(PATH)).json()["excluded_domains"] == []


async def test_emails_are_no_domains(client: Client) -> None:
    await client.post("/excluded-emails", json={"excluded_emails": ["jane@acme.example"]})
    assert (await client.get(PATH)).json()["excluded_domains"] == []
