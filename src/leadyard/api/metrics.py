"""Numbers for Prometheus: what this process counted, and what the database told last."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import Gauge, generate_latest

from leadyard.domain.credits import MILLI
from leadyard.domain.statistics import BreakerState, PoolState, Statistics

_DATABASE_UP = Gauge("leadyard_database_up", "Whether the database could be read for this scrape.")
_JOBS = Gauge("leadyard_jobs", "Jobs, by state.", ["state"])
_OLDEST = Gauge("leadyard_oldest_job_seconds", "For how long the oldest job that is due has waited.")
_BREAKERS = Gauge(
    "leadyard_provider_breakers", "Providers of accounts, by kind and breaker.", ["provider", "state"]
)
_HELD = Gauge("leadyard_credits_held", "Credits held for leads under way.", ["mode", "kind"])
_BALANCE = Gauge("leadyard_credits_balance", "Credits that accounts have.", ["mode", "kind"])
_CONNECTIONS = Gauge(
    "leadyard_database_connections", "Connections of this process to its database.", ["purpose", "state"]
)
_MOST_CONNECTIONS = Gauge(
    "leadyard_database_connections_max", "The most connections that this process opens.", ["purpose"]
)


def render(statistics: Statistics | None, pools: Sequence[PoolState]) -> bytes:
    """All metrics as text. Without statistics those of the database are left out, not kept as they were."""
    _DATABASE_UP.set(statistics is not None)
    for gauge in (_JOBS, _BREAKERS, _HELD, _BALANCE):
        gauge.clear()
    _OLDEST.set(float("nan"))
    if statistics is not None:
        _set(statistics)
    for pool in pools:
        _CONNECTIONS.labels(pool.purpose, "in_use").set(pool.in_use)
        _CONNECTIONS.labels(pool.purpose, "idle").set(pool.idle)
        _MOST_CONNECTIONS.labels(pool.purpose).set(pool.most)
    return generate_latest()


def _set(statistics: Statistics) -> None:
    queue = statistics.queue
    for state, count in (("waiting", queue.waiting), ("later", queue.later), ("running", queue.running)):
        _JOBS.labels(state).set(count)
    _OLDEST.set(queue.oldest_seconds)
    for total in statistics.credits:
        _HELD.labels(total.mode, total.kind).set(total.held / MILLI)
        _BALANCE.labels(total.mode, total.kind).set(total.balance / MILLI)
    for kind in {breakers.provider for breakers in statistics.breakers}:
        for state in BreakerState:
            _BREAKERS.labels(kind, state.value).set(0)
    for breakers in statistics.breakers:
        _BREAKERS.labels(breakers.provider, breakers.state.value).set(breakers.count)
