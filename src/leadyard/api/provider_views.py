"""Providers and their order as wire shapes."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from leadyard.actions.providers import ProviderReport
from leadyard.api.provider_schemas import (
    LimitsView,
    ListOrderView,
    OrderView,
    ProviderHealthView,
    ProviderStatisticsView,
    ProviderView,
    WaterfallView,
)
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.provider_calls import MILLI, ProviderStatistics
from leadyard.domain.providers import Group
from leadyard.domain.waterfall import OrderOverride, Plan

_OWN_TITLES = {
    "directory": "Your own directory",
    "mailcheck": "The installation's own check of e-mails",
    "sandbox": "The sandbox of test data",
}


def provider_view(report: ProviderReport, caller: Caller) -> ProviderView:
    """One provider, without its key; its options, where secrets may stand, for those who may set them."""
    kind, settings, told = report.kind, report.settings, report.statistics
    is_own = report.name in _OWN_TITLES
    may_set = Scope.PROVIDERS_WRITE in caller.scopes
    return ProviderView(
        name=report.name,
        kind=kind.name if kind else None,
        title=kind.title if kind else _OWN_TITLES.get(report.name, report.name),
        is_set_up=is_own or settings is not None,
        groups=[group.value for group in Group if group in report.groups],
        verifies=report.can_verify,
        key_last_four=settings.last_four if settings else None,
        key_page=kind.key_page or None if kind else None,
        price=kind.price if kind else None,
        credit_price=settings.credit_price if settings else None,
        options=_shown_options(settings.options) if settings and may_set else None,
        health=_health(told) if settings else None,
        last_30_days=_statistics(told) if settings else None,
    )


def waterfall_view(plan: Plan) -> WaterfallView:
    """An account's order and limits."""
    order, limits = plan.order, plan.limits
    return WaterfallView(
        msgspec.convert(order, OrderView, from_attributes=True),
        LimitsView(
            limits.day,
            limits.list,
            limits.groups,
            limits.providers,
        ),
    )


def override_view(override: OrderOverride) -> ListOrderView:
    """A list's own order."""
    return msgspec.convert(override, ListOrderView, from_attributes=True)


def _shown_options(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "headers"}


def _health(told: ProviderStatistics | None) -> ProviderHealthView:
    if told is None:
        return ProviderHealthView("open", 0, None, None, None)
    waiting: Literal["waiting", "given_up"] = "given_up" if told.is_given_up else "waiting"
    return ProviderHealthView(
        "open" if told.closed_until is None else waiting,
        told.failures,
        told.last_failure,
        told.closed_until,
        told.failing_since,
    )


def _statistics(told: ProviderStatistics | None) -> ProviderStatisticsView | None:
    if told is None:
        return None
    cost = told.cost / MILLI
    return ProviderStatisticsView(
        calls=told.calls,
        asked=told.asked,
        found=told.found,
        hit_rate=round(told.found / told.asked, 4) if told.asked else None,
        cost=cost,
        cost_per_hit=round(cost / told.found, 3) if told.found else None,
        failed=told.failed,
        lost=told.lost,
        mean_latency=told.mean_latency,
    )
