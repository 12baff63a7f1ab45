"""People and companies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A phone number, and its kind: `mobile`, `work` or `unknown`."""

    number: str
    type: str


@dataclass(frozen=True, slots=True)
class Company:
    """A company. What is not known is None."""

    id: str | None = None
    name: str | None = None
    linkedin_url: str | None = None
    website: str | None = None
    domain: str | None = None
    industry: str | None = None
    size: str | None = None
    estimated_number_of_employees: int | None = None
    founded_year: int | None = None
    location: str | None = None
    technologies: tuple[str, ...] = ()
    estimated_revenue: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person. What is not known is None, and so is an e-mail that was neither sent nor to be revealed."""

    id: str
    company: Company
    linkedin_url: str | None = None
    name: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    headline: str | None = None
    location: str | None = None
    image_url: str | None = None
    experiences: tuple[dict[str, Any], ...] = ()
    educations: tuple[dict[str, Any], ...] = ()
    languages: tuple[str, ...] = ()
    phone_numbers: tuple[PhoneNumber, ...] = ()
