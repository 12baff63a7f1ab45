from __future__ import annotations

import sys

import pytest

from leadyard_client import Entry, MissingLibrary, PhoneNumber, to_arrow, to_dataframe, to_rows
from leadyard_client.results.batches import EmailValidationResult

ENTRIES = [
    Entry("1", "done", email="ann@acme.example", data={"campaign": "spring"}),
    Entry(
        "2",
        "done",
        phone_numbers=(PhoneNumber("+3511", "work"), PhoneNumber("+3512", "mobile")),
        email_validation_result=EmailValidationResult("joe@acme.example", "risky", True),
        data={},
    ),
]


def test_rows_are_flat() -> None:
    ann, joe = to_rows(ENTRIES)
    assert (ann["email"], ann["data_campaign"], ann["phone_numbers"]) == ("ann@acme.example", "spring", None)
    assert (joe["phone_numbers"], joe["email_validation_result_result"]) == ("+3511, +3512", "risky")


def test_arrow_table_has_a_column_for_each_member_that_a_row_has() -> None:
    table = to_arrow(ENTRIES)
    assert table.num_rows == 2
    assert table.column("data_campaign").to_pylist() == ["spring", None]
    assert table.column("email_validation_result_catch_all").to_pylist() == [None, True]


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingLibrary, match=r"pip install leadyard-client\[pandas\]"):
        to_dataframe(ENTRIES)
