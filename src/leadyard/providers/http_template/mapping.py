"""A template: what is filled into a request, and where an answer has what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from leadyard.domain.candidates import Candidate
from leadyard.domain.people import Company, Person
from leadyard.domain.providers import PersonQuery
from leadyard.providers.answers import with_id
from leadyard.providers.http_template.clues import CLUES, find_clue
from leadyard.providers.http_template.options import CONTROLS, Options, compile_path, require_sound
from leadyard.providers.values import (
    amount,
    company_page,
    count,
    domain,
    email,
    number,
    phone,
    phones,
    profile_url,
    text,
)

NAME = "http"

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Template:
    """A template that was checked, ready to be filled and to read answers."""

    def __init__(self, options: Options) -> None:
        """Raises InvalidOptions."""
        require_sound(options)
        self.options = options
        self._found = compile_path("found", options.found)
        self._failed = options.failed and compile_path("failed", options.failed)
        self._cost = options.cost and compile_path("cost", options.cost)
        self._fields = {name: compile_path(f"fields.{name}", path) for name, path in options.fields.items()}

    def is_answerable(self, query: PersonQuery) -> bool:
        """Whether enough is known of who is looked for."""
        return any(all(find_clue(name, query) for name in need) for need in self.options.needs)

    def clues_of(self, query: PersonQuery) -> dict[str, str]:
        """What is known of who is looked for, by the names that templates use."""
        known = {name: find_clue(name, query) for name in CLUES}
        return {name: value for name, value in known.items() if value}

    def found(self, answer: Any) -> list[Any]:
        """The people that an answer tells of."""
        nodes = self._found.findall(answer)
        if len(nodes) == 1 and isinstance(nodes[0], list):
            nodes = nodes[0]
        return [node for node in nodes if isinstance(node, dict) and node]

    def is_failed(self, answer: Any) -> bool:
        """Whether an answer has an error inside."""
        return any(self._failed.findall(answer)) if self._failed else False

    def cost_of(self, answer: Any) -> float | None:
        """What an answer says that it cost."""
        told = self._cost.findall(answer) if self._cost else []
        return amount(told[0]) if told else None

    def candidate_of(self, node: Any) -> Candidate:
        """Somebody of several."""
        return Candidate(
            identity=self._text(node, "id") or self._text(node, "linkedin_url") or repr(node),
            title=self._text(node, "title"),
            company_name=self._text(node, "company_name"),
            company_domain=self._text(node, "company_domain"),
        )

    def confidence_of(self, node: Any) -> float:
        """How sure the service says that it is, 0 to 1."""
        told = number(self._value(node, "confidence"))
        return 1.0 if told is None else told

    def person_of(self, query: PersonQuery, node: Any) -> Person:
        """Somebody whom the service tells of."""
        person = Person(
            id="",
            linkedin_url=profile_url(self._value(node, "linkedin_url")),
            email=email(self._value(node, "email")),
            first_name=self._text(node, "first_name"),
            last_name=self._text(node, "last_name"),
            title=self._text(node, "title"),
            headline=self._text(node, "headline"),
            location=self._text(node, "location"),
            company=Company(
                name=self._text(node, "company_name"),
                domain=domain(self._value(node, "company_domain")),
                linkedin_url=company_page(self._value(node, "company_linkedin_url")),
                industry=self._text(node, "industry"),
                size=self._text(node, "company_size"),
                estimated_number_of_employees=count(self._value(node, "company_employees")),
                founded_year=count(self._value(node, "company_founded_year")),
                location=self._text(node, "company_location"),
            ),
            phone_numbers=phones(map(phone, _flat(self._values(node, "phone_numbers")))),
        )
        return with_id(NAME, self._text(node, "id"), query, person)

    def _values(self, node: Any, field: str) -> list[Any]:
        path = self._fields.get(field)
        return [] if path is None else path.findall(node)

    def _value(self, node: Any, field: str) -> Any:
        return next((value for value in _flat(self._values(node, field)) if value is not None), None)

    def _text(self, node: Any, field: str) -> str | None:
        return text(self._value(node, field))


def fill_address(template: str, values: Mapping[str, str]) -> str:
    """An address with what is known in its places, encoded; what is not known is left out."""
    return _PLACEHOLDER.sub(lambda match: quote(values.get(match[1], ""), safe=""), template)


def fill_text(template: str, values: Mapping[str, str]) -> str:
    """A text with what is known in its places."""
    return _PLACEHOLDER.sub(lambda match: CONTROLS.sub(" ", values.get(match[1], "")), template)


def fill_body(template: Any, values: Mapping[str, str]) -> Any:
    """JSON with what is known in its places; a member that is nothing but an unknown clue is left out."""
    if isinstance(template, dict):
        filled = {name: fill_body(value, values) for name, value in template.items()}
        return {name: value for name, value in filled.items() if value is not None}
    if isinstance(template, list):
        return [value for value in (fill_body(each, values) for each in template) if value is not None]
    if not isinstance(template, str):
        return template
    whole = _PLACEHOLDER.fullmatch(template)
    return values.get(whole[1]) if whole else fill_text(template, values)


def _flat(values: Iterable[Any]) -> list[Any]:
    """The values, an array's elements in its place."""
    return [each for value in values for each in (value if isinstance(value, list) else [value])]
