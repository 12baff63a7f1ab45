"""The settings that describe a service, and what can be wrong with them: docs/reference/providers/http.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from leadyard.domain.providers import ALL_GROUPS, Group
from leadyard.providers.http_template.clues import CLUES
from leadyard.providers.options import InvalidOptions

if TYPE_CHECKING:
    from leadyard.providers.http_template.paths import Path

FIELDS = (
    "id",
    "linkedin_url",
    "email",
    "first_name",
    "last_name",
    "title",
    "headline",
    "location",
    "phone_numbers",
    "company_name",
    "company_domain",
    "company_linkedin_url",
    "industry",
    "company_size",
    "company_employees",
    "company_founded_year",
    "company_location",
    "confidence",
)
KEY = "api_key"

Meaning = Literal[
    "found", "not_found", "erased", "pending", "throttled", "unauthorized", "out_of_credit", "down"
]

CONTROLS = re.compile("[\x00-\x1f\x7f]")

_BRACED = re.compile(r"\{[^{}]*\}")
_WEB_ADDRESS = re.compile(r"https?://[^/?#{}@\s]+(?:[/?].*)?", re.DOTALL)
_STATUS = re.compile("[2-5][0-9]{2}")


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request that costs nothing and that only a right key gets 200 for."""

    url: str
    method: Literal["GET", "POST"] = "GET"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A template. `needs` are sets of clues, one of which a lead must have.

    `price` is in the service's own money. `found`, `failed` and `cost` are JSONPaths in the answer; those of
    `fields` begin at what is `found`.
    """

    url: str
    needs: Annotated[tuple[tuple[str, ...], ...], msgspec.Meta(min_length=1)]
    fields: Annotated[dict[str, str], msgspec.Meta(min_length=1)]
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = {}
    body: Any = None
    found: str = "$"
    failed: str | None = None
    cost: str | None = None
    statuses: dict[str, Meaning] = {}
    groups: frozenset[Group] = ALL_GROUPS
    price: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    rate: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=256)] = 4
    repeats_are_free: bool = False
    check: Check | None = None


def compile_path(place: str, path: str) -> Path:
    """A JSONPath, ready to be asked. Raises InvalidOptions for what is none."""
    # Who describes no service of their own does not load what reads JSONPaths.
    from leadyard.providers.http_template.paths import find_path  # noqa: PLC0415

    found = find_path(path)
    if found is None:
        raise InvalidOptions(place, "this is no JSONPath (RFC 9535)")
    return found


def require_sound(options: Options) -> None:
    """Raises InvalidOptions for the first thing that cannot be."""
    _require_known("fields", options.fields, FIELDS)
    for index, need in enumerate(options.needs):
        if not need or not set(need) <= set(CLUES):
            raise InvalidOptions(f"needs[{index}]", f"some of {', '.join(CLUES)} are needed")
    for status in options.statuses:
        if not _STATUS.fullmatch(status):
            raise InvalidOptions(f"statuses.{status}", "a status has three digits, 200 to 599")
    if options.body is not None and options.method == "GET":
        raise InvalidOptions("body", "a GET has none")
    for name, value in options.headers.items():
        if CONTROLS.search(name + value) or not name.isascii():
            raise InvalidOptions(f"headers.{name}", "has a character that a header cannot have")
    _require_addresses(options)
    for place, template in _texts(options):
        _require_placeholders(place, template)


def _require_known(place: str, names: Iterable[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise InvalidOptions(f"{place}.{name}", f"unknown; there are {', '.join(known)}")


def _require_addresses(options: Options) -> None:
    addresses = {"url": options.url, "check.url": options.check.url if options.check else options.url}
    for place, address in addresses.items():
        if not _WEB_ADDRESS.fullmatch(address):
            raise InvalidOptions(place, "begins with http:// or https:// and a host without a placeholder")


def _texts(options: Options) -> Iterable[tuple[str, str]]:
    """All texts that placeholders can stand in, each with its place."""
    yield "url", options.url
    if options.check:
        yield "check.url", options.check.url
    for name, value in options.headers.items():
        yield f"headers.{name}", value
    yield from _texts_within("body", options.body)


def _texts_within(place: str, value: Any) -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts_within(f"{place}.{name}", each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts_within(f"{place}[{index}]", each)


def _require_placeholders(place: str, template: str) -> None:
    for braced in _BRACED.findall(template):
        if braced[1:-1] not in (*CLUES, KEY):
            raise InvalidOptions(place, f"an unknown placeholder; there are {', '.join((*CLUES, KEY))}")
