from __future__ import annotations

import pytest

from leadyard.domain.errors import Refused
from leadyard.domain.sign_in import (
    PER_ADDRESS,
    PER_EMAIL,
    PER_PAIR,
    Throttle,
    TooManyTries,
    normalize_password,
    require_strong,
)

JANE = "jane@acme.example"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaabbbb", "x" * 201, "jane@acme.example12", "JANE@acme.example12"]
)
def test_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(Refused) as refused:
        require_strong(password, JANE)
    assert refused.value.faults[0].pointer == "/password"


def test_password_of_some_words_is_taken() -> None:
    require_strong("correct horse battery", JANE)


def test_password_is_the_same_however_a_keyboard_composes_it() -> None:
    assert normalize_password("cafe\u0301 au lait") == normalize_password("caf\u00e9 au lait")


def test_tries_for_one_user_from_one_address_are_slowed_down(clock: Clock) -> None:
    throttle = Throttle(clock)
    for _ in range(PER_PAIR.tries):
        throttle.require_allowed(JANE, "192.0.2.1")
    with pytest.raises(TooManyTries) as refused:
        throttle.require_allowed(JANE, "192.0.2.1")
    assert refused.value.retry_after == PER_PAIR.seconds + 1
    throttle.require_allowed(JANE, "192.0.2.2")
    clock.now += PER_PAIR.seconds
    throttle.require_allowed(JANE, "192.0.2.1")


def test_tries_from_one_address_are_slowed_down_whomever_they_are_for(clock: Clock) -> None:
    throttle = Throttle(clock)
    for number in range(PER_ADDRESS.tries):
        throttle.require_allowed(f"user{number}@acme.example", "192.0.2.1")
    with pytest.raises(TooManyTries):
        throttle.require_allowed("another@acme.example", "192.0.2.1")


def test_addresses_of_one_network_count_as_one(clock: Clock) -> None:
    throttle = Throttle(clock)
    for number in range(PER_ADDRESS.tries):
        throttle.require_allowed(f"user{number}@acme.example", f"2001:db8::{number:x}")
    with pytest.raises(TooManyTries):
        throttle.require_allowed(JANE, "2001:db8::ffff")
    throttle.require_allowed(JANE, "2001:db8:0:1::1")


def test_user_who_is_attacked_from_everywhere_signs_in_from_where_they_did_before(clock: Clock) -> None:
    throttle = Throttle(clock)
    throttle.require_allowed(JANE, "198.51.100.7")
    throttle.note_success(JANE, "198.51.100.7")
    for number in range(PER_EMAIL.tries - 1):
        throttle.require_allowed(JANE, f"192.0.2.{number}")
    with pytest.raises(TooManyTries):
        throttle.require_allowed(JANE, "203.0.113.1")
    throttle.require_allowed(JANE, "198.51.100.7")


def test_refused_tries_are_not_counted(clock: Clock) -> None:
    throttle = Throttle(clock)
    for _ in range(PER_PAIR.tries):
        throttle.require_allowed(JANE, None)
    for _ in range(50):
        with pytest.raises(TooManyTries):
            throttle.require_allowed(JANE, None)
    clock.now += PER_PAIR.seconds
    throttle.require_allowed(JANE, None)
