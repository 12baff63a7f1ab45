"""/healthz, /readyz and /metrics: for whoever runs the service. They need no key."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from prometheus_client import CONTENT_TYPE_LATEST

from leadyard.actions.health import require_ready
from leadyard.api.call import services_of
from leadyard.api.metrics import render
from leadyard.api.schemas import HealthView
from leadyard.api.wire import ApiRequest, json_response


@get("/healthz")
async def check_process(request: ApiRequest) -> Response[bytes]:
    """The process lives."""
    return json_response(request, HealthView())


@get("/readyz")
async def check_ready(request: ApiRequest) -> Response[bytes]:
    """The database is reachable, has this version's schema and room; otherwise 503 says which it is not."""
    await require_ready(services_of(request).database)
    return json_response(request, HealthView())


@get("/metrics")
async def get_metrics(request: Request[Any, Any, State]) -> Response[bytes]:
    """Prometheus metrics: of this process, and of the database as it was at most ten seconds ago."""
    services = services_of(request)
    text = render(await services.watch.look(), services.database.list_pools())
    return Response(text, media_type=CONTENT_TYPE_LATEST)
