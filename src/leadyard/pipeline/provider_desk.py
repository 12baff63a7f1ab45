"""Which providers a list's leads go through: those of its account, in its order, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from leadyard.domain.accounts import Mode
from leadyard.domain.providers import EmailValidator, MeteredProvider, Providers
from leadyard.domain.waterfall import Freshness, Order, SpendingLimits
from leadyard.pipeline.journey import Gates
from leadyard.pipeline.metered import LOST_AFTER, Budget, Metered
from leadyard.pipeline.waterfall import Local, Source, Waterfall
from leadyard.storage import accounts as account_rows
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.database import Database, Tx, utc_now
from leadyard.storage.provider_settings import ProviderSettings
from leadyard.storage.sealing import SealBroken, Sealer

DIRECTORY = "directory"

MakeProvider = Callable[[str, str, Mapping[str, Any]], MeteredProvider]
"""Builds a paid provider from its kind, its key and its options. Raises ValueError."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ListProviders:
    """What the leads of one list go through."""

    waterfall: Waterfall
    emails: EmailValidator


@dataclass(frozen=True, slots=True)
class ProviderDesk:
    """Knows every provider: those of our own by mode, and how to build the paid ones of an account.

    A provider that was built is kept until its settings change, with its connections. A call that is reserved
    for longer than `lost_after` counts as lost.
    """

    database: Database
    own: Mapping[Mode, Providers]
    make: MakeProvider
    sealer: Sealer
    freshness: Freshness = field(default_factory=Freshness)
    clock: Callable[[], datetime] = utc_now
    gates: Gates = field(default_factory=Gates)
    lost_after: timedelta = LOST_AFTER
    _built: dict[tuple[int, str], tuple[ProviderSettings, Metered]] = field(default_factory=dict)

    async def open(self, tx: Tx, workspace_id: int, list_id: int | None) -> ListProviders:
        """The providers for a list, or for a question that belongs to none."""
        mode = await account_rows.get_mode(tx, workspace_id)
        own = self.own[mode]
        gates = self.gates.for_list(list_id)
        local = Local(own.people, own.phones, gates, self.clock)
        if mode is Mode.TEST:
            # Nothing that a test key starts leaves the machine (contract §4).
            order = Order(*(((local.name,),) * 4))
            budget = Budget(workspace_id, list_id, SpendingLimits(), self.freshness)
            waterfall = Waterfall({local.name: local}, order, budget, gates, self.clock)
            return ListProviders(waterfall, own.emails)
        plan = await settings_rows.get_plan(tx, workspace_id)
        order = plan.order
        if list_id is not None:
            order = (await settings_rows.get_override(tx, list_id)).apply_to(order)
        sources = {DIRECTORY: local, **await self._metered(tx, workspace_id, order)}
        budget = Budget(workspace_id, list_id, plan.limits, self.freshness)
        waterfall = Waterfall(sources, order, budget, gates, self.clock, self.database)
        return ListProviders(waterfall, own.emails)

    async def _metered(self, tx: Tx, workspace_id: int, order: Order) -> dict[str, Source]:
        if order.names() <= {DIRECTORY}:
            return {}
        sources: dict[str, Source] = {}
        for settings in await settings_rows.list_providers(tx, workspace_id):
            if settings.name in order.names():
                metered = self.build(workspace_id, settings)
                if metered is not None:
                    sources[settings.name] = metered
        return sources

    def build(self, workspace_id: int, settings: ProviderSettings) -> Metered | None:
        """The provider that settings describe; None, and a line in the log, if it cannot be built."""
        place = workspace_id, settings.name
        known = self._built.get(place)
        if known is not None and known[0] == settings:
            return known[1]
        try:
            sealed = settings.sealed_key
            key = None if sealed is None else self.sealer.open(sealed, workspace_id, settings.name)
            provider = self.make(settings.kind, key or "", settings.options)
        except (SealBroken, ValueError) as error:
            log.error("provider_not_usable", provider=settings.name, error=type(error).__name__)
            return None
        metered = Metered(settings.name, provider, self.database, settings.credit_price, self.lost_after)
        self._built[place] = settings, metered
        return metered
