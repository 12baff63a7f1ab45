"""The leads that the benchmark posts: 10,000 a body, eight fields each, about 2.2 MB."""

from __future__ import annotations

import msgspec

LEADS_A_BODY = 10_000
_COMPANIES = ("Nordwind GmbH", "Café Lumière", "Blue Harbor Ltd", "Öresund AB")
_TITLES = ("Head of Sales", "VP Revenue", "Directora", "Leiter Einkauf")


def make_body(first: int, count: int = LEADS_A_BODY) -> bytes:
    """The body of an add to an e-mail list, with leads numbered from `first`."""
    leads = [
        {
            "email": f"first.last{number}@firm-{number % 3000}.example",
            "linkedin_url": f"https://linkedin.com/in/first-last-{number}",
            "title": _TITLES[number % len(_TITLES)],
            "company_name": _COMPANIES[number % len(_COMPANIES)],
            "company_domain": f"firm-{number % 3000}.example",
            "first_name": "First",
            "source": "spring",
            "score": number % 100,
        }
        for number in range(first, first + count)
    ]
    return msgspec.json.encode({"type": "email", "leads": leads})
