"""/account/keys: make, rotate and revoke keys of the workspace. A key is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from leadyard.actions import api_keys as key_actions
from leadyard.actions.api_keys import WantedKey
from leadyard.actions.members import list_members
from leadyard.api.errors import STATUSES
from leadyard.api.paging import read_page
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, open_form, open_page
from leadyard.dashboard.forms import Form, fault_at, faults_by_field
from leadyard.domain.accounts import SCOPES_OF, Role, Scope, UserStatus
from leadyard.domain.errors import Conflict, LeadyardError, Refused

PATH = "/account/keys"
PAGE_SIZE = 50
LIFETIMES = {"": "Never", "7": "In 7 days", "30": "In 30 days", "90": "In 90 days", "365": "In a year"}
OVERLAPS = {"0": "At once", "1": "In an hour", "24": "In a day", "168": "In a week"}


@get(PATH)
async def get_keys(request: ApiRequest) -> Response[str]:
    """The keys of the workspace, newest first."""
    return await _keys_page(await open_page(request, Scope.ADMIN))


@post(PATH, status_code=200)
async def create_key(request: ApiRequest) -> Response[str]:
    """Makes a key and shows it."""
    call = await open_form(request, Scope.ADMIN)
    try:
        wanted = _read_wanted(call.form)
        async with call.services.database.write() as tx:
            _, key = await key_actions.create_key(tx, call.services.digest, call.caller, wanted)
    except Refused as error:
        return await _keys_page(call, error=error)
    return await _keys_page(call, key=key)


@post(f"{PATH}/{{key_id:str}}/rotate", status_code=200)
async def rotate_key(request: ApiRequest, key_id: FromPath[str]) -> Response[str]:
    """Makes a key that can do the same and shows it; this one ends after a while."""
    call = await open_form(request, Scope.ADMIN)
    hours = int(call.form.choice("overlap", "The end of the old key", list(OVERLAPS)))
    overlap = timedelta(hours=hours)
    try:
        async with call.services.database.write() as tx:
            _, key = await key_actions.rotate_key(tx, call.services.digest, call.caller, key_id, overlap)
    except Conflict as error:
        return await _keys_page(call, error=error)
    return await _keys_page(call, key=key)


@post(f"{PATH}/{{key_id:str}}/revoke", status_code=200)
async def revoke_key(request: ApiRequest, key_id: FromPath[str]) -> Response[str]:
    """Ends a key at once."""
    call = await open_form(request, Scope.ADMIN)
    async with call.services.database.write() as tx:
        await key_actions.revoke_key(tx, call.caller, key_id)
    return call.go(PATH, "The key is revoked. Programs that use it are refused within two seconds.")


async def _keys_page(
    call: PageCall, *, key: str | None = None, error: LeadyardError | None = None
) -> Response[str]:
    page_request = read_page(call.request, PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await key_actions.list_keys(tx, call.caller, page_request)
        members = await list_members(tx, call.caller)
    shown: dict[str, Any] = {
        "page": page,
        "key": key,
        "users": [each.user for each in members if each.user.status is UserStatus.ACTIVE],
        "roles": list(Role),
        "scopes": list(Scope),
        "scopes_of": SCOPES_OF,
        "lifetimes": LIFETIMES,
        "overlaps": OVERLAPS,
    }
    status = 200 if error is None else STATUSES[error.faults[0].code]
    faults = None if error is None else faults_by_field(error)
    return call.page("keys.html", status=status, faults=faults, **shown)


def _read_wanted(form: Form) -> WantedKey:
    """Raises Refused for what cannot be asked for."""
    words = [scope.value for scope in Scope]
    if any(word not in words for word in form.all("scopes")):
        raise fault_at("scopes", "There is no such scope.")
    days = form.choice("lifetime", "The end", list(LIFETIMES))
    role = form.choice("role", "The role", ["", *(role.value for role in Role)])
    return WantedKey(
        name=form.text("name", "The name", 100),
        user_email=form.get("user") or None,
        role=Role(role) if role else None,
        scopes=frozenset(map(Scope, form.all("scopes"))) or None,
        lifetime=timedelta(days=int(days)) if days else None,
    )
