"""Providers, and the order in which they are asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from leadyard_client.plans import Pages, Plan, ask, change, get, paged, without_none
from leadyard_client.results.providers import Provider, ProviderOrder, SpendingLimits, Waterfall


def list_providers() -> Pages[Provider]:
    """Every provider: the installation's own, those that are set up, and those that can be."""
    return paged("/providers", "providers", Provider, {})


def set_provider(
    name: str,
    *,
    kind: str | None = None,
    api_key: str | None = None,
    options: dict[str, Any] | None = None,
    credit_price: float | None = None,
) -> Plan[Provider]:
    """Sets a provider up, or changes how it is. Without `api_key` the key that is there stays."""
    body = without_none(kind=kind, api_key=api_key, options=options, credit_price=credit_price)
    request = change("PUT", f"/providers/{quote(name, safe='')}", body)
    return (yield from ask(request)).as_result(Provider)


def remove_provider(name: str) -> Plan[None]:
    """Forgets a provider and its key."""
    yield from ask(change("DELETE", f"/providers/{quote(name, safe='')}"))


def get_waterfall() -> Plan[Waterfall]:
    """The order in which providers are asked, and what they may cost."""
    return (yield from ask(get("/waterfall"))).as_result(Waterfall)


def set_waterfall(
    *, order: ProviderOrder | None = None, limits: SpendingLimits | None = None
) -> Plan[Waterfall]:
    """Changes the order: what is None in it stays. `limits` replace those that there are."""
    body = without_none(
        order=None if order is None else without_none(**asdict(order)),
        limits=None if limits is None else without_none(**asdict(limits)),
    )
    return (yield from ask(change("PUT", "/waterfall", body))).as_result(Waterfall)


def get_list_waterfall(list_id: str) -> Plan[ProviderOrder]:
    """What a list has otherwise than its account; None is as the account has it."""
    return (yield from ask(get(_of_list(list_id)))).as_result(ProviderOrder)


def set_list_waterfall(list_id: str, order: ProviderOrder) -> Plan[ProviderOrder]:
    """Changes what a list has otherwise than its account, all of it."""
    return (yield from ask(change("PUT", _of_list(list_id), asdict(order)))).as_result(ProviderOrder)


def _of_list(list_id: str) -> str:
    return f"/lead-lists/{quote(list_id, safe='')}/waterfall"
