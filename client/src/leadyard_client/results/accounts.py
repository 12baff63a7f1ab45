"""The account, its users, and the identity of leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leadyard_client.faults import Fault


@dataclass(frozen=True, slots=True)
class Account:
    """The account of the key."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """A user of the account."""

    id: str
    name: str
    email: str
    status: Literal["active", "disabled"]
    role: Literal["admin", "member", "read_only"]


@dataclass(frozen=True, slots=True)
class NormalizedLead:
    """The key of a lead, which is the same for leads that are the same, or what is wrong with it."""

    index: int
    key: str | None = None
    error: Fault | None = None
