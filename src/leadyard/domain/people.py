"""Persons, companies and phone numbers as providers tell of them."""

from __future__ import annotations

from typing import Any

import msgspec


class PhoneNumber(msgspec.Struct, frozen=True):
    """A phone number, in E.164 where it could be parsed, and its kind (mobile, work, unknown)."""

    number: str
    type: str = "unknown"


class Company(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a company; None is unknown."""

    name: str | None = None
    domain: str | None = None
    linkedin_url: str | None = None
    industry: str | None = None
    size: str | None = None
    estimated_number_of_employees: int | None = None
    founded_year: int | None = None
    location: str | None = None
    id: str | None = None
    website: str | None = None
    technologies: tuple[str, ...] = ()
    estimated_revenue: str | None = None


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a provider knows of a person. `id` is the same each time the same person is found."""

    id: str
    linkedin_url: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    title: str | None = None
    headline: str | None = None
    location: str | None = None
    company: Company = Company()
    phone_numbers: tuple[PhoneNumber, ...] = ()
    image_url: str | None = None
    experiences: tuple[dict[str, Any], ...] = ()
    educations: tuple[dict[str, Any], ...] = ()
    languages: tuple[dict[str, Any], ...] = ()
