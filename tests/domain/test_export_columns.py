"""The cells of an export: their text, and that no spreadsheet takes one for a formula."""

from __future__ import annotations

import pytest

from leadyard.domain.entries import Entry, EntryStatus, Findings
from leadyard.domain.export_columns import cell_text, defuse
from leadyard.domain.people import Person
from leadyard.domain.shown import show_lead
from leadyard.domain.summaries import fold, summarize


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd",
        "-2+3",
        "@SUM(A1)",
        "|x",
        "%x",
        "\tx",
        "\rx",
        "\nx",
        " =1",
        "\u200b=1",
        "\ufeff\u00a0=1",
        "＝1",
        "＋1",
        "＠x",
    ],
)
def test_cell_that_begins_like_a_formula_is_defused(text: str) -> None:
    assert defuse(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Jane", "a=1", "+351 210 000 000", "+1 (555) 010-0199", "3-4", " "])
def test_other_cells_and_phone_numbers_stay_as_they_are(text: str) -> None:
    assert defuse(text) == text


def test_cells_are_texts() -> None:
    values = [None, "x", True, False, [], ["+1", "+2"], {}, {"a": [1]}, 1.5, [1, None]]
    texts = ["", "x", "true", "false", "", "+1; +2", "", '{"a":[1]}', "1.5", "[1,null]"]
    assert [cell_text(value) for value in values] == texts


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ('{"name": " Jane Roe "}', "Jane Roe"),
        ('{"full_name": "Jane Roe", "first_name": "J"}', "Jane Roe"),
        ('{"first_name": "Jane", "last_name": "Roe"}', "Jane Roe"),
        ('{"name": 7, "last_name": "Roe"}', "Roe"),
        ("{}", None),
    ],
)
def test_name_is_the_one_sent_where_none_was_found(raw: str, name: str | None) -> None:
    assert show_lead(Entry(1, raw, EntryStatus.QUEUED, Findings())).name == name
    found = Findings(person=Person(id="p", first_name="Joan", last_name="Doe"))
    assert show_lead(Entry(1, raw, EntryStatus.DONE, found)).name == "Joan Doe"


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ('{"full_name": "Jane  van Roe"}', ("Jane", "van Roe")),
        ('{"name": "Jane Roe", "first_name": "J"}', ("J", None)),
        ('{"name": "Jane"}', ("Jane", None)),
        ("{}", (None, None)),
    ],
)
def test_parts_of_a_name_are_those_sent_where_none_was_found(raw: str, parts: tuple[str | None, ...]) -> None:
    assert show_lead(Entry(1, raw, EntryStatus.QUEUED, Findings())).parts_of_name == parts
    found = Findings(person=Person(id="p", last_name="Doe"))
    assert show_lead(Entry(1, raw, EntryStatus.DONE, found)).parts_of_name == (None, "Doe")


def test_summary_is_folded_and_holds_no_nul() -> None:
    raw = '{"title": "  Chief\\u0000 Ärzt  IN ", "company_domain": "ACME.example"}'
    summary = summarize(Entry(1, raw, EntryStatus.DONE, Findings()))
    assert (summary.title, summary.company, summary.email) == ("chief ärzt in", "acme.example", None)
    assert fold("STRASSE") == fold("straße")
