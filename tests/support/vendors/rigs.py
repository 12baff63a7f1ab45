"""A paid provider of ours before the stand-in of its service: one rig a service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from tests.support.vendors.apollo import ApolloVendor
from tests.support.vendors.fullenrich import FullEnrichVendor
from tests.support.vendors.http_service import HttpServiceVendor, template
from tests.support.vendors.hunter import HunterVendor
from tests.support.vendors.people import KEY, Somebody, Vendor
from tests.support.vendors.people_data_labs import PeopleDataLabsVendor
from tests.support.vendors.prospeo import ProspeoVendor
from tests.support.vendors.server import VendorServer, open_transport, serve_vendor

from leadyard.domain.leads import ListType
from leadyard.domain.providers import (
    ALL_GROUPS,
    AsynchronousProvider,
    FoundPerson,
    Group,
    MeteredProvider,
    PersonAnswer,
    PersonQuery,
)
from leadyard.providers.catalog import CATALOG, make
from leadyard.providers.transport import Transport

VENDORS: dict[str, type[Vendor]] = {
    vendor.name: vendor
    for vendor in (
        PeopleDataLabsVendor,
        ApolloVendor,
        HunterVendor,
        ProspeoVendor,
        FullEnrichVendor,
        HttpServiceVendor,
    )
}
SECONDS = 1.0
"""How long a call may take, where an answer never comes."""


@dataclass(frozen=True, slots=True)
class Rig:
    """A provider, the service behind it, and the server that this is."""

    provider: MeteredProvider
    vendor: Vendor
    server: VendorServer
    transport: Transport

    async def ask(self, *queries: PersonQuery) -> list[PersonAnswer]:
        """One answer a query, in batches as the provider takes them; orders are placed and collected."""
        size = self.provider.batch_size
        answers: list[PersonAnswer] = []
        for start in range(0, len(queries), size):
            batch = queries[start : start + size]
            told = await self._ask(batch)
            assert len(told) == len(batch)
            answers += told
        return answers

    async def _ask(self, batch: Sequence[PersonQuery]) -> Sequence[PersonAnswer]:
        if not CATALOG[self.provider.name].takes_orders:
            return await self.provider.find_people(batch)
        provider = cast("AsynchronousProvider", self.provider)
        order = await provider.order(batch)
        while (answers := await provider.collect(order, batch)) is None:
            pass
        return answers


def options_for(vendor: Vendor, url: str) -> dict[str, Any]:
    """The settings that lead to the stand-in at this address."""
    return template(url) if vendor.name == "http" else {"base_url": url + vendor.base_path}


@asynccontextmanager
async def open_rig(
    name: str, *, key: str = KEY, total_seconds: float = 10.0, **options: Any
) -> AsyncIterator[Rig]:
    """The provider of this name before its service, until the block ends."""
    vendor = VENDORS[name]()
    async with (
        serve_vendor(vendor.handle) as server,
        open_transport(["127.0.0.0/8"], total_seconds=total_seconds) as transport,
    ):
        provider = make(name, key, {**options_for(vendor, server.url), **options}, transport)
        yield Rig(provider, vendor, server, transport)


def query(
    profile: str | None = None,
    email: str | None = None,
    title: str | None = None,
    company_name: str | None = None,
    company_domain: str | None = None,
    name: tuple[str, str] | None = None,
    wanted: frozenset[Group] = ALL_GROUPS,
) -> PersonQuery:
    """A question."""
    first_name, last_name = name or (None, None)
    key = profile or email or f"{title}\t{company_domain or company_name}"
    return PersonQuery(
        key,
        ListType.LINKEDIN,
        profile,
        email,
        title,
        company_name,
        company_domain,
        first_name,
        last_name,
        wanted,
    )


def by_profile(person: Somebody, wanted: frozenset[Group] = ALL_GROUPS) -> PersonQuery:
    """The question for somebody by their profile."""
    return query(person.slug, wanted=wanted)


def cost_of(answer: PersonAnswer) -> float:
    """What an answer cost."""
    return getattr(answer, "cost", 0.0)


def name_of(answer: PersonAnswer) -> str | None:
    """Whom an answer is about, by the first name; None for nobody."""
    return answer.person.first_name if isinstance(answer, FoundPerson) else None
