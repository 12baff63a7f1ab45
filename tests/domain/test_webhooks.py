"""When messages are tried again, how a webhook does, and where one may lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadyard.domain.credits import Cost, CreditKind, fallen_below
from leadyard.domain.webhooks import (
    RETRY_DELAYS,
    TRIED_FOR,
    DisabledReason,
    Health,
    Receipt,
    find_url_fault,
    next_attempt,
)
from leadyard.providers.addresses import AllowedHosts

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TAKEN, REFUSED = Receipt(204), Receipt(500)


def after(attempts: int, since: timedelta, wait: float = 0.0, jitter: float = 0.0) -> timedelta | None:
    """How long an attempt that fails so long after the first lets the next one wait."""
    found = next_attempt(attempts, NOW - since, NOW, wait=wait, jitter=jitter)
    return None if found is None else found - NOW


def test_waits_are_the_recommended_ones_and_end_after_three_days() -> None:
    since, attempts = timedelta(), 1
    while (wait := after(attempts, since)) is not None:
        assert wait == min(RETRY_DELAYS[attempts - 1], TRIED_FOR - since)
        since += wait
        attempts += 1
    assert (since, attempts) == (TRIED_FOR, 10)


def test_wait_is_spread_and_at_least_what_the_receiver_asks_for() -> None:
    assert after(2, timedelta(), jitter=1.0) == timedelta(minutes=5.5)
    assert after(2, timedelta(), wait=900) == timedelta(minutes=15)
    assert after(2, timedelta(), wait=10) == timedelta(minutes=5)
    assert after(2, TRIED_FOR - timedelta(minutes=1), wait=900) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("receipt", "wait"),
    [
        (Receipt(429, retry_after=60), 60),
        (Receipt(503, retry_after=86_400), 3_600),
        (Receipt(500, retry_after=60), 0),
        (Receipt(429), 0),
    ],
)
def test_only_who_is_busy_is_waited_for(receipt: Receipt, wait: float) -> None:
    assert receipt.wait == wait


def test_webhook_rests_longer_the_longer_it_fails_and_not_at_all_after_a_success() -> None:
    health, rests = Health(), []
    for _ in range(8):
        health = health.after([REFUSED, REFUSED], NOW)
        rests.append(health.rest([REFUSED]))
    assert rests == [2, 4, 8, 16, 32, 60, 60, 60]
    assert (health.failing_since, health.turn_size) == (NOW, 1)
    recovered = health.after([REFUSED, TAKEN], NOW + timedelta(days=1))
    assert (recovered, recovered.rest([REFUSED, TAKEN]), recovered.turn_size) == (Health(), 0, 10)
    assert health.after([], NOW + timedelta(days=1)) == health


def test_webhook_is_given_up_when_it_is_gone_or_has_failed_for_three_days() -> None:
    failing = Health(NOW, 5)
    almost = NOW + TRIED_FOR - timedelta(seconds=1)
    assert failing.verdict([REFUSED], almost) is None
    assert failing.verdict([REFUSED], NOW + TRIED_FOR) is DisabledReason.FAILING
    assert Health().verdict([TAKEN, Receipt(410)], NOW) is DisabledReason.GONE


@pytest.mark.parametrize(
    ("url", "is_sound"),
    [
        ("https://hooks.example/a?b=c", True),
        ("https://hooks.example:8443", True),
        ("https://8.8.8.8/", True),
        ("http://crm.internal/hook", True),
        ("http://10.1.2.3/hook", True),
        ("https://10.1.2.3/hook", True),
        ("http://hooks.example/", False),
        ("https://10.2.0.1/", False),
        ("https://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("https://169.254.169.254/latest", False),
        ("https://user:pass@hooks.example/", False),
        ("https://hooks.example/#part", False),
        ("https://hooks.example:99999/", False),
        ("https://hooks.example/a b", False),
        ("https://hooks.example\\@10.0.0.1/", False),
        ("https://", False),
        ("ftp://hooks.example/", False),
        ("hooks.example", False),
        ("", False),
        ("https://hooks.example/" + "a" * 2_048, False),
    ],
)
def test_address_is_public_and_encrypted_unless_the_operator_allows_it(url: str, is_sound: bool) -> None:
    hosts = AllowedHosts(["10.1.0.0/16", "crm.internal"])
    assert (find_url_fault(url, hosts) is None) is is_sound


@pytest.mark.parametrize(("balance", "is_told"), [(2_000, False), (1_999, True), (1_499, False), (0, False)])
def test_balance_falls_below_the_threshold_once(balance: int, is_told: bool) -> None:
    balances = {CreditKind.EMAIL: balance, CreditKind.PHONE: 0}
    assert fallen_below(2_000, balances, Cost(email=500)) == ([CreditKind.EMAIL] if is_told else [])
