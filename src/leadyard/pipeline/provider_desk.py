"""Which providers a list's leads go through: those of its account, in its order, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
import structlog

from leadyard.domain.accounts import Mode
from leadyard.domain.provider_kinds import DIRECTORY, MAILCHECK
from leadyard.domain.providers import (
    EmailValidator,
    MeteredProvider,
    MeteredService,
    MeteredValidator,
    Providers,
)
from leadyard.domain.waterfall import Freshness, Order, SpendingLimits
from leadyard.pipeline.errands import Errands
from leadyard.pipeline.identities import Identities
from leadyard.pipeline.inquiries import Inquiries
from leadyard.pipeline.journey import Gates
from leadyard.pipeline.metered import LOST_AFTER, Metered
from leadyard.pipeline.paid_service import PaidService
from leadyard.pipeline.replies import Budget
from leadyard.pipeline.verification import OwnValidator, PaidValidator, Validators, Verifier
from leadyard.pipeline.waterfall import Local, Source, Waterfall
from leadyard.storage import accounts as account_rows
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.database import Database, Tx, utc_now
from leadyard.storage.provider_settings import ProviderSettings
from leadyard.storage.sealing import SealBroken, Sealer

ServiceT = TypeVar("ServiceT", bound=MeteredService)

MakeProvider = Callable[[str, str, Mapping[str, Any]], MeteredProvider]
"""Builds a paid provider from its kind, its key and its options. Raises ValueError."""
MakeValidator = Callable[[str, str, Mapping[str, Any]], MeteredValidator]
"""Builds a paid provider as a validator of e-mails. Raises ValueError, also for one that is none."""
Built = dict[tuple[int, str], tuple[ProviderSettings, Metered[ServiceT]]]
"""What was built, by workspace and name, and from which settings."""

log = structlog.get_logger()


class ListProviders(msgspec.Struct, frozen=True):
    """What the leads of one list go through."""

    waterfall: Waterfall
    emails: Validators


class ProviderDesk(msgspec.Struct, frozen=True):
    """Knows every provider: those of our own by mode, and how to build the paid ones of an account.

    A provider that was built is kept until its settings change, with its connections. A call that is reserved
    for longer than `lost_after` counts as lost.
    """

    database: Database
    identities: Identities
    own: Mapping[Mode, Providers]
    make: MakeProvider
    make_validator: MakeValidator
    sealer: Sealer
    freshness: Freshness = msgspec.field(default_factory=Freshness)
    clock: Callable[[], datetime] = utc_now
    gates: Gates = msgspec.field(default_factory=Gates)
    inquiries: Inquiries = msgspec.field(default_factory=Inquiries)
    errands: Errands = msgspec.field(default_factory=Errands)
    lost_after: timedelta = LOST_AFTER
    _built: Built[MeteredProvider] = msgspec.field(default_factory=dict)
    _verifiers: Built[Verifier] = msgspec.field(default_factory=dict)

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
            emails = self._own_validator(own.emails.name, own.emails, gates, list_id)
            return ListProviders(waterfall, Validators([emails], budget, self.clock))
        plan = await settings_rows.get_plan(tx, workspace_id)
        order = plan.order
        if list_id is not None:
            order = (await settings_rows.get_override(tx, list_id)).apply_to(order)
        known = await self._list_settings(tx, workspace_id, order)
        budget = Budget(workspace_id, list_id, plan.limits, self.freshness)
        sources = {DIRECTORY: local, **self._metered(workspace_id, order, known)}
        waterfall = Waterfall(sources, order, budget, gates, self.clock, self.identities)
        emails = self._own_validator(MAILCHECK, own.emails, gates, list_id)
        paid = self._paid_validators(workspace_id, order, known)
        validators = {MAILCHECK: emails, **paid}
        in_order = [validators[name] for name in order.verification if name in validators]
        return ListProviders(waterfall, Validators(in_order, budget, self.clock))

    def _own_validator(
        self, name: str, validator: EmailValidator, gates: Gates, list_id: int | None
    ) -> OwnValidator:
        return OwnValidator(name, validator, gates, self.inquiries, self.clock, line=list_id or 0)

    async def _list_settings(self, tx: Tx, workspace_id: int, order: Order) -> list[ProviderSettings]:
        if order.names() <= {DIRECTORY} and order.verification == (MAILCHECK,):
            return []
        return await settings_rows.list_providers(tx, workspace_id)

    def _metered(
        self, workspace_id: int, order: Order, known: Sequence[ProviderSettings]
    ) -> dict[str, Source]:
        named = [settings for settings in known if settings.name in order.names()]
        built = {settings.name: self.build(workspace_id, settings) for settings in named}
        return {name: metered for name, metered in built.items() if metered is not None}

    def _paid_validators(
        self, workspace_id: int, order: Order, known: Sequence[ProviderSettings]
    ) -> dict[str, OwnValidator | PaidValidator]:
        named = [settings for settings in known if settings.name in order.verification]
        built = {settings.name: self._build_verifier(workspace_id, settings) for settings in named}
        return {name: PaidValidator(metered) for name, metered in built.items() if metered is not None}

    def build(self, workspace_id: int, settings: ProviderSettings) -> Metered[MeteredProvider] | None:
        """The provider that settings describe; None, and a line in the log, if it cannot be built."""
        return self.build_with(self._built, self.make, workspace_id, settings)

    def _build_verifier(self, workspace_id: int, settings: ProviderSettings) -> Metered[Verifier] | None:
        def make(kind: str, key: str, options: Mapping[str, Any]) -> Verifier:
            return Verifier(self.make_validator(kind, key, options))

        return self.build_with(self._verifiers, make, workspace_id, settings)

    def build_with(
        self,
        built: Built[ServiceT],
        make: Callable[[str, str, Mapping[str, Any]], ServiceT],
        workspace_id: int,
        settings: ProviderSettings,
    ) -> Metered[ServiceT] | None:
        """As `build`, for another side of the provider; `built` keeps what was made."""
        place = workspace_id, settings.name
        known = built.get(place)
        if known is not None and known[0] == settings:
            return known[1]
        try:
            sealed = settings.sealed_key
            key = None if sealed is None else self.sealer.open(sealed, workspace_id, settings.name)
            provider = make(settings.kind, key or "", settings.options)
        except (SealBroken, ValueError) as error:
            log.error("provider_not_usable", provider=settings.name, error=type(error).__name__)
            return None
        service = PaidService(settings.name, provider, settings.credit_price, settings.digest)
        metered = Metered(service, self.database, workspace_id, self.lost_after, errands=self.errands)
        built[place] = settings, metered
        return metered
