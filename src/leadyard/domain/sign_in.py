"""Signing in to the pages: passwords, sessions, links to set a password, and how often one may try."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

import msgspec

from leadyard.domain.accounts import Caller, Mode, Origin, Role, User
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError, Refused

MIN_PASSWORD_CHARACTERS = 12
MAX_PASSWORD_CHARACTERS = 200
MIN_DIFFERENT_CHARACTERS = 5
IDLE_LIMIT = timedelta(days=7)
SESSION_LIMIT = timedelta(days=30)
SEEN_STEP = timedelta(minutes=1)
"""How exactly it is kept when a session was used last."""


class LinkPurpose(StrEnum):
    """What a link to set a password is for."""

    FIRST_START = "first_start"
    INVITATION = "invitation"
    RESET = "reset"


LINK_LIFETIMES = {
    LinkPurpose.FIRST_START: timedelta(hours=24),
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.RESET: timedelta(hours=24),
}


class Session(msgspec.Struct, frozen=True):
    """A browser that is signed in. `row_id`, `account_id` and `workspace_id` are internal."""

    row_id: int
    id: str
    user: User
    account_id: int
    account_name: str
    workspace_id: int
    mode: Mode
    address: str | None
    browser: str
    created_at: datetime
    seen_at: datetime

    def caller(self, origin: Origin) -> Caller:
        """The user as who asks; no API key is in it."""
        return Caller(
            self.account_id,
            self.workspace_id,
            self.mode,
            0,
            self.user.row_id,
            self.user.role,
            origin=origin,
        )


class PasswordLink(msgspec.Struct, frozen=True):
    """A link that was not used and has not expired, and whose password it sets."""

    row_id: int
    purpose: LinkPurpose
    account_id: int
    user: User
    expires_at: datetime


class Member(msgspec.Struct, frozen=True):
    """A user as the page of users shows them. An open link is one that has not been used and is in time."""

    user: User
    has_password: bool
    seen_at: datetime | None
    open_link: LinkPurpose | None
    link_expires_at: datetime | None


class Invitation(msgspec.Struct, frozen=True):
    """Who is asked to join."""

    email: str
    name: str
    role: Role


class SignInRefused(LeadyardError):
    """No such user, or the password is wrong (401). Which of the two is not told."""

    def __init__(self) -> None:
        super().__init__(Fault(ErrorCode.UNAUTHORIZED, "This e-mail and password do not fit together."))


class TooManyTries(LeadyardError):
    """Too many wrong passwords (429). `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        detail = f"Too many tries. Wait {retry_after} seconds, then try again."
        super().__init__(Fault(ErrorCode.TOO_MANY_REQUESTS, detail))
        self.retry_after = retry_after


def normalize_password(password: str) -> str:
    """The same text for the same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password)


def require_strong(password: str, email: str) -> None:
    """Raises Refused for a password that is too short, too long or too easy to guess. It is normalized."""
    problem = None
    if len(password) < MIN_PASSWORD_CHARACTERS:
        problem = f"The password needs {MIN_PASSWORD_CHARACTERS} characters or more."
    elif len(password) > MAX_PASSWORD_CHARACTERS:
        problem = f"The password can have {MAX_PASSWORD_CHARACTERS} characters at most."
    elif len(set(password.casefold())) < MIN_DIFFERENT_CHARACTERS:
        problem = f"The password needs {MIN_DIFFERENT_CHARACTERS} different characters or more."
    elif email in password.casefold():
        problem = "The password must not contain the e-mail."
    if problem is not None:
        raise Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, problem, "/password"))


class Allowance(msgspec.Struct, frozen=True):
    """How many tries there are at once, and in how many seconds one comes back."""

    tries: int
    seconds: int


PER_ADDRESS = Allowance(20, 15)
PER_PAIR = Allowance(5, 30)
PER_EMAIL = Allowance(30, 6)
KNOWN_FOR = timedelta(days=90)
"""For how long it is known that a user signed in from an address."""


class Tries(NamedTuple):
    """What the tries to sign in with an e-mail from an address are counted by; each is a text.

    Nobody can lock a user out by guessing: from an address `known` to be theirs it does not count what is
    tried from everywhere.
    """

    address: str
    pair: str
    email: str
    known: str

    def limits(self, *, is_known: bool) -> list[tuple[str, Allowance]]:
        """How many of each there may be, in the order in which they are counted."""
        limits = [(self.address, PER_ADDRESS), (self.pair, PER_PAIR)]
        return limits if is_known else [*limits, (self.email, PER_EMAIL)]


def count_by(email: str, address: str | None) -> Tries:
    """What a try counts as."""
    network = _network_of(address)
    pair = f"{network} {email}"
    return Tries(f"address:{network}", f"pair:{pair}", f"email:{email}", f"known:{pair}")


def _network_of(address: str | None) -> str:
    """Whoever has one address of IPv6 has a whole /64 of them."""
    if address is None:
        return "unknown"
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), 64), strict=False))
    return address
