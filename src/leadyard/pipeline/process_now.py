"""Processing a chunk while somebody waits for it."""

from __future__ import annotations

import asyncio
import math

from msgspec.structs import replace

from leadyard.domain.lead_lists import Chunk
from leadyard.pipeline.process_leads import Pipeline, process_leads

PATIENCE_SECONDS = 5.0
"""When the chunk is told to stop; what it has begun gets the grace of any chunk that is stopped."""


async def process_now(pipeline: Pipeline, chunk: Chunk, patience: float = PATIENCE_SECONDS) -> None:
    """Takes a chunk through its steps. What is not done in time is handed back; `patience` is in seconds."""
    stop = asyncio.Event()
    timer = asyncio.get_running_loop().call_later(patience, stop.set)
    try:
        await process_leads(replace(pipeline, turn_seconds=math.inf), chunk, stop)
    finally:
        timer.cancel()
