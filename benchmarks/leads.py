"""The leads that the benchmark posts: 10,000 a body.

`plain` are eight short fields each, 2.2 MB a body, all different. `wide` are forty fields each, long texts in
many scripts, and three in ten are duplicates of others, spelled differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

LEADS_A_BODY = 10_000
KINDS = ("plain", "wide")
_DUPLICATES_OF_TEN = 3
_WIDE_FIELDS = 40
_COMPANIES = ("Nordwind GmbH", "Café Lumière", "Blue Harbor Ltd", "Öresund AB")
_TITLES = ("Head of Sales", "VP Revenue", "Directora", "Leiter Einkauf")
_TEXTS = (
    "株式会社で営業を担当しています。",
    "Руководитель отдела закупок, Новосибирск",
    "Zuständig für Großkunden in Österreich",
    "Responsável pelas parcerias estratégicas",
    "مدير المشتريات في الشرق الأوسط",
    "Łódź, Gdańsk i Wrocław – sprzedaż 🚀",
)


@dataclass(frozen=True, slots=True)
class Body:
    """A body, how many leads it has, and the places of those that are no duplicates."""

    data: bytes
    total: int
    new: tuple[int, ...]


@lru_cache(maxsize=64)
def make_leads(first: int, count: int = LEADS_A_BODY, kind: str = "plain") -> Body:
    """The body of an add to an e-mail list, with leads numbered from `first`."""
    if kind == "plain":
        leads = [_plain(number) for number in range(first, first + count)]
        return Body(_encode(leads), count, tuple(range(count)))
    leads, new = [], []
    for place in range(count):
        is_duplicate = place % 10 >= 10 - _DUPLICATES_OF_TEN
        number = first + (place - _DUPLICATES_OF_TEN if is_duplicate else place)
        lead = _wide(number)
        if is_duplicate:
            lead["email"] = lead["email"].upper()
        else:
            new.append(place)
        leads.append(lead)
    return Body(_encode(leads), count, tuple(new))


def make_body(first: int, count: int = LEADS_A_BODY) -> bytes:
    """The JSON of `plain` leads."""
    return make_leads(first, count).data


def make_faults(count: int = LEADS_A_BODY, kind: str = "plain") -> bytes:
    """A body in which the e-mail of every lead is none."""
    make = _plain if kind == "plain" else _wide
    return _encode([{**make(number), "email": f"first.last{number}.example"} for number in range(count)])


def _encode(leads: list[dict[str, Any]]) -> bytes:
    return msgspec.json.encode({"type": "email", "leads": leads})


def _plain(number: int) -> dict[str, Any]:
    return {
        "email": f"first.last{number}@firm-{number % 3000}.example",
        "linkedin_url": f"https://linkedin.com/in/first-last-{number}",
        "title": _TITLES[number % len(_TITLES)],
        "company_name": _COMPANIES[number % len(_COMPANIES)],
        "company_domain": f"firm-{number % 3000}.example",
        "first_name": "First",
        "source": "spring",
        "score": number % 100,
    }


def _wide(number: int) -> dict[str, Any]:
    known = {
        **_plain(number),
        "title": f"{_TEXTS[number % len(_TEXTS)]} / {_TITLES[number % 4]}",
        "tags": ["spring", f"wave {number % 7}"],
        "address": {"city": "Łódź", "street": f"{_TEXTS[number % 4]} [{number}]"},
    }
    more = {
        f"custom_field_{place}": f"{_TEXTS[(number + place) % len(_TEXTS)]} {number + place}"
        for place in range(_WIDE_FIELDS - len(known))
    }
    return {**known, **more}
