"""Which request something is done for, so that what follows later can be told to belong to it."""

from __future__ import annotations

import structlog
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from leadyard.domain.additions import SourceRequest

_propagator = TraceContextTextMapPropagator()


def current_request() -> SourceRequest:
    """The request in whose context this runs: its id in the logs, and its place in a trace if it has one."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return SourceRequest(
        structlog.contextvars.get_contextvars().get("request_id"), carrier.get("traceparent")
    )
