"""Adding leads: what a body must be, and what is wrong with it, fault by fault."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.support import (
    ALL_OPTIONS,
    execute,
    faults_of,
    missing,
    post_leads,
    post_text,
    read_entries,
    require_error,
    unsupported,
    with_settings,
)
from tests.support.installation import Client, Service, add_leads, create_list

JANE = {"linkedin_url": "https://www.linkedin.com/in/jane"}
JOHN = {"linkedin_url": "https://www.linkedin.com/in/john"}


def urls(count: int, start: int = 0) -> list[dict[str, str]]:
    return [{"linkedin_url": f"linkedin.com/in/p{number}"} for number in range(start, start + count)]


async def test_answer_has_exactly_two_members_and_the_place_of_its_record(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "linkedin", [JANE])
    assert answer.status_code == 202
    assert set(answer.json()) == {"total", "total_added_to_lead_list"}
    location = answer.headers["location"]
    assert location.startswith(f"/lead-lists/{created['id']}/additions/")
    assert (await client.get(location)).json()["total"] == 1


async def test_no_leads_are_accepted_with_zeros(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "linkedin", [])
    assert answer.status_code == 202
    assert answer.json() == {"total": 0, "total_added_to_lead_list": 0}


async def test_ten_thousand_leads_are_added_in_one_request_in_their_order(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "linkedin", urls(10_000))
    assert answer.json() == {"total": 10_000, "total_added_to_lead_list": 10_000}
    assert (await client.get(f"/lead-lists/{created['id']}")).headers["retry-after"] == "5"
    first, *_, last = await read_entries(client, created["id"])
    assert (first["linkedin_url"], last["linkedin_url"]) == ("linkedin.com/in/p0", "linkedin.com/in/p999")
    again = await add_leads(client, created["id"], "linkedin", urls(20, start=9_990))
    assert again.json() == {"total": 20, "total_added_to_lead_list": 10}
    await client.patch(f"/lead-lists/{created['id']}", json={"status": "canceled"})


async def test_lead_of_a_titles_and_company_list_needs_a_title_and_a_company(client: Client) -> None:
    created = await create_list(client, "titles_and_company")
    usable = [
        {"title": "CTO", "company_name": "Acme"},
        {"title": "CEO", "company_domain": "acme.example"},
        {"title": "CFO", "company_name": "", "company_domain": "acme.example"},
        {"title": "COO", "company_name": "Acme", "company_domain": None},
    ]
    answer = await add_leads(client, created["id"], "titles_and_company", usable)
    assert answer.json() == {"total": 4, "total_added_to_lead_list": 4}
    unusable = [
        {"title": "CTO"},
        {"company_name": "Acme"},
        {"title": "", "company_domain": ""},
        {"title": None},
    ]
    answer = await add_leads(client, created["id"], "titles_and_company", unusable)
    assert faults_of(answer) == [
        ("/leads/0/company_name", missing("leads[0].company_name")),
        ("/leads/1/title", missing("leads[1].title")),
        ("/leads/2/title", missing("leads[2].title")),
        ("/leads/2/company_name", missing("leads[2].company_name")),
        ("/leads/3/title", missing("leads[3].title")),
        ("/leads/3/company_name", missing("leads[3].company_name")),
    ]


async def test_title_and_company_must_name_something(client: Client) -> None:
    created = await create_list(client, "titles_and_company")
    leads = [
        {"title": " ", "company_name": "Acme"},
        {"title": "CTO", "company_name": " "},
        {"title": "CTO", "company_domain": "co.uk"},
        {"title": "CTO", "company_domain": "not a domain"},
        {"title": "CTO", "company_domain": "a\u0000b.com"},
    ]
    answer = await add_leads(client, created["id"], "titles_and_company", leads)
    assert faults_of(answer) == [
        ("/leads/0/title", unsupported("leads[0].title")),
        ("/leads/1/company_name", unsupported("leads[1].company_name")),
        *(
            (f"/leads/{place}/company_domain", unsupported(f"leads[{place}].company_domain"))
            for place in (2, 3, 4)
        ),
    ]


async def test_known_fields_must_be_strings_even_where_they_are_not_needed(client: Client) -> None:
    created = await create_list(client, "linkedin")
    url = JANE["linkedin_url"]
    leads = [
        {"linkedin_url": 5},
        {"title": 1.5, "linkedin_url": url, "email": True},
        {"linkedin_url": url, "company_name": ["Acme"]},
        {"linkedin_url": url, "company_domain": {"name": "acme.example"}},
        {"email": False},
    ]
    answer = await add_leads(client, created["id"], "linkedin", leads)
    assert faults_of(answer) == [
        ("/leads/0/linkedin_url", unsupported("leads[0].linkedin_url")),
        ("/leads/1/title", unsupported("leads[1].title")),
        ("/leads/1/email", unsupported("leads[1].email")),
        ("/leads/2/company_name", unsupported("leads[2].company_name")),
        ("/leads/3/company_domain", unsupported("leads[3].company_domain")),
        ("/leads/4/email", unsupported("leads[4].email")),
        ("/leads/4/linkedin_url", missing("leads[4].linkedin_url")),
    ]


async def test_known_fields_that_are_not_needed_may_be_null_or_empty(client: Client) -> None:
    created = await create_list(client, "linkedin")
    empty = {"email": None, "title": "", "company_name": None, "company_domain": ""}
    answer = await add_leads(client, created["id"], "linkedin", [{**JANE, **empty}])
    assert answer.json()["total_added_to_lead_list"] == 1
    (entry,) = await read_entries(client, created["id"])
    assert [entry[name] for name in empty] == [None] * 4
    assert entry["data"] == {}


async def test_lead_that_is_no_object_is_at_fault_as_a_whole(client: Client) -> None:
    created = await create_list(client, "linkedin")
    others: list[Any] = ["jane", None, 5, [JANE], True]
    answer = await add_leads(client, created["id"], "linkedin", [JANE, *others])
    assert faults_of(answer) == [
        (f"/leads/{place}", unsupported(f"leads[{place}]")) for place in range(1, len(others) + 1)
    ]


async def test_leads_must_be_an_array(client: Client) -> None:
    created = await create_list(client, "linkedin")
    for leads in ("{}", '"jane"', "5", "true", '{"0": {}}'):
        body = f'{{"type": "linkedin", "leads": {leads}}}'
        answer = await post_text(client, f"/lead-lists/{created['id']}/leads", body)
        assert faults_of(answer) == [("/leads", unsupported("leads"))]


async def test_type_must_be_one_of_the_three_words(client: Client) -> None:
    created = await create_list(client, "linkedin")
    shown = {
        '"Linkedin"': "Linkedin",
        '"linkedin "': "linkedin ",
        '""': "",
        "5": "5",
        "1e400": "1e400",
        "true": "true",
        '["linkedin"]': '["linkedin"]',
        '{"a": 1e400}': '{"a": 1e400}',
        f'"{"x" * 300}"': "x" * 100,
    }
    for value, text in shown.items():
        body = f'{{"type": {value}, "leads": []}}'
        answer = await post_text(client, f"/lead-lists/{created['id']}/leads", body)
        require_error(answer, "unsupported_value", f"'{text}' is not a supported type.", pointer="/type")


async def test_type_must_be_that_of_the_list(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "email", [JANE])
    detail = "'email' is not the type of this lead list."
    require_error(answer, "unsupported_value", detail, pointer="/type")


async def test_unknown_top_level_fields_are_refused(client: Client) -> None:
    created = await create_list(client, "linkedin")
    body = {"extra": 1, "type": "linkedin", "leads": [JANE], "a/b~c": None, "Leads": []}
    answer = await client.post(f"/lead-lists/{created['id']}/leads", json=body)
    assert faults_of(answer) == [
        ("/extra", unsupported("extra")),
        ("/a~1b~0c", unsupported("a/b~c")),
        ("/Leads", unsupported("Leads")),
    ]


async def test_faults_are_told_together_missing_fields_first_then_as_in_the_document(client: Client) -> None:
    path = f"/lead-lists/{(await create_list(client, 'linkedin'))['id']}/leads"
    body = '{"first": 1, "leads": [{"linkedin_url": "x"}, {"title": 2}, 3], "last": 4}'
    assert faults_of(await post_text(client, path, body)) == [
        ("/type", missing("type")),
        ("/first", unsupported("first")),
        ("/leads/0/linkedin_url", unsupported("leads[0].linkedin_url")),
        ("/leads/1/title", unsupported("leads[1].title")),
        ("/leads/1/linkedin_url", missing("leads[1].linkedin_url")),
        ("/leads/2", unsupported("leads[2]")),
        ("/last", unsupported("last")),
    ]
    assert faults_of(await post_text(client, path, "{}")) == [
        ("/type", missing("type")),
        ("/leads", missing("leads")),
    ]
    answer = await post_text(client, path, '{"leads": 1, "type": "foo"}')
    assert [pointer for pointer, _ in faults_of(answer)] == ["/leads", "/type"]


async def test_at_most_a_hundred_faults_are_told(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "email", [{}] * 250)
    faults = faults_of(answer)
    assert len(faults) == 100
    assert faults[0] == ("/type", "'email' is not the type of this lead list.")
    assert faults[1:] == [
        (f"/leads/{place}/linkedin_url", missing(f"leads[{place}].linkedin_url")) for place in range(99)
    ]


async def test_too_many_leads_are_told_alone(client: Client) -> None:
    created = await create_list(client, "linkedin")
    body = {"extra": 1, "type": "foo", "leads": [{}] * 10_001}
    answer = await client.post(f"/lead-lists/{created['id']}/leads", json=body)
    detail = "Number of leads exceeds 10,000 limit."
    require_error(answer, "unsupported_value", detail, pointer="/leads")


@with_settings(max_leads_per_request=2_000, max_leads_per_list=1_000)
async def test_texts_print_the_limits_in_force(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answer = await add_leads(client, created["id"], "linkedin", urls(2_001))
    require_error(answer, "unsupported_value", "Number of leads exceeds 2,000 limit.", pointer="/leads")
    answer = await add_leads(client, created["id"], "linkedin", urls(2_000))
    assert answer.json() == {"total": 2_000, "total_added_to_lead_list": 1_000}
    answer = await add_leads(client, created["id"], "linkedin", [JANE])
    detail = "The maximum of 1,000 leads per list has been reached."
    require_error(answer, "conflict", detail, pointer="/leads")


async def test_one_bad_lead_refuses_the_whole_request(client: Client) -> None:
    created = await create_list(client, "linkedin", options=ALL_OPTIONS)
    before = (await client.get("/credits")).json()
    answer = await add_leads(client, created["id"], "linkedin", [*urls(500), {}, *urls(500, start=500)])
    assert faults_of(answer) == [("/leads/500/linkedin_url", missing("leads[500].linkedin_url"))]
    assert await read_entries(client, created["id"]) == []
    assert (await client.get("/credits")).json() == before


async def test_list_takes_no_leads_once_it_is_canceled(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE])
    await client.patch(f"/lead-lists/{created['id']}", json={"status": "canceled"})
    for leads in ([JOHN], [JANE], []):
        answer = await add_leads(client, created["id"], "linkedin", leads)
        require_error(answer, "conflict", "Lead list is canceled.")


async def test_list_that_is_completed_works_again_when_leads_are_added(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin", [JANE], options={"enrich": True})
    await service.until_completed(client, created["id"])
    await service.rest()
    await add_leads(client, created["id"], "linkedin", [JANE])
    assert (await client.get(f"/lead-lists/{created['id']}")).json()["status"] == "completed"
    await add_leads(client, created["id"], "linkedin", [JOHN])
    answer = await client.get(f"/lead-lists/{created['id']}")
    assert answer.json()["status"] == "queued"
    assert answer.json()["progress"] == {"total": 2, "queued": 1, "processing": 0, "done": 1, "failed": 0}
    assert answer.headers["retry-after"] == "1"
    done = await service.until_completed(client, created["id"])
    assert (done["status"], done["progress"]["done"]) == ("completed", 2)


async def test_few_leads_of_a_list_without_steps_are_done_at_once(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin")
    for leads in ([JANE], [JANE, JOHN]):
        assert (await add_leads(client, created["id"], "linkedin", leads)).status_code == 202
    assert await service.count_jobs() == 1  # that of the empty list
    found = (await client.get(f"/lead-lists/{created['id']}")).json()
    assert found["status"] == "completed"
    assert found["progress"] == {"total": 2, "queued": 0, "processing": 0, "done": 2, "failed": 0}
    assert {lead["status"] for lead in found["leads"]} == {"done"}
    assert await service.query_one("SELECT count(*) FROM entry_summaries WHERE status = 'done'") == 2


async def test_leads_that_come_one_by_one_are_all_done_and_paid_once(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin", options=ALL_OPTIONS)
    before = await service.count_jobs()
    for lead in urls(40):
        assert (await add_leads(client, created["id"], "linkedin", [lead])).status_code == 202
    assert await service.count_jobs() == before + 1
    done = await service.until_completed(client, created["id"])
    assert done["progress"] == {"total": 40, "queued": 0, "processing": 0, "done": 40, "failed": 0}
    together = await create_list(client, "linkedin", urls(40, start=100), options=ALL_OPTIONS)
    await service.until_completed(client, together["id"])
    rows = await service.query(
        "SELECT l.public_id, sum(a.email_held), sum(a.email_spent), sum(a.phone_spent) FROM additions a "
        "JOIN lead_lists l ON l.id = a.list_id GROUP BY l.public_id ORDER BY l.public_id"
    )
    (_, *one_by_one), (_, *at_once) = rows
    assert one_by_one == at_once
    assert one_by_one[0] == 0
    assert min(one_by_one[1:]) > 0


async def test_what_is_done_at_once_leaves_the_rest_of_its_list_to_the_worker(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin", [JANE])
    await add_leads(client, created["id"], "linkedin", [JOHN])
    found = (await client.get(f"/lead-lists/{created['id']}")).json()
    assert (found["status"], found["progress"]["queued"], found["progress"]["done"]) == ("queued", 1, 1)
    done = await service.until_completed(client, created["id"])
    assert done["progress"] == {"total": 2, "queued": 0, "processing": 0, "done": 2, "failed": 0}


async def test_few_leads_that_are_added_to_a_paused_list_wait(client: Client) -> None:
    created = await create_list(client, "linkedin", [JANE])
    assert (await client.post(f"/lead-lists/{created['id']}/pause")).status_code == 200
    await add_leads(client, created["id"], "linkedin", [JOHN])
    found = (await client.get(f"/lead-lists/{created['id']}")).json()
    assert found["progress"] == {"total": 2, "queued": 2, "processing": 0, "done": 0, "failed": 0}
    assert (await client.post(f"/lead-lists/{created['id']}/resume")).status_code == 200


async def test_leads_sent_at_the_same_time_are_added_once(client: Client) -> None:
    created = await create_list(client, "linkedin")
    batches = [urls(60), urls(60), urls(60, start=30), urls(90)]
    answers = await asyncio.gather(
        *(add_leads(client, created["id"], "linkedin", batch) for batch in batches)
    )
    assert sum(answer.json()["total_added_to_lead_list"] for answer in answers) == 90
    entries = await read_entries(client, created["id"])
    assert sorted(entry["linkedin_url"] for entry in entries) == sorted(
        lead["linkedin_url"] for lead in urls(90)
    )


@with_settings(max_leads_per_list=25)
async def test_list_never_holds_more_than_fits_however_many_add_at_the_same_time(client: Client) -> None:
    created = await create_list(client, "linkedin")
    answers = await asyncio.gather(
        *(add_leads(client, created["id"], "linkedin", urls(10, start=10 * batch)) for batch in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [202, 202, 202, 409, 409]
    assert len(await read_entries(client, created["id"])) == 25


async def test_leads_added_while_the_list_is_processed_are_processed_too(
    client: Client, service: Service
) -> None:
    created = await create_list(client, "linkedin", urls(30), options={"enrich": True})
    await service.work()
    for batch in range(1, 6):
        answer = await add_leads(client, created["id"], "linkedin", urls(30, start=20 * batch))
        assert answer.json()["total_added_to_lead_list"] == 20
    done = await service.until_completed(client, created["id"])
    assert done["progress"] == {"total": 130, "queued": 0, "processing": 0, "done": 130, "failed": 0}
    assert (await client.get("/credits")).json()["email"] == {
        "balance": 99_805,
        "held": 0,
        "available": 99_805,
    }


@with_settings(price_person_found=60_000)
async def test_credits_that_suffice_for_one_are_not_held_for_two_at_the_same_time(client: Client) -> None:
    lists = [await create_list(client, "linkedin", options={"enrich": True}) for _ in range(4)]
    answers = await asyncio.gather(*(add_leads(client, made["id"], "linkedin", [JANE]) for made in lists))
    assert sorted(answer.status_code for answer in answers) == [202, 402, 402, 402]
    assert (await client.get("/credits")).json()["email"]["held"] == 60_001


@pytest.mark.parametrize("list_type", ["linkedin", "email", "titles_and_company"])
async def test_same_lead_written_differently_is_a_duplicate(client: Client, list_type: str) -> None:
    spellings = {
        "linkedin": [
            '{"linkedin_url": "https://de.linkedin.com/in/Jane-Doe/?a=b"}',
            '{"linkedin_url": "linkedin.com/in/jane%2Ddoe"}',
        ],
        "email": ['{"email": " Jane@ACME.example "}', '{"email": "jane@acme.example"}'],
        "titles_and_company": [
            '{"title": "Head  of Sales", "company_name": "Acme, Inc."}',
            '{"title": "head of sales", "company_name": "ACME"}',
        ],
    }
    created = await create_list(client, list_type)
    answer = await post_leads(client, created["id"], list_type, *spellings[list_type])
    assert answer.json() == {"total": 2, "total_added_to_lead_list": 1}


async def test_list_that_an_earlier_cap_let_grow_keeps_its_leads(client: Client, service: Service) -> None:
    created = await create_list(client, "linkedin", urls(3))
    await service.until_completed(client, created["id"])
    await execute(service, "UPDATE lead_lists SET capacity = 3")
    answer = await add_leads(client, created["id"], "linkedin", urls(2, start=3))
    assert answer.json()["total_added_to_lead_list"] == 2
