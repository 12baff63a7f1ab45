"""How many calls each process may have under way at a provider: one row for each that has or wants any."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy import text

from leadyard.domain.sharing import Share, find_share
from leadyard.storage.clock import to_ms
from leadyard.storage.database import Tx

_WHERE = "workspace_id = :workspace_id AND provider = :provider"
_OTHERS = text(
    f"SELECT slots, wanted FROM provider_shares WHERE {_WHERE} AND holder <> :holder "
    "AND renewed_at BETWEEN :since AND :until"
)
_KEEP = text(
    "INSERT INTO provider_shares (workspace_id, provider, holder, slots, wanted, renewed_at) "
    "VALUES (:workspace_id, :provider, :holder, :slots, :wanted, :now) "
    "ON CONFLICT (workspace_id, provider, holder) DO UPDATE SET slots = excluded.slots, "
    "wanted = excluded.wanted, renewed_at = excluded.renewed_at"
)
_LEAVE = text(
    f"DELETE FROM provider_shares WHERE {_WHERE} "
    "AND (holder = :holder OR renewed_at NOT BETWEEN :since AND :until)"
)
_FORGET = text("DELETE FROM provider_shares")


class Holder(msgspec.Struct, frozen=True):
    """Who asks a provider, as one of those who share the `most` calls that it takes at once.

    A share lasts for `lifetime` unless it is renewed.
    """

    workspace_id: int
    provider: str
    name: str
    most: int
    lifetime: timedelta


async def renew_share(tx: Tx, holder: Holder, held: Share, *, has_had_turn: bool) -> int:
    """How many calls a holder may have under way from now on; the workspace is locked.

    A share that is told from another time, because a clock was wrong, does not count. Whoever has and wants
    nothing leaves.
    """
    values = {
        "workspace_id": holder.workspace_id,
        "provider": holder.provider,
        "holder": holder.name,
        "since": to_ms(tx.now - holder.lifetime),
        "until": to_ms(tx.now + holder.lifetime),
    }
    if not held.wanted:
        await tx.conn.execute(_LEAVE, values)
        return 0
    others = [Share(row.slots, row.wanted) for row in await tx.conn.execute(_OTHERS, values)]
    slots = find_share(holder.most, held, others, has_had_turn=has_had_turn)
    await tx.conn.execute(_KEEP, {**values, "slots": slots, "wanted": held.wanted, "now": tx.now_ms})
    return slots


async def forget_shares(tx: Tx) -> None:
    """Gives back what a killed process had; for the only one that there is."""
    await tx.conn.execute(_FORGET)
