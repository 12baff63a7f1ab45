"""/account/connect: how a program calls this service, to be copied as it stands."""

from __future__ import annotations

from litestar import Response, get, post

from leadyard.actions import api_keys as key_actions
from leadyard.actions.api_keys import WantedKey
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, base_url, open_form, open_page
from leadyard.domain.accounts import Scope

PATH = "/account/connect"
KEY_SCOPES = frozenset({Scope.LISTS_READ, Scope.LISTS_WRITE, Scope.ACCOUNT_READ})
"""What the programs on the page need."""


@get(PATH)
async def get_connect(request: ApiRequest) -> Response[str]:
    """The programs, with a place for a key."""
    return _connect_page(await open_page(request, Scope.ACCOUNT_READ), None)


@post(PATH, status_code=200)
async def make_key(request: ApiRequest) -> Response[str]:
    """Makes a key for them, and shows it in its place this once."""
    call = await open_form(request, Scope.ADMIN)
    wanted = WantedKey(f"Connect, {call.now:%Y-%m-%d}", scopes=KEY_SCOPES)
    async with call.services.database.write() as tx:
        _, key = await key_actions.create_key(tx, call.services.digest, call.caller, wanted)
    return _connect_page(call, key)


def _connect_page(call: PageCall, key: str | None) -> Response[str]:
    shown = key or f"ly_{call.caller.mode}_…"
    return call.page("connect.html", url=base_url(call.request), key=shown, is_made=key is not None)
