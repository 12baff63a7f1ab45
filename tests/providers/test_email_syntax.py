"""Addresses that others use to test what an address is."""

from __future__ import annotations

import re

from tests.support.corpora import read_cases

from leadyard.domain.identity import InvalidIdentity, email_key

SIMPLE = re.compile(r"[!-~]*")
NOT_SIMPLE = re.compile(r'["()<>\[\]\\]')
NOBODYS = re.compile(r"[^@]+@(?:[a-z]+|.*\.[a-z]*[0-9]+)")
"""Valid by the letter, but nobody has it: at a top-level domain itself, or below one with a digit."""


def is_address(text: str) -> bool:
    try:
        email_key(text)
    except InvalidIdentity:
        return False
    return True


def test_simple_addresses_are_told_from_what_is_none() -> None:
    """Simple: one word of ASCII, without quotes, comments, literals and names: these we refuse."""
    cases = [
        case
        for case in read_cases("email-syntax.jsonl")
        if case["expect"] in ("valid", "invalid")
        and SIMPLE.fullmatch(case["input"])
        and not NOT_SIMPLE.search(case["input"])
        and not NOBODYS.fullmatch(case["input"])
    ]
    wrong = [case["input"] for case in cases if is_address(case["input"]) != (case["expect"] == "valid")]
    assert len(cases) > 150
    assert len(wrong) <= 0.01 * len(cases), wrong


def test_addresses_that_nobody_can_have_are_refused() -> None:
    refused = {"rfc5321-special", "reserved-domain", "strict-invalid"}
    cases = [case["input"] for case in read_cases("email-syntax.jsonl") if case["expect"] in refused]
    assert [text for text in cases if is_address(text)] == []
