from __future__ import annotations

import pytest

from leadyard.domain.errors import Refused
from leadyard.domain.sign_in import normalize_password, require_strong

JANE = "jane@acme.example"


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
