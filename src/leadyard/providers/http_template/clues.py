"""What is known of who is looked for, by the names that templates use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leadyard.domain.identity import linkedin_url
from leadyard.domain.providers import PersonQuery
from leadyard.providers.values import domain, text

CLUES: Mapping[str, Callable[[PersonQuery], str | None]] = {
    "linkedin_url": lambda query: linkedin_url(query.linkedin_key) if query.linkedin_key else None,
    "linkedin_slug": lambda query: None if ":" in (query.linkedin_key or "") else query.linkedin_key,
    "email": lambda query: query.email,
    "first_name": lambda query: query.first_name,
    "last_name": lambda query: query.last_name,
    "title": lambda query: query.title,
    "company_name": lambda query: query.company_name,
    "company_domain": lambda query: domain(query.company_domain),
}
"""All clues, and how each is read."""


def find_clue(name: str, query: PersonQuery) -> str | None:
    """A clue, if it is known. Nothing but dots would lead elsewhere in an address."""
    value = text(CLUES[name](query))
    return value if value and value.strip(".") else None
