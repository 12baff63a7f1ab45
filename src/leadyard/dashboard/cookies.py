"""The cookies of the pages: who is signed in, light or dark, and a notice for the next page."""

from __future__ import annotations

import base64
import binascii

import msgspec
from litestar.datastructures import Cookie

from leadyard.api.call import IS_HTTPS, services_of
from leadyard.api.wire import ApiRequest
from leadyard.domain.sign_in import SESSION_LIMIT

THEMES = ("system", "light", "dark")
NOTICE_SECONDS = 60
YEAR_SECONDS = 31_536_000
MAX_NOTICE_CHARACTERS = 500

_SESSION = "leadyard_session"
_THEME = "leadyard_theme"
_NOTICE = "leadyard_notice"
_COLUMNS = "leadyard_columns"


class Notice(msgspec.Struct, frozen=True):
    """What the next page tells at its top: that something is done, or why not."""

    text: str
    kind: str = "done"


def is_https(request: ApiRequest) -> bool:
    """Whether browsers come by HTTPS, as far as the proxies or the public address tell."""
    public = services_of(request).public_url
    return bool(request.scope["state"][IS_HTTPS]) or public.startswith("https://")


def session_token(request: ApiRequest) -> str:
    """The token of the session; "" without one."""
    return request.cookies.get(_name(request), "")


def session_cookie(request: ApiRequest, token: str) -> Cookie:
    """The cookie that keeps somebody signed in. No other host and no script can read or set it."""
    seconds = int(SESSION_LIMIT.total_seconds())
    return _cookie(request, _name(request), token, seconds)


def end_of_session(request: ApiRequest) -> Cookie:
    """Takes that cookie back."""
    return _cookie(request, _name(request), "", 0)


def theme_of(request: ApiRequest) -> str:
    """Light, dark, or as the system has it."""
    theme = request.cookies.get(_THEME, "system")
    return theme if theme in THEMES else "system"


def theme_cookie(request: ApiRequest, theme: str) -> Cookie:
    """Keeps that for a year."""
    return _cookie(request, _THEME, theme, YEAR_SECONDS)


def columns_of(request: ApiRequest) -> str:
    """The columns of leads that this browser shows, parted by dots; "" if none were chosen."""
    return request.cookies.get(_COLUMNS, "")


def columns_cookie(request: ApiRequest, columns: str) -> Cookie:
    """Keeps that for a year."""
    return _cookie(request, _COLUMNS, columns, YEAR_SECONDS)


def notice_of(request: ApiRequest) -> Notice | None:
    """What the page before left to be told."""
    told = request.cookies.get(_NOTICE)
    if not told:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(told), type=Notice)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        return None


def notice_cookie(request: ApiRequest, notice: Notice) -> Cookie:
    """Leaves something to be told by the next page."""
    text = notice.text[:MAX_NOTICE_CHARACTERS]
    told = base64.urlsafe_b64encode(msgspec.json.encode(Notice(text, notice.kind))).decode()
    return _cookie(request, _NOTICE, told, NOTICE_SECONDS)


def end_of_notice(request: ApiRequest) -> Cookie:
    """It has been told."""
    return _cookie(request, _NOTICE, "", 0)


def _name(request: ApiRequest) -> str:
    return f"__Host-{_SESSION}" if is_https(request) else _SESSION


def _cookie(request: ApiRequest, name: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=seconds,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )
