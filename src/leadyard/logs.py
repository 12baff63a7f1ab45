"""Logging: one line an event, as text or JSON, on standard error. Never keys, e-mails or bodies."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from opentelemetry import trace


def _tell_error_without_values(
    _logger: Any, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """The kind of an error and where it was raised, without its text: databases quote values in theirs."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)
        event["trace"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _add_trace(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """The trace that a line belongs to, if there is one."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event


_SHARED: tuple[structlog.types.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    _add_trace,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _tell_error_without_values,
)


def configure_logging(level: str, log_format: str) -> None:
    """Sets up structlog, and the standard library's logging for what other libraries have to say.

    Theirs is in the same form, but never more than warnings: drivers tell of values in theirs.
    """
    number = getattr(logging, level.upper())
    renderer: structlog.types.Processor
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*_SHARED, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_SHARED], processors=[remove, renderer]
        )
    )
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
    # It reports every lost connection and every job that runs again, which we report ourselves.
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    # It warns of what the server says beside an error of ours: of a duplicate, its key.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
