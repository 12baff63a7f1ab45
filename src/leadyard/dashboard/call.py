"""One request of a page: who is signed in, on what data, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Response
from litestar.datastructures import Cookie

from leadyard.actions.sign_in import SignInDesk
from leadyard.api.call import CALLER_KEY_ID, ORIGIN, Services, pass_of, services_of
from leadyard.api.wire import ApiRequest, read_bytes
from leadyard.dashboard.cookies import (
    Notice,
    end_of_notice,
    is_https,
    notice_cookie,
    notice_of,
    session_token,
    theme_of,
)
from leadyard.dashboard.csrf import DATA_FIELD, mark_forms, require_own_page, require_same_data
from leadyard.dashboard.forms import MAX_FORM_BYTES, Form, parse_form, require_form
from leadyard.dashboard.navigation import is_current, visible_groups
from leadyard.dashboard.rendering import make_environment
from leadyard.domain.accounts import Caller, Mode, Origin, Scope
from leadyard.domain.installation import Installation
from leadyard.domain.sign_in import Session

HTML = "text/html"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Vary": "HX-Request",
}
"""With `no-referrer` browsers would send `Origin: null` with every form."""
_OF_ADDRESSES = "/?#%&=+:;,@!$'()*~[]"
"""What stays as it is in an address; line breaks do not, nor letters that no header can have."""
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class SignInNeeded(Exception):
    """Nobody is signed in, or not any more."""


def desk_of(request: ApiRequest) -> SignInDesk:
    """What lets people in."""
    return services_of(request).sign_in


def origin_of(request: ApiRequest) -> Origin:
    """Where a request came from."""
    origin: Origin = request.scope["state"][ORIGIN]
    return origin


def installation_of(request: ApiRequest) -> Installation:
    """What there is to tell of the installation."""
    return services_of(request).installation


def base_url(request: ApiRequest) -> str:
    """The address of this service for people and programs: the public one, unless that is of this machine.

    Then it is the one that the browser has used.
    """
    public = services_of(request).public_url.rstrip("/")
    host = urlsplit(public).hostname or ""
    if host in _THIS_MACHINE:
        scheme = "https" if is_https(request) else "http"
        return f"{scheme}://{request.headers.get('host', host)}"
    return public


def is_part(request: ApiRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return "hx-request" in request.headers


def render(
    request: ApiRequest,
    template: str,
    *,
    status: int = 200,
    cookies: Sequence[Cookie] = (),
    bound_to: Mode | None = None,
    **context: Any,
) -> Response[str]:
    """A page for anybody, or a part of one, its forms bound to data. Whole pages tell what was left to be."""
    notice = None if is_part(request) else notice_of(request)
    told = {"theme": theme_of(request), "notice": notice, "path": request.url.path, "status": status}
    text = make_environment().get_template(template).render({**told, **context})
    text = text if bound_to is None else mark_forms(text, bound_to)
    sent = [*cookies, *([end_of_notice(request)] if notice is not None else [])]
    return Response(text, status_code=status, headers=PAGE_HEADERS, cookies=sent, media_type=HTML)


def redirect(
    request: ApiRequest, path: str, notice: Notice | None = None, cookies: Sequence[Cookie] = ()
) -> Response[str]:
    """Sends the browser to another page, which tells the notice."""
    sent = [*cookies, *([notice_cookie(request, notice)] if notice is not None else [])]
    target = quote(path, safe=_OF_ADDRESSES)
    headers = {**PAGE_HEADERS, "HX-Redirect" if is_part(request) else "Location": target}
    status = 200 if is_part(request) else 303
    return Response("", status_code=status, headers=headers, cookies=sent, media_type=HTML)


class PageCall(msgspec.Struct, frozen=True):
    """A request of somebody who is signed in, and the form that it sent."""

    services: Services
    desk: SignInDesk
    session: Session
    caller: Caller
    request: ApiRequest
    now: datetime
    form: Form = msgspec.field(default_factory=Form)

    def may(self, scope: str) -> bool:
        """Whether the user may do this; what they may not is not offered."""
        return Scope(scope) in self.caller.scopes

    def page(
        self,
        template: str,
        *,
        status: int = 200,
        faults: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response[str]:
        """A whole page, or a part of one. `faults` says what to mend, by the field of the form."""
        shown = {
            "call": self,
            "navigation": visible_groups(self.caller),
            "is_current": is_current,
            "now": self.now,
            "form": self.form,
            "faults": faults or {},
        }
        return render(
            self.request, template, status=status, bound_to=self.caller.mode, **{**shown, **context}
        )

    def go(self, path: str, text: str | None = None, kind: str = "done") -> Response[str]:
        """Sends the browser to another page, which says that it is done."""
        return redirect(self.request, path, None if text is None else Notice(text, kind))


async def open_page(request: ApiRequest, scope: Scope) -> PageCall:
    """Who asks for a page. Raises Overloaded, SignInNeeded, TooManyRequests and Forbidden."""
    pass_of(request).begin()
    desk = desk_of(request)
    origin = origin_of(request)
    session = await desk.find_session(session_token(request), origin.address)
    if session is None:
        raise SignInNeeded
    services = services_of(request)
    # Sessions are counted as keys are; their numbers are below zero, so that the two do not meet.
    request.scope["state"][CALLER_KEY_ID] = -session.row_id
    await services.limiter.require_allowed(-session.row_id)
    caller = session.caller(origin)
    caller.require(scope)
    return PageCall(services, desk, session, caller, request, datetime.now(UTC))


async def open_form(request: ApiRequest, scope: Scope, limit: int = MAX_FORM_BYTES) -> PageCall:
    """Who sends a form, and the form.

    Raises what `open_page` raises, Forbidden for a form of another site, UnsupportedMediaType,
    PayloadTooLarge, Refused for what is no form, and Conflict for one of a page that showed other data; what
    everybody may do is about the user alone.
    """
    require_own_page(request)
    call = await open_page(request, scope)
    form = await read_form(request, limit)
    if scope is not Scope.ACCOUNT_READ:
        require_same_data(form.get(DATA_FIELD), call.caller.mode)
    return PageCall(call.services, call.desk, call.session, call.caller, request, call.now, form)


async def read_form(request: ApiRequest, limit: int = MAX_FORM_BYTES) -> Form:
    """The form in the body of a request. Raises UnsupportedMediaType, PayloadTooLarge and Refused."""
    require_form(request)
    return parse_form(bytes(await read_bytes(request, limit, pass_of(request))))
