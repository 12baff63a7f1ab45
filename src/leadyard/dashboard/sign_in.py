"""/sign-in, /sign-out and /welcome: coming in and going out, with a password or by a link to set one."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from leadyard.actions import sign_in as sign_in_actions
from leadyard.api.call import pass_of
from leadyard.api.errors import STATUSES
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import (
    SignInNeeded,
    desk_of,
    open_form,
    origin_of,
    read_form,
    redirect,
    render,
)
from leadyard.dashboard.cookies import Notice, end_of_session, session_cookie, session_token
from leadyard.dashboard.csrf import require_own_page
from leadyard.dashboard.forms import Form, fault_at, faults_by_field
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import LeadyardError, NotFound, Refused
from leadyard.domain.sign_in import MIN_PASSWORD_CHARACTERS, PasswordLink, SignInRefused, TooManyTries

HOME = "/lists"


@get("/sign-in")
async def get_sign_in(request: ApiRequest) -> Response[str]:
    """The form; who is signed in goes on."""
    pass_of(request).begin()
    target = safe_path(request.query_params.get("next", ""))
    if await desk_of(request).find_session(session_token(request), origin_of(request).address):
        return redirect(request, target)
    return _sign_in_page(request, Form(), target)


@post("/sign-in", status_code=200)
async def sign_in(request: ApiRequest) -> Response[str]:
    """Begins a session."""
    pass_of(request).begin()
    require_own_page(request)
    form = await read_form(request)
    target = safe_path(form.get("next"))
    browser, origin = request.headers.get("user-agent", ""), origin_of(request)
    email = form.get("email")[:320]
    try:
        token = await desk_of(request).sign_in(email, form.raw("password"), origin, browser)
    except SignInRefused as error:
        response = _sign_in_page(request, form, target, error)
        response.background = BackgroundTask(desk_of(request).note_failure, email, origin)
        return response
    except TooManyTries as error:
        response = _sign_in_page(request, form, target, error)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return redirect(request, target, cookies=[session_cookie(request, token)])


@post("/sign-out", status_code=200)
async def sign_out(request: ApiRequest) -> Response[str]:
    """Ends the session."""
    try:
        call = await open_form(request, Scope.ACCOUNT_READ)
    except SignInNeeded:
        return redirect(request, "/sign-in")
    async with call.services.database.write() as tx:
        await sign_in_actions.sign_out(tx, call.session, call.caller)
    notice = Notice("You are signed out.")
    return redirect(request, "/sign-in", notice, [end_of_session(request)])


@get("/welcome/{token:str}")
async def get_welcome(request: ApiRequest, token: FromPath[str]) -> Response[str]:
    """The form to set a password, for who has a link."""
    pass_of(request).begin()
    try:
        link = await desk_of(request).find_link(token)
    except NotFound:
        return render(request, "welcome_over.html", status=404)
    return _welcome_page(request, link)


@post("/welcome/{token:str}", status_code=200)
async def set_password(request: ApiRequest, token: FromPath[str]) -> Response[str]:
    """Sets the password, uses the link up, and begins a session."""
    pass_of(request).begin()
    require_own_page(request)
    form = await read_form(request)
    desk = desk_of(request)
    try:
        link = await desk.find_link(token)
        try:
            _require_same(form)
            browser = request.headers.get("user-agent", "")
            made = await desk.set_first_password(token, form.raw("password"), origin_of(request), browser)
        except Refused as error:
            return _welcome_page(request, link, error)
    except NotFound:
        return render(request, "welcome_over.html", status=404)
    notice = Notice("Your password is set. Welcome to Leadyard.")
    return redirect(request, HOME, notice, [session_cookie(request, made)])


def _require_same(form: Form) -> None:
    if form.raw("password") != form.raw("again"):
        raise fault_at("again", "The two passwords are not the same.")


def _sign_in_page(
    request: ApiRequest, form: Form, target: str, error: LeadyardError | None = None
) -> Response[str]:
    status = 200 if error is None else STATUSES[error.faults[0].code]
    problem = None if error is None else error.faults[0].detail
    shown: dict[str, Any] = {"email": form.get("email"), "next": target, "problem": problem}
    return render(request, "sign_in.html", status=status, **shown)


def _welcome_page(request: ApiRequest, link: PasswordLink, error: Refused | None = None) -> Response[str]:
    faults = {} if error is None else faults_by_field(error)
    shown: dict[str, Any] = {"link": link, "faults": faults, "least": MIN_PASSWORD_CHARACTERS}
    return render(request, "welcome.html", status=200 if error is None else 400, **shown)


def safe_path(target: str) -> str:
    """A path of this host; anything else would let a link lead people away after they have signed in."""
    is_path = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_path and "\\" not in target else HOME
