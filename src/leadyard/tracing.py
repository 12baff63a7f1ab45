"""Traces by OpenTelemetry: off unless the standard OTEL_ variables name a collector.

The code speaks to OpenTelemetry's API, which does nothing by itself. Its SDK comes with `leadyard[otel]`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import structlog
from opentelemetry import trace

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NAMES = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES")

log = structlog.get_logger()


def configure_tracing(environment: Mapping[str, str] | None = None) -> Callable[[], None]:
    """Sends spans to the collector that is named, if there is one; returns what sends the last ones."""
    variables = os.environ if environment is None else environment
    if not _is_wanted(variables):
        return _do_nothing
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        log.warning("tracing_not_installed")
        return _do_nothing
    named = any(variables.get(name) for name in _NAMES)
    resource = Resource.create({} if named else {"service.name": "leadyard"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def _is_wanted(variables: Mapping[str, str]) -> bool:
    if variables.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if variables.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp":
        return False
    return any(variables.get(name) for name in _ENDPOINTS)


def _do_nothing() -> None:
    pass
