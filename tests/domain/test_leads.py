"""What makes a lead usable, and what is kept of it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.drafting import draft_leads, split_leads
from leadyard.domain.errors import MAX_FAULTS, ErrorCode, Fault
from leadyard.domain.leads import (
    LeadDraft,
    LeadFields,
    ListType,
    UnusableLead,
    explain_lead,
    lead_key,
    other_members,
    read_fields,
    sent_email,
)
from leadyard.domain.nesting import MAX_NESTING

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
GOOD: dict[ListType, dict[str, Any]] = {
    ListType.LINKEDIN: {"linkedin_url": "linkedin.com/in/jane"},
    ListType.EMAIL: {"email": "Jane@A.example"},
    ListType.TITLES_AND_COMPANY: {"title": "CEO", "company_domain": "acme.com"},
}


def draft(list_type: ListType, *leads: Any) -> tuple[list[LeadDraft], list[Fault]]:
    """What checking these leads comes to."""
    return draft_leads(list_type, split_leads(msgspec.Raw(json.dumps(leads).encode())))


@pytest.mark.parametrize("list_type", list(ListType))
def test_sound_leads_are_drafts_in_the_order_sent(list_type: ListType) -> None:
    drafts, faults = draft(list_type, GOOD[list_type], {**GOOD[list_type], "note": [1, {"deep": None}]})
    assert faults == []
    assert [each.place for each in drafts] == [0, 1]
    assert drafts[0].key == drafts[1].key == lead_key(list_type, read_fields(drafts[0].raw))
    assert json.loads(bytes(drafts[1].raw)) == {**GOOD[list_type], "note": [1, {"deep": None}]}


@pytest.mark.parametrize(
    ("list_type", "lead", "expected"),
    [
        (ListType.LINKEDIN, {}, [("Missing field from request: leads[1].linkedin_url", "linkedin_url")]),
        (ListType.EMAIL, {"email": ""}, [("Missing field from request: leads[1].email", "email")]),
        (ListType.EMAIL, {"email": None}, [("Missing field from request: leads[1].email", "email")]),
        (
            ListType.TITLES_AND_COMPANY,
            {},
            [
                ("Missing field from request: leads[1].title", "title"),
                ("Missing field from request: leads[1].company_name", "company_name"),
            ],
        ),
        (
            ListType.EMAIL,
            {"email": "nobody"},
            [("Unsupported value provided for field: leads[1].email", "email")],
        ),
        (
            ListType.LINKEDIN,
            {"title": 1, "linkedin_url": ["x"]},
            [
                ("Unsupported value provided for field: leads[1].title", "title"),
                ("Unsupported value provided for field: leads[1].linkedin_url", "linkedin_url"),
            ],
        ),
        (ListType.EMAIL, "nobody", [("Unsupported value provided for field: leads[1]", None)]),
        (ListType.EMAIL, [], [("Unsupported value provided for field: leads[1]", None)]),
        (ListType.EMAIL, None, [("Unsupported value provided for field: leads[1]", None)]),
    ],
)
def test_faults_are_told_as_the_contract_words_them(
    list_type: ListType, lead: Any, expected: list[tuple[str, str | None]]
) -> None:
    drafts, faults = draft(list_type, GOOD[list_type], lead)
    assert drafts == []
    assert [(fault.detail, fault.pointer) for fault in faults] == [
        (detail, "/leads/1" if field is None else f"/leads/1/{field}") for detail, field in expected
    ]
    assert {fault.code for fault in faults} == {ErrorCode.UNSUPPORTED_VALUE}


def test_no_more_than_a_hundred_faults_are_told_in_the_order_of_the_leads() -> None:
    _, faults = draft(ListType.TITLES_AND_COMPANY, *[{}] * 80, *[GOOD[ListType.TITLES_AND_COMPANY]] * 900, {})
    assert len(faults) == MAX_FAULTS
    assert [fault.pointer for fault in faults[:3]] == [
        "/leads/0/title",
        "/leads/0/company_name",
        "/leads/1/title",
    ]


@pytest.mark.parametrize("list_type", list(ListType))
def test_fault_is_found_wherever_it_is_among_many_leads(list_type: ListType) -> None:
    leads: list[Any] = [GOOD[list_type]] * 1_700
    assert len(draft(list_type, *leads)[0]) == 1_700
    for places in ([0], [499, 500], [1_699], [3, 1_001, 1_698], list(range(7, 1_700, 19))):
        broken = [None if place in places else lead for place, lead in enumerate(leads)]
        drafts, faults = draft(list_type, *broken)
        assert drafts == []
        assert [fault.pointer for fault in faults] == [f"/leads/{place}" for place in places]


def test_the_first_hundred_faults_are_told_wherever_they_are() -> None:
    leads = [None if place % 7 == 3 else GOOD[ListType.EMAIL] for place in range(1_700)]
    _, faults = draft(ListType.EMAIL, *leads)
    assert [fault.pointer for fault in faults] == [f"/leads/{3 + 7 * number}" for number in range(MAX_FAULTS)]


def test_drafts_of_many_leads_have_their_places() -> None:
    leads = [{"email": f"a{number}@a.example"} for number in range(1_203)]
    drafts, faults = draft(ListType.EMAIL, *leads)
    assert faults == []
    assert [(each.place, each.key) for each in drafts] == [
        (place, lead["email"]) for place, lead in enumerate(leads)
    ]


@given(leads=st.lists(st.one_of(JSON_VALUES, st.sampled_from(list(GOOD.values()))), max_size=6))
@pytest.mark.parametrize("list_type", list(ListType))
def test_either_all_leads_are_drafts_or_each_fault_is_told(list_type: ListType, leads: list[Any]) -> None:
    drafts, faults = draft(list_type, *leads)
    if faults:
        assert drafts == []
        places = [int(str(fault.pointer).split("/")[2]) for fault in faults]
        assert places == sorted(places)
        raws = split_leads(msgspec.Raw(json.dumps(leads).encode())).each
        assert set(places) == {place for place, raw in enumerate(raws) if explain_lead(list_type, raw)}
    else:
        assert [json.loads(bytes(each.raw)) for each in drafts] == leads


@given(
    extra=st.dictionaries(st.text(max_size=8), JSON_VALUES, max_size=5),
    email=st.sampled_from(["jane@a.example", "no address", "", None]),
)
def test_whatever_is_not_known_is_kept_as_sent(extra: dict[str, Any], email: str | None) -> None:
    extra = {name: value for name, value in extra.items() if name not in LeadFields.__struct_fields__}
    drafts, _ = draft(ListType.LINKEDIN, {**GOOD[ListType.LINKEDIN], "email": email, **extra})
    kept = {name: json.loads(bytes(value)) for name, value in other_members(drafts[0].raw).items()}
    expected = {**extra, "email": email} if email == "no address" else extra
    assert kept == expected
    assert drafts[0].has_email == (email == "jane@a.example")


@pytest.mark.parametrize(("depth", "is_taken"), [(MAX_NESTING, True), (MAX_NESTING + 1, False)])
def test_lead_that_could_not_be_read_again_is_refused(depth: int, is_taken: bool) -> None:
    value: Any = "x" * 600
    for _ in range(depth - 1):
        value = [value]
    drafts, faults = draft(ListType.LINKEDIN, {**GOOD[ListType.LINKEDIN], "note": value})
    assert (bool(drafts), bool(faults)) == (is_taken, not is_taken)
    if is_taken:
        assert "note" in other_members(drafts[0].raw)


@pytest.mark.parametrize("list_type", list(ListType))
@pytest.mark.parametrize("name", LeadFields.__struct_fields__)
@pytest.mark.parametrize("value", [1, True, 1.5, [], {}])
def test_known_field_that_is_no_string_is_refused(list_type: ListType, name: str, value: Any) -> None:
    _, faults = draft(list_type, {**GOOD[list_type], name: value})
    assert faults[0].pointer == f"/leads/0/{name}"


@pytest.mark.parametrize(
    ("email", "expected"),
    [("Jane@A.Example", "jane@a.example"), ("no address", None), ("", None), (None, None)],
)
def test_sent_email_is_normalized_or_none(email: str | None, expected: str | None) -> None:
    assert sent_email(email) == expected


def test_lead_without_what_its_list_needs_is_unusable() -> None:
    with pytest.raises(UnusableLead):
        lead_key(ListType.LINKEDIN, LeadFields(email="jane@a.example"))
