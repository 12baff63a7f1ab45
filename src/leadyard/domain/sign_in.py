"""Signing in to the pages: passwords, sessions, links to set a password, and how often one may try."""

from __future__ import annotations

import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

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


@dataclass(frozen=True, slots=True)
class Session:
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


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """A link that was not used and has not expired, and whose password it sets."""

    row_id: int
    purpose: LinkPurpose
    account_id: int
    user: User
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A user as the page of users shows them. An open link is one that has not been used and is in time."""

    user: User
    has_password: bool
    seen_at: datetime | None
    open_link: LinkPurpose | None
    link_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
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


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many tries there are at once, and in how many seconds one comes back."""

    tries: int
    seconds: float


PER_ADDRESS = Allowance(20, 15.0)
PER_PAIR = Allowance(5, 30.0)
PER_EMAIL = Allowance(30, 6.0)
MAX_REMEMBERED = 20_000


class Throttle:
    """Slows down who guesses passwords, by address, by e-mail, and by both; for one process.

    Nobody can lock a user out by guessing: an address from which they signed in before is not counted by the
    e-mail alone.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def require_allowed(self, email: str, address: str | None) -> None:
        """Counts a try. Raises TooManyTries."""
        network = _network_of(address)
        limits = [("address", network, PER_ADDRESS), ("pair", f"{network} {email}", PER_PAIR)]
        if (email, network) not in self._known:
            limits.append(("email", email, PER_EMAIL))
        waits = [self._wait(kind, key, allowance) for kind, key, allowance in limits]
        if max(waits) > 0:
            raise TooManyTries(int(max(waits)) + 1)
        for kind, key, allowance in limits:
            self._take(kind, key, allowance)

    def note_success(self, email: str, address: str | None) -> None:
        """The password was right: what was counted for this address and e-mail is forgotten."""
        network = _network_of(address)
        self._buckets.pop(("pair", f"{network} {email}"), None)
        self._known[email, network] = None
        self._known.move_to_end((email, network))
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)

    def _left(self, kind: str, key: str, allowance: Allowance) -> float:
        now = self._clock()
        left, since = self._buckets.get((kind, key), (float(allowance.tries), now))
        return min(float(allowance.tries), left + (now - since) / allowance.seconds)

    def _wait(self, kind: str, key: str, allowance: Allowance) -> float:
        missing = 1.0 - self._left(kind, key, allowance)
        return max(0.0, missing * allowance.seconds)

    def _take(self, kind: str, key: str, allowance: Allowance) -> None:
        self._buckets[kind, key] = (self._left(kind, key, allowance) - 1.0, self._clock())
        self._buckets.move_to_end((kind, key))
        if len(self._buckets) > MAX_REMEMBERED:
            self._buckets.popitem(last=False)


def _network_of(address: str | None) -> str:
    """Whoever has one address of IPv6 has a whole /64 of them."""
    if address is None:
        return "unknown"
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), 64), strict=False))
    return address
