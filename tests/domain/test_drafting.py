"""Drafts that are made while those before them are stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from leadyard.domain.drafting import LazyDrafts, draft_leads, parts_of, require_whole, split_leads
from leadyard.domain.identity import InvalidIdentity
from leadyard.domain.leads import LeadDraft, ListType, UnusableLead

MAKERS: dict[ListType, Callable[[int], dict[str, Any]]] = {
    ListType.LINKEDIN: lambda at: {
        "linkedin_url": f"linkedin.com/in/P{at}",
        "email": "none" if at % 2 else "a@b.example",
    },
    ListType.EMAIL: lambda at: {"email": f"P{at}@Acme.Example", "note": at},
    ListType.TITLES_AND_COMPANY: lambda at: {"title": f"CEO {at}", "company_domain": "acme.com"},
}


def nothing_more() -> bool:
    """There is nothing else to look at."""
    return False


def lazy(list_type: ListType, leads: list[Any], look_on: Callable[[], bool] = nothing_more) -> LazyDrafts:
    """The drafts of these leads, most of them yet to be made."""
    text = json.dumps(leads).encode()
    return LazyDrafts(list_type, text, split_leads(msgspec.Raw(text)).each, look_on)


def emails(count: int, **more: Any) -> list[Any]:
    return [{**MAKERS[ListType.EMAIL](at), **more} for at in range(count)]


@pytest.mark.parametrize("list_type", list(ListType))
@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1_700])
def test_drafts_made_in_parts_are_those_made_at_once(list_type: ListType, count: int) -> None:
    leads = [MAKERS[list_type](at) for at in range(count)]
    at_once, faults = draft_leads(list_type, split_leads(msgspec.Raw(json.dumps(leads).encode())))
    drafts = lazy(list_type, leads)
    assert faults == []
    assert drafts[:: max(1, count // 7)] == at_once[:: max(1, count // 7)]
    assert drafts[-1:] == at_once[-1:]
    if count:
        assert drafts[-1] == at_once[-1]
    assert (len(drafts), list(drafts), list(drafts)) == (count, at_once, at_once)
    places = [place for place in (0, 498, 500, -1) if -count <= place < count]
    assert [drafts[place] for place in places] == [at_once[place] for place in places]


def test_parts_are_small_in_leads_and_in_bytes() -> None:
    # The last is a look at how deep they are nested.
    assert [len(part) for part in lazy(ListType.EMAIL, emails(1_200)).parts()] == [500, 500, 200, 0]
    sizes = [len(part) for part in lazy(ListType.EMAIL, emails(400, note="x" * 3_000)).parts()]
    assert max(sizes) < 90
    assert sum(sizes) == 400


def test_two_who_ask_both_get_all_drafts() -> None:
    drafts = lazy(ListType.EMAIL, emails(1_600))
    first = drafts.parts()
    begun = [next(first), next(first)]
    everything = list(drafts)
    assert [draft for part in [*begun, *first] for draft in part] == everything
    assert len(everything) == 1_600


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"email": "nobody"}, InvalidIdentity),
        ({"title": "CEO"}, UnusableLead),
        ({"email": 7}, msgspec.ValidationError),
    ],
)
def test_lead_that_cannot_be_used_is_told_whenever_its_part_is_asked_for(
    wrong: dict[str, Any], error: type[Exception]
) -> None:
    drafts = lazy(ListType.EMAIL, [*emails(1_100), wrong, *emails(500)])
    parts = drafts.parts()
    assert len([*next(parts), *next(parts)]) == 1_000
    with pytest.raises(error):
        next(parts)
    for _ in range(2):
        with pytest.raises(error):
            require_whole(drafts)


def test_lead_of_the_first_part_that_cannot_be_used_is_told_at_once() -> None:
    with pytest.raises(InvalidIdentity):
        lazy(ListType.EMAIL, [*emails(499), {"email": "nobody"}, *emails(500)])


@pytest.mark.parametrize(("count", "looked_at_once"), [(0, 3), (500, 3), (501, 0)])
def test_what_else_is_to_be_looked_at_comes_after_the_last_draft(count: int, looked_at_once: int) -> None:
    looks: list[int] = []

    def look_on() -> bool:
        looks.append(len(looks))
        return len(looks) % 3 != 0

    drafts = lazy(ListType.EMAIL, emails(count), look_on)
    assert len(looks) == looked_at_once
    sizes = []
    for part in drafts.parts():
        assert bool(part) == (len(looks) == looked_at_once)
        sizes.append(len(part))
    looks_left = 2 + (not looked_at_once)
    assert sizes == [size for size in (min(500, count), max(0, count - 500)) if size] + [0] * looks_left
    assert len(looks) == looked_at_once + 3


def test_what_is_found_beside_the_drafts_is_told_each_time() -> None:
    def find() -> bool:
        raise ZeroDivisionError

    drafts = lazy(ListType.EMAIL, emails(600), find)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            list(drafts)


def test_leads_nested_too_deep_are_told_each_time_after_the_last_draft() -> None:
    deep = {"email": "a@acme.example", "note": json.loads("[" * 200 + "]" * 200)}
    drafts = lazy(ListType.EMAIL, [*emails(1_100), deep, *emails(500)])
    for _ in range(2):
        seen: list[Any] = []
        with pytest.raises(UnusableLead):
            seen.extend(drafts.parts())
        assert sum(map(len, seen)) == 1_601
    with pytest.raises(UnusableLead):
        lazy(ListType.EMAIL, [*emails(10), deep])


def test_drafts_that_are_there_come_in_parts_too() -> None:
    drafts = [LeadDraft(at, f"key-{at}", msgspec.Raw(b"{}"), False) for at in range(1_001)]
    assert [len(part) for part in parts_of(drafts)] == [500, 500, 1]
    assert [draft for part in parts_of(drafts) for draft in part] == drafts
    assert list(parts_of([])) == []
