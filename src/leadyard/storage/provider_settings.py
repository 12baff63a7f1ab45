"""Which providers an account uses, with what key and options, in which order, and what they may cost."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Row, text

from leadyard.domain.waterfall import Order, OrderOverride, Plan, SpendingLimits
from leadyard.storage.clock import from_ms
from leadyard.storage.database import Tx

_SELECT = (
    "SELECT name, kind, sealed_key, last_four, options, credit_price, updated_at FROM provider_settings "
    "WHERE workspace_id = :workspace_id"
)
_LIST = text(f"{_SELECT} ORDER BY name")
_FIND = text(f"{_SELECT} AND name = :name")
_PUT = text(
    "INSERT INTO provider_settings "
    "(workspace_id, name, kind, sealed_key, last_four, options, credit_price, updated_at) "
    "VALUES (:workspace_id, :name, :kind, :sealed_key, :last_four, :options, :credit_price, :now) "
    "ON CONFLICT (workspace_id, name) DO UPDATE SET kind = excluded.kind, "
    "sealed_key = excluded.sealed_key, last_four = excluded.last_four, options = excluded.options, "
    "credit_price = excluded.credit_price, "
    "updated_at = excluded.updated_at"
)
_DELETE = text("DELETE FROM provider_settings WHERE workspace_id = :workspace_id AND name = :name")
_PLAN = text("SELECT waterfall, spending_limits FROM workspaces WHERE id = :workspace_id")
_PUT_PLAN = text(
    "UPDATE workspaces SET waterfall = :waterfall, spending_limits = :limits WHERE id = :workspace_id"
)
_OVERRIDE = text("SELECT waterfall FROM lead_lists WHERE id = :id")
_PUT_OVERRIDE = text("UPDATE lead_lists SET waterfall = :waterfall WHERE id = :id")


class ProviderSettings(msgspec.Struct, frozen=True):
    """A provider as an account uses it. The key is sealed; `last_four` tells it from others."""

    name: str
    kind: str
    sealed_key: str | None
    last_four: str | None
    options: dict[str, Any]
    credit_price: float
    updated_at: datetime

    @property
    def digest(self) -> str:
        """The same for settings that give the same answers; it tells nothing of them."""
        told = self.kind, self.sealed_key, self.options
        return sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


async def list_providers(tx: Tx, workspace_id: int) -> list[ProviderSettings]:
    """The providers of a workspace, by name."""
    return [_to_settings(row) for row in await tx.conn.execute(_LIST, {"workspace_id": workspace_id})]


async def find_provider(tx: Tx, workspace_id: int, name: str) -> ProviderSettings | None:
    """One provider of a workspace."""
    row = (await tx.conn.execute(_FIND, {"workspace_id": workspace_id, "name": name})).one_or_none()
    return None if row is None else _to_settings(row)


async def put_provider(tx: Tx, workspace_id: int, settings: ProviderSettings) -> None:
    """Adds or replaces a provider."""
    values = {
        "workspace_id": workspace_id,
        "name": settings.name,
        "kind": settings.kind,
        "sealed_key": settings.sealed_key,
        "last_four": settings.last_four,
        "options": _encode(settings.options),
        "credit_price": settings.credit_price,
        "now": tx.now_ms,
    }
    await tx.conn.execute(_PUT, values)


async def delete_provider(tx: Tx, workspace_id: int, name: str) -> bool:
    """Forgets a provider and its key; its calls and answers stay. False if there is none."""
    result = await tx.conn.execute(_DELETE, {"workspace_id": workspace_id, "name": name})
    return result.rowcount == 1


async def get_plan(tx: Tx, workspace_id: int) -> Plan:
    """The order and the limits that hold for a workspace."""
    row = (await tx.conn.execute(_PLAN, {"workspace_id": workspace_id})).one()
    return Plan(
        Order() if row.waterfall is None else msgspec.json.decode(row.waterfall, type=Order),
        SpendingLimits()
        if row.spending_limits is None
        else msgspec.json.decode(row.spending_limits, type=SpendingLimits),
    )


async def put_plan(tx: Tx, workspace_id: int, plan: Plan) -> None:
    """Sets the order and the limits of a workspace."""
    values = {
        "workspace_id": workspace_id,
        "waterfall": _encode(plan.order),
        "limits": _encode(plan.limits),
    }
    await tx.conn.execute(_PUT_PLAN, values)


async def get_override(tx: Tx, list_row_id: int) -> OrderOverride:
    """What a list has otherwise than its account."""
    stored = (await tx.conn.execute(_OVERRIDE, {"id": list_row_id})).scalar_one()
    return OrderOverride() if stored is None else msgspec.json.decode(stored, type=OrderOverride)


async def put_override(tx: Tx, list_row_id: int, override: OrderOverride) -> None:
    """Sets what a list has otherwise than its account."""
    await tx.conn.execute(_PUT_OVERRIDE, {"id": list_row_id, "waterfall": _encode(override)})


def _to_settings(row: Row[Any]) -> ProviderSettings:
    return ProviderSettings(
        name=row.name,
        kind=row.kind,
        sealed_key=row.sealed_key,
        last_four=row.last_four,
        options=msgspec.json.decode(row.options, type=dict[str, Any]),
        credit_price=row.credit_price,
        updated_at=from_ms(row.updated_at),
    )


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
