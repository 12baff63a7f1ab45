"""Accounts, their two workspaces, users, keys, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from leadyard.domain.errors import Forbidden


class Mode(StrEnum):
    """An account has two workspaces that know nothing of each other (contract §4)."""

    LIVE = "live"
    TEST = "test"


class Role(StrEnum):
    """What a user, and a key made for them, may do."""

    ADMIN = "admin"
    MEMBER = "member"


class UserStatus(StrEnum):
    """Whether a user can own lists."""

    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """A customer. `row_id` is internal."""

    row_id: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """A person of an account."""

    row_id: int
    id: str
    name: str
    email: str
    role: Role
    status: UserStatus


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: never the key itself, only its last four characters to tell it by."""

    id: str
    name: str
    mode: Mode
    role: Role
    user_email: str
    last_four: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and on which workspace."""

    account_id: int
    workspace_id: int
    mode: Mode
    key_id: int
    user_id: int
    role: Role

    def require_admin(self, what: str) -> None:
        """Raises Forbidden for a key that is not an admin's."""
        if self.role is not Role.ADMIN:
            raise Forbidden(f"Only an admin key may {what}.")
