"""Leads that come at the same time, in requests of their own: each is answered as if it were alone."""

from __future__ import annotations

import asyncio

from tests.api.support import ALL_OPTIONS
from tests.support.installation import Client, Service, add_leads, create_list

LEADS = [{"email": f"p{number}@acme.example"} for number in range(12)]


def name(email: str) -> str:
    return email.partition("@")[0]


async def test_each_has_a_record_and_a_place_of_its_own(client: Client, service: Service) -> None:
    created = await create_list(client, "email", options=ALL_OPTIONS)
    answers = await asyncio.gather(
        *(
            add_leads(client, created["id"], "email", [lead], X_Request_Id=name(lead["email"]))
            for lead in LEADS
        )
    )
    assert [answer.json() for answer in answers] == [{"total": 1, "total_added_to_lead_list": 1}] * 12
    places = {answer.headers["location"]: answer.headers["x-request-id"] for answer in answers}
    async with service.installation.database.read() as tx:
        rows = await tx.conn.exec_driver_sql(
            "SELECT a.public_id, a.request_id, e.key FROM additions a JOIN lead_list_entries e "
            "ON e.list_id = a.list_id AND e.sequence = a.first_sequence WHERE a.added = 1"
        )
        stored = {row.public_id: (row.request_id, name(row.key)) for row in rows}
    assert {place.rpartition("/")[2]: (sent, sent) for place, sent in places.items()} == stored


async def test_same_lead_is_taken_once_and_told_of_in_each_record(client: Client) -> None:
    created = await create_list(client, "email", options=ALL_OPTIONS)
    answers = await asyncio.gather(*(add_leads(client, created["id"], "email", LEADS[:1]) for _ in range(9)))
    assert sorted(answer.json()["total_added_to_lead_list"] for answer in answers) == [0] * 8 + [1]
    found = [(await client.get(answer.headers["location"])).json() for answer in answers]
    assert [record["total_added_to_lead_list"] for record in found] == [
        answer.json()["total_added_to_lead_list"] for answer in answers
    ]


async def test_faulty_lead_is_refused_and_the_others_are_taken(client: Client) -> None:
    created = await create_list(client, "email", options=ALL_OPTIONS)
    leads = [LEADS[0], LEADS[1], {"email": "none"}, LEADS[2], {}]
    answers = await asyncio.gather(*(add_leads(client, created["id"], "email", [lead]) for lead in leads))
    assert [answer.status_code for answer in answers] == [202, 202, 400, 202, 400]


async def test_request_with_a_key_is_done_once_among_others(client: Client) -> None:
    created = await create_list(client, "email", options=ALL_OPTIONS)
    keyed = await add_leads(client, created["id"], "email", LEADS[:1], Idempotency_Key="a")
    answers = await asyncio.gather(
        *(add_leads(client, created["id"], "email", [lead]) for lead in LEADS[1:6]),
        add_leads(client, created["id"], "email", LEADS[:1], Idempotency_Key="a"),
    )
    assert [answer.json()["total_added_to_lead_list"] for answer in answers] == [1] * 6
    assert answers[-1].headers["location"] == keyed.headers["location"]
