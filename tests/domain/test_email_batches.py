"""The e-mails of a validation request."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from leadyard.domain.drafting import split_leads
from leadyard.domain.email_batches import TOO_MANY_EMAILS, draft_emails
from leadyard.domain.leads import LeadDraft


def draft(*emails: Any) -> Any:
    return draft_emails(split_leads(msgspec.Raw(json.dumps(emails).encode())))


def test_objects_and_strings_are_the_same() -> None:
    drafts, faults = draft(
        {"email": "Jane@acme.example"}, "Jane@acme.example", {"email": "é@acme.example", "x": {}}
    )
    assert faults == []
    assert [(made.place, made.key) for made in drafts] == [
        (0, "jane@acme.example"),
        (1, "jane@acme.example"),
        (2, "é@acme.example"),
    ]
    assert (
        json.loads(bytes(drafts[0].raw)) == json.loads(bytes(drafts[1].raw)) == {"email": "Jane@acme.example"}
    )


def test_escapes_of_a_bare_string_are_kept() -> None:
    array = msgspec.Raw(rb'[ "j\u0061ne@acme.example" ]')
    assert draft_emails(split_leads(array))[0] == [
        LeadDraft(0, "jane@acme.example", msgspec.Raw(b'{"email":"j\\u0061ne@acme.example"}'), has_email=True)
    ]


@pytest.mark.parametrize(
    "bad", ["", " ", "jane", "a@b", "jane@127.0.0.1", '"q"@acme.example', 7, None, [], True]
)
def test_fault_points_at_what_is_there(bad: Any) -> None:
    _, faults = draft("jane@acme.example", bad)
    assert [(fault.pointer, fault.detail) for fault in faults] == [
        ("/emails/1", "Unsupported value provided for field: emails[1]")
    ]
    if isinstance(bad, str) and bad:
        _, faults = draft({"email": bad})
        assert [fault.pointer for fault in faults] == ["/emails/0/email"]


def test_limit_is_told_as_documented() -> None:
    assert TOO_MANY_EMAILS.detail == "Number of emails exceeds 100000 limit"
