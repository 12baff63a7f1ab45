"""/api-keys: make, list, rotate and revoke keys of the workspace."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from litestar import Response, delete, get, post
from litestar.params import FromPath

from leadyard.actions import Tx
from leadyard.actions import api_keys as key_actions
from leadyard.actions.api_keys import WantedKey
from leadyard.actions.idempotency import Answer
from leadyard.api.access_schemas import (
    MAX_DAYS,
    MAX_OVERLAP_HOURS,
    OVERLAP_HOURS,
    ApiKeysView,
    ApiKeyView,
    NewApiKeyView,
)
from leadyard.api.call import (
    decode_members,
    finding_first,
    open_call,
    open_call_with_body,
    open_call_with_optional_body,
)
from leadyard.api.fields import FieldFault, one_of, read_fields, text, whole_number
from leadyard.api.paging import COLLECTION_PAGE_SIZE, page_links, read_page
from leadyard.api.wire import ApiRequest, encode, json_response
from leadyard.domain.accounts import ApiKey, Role, Scope
from leadyard.domain.errors import unsupported_field

SCOPES = {scope.value: scope for scope in Scope}


@get("/api-keys")
async def list_keys(request: ApiRequest) -> Response[bytes]:
    """The keys of the workspace, newest first."""
    call = await open_call(request, Scope.ADMIN)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await key_actions.list_keys(tx, call.caller, page_request)
        views = [key_view(key, tx.now) for key in page.items]
    links = page_links("/api-keys", page_request, page, [view.id for view in views])
    return json_response(request, ApiKeysView(views, links))


@post("/api-keys", status_code=201)
async def create_key(request: ApiRequest) -> Response[bytes]:
    """Makes a key, which is shown in this answer and never again."""
    call = await open_call_with_body(request, Scope.ADMIN)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    checks = {
        "name": text,
        "user": text,
        "role": one_of(tuple(role.value for role in Role)),
        "scopes": _scopes,
        "expires_in_days": whole_number(1, MAX_DAYS),
    }
    fields = read_fields(decode_members(call.body), checks, ("name",))
    fields.require_sound()
    wanted = _wanted(fields.values)

    async def act(tx: Tx) -> Answer:
        made, key = await key_actions.create_key(tx, call.services.digest, call.caller, wanted)
        return _made_answer(made, key, tx.now)

    return await call.perform(act)


@delete("/api-keys/{key_id:str}", status_code=204)
async def revoke_key(request: ApiRequest, key_id: FromPath[str]) -> None:
    """Ends a key at once."""
    call = await open_call(request, Scope.ADMIN)
    async with call.services.database.write() as tx:
        await key_actions.revoke_key(tx, call.caller, key_id)


@post("/api-keys/{key_id:str}/rotate", status_code=201)
async def rotate_key(request: ApiRequest, key_id: FromPath[str]) -> Response[bytes]:
    """Makes a key that can do the same, and lets this one end after a while."""
    call = await open_call_with_optional_body(request, Scope.ADMIN)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    checks = {"overlap_hours": whole_number(0, MAX_OVERLAP_HOURS)}
    fields = read_fields(decode_members(call.body), checks, ())
    async with finding_first(call, partial(key_actions.get_key, caller=call.caller, key_id=key_id)):
        fields.require_sound()
    overlap = timedelta(hours=fields.values.get("overlap_hours", OVERLAP_HOURS))

    async def act(tx: Tx) -> Answer:
        digest = call.services.digest
        made, key = await key_actions.rotate_key(tx, digest, call.caller, key_id, overlap)
        return _made_answer(made, key, tx.now)

    return await call.perform(act)


def key_view(key: ApiKey, now: datetime) -> ApiKeyView:
    """A key without the key itself."""
    return ApiKeyView(**_members(key, now))


def _members(key: ApiKey, now: datetime) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "user": key.user_email,
        "role": key.role.value,
        "scopes": sorted(key.scopes),
        "last_four": key.last_four,
        "status": key.status_at(now).value,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "rotated_at": key.rotated_at,
        "revoked_at": key.revoked_at,
    }


def _made_answer(made: ApiKey, key: str, now: datetime) -> Answer:
    """The answer that shows the key; what is kept for an Idempotency-Key does not have it."""
    shown = NewApiKeyView(**_members(made, now), key=key)
    kept = encode(msgspec.structs.replace(shown, key=None)).decode()
    return Answer(201, {}, encode(shown).decode(), kept)


def _wanted(values: dict[str, Any]) -> WantedKey:
    days = values.get("expires_in_days")
    return WantedKey(
        name=values["name"],
        user_email=values.get("user"),
        role=Role(values["role"]) if "role" in values else None,
        scopes=values.get("scopes"),
        lifetime=None if days is None else timedelta(days=days),
    )


def _scopes(name: str, raw: msgspec.Raw) -> frozenset[Scope]:
    """A check: one or more scopes."""
    try:
        words = msgspec.json.decode(raw, type=list[str])
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(name)) from None
    faults = [
        unsupported_field(f"{name}[{place}]", f"/{name}/{place}")
        for place, word in enumerate(words)
        if word not in SCOPES
    ]
    if faults or not words:
        raise FieldFault(*(faults or [unsupported_field(name)]))
    return frozenset(SCOPES[word] for word in words)
