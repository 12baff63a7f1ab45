"""Settling calls that no lead asks about any more: their list was canceled, deleted or paused."""

from __future__ import annotations

from leadyard.domain.provider_calls import OpenCall
from leadyard.pipeline.metered import ORDER_LIFETIME
from leadyard.pipeline.provider_desk import ProviderDesk
from leadyard.storage import provider_calls as call_rows
from leadyard.storage import provider_settings as settings_rows


async def close_open_calls(desk: ProviderDesk) -> int:
    """Fetches what was ordered and gives up what a dead process had reserved; returns how many it looked at.

    What was paid for stands in the ledger then, and its answers are kept for whoever asks next.
    """
    async with desk.database.read() as tx:
        calls = await call_rows.list_open_calls(tx, tx.now - desk.lost_after)
    for call in calls:
        await _close(desk, call)
    return len(calls)


async def _close(desk: ProviderDesk, call: OpenCall) -> None:
    async with desk.database.read() as tx:
        settings = await settings_rows.find_provider(tx, call.workspace_id, call.provider)
    metered = None if settings is None else desk.build(call.workspace_id, settings)
    if metered is not None:
        await metered.close(call.id)
    async with desk.database.write() as tx:
        if tx.now - call.called_at > ORDER_LIFETIME:
            # Whatever kept it open: its provider is gone, or its questions are.
            await call_rows.lose_call(tx, call.id, "interrupted")
