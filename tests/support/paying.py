"""An account on the workbench that pays for its providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace
from tests.support.stand_ins import PaidStandIn
from tests.support.workbench import Workbench, make_desk

from leadyard.domain.entries import Entry
from leadyard.domain.lead_lists import LeadList
from leadyard.domain.people import Company, Person
from leadyard.domain.providers import MeteredProvider
from leadyard.domain.waterfall import Order, Plan, SpendingLimits
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.provider_settings import ProviderSettings

ADA = Person("ada-at-paid", first_name="Ada", title="CTO", email="ada@work.example", company=Company("Acme"))


async def use(
    bench: Workbench,
    order: Order,
    *services: PaidStandIn,
    limits: SpendingLimits | None = None,
    credit_price: float = 1.0,
) -> None:
    """Lets the account's leads go through these services; its own directory is the bench's stand-in."""
    await bench.live()
    by_kind = {service.name: service for service in services}

    def make(kind: str, key: str, options: Mapping[str, Any]) -> MeteredProvider:
        return by_kind[kind]

    desk = make_desk(bench.database, bench.service, bench.clock, make)
    bench.pipeline = replace(bench.pipeline, desk=desk)
    async with bench.database.write() as tx:
        for service in services:
            settings = ProviderSettings(
                service.name, service.name, None, None, {}, credit_price, bench.clock.now
            )
            await settings_rows.put_provider(tx, bench.caller.workspace_id, settings)
        await settings_rows.put_plan(tx, bench.caller.workspace_id, Plan(order, limits or SpendingLimits()))


async def only_entry(bench: Workbench, made: LeadList) -> Entry:
    """The entry of a list that has one."""
    (entry,) = await bench.entries(made)
    return entry


async def calls(bench: Workbench) -> list[tuple[str, str, int]]:
    """Provider, state and cost of every call, in the order they were made."""
    rows = await bench.query("SELECT provider, state, cost FROM provider_calls ORDER BY id")
    return [(row.provider, row.state, row.cost) for row in rows]


def everywhere(*names: str) -> Order:
    """The same order for every group."""
    return Order(names, names, names, names)


def replace_person(person: Person, **changes: Any) -> Person:
    """The person with other values."""
    return msgspec.structs.replace(person, **changes)


def crowd(number: int, name: str = "lead") -> dict[str, Person]:
    """So many people, by their profiles."""
    return {f"{name}-{place}": replace_person(ADA, id=f"p-{name}-{place}") for place in range(number)}
