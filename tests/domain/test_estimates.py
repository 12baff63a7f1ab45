"""Tokens of estimates: what they promise, to whom, and that nobody else can make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadyard.actions.access import make_digest
from leadyard.actions.rules import Rules
from leadyard.domain.capacity import Limits
from leadyard.domain.credits import Cost, Prices
from leadyard.domain.errors import Conflict, Refused
from leadyard.domain.estimates import ESTIMATE_LIFETIME, Estimate, read_estimate

DIGEST = make_digest(b"secret")
NOW = datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=UTC)
ESTIMATE = Estimate.made_at(NOW, Cost(1_500, 2_000))
TOKEN = ESTIMATE.token(DIGEST, "request")


def test_token_gives_back_what_was_promised() -> None:
    assert read_estimate(f" {TOKEN}\n", DIGEST, "request") == ESTIMATE
    assert NOW + ESTIMATE_LIFETIME - ESTIMATE.expires_at < timedelta(seconds=1)


def test_token_is_short_enough_to_be_copied() -> None:
    assert len(TOKEN) < 64
    assert "." not in TOKEN


@pytest.mark.parametrize(
    "token",
    [
        "",
        "est",
        TOKEN[:-1],
        TOKEN.replace("1500", "1501"),
        TOKEN.replace("2000", "2001"),
        TOKEN.replace(TOKEN.split("-")[3], "9999999999"),
        Estimate(Cost(1_500, 2_000), ESTIMATE.expires_at).token(make_digest(b"other"), "request"),
    ],
)
def test_token_that_was_changed_or_made_by_others_is_refused(token: str) -> None:
    with pytest.raises(Refused):
        read_estimate(token, DIGEST, "request")


def test_token_is_good_for_its_own_request_only() -> None:
    with pytest.raises(Refused):
        read_estimate(TOKEN, DIGEST, "another request")


@pytest.mark.parametrize("cost", [Cost(1_501, 0), Cost(0, 2_001)])
def test_more_than_was_estimated_of_either_kind_is_a_conflict(cost: Cost) -> None:
    rules = Rules(Limits(), Prices(), at_most=ESTIMATE.most)
    rules.require_estimated(ESTIMATE.most)
    with pytest.raises(Conflict):
        rules.require_estimated(cost)
