"""What others see of the work: log lines, spans and numbers, with the request that it is done for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Histogram

from leadyard.domain.additions import SourceRequest
from leadyard.domain.lead_lists import Chunk
from leadyard.domain.providers import CallFailed

_CALLS = Counter(
    "leadyard_provider_calls_total", "Calls to providers, by what came of them.", ["provider", "outcome"]
)
_CALL_SECONDS = Histogram("leadyard_provider_call_seconds", "Seconds that a call took.", ["provider"])
_PROCESSED = Counter("leadyard_leads_processed_total", "Results of leads written down.", ["status"])
_SPENT = Counter("leadyard_credits_spent_total", "Credits spent on leads.", ["kind"])

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("leadyard")

log = structlog.get_logger()


@contextmanager
def following(requests: Sequence[SourceRequest], chunk: Chunk) -> Iterator[None]:
    """Work for earlier requests: the id of the first is in the log, and its trace goes on.

    If there are others, the chunk's line has the ids of all, and its span has links to them.
    """
    first, *others = requests
    attributes = {"leadyard.list": chunk.list_id, "leadyard.first_sequence": chunk.first_sequence}
    named = {} if first.request_id is None else {"request_id": first.request_id}
    ids = [each.request_id for each in requests if each.request_id is not None]
    all_named = {"request_ids": ids} if others else {}
    with (
        structlog.contextvars.bound_contextvars(**named),
        _tracer.start_as_current_span(
            "process leads",
            context=_context_of(first),
            kind=SpanKind.CONSUMER,
            attributes=attributes,
            links=[trace.Link(_span_context_of(each)) for each in others if each.traceparent is not None],
            record_exception=False,
            set_status_on_exception=False,
        ),
    ):
        begin = time.perf_counter()
        try:
            yield
        finally:
            log.info(
                "chunk",
                list_id=chunk.list_id,
                first=chunk.first_sequence,
                last=chunk.last_sequence,
                milliseconds=_milliseconds(begin),
                **all_named,
            )


def _context_of(request: SourceRequest) -> Context | None:
    if request.traceparent is None:
        return None
    return _propagator.extract({"traceparent": request.traceparent})


def _span_context_of(request: SourceRequest) -> SpanContext:
    return trace.get_current_span(_context_of(request)).get_span_context()


@contextmanager
def calling(provider: str, asked: int) -> Iterator[None]:
    """A call to a provider, by its kind: accounts name theirs as they like."""
    begin = time.perf_counter()
    outcome = "answered"
    attributes: dict[str, str | int] = {"leadyard.provider": provider, "leadyard.asked": asked}
    with _tracer.start_as_current_span(
        f"ask {provider}",
        kind=SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield
        except BaseException as error:
            # Its text may hold what was asked.
            outcome = error.failure.value if isinstance(error, CallFailed) else "failed"
            span.set_status(Status(StatusCode.ERROR))
            span.set_attribute("error.type", outcome)
            raise
        finally:
            _CALLS.labels(provider, outcome).inc()
            _CALL_SECONDS.labels(provider).observe(time.perf_counter() - begin)
            log.debug(
                "provider_called",
                provider=provider,
                asked=asked,
                outcome=outcome,
                milliseconds=_milliseconds(begin),
            )


def note_flush(done: int, failed: int, requeued: int, email_spent: int, phone_spent: int) -> None:
    """What one flush wrote down, once it is committed. Amounts are milli-credits."""
    for status, count in (("done", done), ("failed", failed), ("requeued", requeued)):
        _PROCESSED.labels(status).inc(count)
    _SPENT.labels("email").inc(email_spent / 1000)
    _SPENT.labels("phone").inc(phone_spent / 1000)
    log.debug("flushed", done=done, failed=failed, requeued=requeued)


def _milliseconds(begin: float) -> float:
    return round((time.perf_counter() - begin) * 1000, 1)
