"""The API as one ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import HttpMethod, Litestar, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import ASGIApp, LifespanHook

from leadyard.api import (
    accounts,
    api_keys,
    audit,
    companies,
    docs,
    email_validations,
    enrichment_requests,
    entries,
    erasures,
    exclusions,
    exports,
    health,
    imports,
    lead_lists,
    leads,
    list_control,
    normalize,
    people,
    providers,
    webhooks,
)
from leadyard.api import credits as credit_handlers
from leadyard.api.call import Services
from leadyard.api.envelope import Envelope
from leadyard.api.errors import EXCEPTION_HANDLERS
from leadyard.api.openapi import document
from leadyard.api.wire import ApiRequest

HEALTH_HANDLERS = (health.check_process, health.check_ready, health.get_metrics)
HANDLERS = (
    lead_lists.create_list,
    lead_lists.list_lists,
    lead_lists.get_list,
    lead_lists.update_list,
    lead_lists.delete_list,
    leads.add_leads,
    leads.get_addition,
    list_control.pause_list,
    list_control.resume_list,
    list_control.retry_failed,
    list_control.refresh_stale,
    entries.get_entry,
    exports.export_list,
    imports.upload_import,
    imports.list_imports,
    imports.get_import,
    imports.update_import,
    imports.start_import,
    imports.undo_import,
    imports.list_rows,
    imports.mend_row,
    imports.get_refused,
    credit_handlers.get_credits,
    credit_handlers.list_credit_entries,
    credit_handlers.grant_credits,
    normalize.normalize,
    email_validations.start_validation,
    email_validations.get_validation,
    email_validations.cancel_validation,
    people.find_person,
    enrichment_requests.start_enrichment,
    enrichment_requests.get_enrichment,
    enrichment_requests.cancel_enrichment,
    companies.find_company,
    exclusions.list_excluded_emails,
    exclusions.exclude_emails,
    exclusions.include_emails,
    exclusions.list_excluded_domains,
    exclusions.exclude_domains,
    exclusions.include_domains,
    erasures.erase_person,
    erasures.list_erasures,
    erasures.get_person_export,
    providers.list_providers,
    providers.put_provider,
    providers.delete_provider,
    providers.get_waterfall,
    providers.put_waterfall,
    providers.get_list_waterfall,
    providers.put_list_waterfall,
    api_keys.list_keys,
    api_keys.create_key,
    api_keys.revoke_key,
    api_keys.rotate_key,
    audit.list_entries,
    webhooks.list_webhooks,
    webhooks.add_webhook,
    webhooks.get_webhook,
    webhooks.update_webhook,
    webhooks.delete_webhook,
    webhooks.rotate_secret,
    webhooks.send_ping,
    webhooks.list_deliveries,
    webhooks.replay_delivery,
    accounts.get_account,
    accounts.list_users,
    *HEALTH_HANDLERS,
    document.get_openapi,
    docs.get_docs,
    docs.get_docs_file,
)


@route(
    sorted({path for handler in HANDLERS for path in handler.paths}),
    http_method=HttpMethod.OPTIONS,
    status_code=204,
)
async def list_methods(request: ApiRequest) -> Response[None]:
    """The methods of a path. The framework's own answer forgets those of a path's other handlers."""
    template = request.scope["path_template"]
    methods = next(found.methods for found in request.app.routes if found.path_format == template)
    return Response(None, headers={"Allow": ", ".join(sorted(methods))})


def create_health_api(services: Services) -> ASGIApp:
    """Health and metrics alone, for a process that serves nothing else."""
    return Envelope(make_routes(HEALTH_HANDLERS), services)


class _Routes(Litestar):
    """Litestar without what it has for shapes of pydantic and attrs: ours are of msgspec."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def make_routes(
    handlers: Sequence[HTTPRouteHandler],
    exception_handlers: dict[int | type[Exception], Any] = EXCEPTION_HANDLERS,
    on_startup: list[LifespanHook] | None = None,
    on_shutdown: list[LifespanHook] | None = None,
) -> Litestar:
    """Routes and error shapes of no installation in particular: each request has the one that it is for."""
    return _Routes(
        route_handlers=handlers,
        exception_handlers=exception_handlers,
        on_startup=on_startup,
        on_shutdown=on_shutdown,
        openapi_config=None,
        request_max_body_size=None,
        logging_config=None,
    )
