"""What the address of a page of lists or leads asks for, and the addresses that ask for something else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from leadyard.api.exports import CHOICES
from leadyard.api.fields import is_clean
from leadyard.domain.entries import EntryStatus, Outcome
from leadyard.domain.list_view import MAX_SEARCH_LENGTH, EntryFilter, SortBy, ViewRequest

FLAGS = ("has_email", "has_phone")
FILTERS = ("search", *CHOICES, *FLAGS, "trouble")
MAX_PAGE = 1_000_000

WordT = TypeVar("WordT", bound=StrEnum)


class Query(msgspec.Struct, frozen=True):
    """The parameters that a page knows, as they were given. What cannot be is as good as not given."""

    path: str
    given: Mapping[str, str]

    def url(self, **changes: Any) -> str:
        """The same page with other parameters; None takes one away. The page number begins anew."""
        parameters = {
            name: value for name, value in self.given.items() if name != "page" and name not in changes
        }
        parameters.update({name: str(value) for name, value in changes.items() if value is not None})
        return f"{self.path}?{urlencode(parameters)}" if parameters else self.path

    def toggle(self, name: str, value: str) -> str:
        """The same page with a filter, or without it if it is on."""
        return self.url(**{name: None if self.given.get(name) == value else value})

    def is_on(self, name: str, value: str) -> bool:
        """Whether a filter is on."""
        return self.given.get(name) == value

    def sort_url(self, name: str) -> str:
        """Sorted by a column; the second time the other way round."""
        is_up = self.given.get("sort") == name and self.given.get("dir") != "desc"
        return self.url(sort=name, dir="desc" if is_up else None)

    def sorted_by(self, name: str) -> str:
        """How a column is sorted, in the words of `aria-sort`."""
        if self.given.get("sort") != name:
            return "none"
        return "descending" if self.given.get("dir") == "desc" else "ascending"

    def filters(self) -> dict[str, str]:
        """The filters that are on."""
        return {name: self.given[name] for name in FILTERS if name in self.given}


def read_query(path: str, parameters: Mapping[str, str]) -> Query:
    """The parameters of a list's page that can be."""
    given = {}
    for name in (*FILTERS, "sort", "dir", "page"):
        value = parameters.get(name, "").strip()
        if value and _can_be(name, value):
            given[name] = value
    return Query(path, given)


def _can_be(name: str, value: str) -> bool:
    if name in CHOICES:
        return value in CHOICES[name]
    if name in FLAGS:
        return value in ("true", "false")
    if name == "page":
        return is_number(value)
    if name in ("sort", "dir"):
        return value in (*SortBy, "desc")
    return len(value) <= MAX_SEARCH_LENGTH and is_clean(value)


def is_number(value: str) -> bool:
    """Whether it is the number of a page."""
    return value.isascii() and value.isdigit() and 0 < int(value[:9]) <= MAX_PAGE and len(value) < 9


def entry_filter(query: Query) -> EntryFilter:
    """The filter that an address asks for."""
    given = query.given
    flags = {name: given[name] == "true" for name in FLAGS if name in given}
    return EntryFilter(
        search=given.get("search"),
        status=word(EntryStatus, given.get("status")),
        enrich=word(Outcome, given.get("enrich")),
        validate=word(Outcome, given.get("validate")),
        reveal=word(Outcome, given.get("reveal")),
        result=given.get("result"),
        trouble=given.get("trouble"),
        **flags,
    )


def view_request(query: Query) -> ViewRequest:
    """The page that an address asks for."""
    given = query.given
    return ViewRequest(
        wanted=entry_filter(query),
        sort=word(SortBy, given.get("sort")) or SortBy.SEQUENCE,
        is_descending=given.get("dir") == "desc",
        page=int(given.get("page", "1")),
    )


def word(kind: type[WordT], value: str | None) -> WordT | None:
    """One of some words, if it is one."""
    return kind(value) if value in tuple(kind) else None
