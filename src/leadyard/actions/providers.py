"""Setting providers up: keys and options, the order in which they are asked, and what they may cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from leadyard.actions.audit import record
from leadyard.actions.lead_lists import get_list
from leadyard.domain.accounts import Caller, Mode, Scope
from leadyard.domain.audit import AuditAction
from leadyard.domain.errors import (
    ErrorCode,
    Fault,
    Forbidden,
    NotFound,
    Refused,
    missing_field,
    unsupported_field,
)
from leadyard.domain.provider_calls import ProviderStatistics
from leadyard.domain.provider_kinds import DIRECTORY, MAILCHECK, OWN_NAMES, SANDBOX, ProviderKind
from leadyard.domain.providers import VERIFICATION, Group
from leadyard.domain.waterfall import Order, OrderOverride, Plan
from leadyard.storage import pauses
from leadyard.storage import provider_calls as call_rows
from leadyard.storage import provider_gates as gate_rows
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.database import Tx
from leadyard.storage.provider_settings import ProviderSettings
from leadyard.storage.sealing import SealBroken, Sealer


class ProviderReport(msgspec.Struct, frozen=True):
    """A provider as an account sees it. One of our own has neither a kind nor settings."""

    name: str
    kind: ProviderKind | None
    settings: ProviderSettings | None
    statistics: ProviderStatistics | None

    @property
    def groups(self) -> frozenset[Group]:
        """What it can find."""
        if self.kind is not None:
            return self.kind.groups
        return frozenset(Group) if self.name in (DIRECTORY, SANDBOX) else frozenset()

    @property
    def can_verify(self) -> bool:
        """Whether it can say that mail to an address arrives."""
        return self.kind.can_verify if self.kind is not None else self.name in (MAILCHECK, SANDBOX)


class NewProvider(msgspec.Struct, frozen=True):
    """What a provider is set up with; without a key the one that is there stays, and is sent nowhere new."""

    name: str
    kind: str | None
    api_key: str | None
    options: Mapping[str, Any]
    credit_price: float


class ProviderOffice(msgspec.Struct, frozen=True):
    """Sets providers up for accounts. `kinds` are those that can be had, by name."""

    kinds: Mapping[str, ProviderKind]
    sealer: Sealer

    async def list_providers(self, tx: Tx, caller: Caller) -> list[ProviderReport]:
        """Those of our own, those that are set up, and those that could be."""
        if caller.mode is Mode.TEST:
            return [ProviderReport(SANDBOX, None, None, None)]
        statistics = await call_rows.list_statistics(tx, caller.workspace_id)
        known = await settings_rows.list_providers(tx, caller.workspace_id)
        reports = [ProviderReport(name, None, None, None) for name in (DIRECTORY, MAILCHECK)]
        for each in known:
            kind = self.kinds.get(each.kind)
            reports.append(ProviderReport(each.name, kind, each, statistics.get(each.name)))
        set_up = {each.kind for each in known}
        reports += [
            ProviderReport(kind.name, kind, None, None)
            for kind in self.kinds.values()
            if kind.name not in set_up
        ]
        return reports

    async def get_provider(self, tx: Tx, caller: Caller, name: str) -> ProviderReport:
        """A provider that is set up. Raises NotFound."""
        found = await settings_rows.find_provider(tx, caller.workspace_id, name)
        if found is None:
            raise NotFound("provider")
        statistics = await call_rows.list_statistics(tx, caller.workspace_id)
        return ProviderReport(name, self.kinds.get(found.kind), found, statistics.get(name))

    async def put_provider(self, tx: Tx, caller: Caller, new: NewProvider) -> ProviderReport:
        """Sets a provider up, or changes how it is. Its breaker is as new.

        Raises Forbidden, Refused for settings that cannot be used.
        """
        require_changeable(caller)
        await pauses.look_again(tx, caller.workspace_id)
        known = await settings_rows.find_provider(tx, caller.workspace_id, new.name)
        kind = self.kinds.get(new.kind or (known.kind if known else new.name))
        if kind is None or new.name in OWN_NAMES:
            raise Refused(_unknown_kind(new, self.kinds))
        fault = kind.find_fault(new.api_key, new.options)
        if fault is not None:
            raise Refused(fault)
        if new.api_key is None and known is not None and _would_move_key(known, kind, new.options):
            raise Refused(missing_field("api_key"))
        sealed, last_four = (known.sealed_key, known.last_four) if known else (None, None)
        if new.api_key is not None and not self._is_same_key(caller, known, new.api_key):
            sealed = self.sealer.seal(new.api_key, caller.workspace_id, new.name)
            last_four = new.api_key[-4:] if len(new.api_key) >= 12 else None
        settings = ProviderSettings(
            new.name, kind.name, sealed, last_four, dict(new.options), new.credit_price, tx.now
        )
        await settings_rows.put_provider(tx, caller.workspace_id, settings)
        await gate_rows.reopen_gate(tx, caller.workspace_id, new.name)
        told = {
            "kind": kind.name,
            "new_key": new.api_key is not None,
            "changed_options": _changed_names(known.options if known else {}, new.options),
        }
        await record(tx, caller, AuditAction.PROVIDER_SET, new.name, **told)
        return await self.get_provider(tx, caller, new.name)

    def _is_same_key(self, caller: Caller, known: ProviderSettings | None, api_key: str) -> bool:
        """Whether this key is there already; it stays as it is sealed, and so do the answers it was told."""
        if known is None or known.sealed_key is None:
            return False
        try:
            return self.sealer.open(known.sealed_key, caller.workspace_id, known.name) == api_key
        except SealBroken:
            return False

    async def delete_provider(self, tx: Tx, caller: Caller, name: str) -> None:
        """Forgets a provider and its key. Raises Forbidden and NotFound."""
        require_changeable(caller)
        if "\0" in name:
            raise NotFound("provider")
        await pauses.look_again(tx, caller.workspace_id)
        if not await settings_rows.delete_provider(tx, caller.workspace_id, name):
            raise NotFound("provider")
        await record(tx, caller, AuditAction.PROVIDER_REMOVED, name)

    async def get_plan(self, tx: Tx, caller: Caller) -> Plan:
        """The order and the limits in force."""
        if caller.mode is Mode.TEST:
            return Plan(Order(*(((SANDBOX,),) * len(Order.__struct_fields__))))
        return await settings_rows.get_plan(tx, caller.workspace_id)

    async def put_plan(self, tx: Tx, caller: Caller, plan: Plan) -> Plan:
        """Sets the order and the limits. Raises Forbidden and Refused."""
        require_changeable(caller)
        await pauses.look_again(tx, caller.workspace_id)
        await self._require_order(tx, caller, plan.order, "/order")
        await settings_rows.put_plan(tx, caller.workspace_id, plan)
        told = msgspec.to_builtins(plan)
        await record(tx, caller, AuditAction.WATERFALL_CHANGED, order=told["order"], limits=told["limits"])
        return plan

    async def get_override(self, tx: Tx, caller: Caller, list_id: str) -> OrderOverride:
        """What a list has otherwise than its account. Raises NotFound and Gone."""
        lead_list = await get_list(tx, caller, list_id)
        return await settings_rows.get_override(tx, lead_list.row_id)

    async def put_override(
        self, tx: Tx, caller: Caller, list_id: str, override: OrderOverride
    ) -> OrderOverride:
        """Sets what a list has otherwise. Raises NotFound, Gone, Forbidden and Refused."""
        lead_list = await get_list(tx, caller, list_id)
        require_changeable(caller)
        await self._require_order(tx, caller, override, "")
        await pauses.look_again(tx, lead_list.workspace_id, lead_list.row_id)
        await settings_rows.put_override(tx, lead_list.row_id, override)
        told = msgspec.to_builtins(override)
        await record(tx, caller, AuditAction.LIST_WATERFALL_CHANGED, list_id, order=told)
        return override

    async def _require_order(
        self, tx: Tx, caller: Caller, order: Order | OrderOverride, pointer: str
    ) -> None:
        """Raises Refused for a name that is no provider that is set up, or that cannot do what it is for."""
        able: dict[str, set[str]] = {DIRECTORY: set(Group), MAILCHECK: {VERIFICATION}}
        for each in await settings_rows.list_providers(tx, caller.workspace_id):
            kind = self.kinds.get(each.kind)
            able[each.name] = set() if kind is None else _abilities(kind)
        faults = []
        for group in (*Group, VERIFICATION):
            names = getattr(order, group) or ()
            for place, name in enumerate(names):
                if group not in able.get(name, ()) or name in names[:place]:
                    faults.append(_bad_name(name, group, f"{pointer}/{group}/{place}"))
        if faults:
            raise Refused(*faults)


def require_changeable(caller: Caller) -> None:
    """Raises Forbidden for a key without the scope, and for test data, which the sandbox answers for."""
    caller.require(Scope.PROVIDERS_WRITE)
    if caller.mode is Mode.TEST:
        raise Forbidden("A test key may not change providers: the sandbox answers for all of them.")


def _unknown_kind(new: NewProvider, kinds: Mapping[str, ProviderKind]) -> Fault:
    if new.name in OWN_NAMES:
        return unsupported_field("name", None)
    detail = f"There is no such kind of provider; there are {', '.join(kinds)}."
    return Fault(ErrorCode.UNSUPPORTED_VALUE, detail, "/kind")


def _would_move_key(known: ProviderSettings, kind: ProviderKind, options: Mapping[str, Any]) -> bool:
    """Whether the key that is there would be told to a service that it is not for."""
    is_elsewhere = known.kind != kind.name or not _hosts(options) <= _hosts(known.options)
    return known.sealed_key is not None and is_elsewhere


def _hosts(options: Mapping[str, Any]) -> set[str]:
    """Where options have a key sent, with the scheme; "" is the host that the kind itself has."""
    check = options.get("check") or {}
    addresses = (options.get("base_url"), options.get("url"), check.get("url"))
    return {_host(address) for address in addresses if address is not None} or {""}


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return f"{parts.scheme}://{parts.netloc}".lower()


def _changed_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def _abilities(kind: ProviderKind) -> set[str]:
    return {*kind.groups, VERIFICATION} if kind.can_verify else set(kind.groups)


def _bad_name(name: str, group: str, pointer: str) -> Fault:
    detail = f"'{name[:100]}' is no provider that is set up and does this ({group}), or stands there twice."
    return Fault(ErrorCode.UNSUPPORTED_VALUE, detail, pointer)
