"""Persons, companies and phone numbers as providers tell of them."""

from __future__ import annotations

import msgspec


class PhoneNumber(msgspec.Struct, frozen=True):
    """A phone number, in E.164 where it could be parsed, and its kind (mobile, work, unknown)."""

    number: str
    type: str = "unknown"


class Company(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a company; None is unknown. `id` is the same each time the same company is found."""

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


class Experience(msgspec.Struct, frozen=True, omit_defaults=True):
    """A position that a person has or had; dates as they are told, such as 2019 or 2019-05."""

    title: str | None = None
    company_name: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    is_current: bool = False
    description: str | None = None
    location: str | None = None


class Education(msgspec.Struct, frozen=True, omit_defaults=True):
    """A school that a person went to; dates as they are told."""

    school_name: str | None = None
    degree: str | None = None
    field_of_study: str | None = None
    start_date: str | None = None
    end_date: str | None = None


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
    languages: tuple[str, ...] = ()
    experiences: tuple[Experience, ...] = ()
    educations: tuple[Education, ...] = ()
