"""The pages as part of the one application: their routes, what they need, their errors."""

from __future__ import annotations

from litestar import Response, Router, get
from litestar.exceptions import HTTPException

from leadyard.actions.sign_in import SignInDesk
from leadyard.api.application import Beside
from leadyard.api.wire import ApiRequest
from leadyard.dashboard import assets, lists, profile, sign_in
from leadyard.dashboard.call import redirect
from leadyard.dashboard.errors import PAGE_EXCEPTION_HANDLERS, handle_by_path


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
    profile.get_profile,
    profile.change_password,
    profile.end_other_sessions,
    profile.end_session,
    profile.switch_mode,
    profile.set_theme,
    assets.get_asset,
)

ROOTS = frozenset(path.split("/", 2)[1] for handler in HANDLERS for path in handler.paths) - {""}
"""How the paths of pages begin. No path of the API begins so."""


def make_pages(desk: SignInDesk) -> Beside:
    """The pages, to be served beside the API."""
    router = Router("/", route_handlers=list(HANDLERS), exception_handlers=PAGE_EXCEPTION_HANDLERS)
    return Beside([router], {"sign_in": desk}, {HTTPException: handle_by_path(ROOTS)})
