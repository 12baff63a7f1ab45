from tests.support.installation import Client, Service, add_leads, create_list

ALL = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}


async def test_leads_are_added_enriched_and_paid_for(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", options=ALL)
    answer = await add_leads(
        client,
        created["id"],
        "linkedin",
        [
            {"linkedin_url": "https://www.linkedin.com/in/jane"},
            {"linkedin_url": "LINKEDIN.com/in/Jane/"},
            {"linkedin_url": "linkedin.com/in/notfound-1"},
        ],
    )
    assert answer.status_code == 202
    assert answer.json() == {"total": 3, "total_added_to_lead_list": 2}
    done = await service.until_completed(client, created["id"])
    assert done["progress"]["done"] == 2
    balances = (await client.get("/credits")).json()
    assert balances["email"] == {"balance": 99_997.5, "held": 0, "available": 99_997.5}
    assert balances["phone"]["balance"] == 99_999
