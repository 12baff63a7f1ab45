"""Excluded e-mails and domains."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ExcludedEmail:
    """An e-mail that no lead may have."""

    email: str
    source: str
    date_added: datetime
    excluded_reason: str


@dataclass(frozen=True, slots=True)
class ExcludedDomain:
    """A domain that no lead may have; neither one of its subdomains."""

    domain: str
    source: str
    date_added: datetime
    excluded_reason: str
