"""What leads come to and cost under a test key: the rules of the sandbox, to the half credit."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.support import ALL_OPTIONS, execute, read_entries, spent
from tests.support.installation import Client, Service, add_leads, create_list

ENRICH = {"enrich": True}
VALIDATE = {"validate_email": True}
REVEAL = {"reveal_phone_numbers": True}


def url(name: str, **more: str) -> dict[str, str]:
    return {"linkedin_url": f"linkedin.com/in/{name}", **more}


async def process(
    client: Client, service: Service, leads: list[Any], options: dict[str, bool], list_type: str = "linkedin"
) -> list[dict[str, Any]]:
    """The entries of a new list, when it has completed."""
    created = await create_list(client, list_type, leads, options=options)
    done = await service.until_completed(client, created["id"])
    assert done["progress"]["done"] == len(done["leads"])
    return list(done["leads"])


PRICES: list[tuple[str, dict[str, str], dict[str, bool], tuple[float, float]]] = [
    ("anybody is found with an e-mail", url("jane"), ENRICH, (1.5, 0)),
    ("everything", url("jane"), ALL_OPTIONS, (2.5, 1)),
    ("an e-mail that was sent is not revealed", url("jane", email="j@acme.example"), ENRICH, (0.5, 0)),
    ("an e-mail that cannot be used was not sent", url("jane", email="none"), ENRICH, (1.5, 0)),
    ("nobody is found", url("jane-notfound"), ALL_OPTIONS, (0, 0)),
    (
        "nobody is found but an e-mail was sent",
        url("jane-notfound", email="j@acme.example"),
        ALL_OPTIONS,
        (1, 0),
    ),
    ("no e-mail is found", url("jane-noemail"), ALL_OPTIONS, (0.5, 1)),
    ("no phone number is found", url("jane-nophone"), ALL_OPTIONS, (2.5, 0)),
    ("neither is found", url("jane-noemail-nophone"), ALL_OPTIONS, (0.5, 0)),
    ("nothing to validate", url("jane"), VALIDATE, (0, 0)),
    ("an e-mail that was sent is validated", url("jane", email="j@acme.example"), VALIDATE, (1, 0)),
    ("an e-mail that was found is validated", url("jane"), {**ENRICH, **VALIDATE}, (2.5, 0)),
    ("a phone number without enrichment", url("jane"), REVEAL, (0, 1)),
    ("no phone number without enrichment", url("jane-nophone"), REVEAL, (0, 0)),
    ("letter case does not matter", url("Jane-NotFound"), ALL_OPTIONS, (0, 0)),
    ("a slow answer costs the same", url("jane-slow"), ENRICH, (1.5, 0)),
    ("no option", url("jane"), {}, (0, 0)),
]


@pytest.mark.parametrize(
    ("lead", "options", "price"),
    [case[1:] for case in PRICES],
    ids=[case[0].replace(" ", "-") for case in PRICES],
)
async def test_price_of_a_lead(
    client: Client,
    service: Service,
    lead: dict[str, str],
    options: dict[str, bool],
    price: tuple[float, float],
) -> None:
    await process(client, service, [lead], options)
    assert await spent(client) == price


async def test_found_person_has_name_title_company_email_and_one_phone_number(
    client: Client, service: Service
) -> None:
    (entry,) = await process(client, service, [url("jane")], ALL_OPTIONS)
    for name in ("person_id", "first_name", "last_name", "title", "company_name", "company_domain", "email"):
        assert entry[name], name
    assert len(entry["phone_numbers"]) == 1


async def test_phone_numbers_are_shown_only_when_they_are_revealed(client: Client, service: Service) -> None:
    (entry,) = await process(client, service, [url("jane")], ENRICH)
    assert entry["phone_numbers"] == []


async def test_same_input_is_answered_the_same_in_every_list(client: Client, service: Service) -> None:
    shown = [(await process(client, service, [url("jane")], ALL_OPTIONS))[0] for _ in range(2)]
    first, second = ({**entry, "id": None} for entry in shown)
    assert first == second


async def test_person_that_is_not_found_stays_unknown(client: Client, service: Service) -> None:
    (entry,) = await process(client, service, [url("jane-notfound")], ALL_OPTIONS)
    assert entry["status"] == "done"
    unknown = ("person_id", "first_name", "last_name", "title", "company_name", "email")
    assert [entry[name] for name in unknown] == [None] * len(unknown)
    assert (entry["phone_numbers"], entry["email_validation_result"]) == ([], None)


async def test_local_part_of_an_email_decides_its_verdict(client: Client, service: Service) -> None:
    verdicts = {
        "jane": ("deliverable", False),
        "jane.undeliverable": ("undeliverable", False),
        "RISKY-jane": ("risky", False),
        "unknown1": ("unknown", False),
        "catchall": ("risky", True),
    }
    leads = [{"email": f"{local}@unknown.example"} for local in verdicts]
    entries = await process(client, service, leads, VALIDATE, "email")
    for entry, lead, (result, catch_all) in zip(entries, leads, verdicts.values(), strict=True):
        assert entry["email_validation_result"] == {
            "object": "email_validation_result",
            "email": lead["email"].lower(),
            "result": result,
            "catch_all": catch_all,
        }
    assert await spent(client) == (5, 0)


async def test_leads_of_every_type_are_found(client: Client, service: Service) -> None:
    (entry,) = await process(client, service, [{"email": "jane@acme.example"}], ALL_OPTIONS, "email")
    assert (entry["email"], entry["first_name"] is not None) == ("jane@acme.example", True)
    assert await spent(client) == (1.5, 1)
    lead = {"title": "CTO", "company_name": "Acme"}
    (entry,) = await process(client, service, [lead], ALL_OPTIONS, "titles_and_company")
    assert (entry["title"], entry["company_name"], entry["email"] is not None) == ("CTO", "Acme", True)
    assert await spent(client) == (4, 2)


async def test_provider_that_fails_at_every_attempt_costs_nothing_and_ends_the_lead(
    client: Client, service: Service
) -> None:
    leads = [url("jane-unavailable"), url("john-unavailable", email="j@acme.example"), url("max")]
    created = await create_list(client, "linkedin", leads, options=ALL_OPTIONS)
    await execute(service, "UPDATE lead_list_entries SET attempts = 2")
    done = await service.until_completed(client, created["id"])
    jane, john, max_ = done["leads"]
    assert [entry["status"] for entry in done["leads"]] == ["done"] * 3
    assert (jane["person_id"], jane["phone_numbers"], jane["email_validation_result"]) == (None, [], None)
    assert (john["person_id"], john["email_validation_result"]["result"]) == (None, "deliverable")
    assert max_["person_id"]
    assert await spent(client) == (3.5, 1)


async def test_lead_whose_provider_fails_waits_and_its_neighbors_do_not(
    client: Client, service: Service
) -> None:
    leads = [url("jane-unavailable"), url("max")]
    created = await create_list(client, "linkedin", leads, options=ENRICH)
    await service.work()
    while (progress := (await client.get(f"/lead-lists/{created['id']}")).json()["progress"])["done"] < 1:
        assert progress["failed"] == 0
    jane, max_ = await read_entries(client, created["id"])
    assert (jane["status"] in ("processing", "queued"), max_["status"]) == (True, "done")
    balances = (await client.get("/credits")).json()["email"]
    assert (balances["balance"], balances["held"]) == (99_998.5, 1.5)
    await client.patch(f"/lead-lists/{created['id']}", json={"status": "canceled"})
    assert await spent(client) == (1.5, 0)


async def test_person_found_again_within_a_day_is_paid_once_in_all_lists(
    client: Client, service: Service
) -> None:
    for _ in range(2):
        await process(client, service, [url("jane")], {**ENRICH, **REVEAL})
        assert await spent(client) == (1.5, 1)
    await process(client, service, [url("jane", email="own@acme.example")], ENRICH)
    assert await spent(client) == (1.5, 1)


async def test_person_found_again_after_a_day_is_paid_again_but_not_the_email_and_phone(
    client: Client, service: Service
) -> None:
    await process(client, service, [url("jane")], ALL_OPTIONS)
    assert await spent(client) == (2.5, 1)
    day = 24 * 60 * 60 * 1000
    await execute(service, "UPDATE person_charges SET charged_at = charged_at - :almost", almost=day - 60_000)
    await process(client, service, [url("jane")], {**ENRICH, **REVEAL})
    assert await spent(client) == (2.5, 1)
    await execute(service, "UPDATE person_charges SET charged_at = charged_at - 60000")
    await process(client, service, [url("jane")], {**ENRICH, **REVEAL})
    assert await spent(client) == (3, 1)


async def test_email_is_validated_once_a_list(client: Client, service: Service) -> None:
    leads = [url("jane", email="same@acme.example"), url("john", email="Same@acme.example")]
    await process(client, service, leads, VALIDATE)
    assert await spent(client) == (1, 0)
    await process(client, service, leads[:1], VALIDATE)
    assert await spent(client) == (2, 0)


async def test_lead_that_was_there_already_is_not_paid_again(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", [url("jane")], options=ALL_OPTIONS)
    await service.until_completed(client, created["id"])
    await add_leads(client, created["id"], "linkedin", [url("jane"), url("john")])
    await service.until_completed(client, created["id"])
    assert await spent(client) == (5, 2)


async def test_test_and_live_keys_pay_apart(client: Client, live_client: Client, service: Service) -> None:
    await process(client, service, [url("jane")], ALL_OPTIONS)
    (entry,) = await process(live_client, service, [url("jane")], ALL_OPTIONS)
    assert entry["person_id"] is None
    assert await spent(client) == (2.5, 1)
    assert await spent(live_client) == (0, 0)
