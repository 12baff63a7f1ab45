"""Whom the clues of a lead lead to, and what keeps them from leading anywhere."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from leadyard.domain.clues import (
    PersonClues,
    clues_key,
    draft_people,
    kind_of,
    person_name,
    read_clues,
    split_key,
)
from leadyard.domain.drafting import split_leads
from leadyard.domain.leads import ListType, UnusableLead

JANE = {"linkedin_url": "https://www.linkedin.com/in/Jane", "email": "j@acme.example"}


def draft(*leads: Any) -> Any:
    return draft_people(split_leads(msgspec.Raw(json.dumps(leads).encode())))


@pytest.mark.parametrize(
    ("clues", "kind", "key"),
    [
        (JANE, ListType.LINKEDIN, "jane"),
        ({**JANE, "email": "none", "name": "Jane"}, ListType.LINKEDIN, "jane"),
        ({"linkedin_url": "linkedin.com/sales/lead/ACwA,x"}, ListType.LINKEDIN, "sales:ACwA"),
        ({"email": "Jane@ACME.example", "title": "CEO"}, ListType.EMAIL, "jane@acme.example"),
        ({"title": "CEO", "company_name": "Acme Inc."}, ListType.TITLES_AND_COMPANY, "ceo\tacme"),
        (
            {"title": " ceo ", "company_domain": "www.acme.example", "name": "Jane  DOE"},
            ListType.TITLES_AND_COMPANY,
            "ceo\tacme.example\tjane doe",
        ),
        (
            {"first_name": "Jane", "last_name": "Doe", "name": "Other", "company_name": "ACME"},
            ListType.TITLES_AND_COMPANY,
            "\tacme\tjane doe",
        ),
        ({"name": "Jane", "title": "", "company_name": "ACME"}, ListType.TITLES_AND_COMPANY, "\tacme\tjane"),
    ],
)
def test_surest_clue_is_the_key(clues: dict[str, str], kind: ListType, key: str) -> None:
    given = PersonClues(**clues)
    assert kind_of(given) is kind
    assert split_key(clues_key(given)) == (kind, key)


@pytest.mark.parametrize(
    ("clues", "field"),
    [
        ({}, "linkedin_url"),
        ({"linkedin_url": "", "email": ""}, "linkedin_url"),
        ({"name": "Jane"}, "company_name"),
        ({"title": "CEO"}, "company_name"),
        ({"title": "CEO", "name": "Jane"}, "company_name"),
        ({"company_name": "Acme"}, "name"),
        ({"company_domain": "acme.example", "first_name": " "}, "name"),
    ],
)
def test_what_is_missing_is_named(clues: dict[str, str], field: str) -> None:
    with pytest.raises(UnusableLead) as raised:
        clues_key(PersonClues(**clues))
    assert [(fault.field, fault.is_missing) for fault in raised.value.faults] == [(field, True)]


@pytest.mark.parametrize(
    ("clues", "name"),
    [
        ({}, (None, None)),
        ({"name": "  "}, (None, None)),
        ({"name": "Jane"}, ("Jane", None)),
        ({"name": " Jane  van\tDoe "}, ("Jane", "van Doe")),
        ({"name": "Other One", "last_name": "Doe"}, (None, "Doe")),
        ({"name": "Other One", "first_name": "", "last_name": ""}, ("Other", "One")),
    ],
)
def test_name_has_two_parts(clues: dict[str, str], name: tuple[str | None, str | None]) -> None:
    assert person_name(PersonClues(**clues)) == name


def test_keys_fit_an_index_whatever_is_sent() -> None:
    """A row of a PostgreSQL index holds 2,704 bytes."""
    text = "é\0 \ud800ﷺ" * 5_000
    key = clues_key(PersonClues(name=text, title=text, company_name=text))
    assert len(key.encode()) < 2_000


def test_drafts_keep_known_fields_that_are_there_and_nothing_else() -> None:
    drafts, faults = draft({**JANE, "title": "", "name": None, "tags": [1]}, {"email": "x@acme.example"})
    assert faults == []
    assert [(made.place, made.has_email) for made in drafts] == [(0, True), (1, True)]
    assert json.loads(bytes(drafts[0].raw)) == JANE
    assert read_clues(drafts[0].raw) == PersonClues(**JANE)


def test_email_that_cannot_be_used_was_not_sent() -> None:
    drafts, _ = draft({**JANE, "email": "none"}, {"title": "CEO", "company_name": "Acme"})
    assert [made.has_email for made in drafts] == [False, False]


def test_name_that_comes_twice_spoils_the_lead() -> None:
    text = b'[{"email": 7, "email": "jane@acme.example"}]'
    drafts, faults = draft_people(split_leads(msgspec.Raw(text)))
    assert (drafts, [fault.pointer for fault in faults]) == ([], ["/leads/0"])
