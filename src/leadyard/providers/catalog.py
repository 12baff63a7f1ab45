"""The paid providers that there are, what they are like, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from leadyard.domain.providers import ALL_GROUPS, Group, MeteredCompanies, MeteredProvider, MeteredValidator
from leadyard.providers.apollo import client as apollo
from leadyard.providers.apollo.companies import ApolloCompanies
from leadyard.providers.fullenrich import client as fullenrich
from leadyard.providers.http_template import client as http_template
from leadyard.providers.http_template import options as http_options
from leadyard.providers.http_template.mapping import Template
from leadyard.providers.hunter import client as hunter
from leadyard.providers.hunter.companies import HunterCompanies
from leadyard.providers.options import InvalidOptions, read_options
from leadyard.providers.people_data_labs import client as people_data_labs
from leadyard.providers.people_data_labs.companies import PeopleDataLabsCompanies
from leadyard.providers.prospeo import client as prospeo
from leadyard.providers.prospeo.companies import ProspeoCompanies
from leadyard.providers.transport import Transport

__all__ = [
    "CATALOG",
    "InvalidOptions",
    "Listing",
    "make",
    "make_companies",
    "make_validator",
    "require_key",
    "require_options",
]


class Listing(msgspec.Struct, frozen=True):
    """A provider as somebody chooses it. `rate` is in calls a second, 5 % under what its contract allows.

    `key_page` is where a key is to be had; "" where that depends on the service. `price` says what is
    charged for. `takes_orders` is true for an AsynchronousProvider.
    """

    name: str
    title: str
    key_page: str
    groups: frozenset[Group]
    rate: float
    batch_size: int
    price: str
    repeats_are_free: bool
    options: type[msgspec.Struct]
    make: Callable[[str, Any, Transport], MeteredProvider]
    make_validator: Callable[[str, Any, Transport], MeteredValidator] | None = None
    make_companies: Callable[[str, Any, Transport], MeteredCompanies] | None = None
    takes_orders: bool = False

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of the settings that it takes."""
        return self.options.__struct_fields__


_LISTINGS = (
    Listing(
        name=people_data_labs.PeopleDataLabs.name,
        title="People Data Labs",
        key_page="https://dashboard.peopledatalabs.com/api-keys",
        groups=people_data_labs.PeopleDataLabs.groups,
        rate=people_data_labs.CALLS_A_SECOND,
        batch_size=people_data_labs.BATCH_SIZE,
        price="1 a person or company; a search for a title and company as many as it returns",
        repeats_are_free=people_data_labs.PeopleDataLabs.repeats_are_free,
        options=people_data_labs.Options,
        make=people_data_labs.PeopleDataLabs,
        make_companies=PeopleDataLabsCompanies,
    ),
    Listing(
        name=apollo.Apollo.name,
        title="Apollo",
        key_page="https://app.apollo.io/#/settings/integrations/api",
        groups=apollo.Apollo.groups,
        rate=apollo.CALLS_A_SECOND,
        batch_size=apollo.BATCH_SIZE,
        price="1 a person or company; searches are free",
        repeats_are_free=apollo.Apollo.repeats_are_free,
        options=apollo.Options,
        make=apollo.Apollo,
        make_companies=ApolloCompanies,
    ),
    Listing(
        name=hunter.Hunter.name,
        title="Hunter",
        key_page="https://hunter.io/api-keys",
        groups=hunter.Hunter.groups,
        rate=hunter.CALLS_A_SECOND,
        batch_size=1,
        price="1 an e-mail found, 0.2 a person by e-mail or profile, or a company, 0.5 an e-mail verified",
        repeats_are_free=hunter.Hunter.repeats_are_free,
        options=hunter.Options,
        make=hunter.Hunter,
        make_validator=hunter.HunterVerifier,
        make_companies=HunterCompanies,
    ),
    Listing(
        name=prospeo.Prospeo.name,
        title="Prospeo",
        key_page="https://app.prospeo.io/api",
        groups=prospeo.Prospeo.groups,
        rate=prospeo.CALLS_A_SECOND,
        batch_size=prospeo.BATCH_SIZE,
        price="1 a person or company, 10 with a mobile number; 1 a search that finds anybody",
        repeats_are_free=prospeo.Prospeo.repeats_are_free,
        options=prospeo.Options,
        make=prospeo.Prospeo,
        make_companies=ProspeoCompanies,
    ),
    Listing(
        name=fullenrich.FullEnrich.name,
        title="FullEnrich",
        key_page="https://app.fullenrich.com/app/api",
        groups=fullenrich.FullEnrich.groups,
        rate=fullenrich.CALLS_A_SECOND,
        batch_size=fullenrich.BATCH_SIZE,
        price="1 a work e-mail, 3 a private one, 10 a phone number",
        repeats_are_free=fullenrich.FullEnrich.repeats_are_free,
        options=fullenrich.Options,
        make=fullenrich.FullEnrich,
        takes_orders=True,
    ),
    Listing(
        name=http_template.HttpTemplate.name,
        title="Any service over HTTP",
        key_page="",
        groups=ALL_GROUPS,
        rate=5.0,
        batch_size=1,
        price="as the template says",
        repeats_are_free=False,
        options=http_options.Options,
        make=http_template.HttpTemplate,
    ),
)

CATALOG: Mapping[str, Listing] = {listing.name: listing for listing in _LISTINGS}
"""Every paid provider by its name."""


def require_options(name: str, options: Mapping[str, Any]) -> msgspec.Struct:
    """The settings of a provider as it takes them. Raises InvalidOptions, which names the place."""
    listing = CATALOG.get(name)
    if listing is None:
        raise InvalidOptions("provider", f"unknown; there are {', '.join(CATALOG)}")
    read = read_options(options, listing.options)
    if isinstance(read, http_options.Options):
        Template(read)
    elif not getattr(read, "base_url", "https://").startswith(("https://", "http://")):
        raise InvalidOptions("base_url", "begins with http:// or https://")
    return read


def make(name: str, api_key: str, options: Mapping[str, Any], transport: Transport) -> MeteredProvider:
    """A provider, an AsynchronousProvider if its listing says that it takes orders. Raises InvalidOptions."""
    read = require_options(name, options)
    return CATALOG[name].make(require_key(api_key), read, transport)


def make_validator(
    name: str, api_key: str, options: Mapping[str, Any], transport: Transport
) -> MeteredValidator:
    """A provider as a validator of e-mails. Raises InvalidOptions, also for one that is none."""
    read = require_options(name, options)
    build = CATALOG[name].make_validator
    if build is None:
        raise InvalidOptions("provider", "it does not verify e-mails")
    return build(require_key(api_key), read, transport)


def make_companies(
    name: str, api_key: str, options: Mapping[str, Any], transport: Transport
) -> MeteredCompanies:
    """A provider as one that finds companies. Raises InvalidOptions, also for one that finds none."""
    read = require_options(name, options)
    build = CATALOG[name].make_companies
    if build is None:
        raise InvalidOptions("provider", "it does not find companies by themselves")
    return build(require_key(api_key), read, transport)


def require_key(api_key: str) -> str:
    """The key without space around it. Raises InvalidOptions for one that no header can hold."""
    key = api_key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InvalidOptions("api_key", "a key has no spaces, and no characters beyond ASCII")
    return key
