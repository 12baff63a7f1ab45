"""Making, listing, rotating and revoking API keys."""

from __future__ import annotations

import secrets
from collections.abc import Set
from datetime import datetime, timedelta

import msgspec

from leadyard.actions.access import KeyDigest
from leadyard.actions.audit import record
from leadyard.actions.pages import require_page
from leadyard.domain.accounts import (
    SCOPES_OF,
    ApiKey,
    Caller,
    KeyStatus,
    Mode,
    Role,
    Scope,
    User,
    UserStatus,
    lacks_scope,
    lesser_role,
)
from leadyard.domain.api_keys import BASE62, RANDOM_LENGTH, compose_key
from leadyard.domain.audit import AuditAction
from leadyard.domain.errors import Conflict, ErrorCode, Fault, NotFound, Refused, unsupported_field
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.lead_lists import is_id
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import api_keys as key_rows
from leadyard.storage import users as user_rows
from leadyard.storage.api_keys import NewKey
from leadyard.storage.database import Tx


class WantedKey(msgspec.Struct, frozen=True):
    """What a key is asked for.

    Without a user it is the caller's, without a role its user's, without scopes it has all those of the role,
    without a lifetime it lives as long as the caller's, which no key that it makes outlives.
    """

    name: str
    user_email: str | None = None
    role: Role | None = None
    scopes: frozenset[Scope] | None = None
    lifetime: timedelta | None = None


def generate_key(mode: Mode) -> str:
    """A new key, which nobody can guess."""
    return compose_key(mode, "".join(secrets.choice(BASE62) for _ in range(RANDOM_LENGTH)))


async def list_keys(tx: Tx, caller: Caller, request: PageRequest) -> Page[ApiKey]:
    """A page of the workspace's keys, those that have ended included, newest first.

    Raises Forbidden, and Refused for an unknown cursor.
    """
    caller.require(Scope.ADMIN)
    return require_page(await key_rows.list_keys(tx, caller.workspace_id, request), request)


async def create_key(tx: Tx, digest: KeyDigest, caller: Caller, wanted: WantedKey) -> tuple[ApiKey, str]:
    """A new key on the caller's workspace, and the key itself, which is not kept.

    Raises Forbidden for a caller who cannot do what the key could, and Refused for a user who is none or is
    disabled, a role above the user's and a scope above the role.
    """
    caller.require(Scope.ADMIN)
    user = await _get_user(tx, caller, wanted.user_email)
    role = wanted.role or user.role
    if lesser_role(role, user.role) is not role:
        raise Refused(_too_much(f"A user who is {user.role} cannot have a key that is {role}.", "/role"))
    if above := (wanted.scopes or frozenset()) - SCOPES_OF[role]:
        detail = f"A key that is {role} cannot have the scope {min(above)}."
        raise Refused(_too_much(detail, "/scopes"))
    _require_all(caller, SCOPES_OF[role] if wanted.scopes is None else wanted.scopes)
    expires_at = await _end_of(tx, caller, wanted.lifetime)
    new = _NewKey(wanted.name, user.row_id, role, wanted.scopes, expires_at)
    made, key = await _store_key(tx, digest, caller, new)
    told = {"user": user.id, "role": role, "scopes": sorted(made.scopes)}
    await record(tx, caller, AuditAction.KEY_CREATED, made.id, **told)
    return made, key


async def rotate_key(
    tx: Tx, digest: KeyDigest, caller: Caller, key_id: str, overlap: timedelta
) -> tuple[ApiKey, str]:
    """A new key that can do what this one can; this one ends after the overlap.

    The new one lives as long as the old one was to, but not longer than the caller's. Raises NotFound,
    Forbidden for a caller who cannot do what the key can, and Conflict for a key that has ended or was
    rotated before.
    """
    caller.require(Scope.ADMIN)
    old = await get_key(tx, caller, key_id)
    _require_all(caller, old.scopes)
    lifetime = None if old.expires_at is None else old.expires_at - old.created_at
    # The caller's own key may be the one that ends now.
    expires_at = await _end_of(tx, caller, lifetime)
    if not await key_rows.end_after(tx, old.row_id, overlap):
        raise Conflict("API key was rotated before, or has ended.")
    new = _NewKey(old.name, old.user_id, old.role, old.own_scopes, expires_at)
    made, key = await _store_key(tx, digest, caller, new)
    hours = overlap / timedelta(hours=1)
    await record(tx, caller, AuditAction.KEY_ROTATED, old.id, new_key=made.id, overlap_hours=hours)
    return made, key


async def revoke_key(tx: Tx, caller: Caller, key_id: str) -> None:
    """Ends a key at once. Raises NotFound, also for a key that was revoked before."""
    caller.require(Scope.ADMIN)
    key = await get_key(tx, caller, key_id)
    if not await key_rows.revoke_key(tx, key.row_id):
        raise NotFound("API key")
    await record(tx, caller, AuditAction.KEY_REVOKED, key.id)


class _NewKey(msgspec.Struct, frozen=True):
    name: str
    user_id: int
    role: Role
    scopes: frozenset[Scope] | None
    expires_at: datetime | None


async def _end_of(tx: Tx, caller: Caller, lifetime: timedelta | None) -> datetime | None:
    """When a key that is made now ends: with the caller's at the latest. The command line has no key."""
    ends = [await key_rows.find_expiry(tx, caller.key_id), None if lifetime is None else tx.now + lifetime]
    return min((end for end in ends if end is not None), default=None)


async def _store_key(tx: Tx, digest: KeyDigest, caller: Caller, new: _NewKey) -> tuple[ApiKey, str]:
    key = generate_key(caller.mode)
    stored = NewKey(new.name, new.role, digest(key), key[-4:], new.scopes, new.expires_at)
    key_id = await key_rows.add_api_key(tx, caller.workspace_id, new.user_id, stored)
    return await get_key(tx, caller, key_id), key


async def get_key(tx: Tx, caller: Caller, key_id: str) -> ApiKey:
    """The workspace's key, unless it was revoked. Raises NotFound."""
    found = await key_rows.find_key(tx, caller.workspace_id, key_id) if is_id(key_id) else None
    if found is None or found.status_at(tx.now) is KeyStatus.REVOKED:
        raise NotFound("API key")
    return found


async def _get_user(tx: Tx, caller: Caller, email: str | None) -> User:
    if email is None:
        return await user_rows.get_user(tx, caller.user_id)
    try:
        user = await user_rows.find_user(tx, caller.account_id, email_key(email))
    except InvalidIdentity:
        user = None
    if user is None or user.status is not UserStatus.ACTIVE:
        raise Refused(unsupported_field("user"))
    return user


def _require_all(caller: Caller, scopes: Set[Scope]) -> None:
    """Raises Forbidden for what the caller may not do: nobody hands out more than they have."""
    if missing := scopes - caller.scopes:
        raise lacks_scope(min(missing))


def _too_much(detail: str, pointer: str) -> Fault:
    return Fault(ErrorCode.UNSUPPORTED_VALUE, detail, pointer)
