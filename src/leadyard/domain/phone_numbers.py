"""Phone numbers as they are written."""

from __future__ import annotations

from leadyard.domain.people import PhoneNumber

SEPARATOR = ";"
"""Stands between the phone numbers of a cell, and between other things of which a cell holds several."""
MIN_PHONE_DIGITS = 5


def read_phone_numbers(text: str) -> tuple[PhoneNumber, ...]:
    """The numbers between semicolons, each once, in their order; what has too few digits is none."""
    # The numbering plans are not loaded before somebody has a number.
    from leadyard.domain.numbering import read_phone_number  # noqa: PLC0415

    numbers: dict[str, PhoneNumber] = {}
    for part in text.split(SEPARATOR):
        if sum(map(str.isdigit, part)) >= MIN_PHONE_DIGITS:
            number = read_phone_number(" ".join(part.split()))
            numbers.setdefault(number.number, number)
    return tuple(numbers.values())
