"""The API as one ASGI application."""

from __future__ import annotations

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp, LifespanHook

from leadyard.api import accounts, credits, health, lead_lists, leads, normalize
from leadyard.api.call import Services
from leadyard.api.envelope import Envelope
from leadyard.api.errors import EXCEPTION_HANDLERS

HANDLERS = (
    lead_lists.create_list,
    lead_lists.list_lists,
    lead_lists.get_list,
    lead_lists.update_list,
    lead_lists.delete_list,
    leads.add_leads,
    leads.get_addition,
    credits.get_credits,
    credits.list_credit_entries,
    credits.grant_credits,
    normalize.normalize,
    accounts.get_account,
    accounts.list_users,
    health.check_process,
    health.check_ready,
    health.get_metrics,
)


def create_api(
    services: Services,
    on_startup: list[LifespanHook] | None = None,
    on_shutdown: list[LifespanHook] | None = None,
) -> ASGIApp:
    """Routes, error shapes and the envelope around them."""
    app = Litestar(
        route_handlers=list(HANDLERS),
        exception_handlers=EXCEPTION_HANDLERS,
        on_startup=on_startup,
        on_shutdown=on_shutdown,
        state=State({"services": services}),
        openapi_config=None,
        request_max_body_size=None,
        logging_config=None,
    )
    return Envelope(app, services.limiter)
