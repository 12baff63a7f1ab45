"""Accounts, their two workspaces, users, keys, and who is calling."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from leadyard.domain.errors import Forbidden


class Mode(StrEnum):
    """An account has two workspaces that know nothing of each other (contract §4)."""

    LIVE = "live"
    TEST = "test"


class Role(StrEnum):
    """What a user, and a key made for them, may do. From the least to the most."""

    READ_ONLY = "read_only"
    MEMBER = "member"
    ADMIN = "admin"


class Scope(StrEnum):
    """One thing that a key may do. Every operation of the API needs exactly one."""

    ACCOUNT_READ = "account:read"
    LISTS_READ = "lists:read"
    LISTS_WRITE = "lists:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    CREDITS_READ = "credits:read"
    CREDITS_GRANT = "credits:grant"
    PRIVACY_READ = "privacy:read"
    PRIVACY_WRITE = "privacy:write"
    PRIVACY_ERASE = "privacy:erase"
    PROVIDERS_READ = "providers:read"
    PROVIDERS_WRITE = "providers:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    AUDIT_READ = "audit:read"
    ADMIN = "admin"


_READING = frozenset(
    (
        Scope.ACCOUNT_READ,
        Scope.LISTS_READ,
        Scope.PEOPLE_READ,
        Scope.CREDITS_READ,
        Scope.PRIVACY_READ,
        Scope.PROVIDERS_READ,
        Scope.WEBHOOKS_READ,
    )
)
SCOPES_OF: Mapping[Role, frozenset[Scope]] = {
    Role.READ_ONLY: _READING,
    Role.MEMBER: _READING | {Scope.LISTS_WRITE, Scope.PEOPLE_WRITE, Scope.PRIVACY_WRITE},
    Role.ADMIN: frozenset(Scope),
}
"""What each role may do at most. What is read costs nothing and changes nothing."""


class UserStatus(StrEnum):
    """Whether a user can own lists."""

    ACTIVE = "active"
    DISABLED = "disabled"


class Account(msgspec.Struct, frozen=True):
    """A customer. `row_id` is internal."""

    row_id: int
    id: str
    name: str


class User(msgspec.Struct, frozen=True):
    """A person of an account."""

    row_id: int
    id: str
    name: str
    email: str
    role: Role
    status: UserStatus


class KeyStatus(StrEnum):
    """Whether a key is let in."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it is kept: never the key itself, only its last four characters to tell it by.

    `row_id` and `user_id` are internal. `role` is never more than the user's.
    """

    row_id: int
    id: str
    user_id: int
    name: str
    mode: Mode
    role: Role
    own_scopes: frozenset[Scope] | None
    user_email: str
    last_four: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    rotated_at: datetime | None
    revoked_at: datetime | None

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the key may do."""
        return narrow(self.role, self.own_scopes)

    def status_at(self, moment: datetime) -> KeyStatus:
        """Whether the key is let in at a moment."""
        if self.revoked_at is not None:
            return KeyStatus.REVOKED
        is_over = self.expires_at is not None and self.expires_at <= moment
        return KeyStatus.EXPIRED if is_over else KeyStatus.ACTIVE


class Origin(msgspec.Struct, frozen=True):
    """Where a request came from, and its id in the log. The command line has neither."""

    address: str | None = None
    request_id: str | None = None


class Caller(msgspec.Struct, frozen=True):
    """Who asks, and on which workspace. Without scopes of its own a key has all those of its role."""

    account_id: int
    workspace_id: int
    mode: Mode
    key_id: int
    user_id: int
    role: Role
    own_scopes: frozenset[Scope] | None = None
    origin: Origin = Origin()

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the key may do."""
        return narrow(self.role, self.own_scopes)

    @property
    def viewer_id(self) -> int | None:
        """The user whose lists, beside shared ones, are all that is seen; None for an admin, who sees all."""
        return None if self.role is Role.ADMIN else self.user_id

    def require(self, scope: Scope) -> None:
        """Raises Forbidden for a key that may not do this."""
        if scope not in self.scopes:
            raise lacks_scope(scope)


def narrow(role: Role, scopes: Iterable[Scope] | None) -> frozenset[Scope]:
    """Those of some scopes that a role may have; all that it may have, if none are named."""
    return SCOPES_OF[role] if scopes is None else SCOPES_OF[role].intersection(scopes)


def lesser_role(one: Role, other: Role) -> Role:
    """That of two roles which may do less."""
    return min(one, other, key=list(Role).index)


def lacks_scope(scope: Scope) -> Forbidden:
    """The error of a key that may not do what it asks for."""
    return Forbidden(f"This key lacks the scope {scope}.")
