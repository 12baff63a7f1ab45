"""/account/profile: one's own password and sessions; and what is kept of a browser: theme, live or test."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.params import FromPath

from leadyard.actions import sign_in as sign_in_actions
from leadyard.api.call import pass_of
from leadyard.api.errors import STATUSES
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, open_form, open_page, read_form, redirect
from leadyard.dashboard.cookies import THEMES, theme_cookie
from leadyard.dashboard.csrf import require_own_page
from leadyard.dashboard.forms import fault_at, faults_by_field
from leadyard.dashboard.sign_in import HOME, safe_path
from leadyard.domain.accounts import Mode, Scope
from leadyard.domain.errors import LeadyardError, Refused
from leadyard.domain.sign_in import MIN_PASSWORD_CHARACTERS, TooManyTries

PATH = "/account/profile"


@get(PATH)
async def get_profile(request: ApiRequest) -> Response[str]:
    """The user's own page."""
    return await _profile_page(await open_page(request, Scope.ACCOUNT_READ))


@post(f"{PATH}/password", status_code=200)
async def change_password(request: ApiRequest) -> Response[str]:
    """Sets another password and signs the user out everywhere else."""
    call = await open_form(request, Scope.ACCOUNT_READ)
    form = call.form
    try:
        if form.raw("password") != form.raw("again"):
            raise fault_at("again", "The two passwords are not the same.")
        await call.desk.change_password(call.session, call.caller, form.raw("current"), form.raw("password"))
    except (Refused, TooManyTries) as error:
        return await _profile_page(call, error)
    return call.go(PATH, "Your password is changed. You are signed out everywhere else.")


@post(f"{PATH}/sessions/end-others", status_code=200)
async def end_other_sessions(request: ApiRequest) -> Response[str]:
    """Signs the user out everywhere else."""
    call = await open_form(request, Scope.ACCOUNT_READ)
    async with call.services.database.write() as tx:
        await sign_in_actions.end_other_sessions(tx, call.session, call.caller)
    return call.go(PATH, "You are signed out everywhere else.")


@post(f"{PATH}/sessions/{{session_id:str}}/end", status_code=200)
async def end_session(request: ApiRequest, session_id: FromPath[str]) -> Response[str]:
    """Ends one session of the user."""
    call = await open_form(request, Scope.ACCOUNT_READ)
    async with call.services.database.write() as tx:
        await sign_in_actions.end_session(tx, call.session, call.caller, session_id)
    return call.go(PATH, "The session is ended.")


@post("/account/mode", status_code=200)
async def switch_mode(request: ApiRequest) -> Response[str]:
    """Turns the pages to the live or the test data."""
    call = await open_form(request, Scope.ACCOUNT_READ)
    mode = Mode(call.form.choice("mode", "The data", [mode.value for mode in Mode]))
    async with call.services.database.write() as tx:
        await sign_in_actions.switch_mode(tx, call.session, mode)
    return call.go(safe_path(call.form.get("back", HOME)))


@post("/account/theme", status_code=200)
async def set_theme(request: ApiRequest) -> Response[str]:
    """Light, dark, or as the system has it; for this browser, signed in or not."""
    pass_of(request).begin()
    require_own_page(request)
    form = await read_form(request)
    theme = form.choice("theme", "The theme", THEMES)
    return redirect(request, safe_path(form.get("back", HOME)), cookies=[theme_cookie(request, theme)])


async def _profile_page(call: PageCall, error: LeadyardError | None = None) -> Response[str]:
    async with call.services.database.read() as tx:
        sessions = await sign_in_actions.list_own_sessions(tx, call.session)
    return call.page(
        "profile.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        sessions=sessions,
        least=MIN_PASSWORD_CHARACTERS,
    )
