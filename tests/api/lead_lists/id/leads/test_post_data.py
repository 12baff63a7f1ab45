"""What a caller sends beside the known fields comes back in `data`, as it was sent."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.api.support import (
    faults_of,
    missing,
    parse_exactly,
    post_leads,
    read_entries,
    unsupported,
)
from tests.support.installation import Client, create_list

URL = '"linkedin_url": "linkedin.com/in/jane"'


async def data_after(client: Client, members: str) -> str:
    """The JSON text of `data`, after a lead with these members was added and read."""
    created = await create_list(client, "linkedin")
    answer = await post_leads(client, created["id"], "linkedin", f"{{{members}}}")
    assert answer.status_code == 202, answer.text
    body = (await client.get(f"/lead-lists/{created['id']}")).text
    _, _, rest = body.partition('"data":')
    _, end = json.JSONDecoder().raw_decode(rest)
    return rest[:end]


async def test_numbers_come_back_as_they_are_written(client: Client) -> None:
    numbers = "[1.0, -0, 0.10, 1e400, -1E-400, 123456789012345678901234567890, 1.000000000000000000001, 1E+2]"
    assert await data_after(client, f'{URL}, "n": {numbers}') == f'{{"n":{numbers}}}'


async def test_strings_come_back_with_their_escapes(client: Client) -> None:
    text = r'"\u0000 \ud83d\ude00 \u00e9 é 日本 😀 \/ \" \\ \n"'
    assert await data_after(client, f'{URL}, "s": {text}') == f'{{"s":{text}}}'


async def test_nesting_and_order_come_back_as_they_were(client: Client) -> None:
    members = '"z": {"b": [1, {"a": null}], "a": {}}, "a": [[], [[]]], "é\\u0020": true, "": false'
    text = await data_after(client, f'"y": "first", {URL}, {members}')
    assert parse_exactly(text) == parse_exactly(f'{{"y": "first", {members}}}')


async def test_known_fields_are_not_repeated_in_data(client: Client) -> None:
    known = '"email": "jane@acme.example", "title": "CTO", "company_name": null, "company_domain": ""'
    assert await data_after(client, f'{URL}, {known}, "x": 1') == '{"x":1}'


async def test_field_names_are_known_in_their_own_spelling_only(client: Client) -> None:
    members = '"Email": 5, "e-mail": "x", "LINKEDIN_URL": null'
    assert json.loads(await data_after(client, f"{URL}, {members}")) == json.loads(f"{{{members}}}")


async def test_name_written_with_escapes_is_the_known_field(client: Client) -> None:
    created = await create_list(client, "linkedin")
    lead = r'{"linkedin\u005furl": "linkedin.com/in/jane"}'
    assert (await post_leads(client, created["id"], "linkedin", lead)).status_code == 202
    (entry,) = await read_entries(client, created["id"])
    assert (entry["linkedin_url"], entry["data"]) == ("linkedin.com/in/jane", {})


async def test_email_that_cannot_be_used_is_kept_in_data_only_and_in_its_place(client: Client) -> None:
    created = await create_list(client, "linkedin")
    lead = f'{{"a": 1, "email": "no e-mail", {URL}, "b": 2}}'
    assert (await post_leads(client, created["id"], "linkedin", lead)).status_code == 202
    (entry,) = await read_entries(client, created["id"])
    assert entry["email"] is None
    assert list(entry["data"].items()) == [("a", 1), ("email", "no e-mail"), ("b", 2)]


async def test_linkedin_url_that_cannot_be_used_is_kept_beside_an_email(client: Client) -> None:
    created = await create_list(client, "email")
    lead = '{"email": "jane@acme.example", "linkedin_url": "unknown"}'
    assert (await post_leads(client, created["id"], "email", lead)).status_code == 202
    (entry,) = await read_entries(client, created["id"])
    assert (entry["linkedin_url"], entry["data"]) == ("unknown", {})


async def test_of_a_repeated_name_the_last_value_counts(client: Client) -> None:
    created = await create_list(client, "email")
    lead = '{"email": "first@acme.example", "x": 1, "email": "last@acme.example", "x": 2}'
    assert (await post_leads(client, created["id"], "email", lead)).json()["total_added_to_lead_list"] == 1
    (entry,) = await read_entries(client, created["id"])
    assert (entry["email"], entry["data"]) == ("last@acme.example", {"x": 2})


async def test_repeated_name_is_at_fault_when_one_of_its_values_is(client: Client) -> None:
    created = await create_list(client, "email")
    good, bad = '"email": "jane@acme.example"', '"email": 5'
    answer = await post_leads(client, created["id"], "email", f"{{{bad}, {good}}}", f"{{{good}, {bad}}}")
    assert faults_of(answer) == [
        ("/leads/0", unsupported("leads[0]")),
        ("/leads/1/email", unsupported("leads[1].email")),
    ]
    answer = await post_leads(client, created["id"], "email", f'{{"title": [], {good}, "title": "CTO"}}')
    assert faults_of(answer) == [("/leads/0", unsupported("leads[0]"))]
    answer = await post_leads(client, created["id"], "email", f'{{{good}, "email": null}}')
    assert faults_of(answer) == [("/leads/0/email", missing("leads[0].email"))]


async def test_of_a_repeated_top_level_field_the_last_counts(client: Client) -> None:
    created = await create_list(client, "linkedin")
    body = f'{{"type": "foo", "leads": 5, "leads": [{{{URL}}}], "type": "linkedin"}}'
    answer = await client.post(
        f"/lead-lists/{created['id']}/leads", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.json() == {"total": 1, "total_added_to_lead_list": 1}


async def test_lead_nested_deeper_than_two_hundred_is_refused(client: Client) -> None:
    created = await create_list(client, "linkedin")

    def lead(depth: int) -> str:
        return f'{{{URL}, "x": {"[" * (depth - 1)}"]]]]"{"]" * (depth - 1)}}}'

    assert (await post_leads(client, created["id"], "linkedin", lead(200))).status_code == 202
    (entry,) = await read_entries(client, created["id"])
    assert json.dumps(entry["data"]).count("[[") > 90
    answer = await post_leads(client, created["id"], "linkedin", lead(201))
    assert faults_of(answer) == [("/leads/0", unsupported("leads[0]"))]


async def test_many_brackets_beside_each_other_and_in_texts_are_no_depth(client: Client) -> None:
    created = await create_list(client, "linkedin")
    side_by_side, text, nested = ", ".join(["[{}]"] * 300), "[{" * 300, '[{"a":' * 100 + "1" + "}]" * 100
    wide = f'{{{URL}, "x": [{side_by_side}], "y": "{text}"}}'
    assert (await post_leads(client, created["id"], "linkedin", wide)).status_code == 202
    deep = f'{{{URL}, "x": {nested}}}'
    answer = await post_leads(client, created["id"], "linkedin", deep)
    assert faults_of(answer) == [("/leads/0", unsupported("leads[0]"))]


async def test_no_depth_of_nesting_makes_the_service_fail(client: Client) -> None:
    created = await create_list(client, "linkedin")
    path = f"/lead-lists/{created['id']}/leads"
    bodies = (
        '{"type": %s, "leads": []}',
        '{"type": "linkedin", "leads": %s}',
        '{"type": "linkedin", "leads": [{"linkedin_url": %s}]}',
        '{"type": "linkedin", "leads": [{"linkedin_url": "linkedin.com/in/a", "x": %s}]}',
    )
    headers = {"Content-Type": "application/json"}
    for depth in (*range(900, 1000), 100_000):
        value = "[" * depth + "]" * depth
        for body in bodies:
            answer = await client.post(path, content=body % value, headers=headers)
            assert answer.status_code == 400, (depth, body)
    assert faults_of(answer) == [("", "The request body is nested too deep.")]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=5), min_size=1, max_size=8),
    is_ascii=st.booleans(),
)
async def test_any_json_comes_back_as_it_was_sent(
    client: Client, data: list[dict[str, Any]], is_ascii: bool
) -> None:
    known = {"linkedin_url", "email", "title", "company_name", "company_domain"}
    created = await create_list(client, "linkedin")
    leads = [
        {
            "linkedin_url": f"linkedin.com/in/p{place}",
            **{f"{name}_": value for name, value in members.items()},
        }
        for place, members in enumerate(data)
    ]
    texts = [json.dumps(lead, ensure_ascii=is_ascii) for lead in leads]
    answer = await post_leads(client, created["id"], "linkedin", *texts)
    assert answer.status_code == 202, answer.text
    for lead, entry in zip(leads, await read_entries(client, created["id"]), strict=True):
        assert list(entry["data"].items()) == [item for item in lead.items() if item[0] not in known]
