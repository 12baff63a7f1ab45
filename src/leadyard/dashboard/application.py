"""The pages as an application: their routes, what they need, their errors."""

from __future__ import annotations

from litestar import Response, get
from litestar.types import ASGIApp

from leadyard.api.application import make_routes
from leadyard.api.wire import ApiRequest
from leadyard.dashboard import (
    api_keys,
    assets,
    audit,
    connect,
    directory,
    exclusions,
    guide,
    import_files,
    imports,
    installation_settings,
    leads,
    lists,
    live,
    profile,
    providers,
    selection,
    sign_in,
    users,
    webhooks,
)
from leadyard.dashboard import credits as credit_pages
from leadyard.dashboard.call import redirect
from leadyard.dashboard.errors import PAGE_EXCEPTION_HANDLERS


@get("/")
async def get_home(request: ApiRequest) -> Response[str]:
    """The lists are where work begins."""
    return redirect(request, sign_in.HOME)


HANDLERS = (
    get_home,
    sign_in.get_sign_in,
    sign_in.sign_in,
    sign_in.sign_out,
    sign_in.get_welcome,
    sign_in.set_password,
    lists.get_lists,
    lists.ask_name,
    lists.rename_list,
    lists.copy_list,
    lists.pause_list,
    lists.resume_list,
    lists.ask_cancel,
    lists.cancel_list,
    lists.delete_list,
    lists.restore_list,
    leads.get_list,
    leads.get_lead,
    leads.choose_columns,
    leads.export_list,
    live.watch_list,
    live.watch_import,
    selection.ask_action,
    selection.do_action,
    imports.get_start,
    imports.upload_file,
    imports.get_import,
    imports.map_columns,
    imports.get_rows,
    imports.mend_row,
    imports.start_import,
    imports.cancel_import,
    imports.undo_import,
    import_files.get_refused,
    credit_pages.get_credits,
    credit_pages.get_ledger_file,
    credit_pages.grant_credits,
    providers.get_providers,
    providers.put_provider,
    providers.delete_provider,
    providers.change_order,
    providers.change_limits,
    directory.get_directory,
    directory.get_load,
    directory.load_file,
    exclusions.get_exclusions,
    exclusions.exclude,
    exclusions.include,
    exclusions.get_erasures,
    exclusions.erase,
    webhooks.get_webhooks,
    webhooks.add_webhook,
    webhooks.get_webhook,
    webhooks.change_webhook,
    webhooks.enable_webhook,
    webhooks.rotate_secret,
    webhooks.send_ping,
    webhooks.delete_webhook,
    webhooks.replay_delivery,
    connect.get_connect,
    connect.make_key,
    api_keys.get_keys,
    api_keys.create_key,
    api_keys.rotate_key,
    api_keys.revoke_key,
    users.get_users,
    users.invite,
    users.make_link,
    users.change_user,
    audit.get_audit,
    installation_settings.get_settings,
    profile.get_profile,
    profile.change_password,
    profile.end_other_sessions,
    profile.end_session,
    profile.switch_mode,
    profile.set_theme,
    assets.get_asset,
)

GUIDE_HANDLERS = (guide.get_guide, guide.get_guide_page)


def make_pages() -> ASGIApp:
    """The pages, to be served beside the API, in the same envelope."""
    return make_routes([*HANDLERS, *GUIDE_HANDLERS], exception_handlers=PAGE_EXCEPTION_HANDLERS)
