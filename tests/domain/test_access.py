"""The form of keys, and what roles and scopes come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.accounts import SCOPES_OF, Caller, Mode, Role, Scope, lesser_role, narrow
from leadyard.domain.api_keys import BASE62, compose_key, is_mistyped, key_mode
from leadyard.domain.errors import Forbidden

RANDOM = "0123456789abcdefghijklmnopqrstuv"


@given(st.text(BASE62, min_size=32, max_size=32), st.sampled_from(Mode))
def test_key_made_here_is_never_mistyped_and_tells_what_it_opens(random: str, mode: Mode) -> None:
    key = compose_key(mode, random)
    assert not is_mistyped(key)
    assert key_mode(key) is mode


def test_one_wrong_character_is_found_wherever_it_is() -> None:
    key = compose_key(Mode.LIVE, RANDOM)
    for place in range(len("ly_live_"), len(key)):
        if key[place] != "_":
            other = "A" if key[place] != "A" else "B"
            assert is_mistyped(key[:place] + other + key[place + 1 :]), place


@pytest.mark.parametrize("key", ["ly_test_" + "t" * 38, "ly_live_" + "x" * 24, "ly_live_a-b_" + "c" * 40])
def test_key_of_the_operators_own_needs_no_checksum(key: str) -> None:
    assert not is_mistyped(key)


def test_each_role_may_do_more_than_the_one_before() -> None:
    assert SCOPES_OF[Role.READ_ONLY] < SCOPES_OF[Role.MEMBER] < SCOPES_OF[Role.ADMIN] == frozenset(Scope)
    assert lesser_role(Role.ADMIN, Role.READ_ONLY) is Role.READ_ONLY
    assert lesser_role(Role.MEMBER, Role.ADMIN) is Role.MEMBER


def test_scopes_never_go_beyond_the_role() -> None:
    own = frozenset({Scope.LISTS_READ, Scope.ADMIN})
    assert narrow(Role.MEMBER, own) == {Scope.LISTS_READ}
    assert narrow(Role.MEMBER, None) == SCOPES_OF[Role.MEMBER]
    caller = Caller(1, 1, Mode.TEST, 1, 1, Role.MEMBER, own)
    caller.require(Scope.LISTS_READ)
    with pytest.raises(Forbidden) as error:
        caller.require(Scope.ADMIN)
    assert error.value.faults[0].detail == "This key lacks the scope admin."
