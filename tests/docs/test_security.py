"""docs/explanation/security.md names tests that there are, and tells of scopes what the code says."""

from __future__ import annotations

import re

from tests.docs.pages import code_spans, read, table

from leadyard.domain.accounts import SCOPES_OF, Role, Scope

PAGE = "docs/explanation/security.md"


def test_every_risk_names_tests_that_there_are() -> None:
    rows = table(read(PAGE), "Risk")
    assert [row[0].split()[0] for row in rows] == [f"API{number}" for number in range(1, 11)]
    for risk, done, tests in rows:
        named = code_spans(tests)
        assert done, risk
        assert named, risk
        for name in named:
            path, _, function = name.partition("::")
            assert re.search(rf"^(?:async )?def {function}\(", read(path), re.MULTILINE), name


def test_every_promise_of_signing_in_names_tests_that_there_are() -> None:
    rows = table(read(PAGE), "Promise")
    assert len(rows) > 5
    for promise, done, tests in rows:
        assert done, promise
        for name in code_spans(tests):
            path, _, function = name.partition("::")
            assert re.search(rf"^(?:async )?def {function}\(", read(path), re.MULTILINE), name


def test_scopes_are_those_of_the_roles() -> None:
    rows = table(read(PAGE), "Scope")
    documented = {row[0].strip("`"): set(row[2].split(", ")) for row in rows}
    assert documented == {scope: {role for role in Role if scope in SCOPES_OF[role]} for scope in Scope}
