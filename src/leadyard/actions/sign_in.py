"""Signing in and out, and setting passwords. Everything is in the audit log; no password or token is."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from leadyard.actions import throttle
from leadyard.actions.access import KeyDigest
from leadyard.actions.audit import record_for_account
from leadyard.domain.accounts import Caller, Mode, Origin, User
from leadyard.domain.audit import AuditAction
from leadyard.domain.errors import ErrorCode, Fault, NotFound, Refused
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.lead_lists import is_id
from leadyard.domain.sign_in import (
    MAX_PASSWORD_CHARACTERS,
    PasswordLink,
    Session,
    SignInRefused,
    normalize_password,
    require_strong,
)
from leadyard.storage import passwords as password_rows
from leadyard.storage import sessions as session_rows
from leadyard.storage.database import Database, Tx
from leadyard.storage.passwords import SecretOf
from leadyard.storage.sessions import NewSession

MEMORY_KIB = 19 * 1024
HASHES_AT_ONCE = 2
TOKEN_BYTES = 32
MAX_TOKEN_CHARACTERS = 100
MAX_BROWSER_CHARACTERS = 200

log = structlog.get_logger()


class PasswordHashing:
    """argon2id, in threads, a few at once: each takes 19 MiB."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1)
        self._room = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one of which this is kept; as much work if nothing is."""
        if self._nobodys is None:
            self._nobodys = await self.hash(secrets.token_urlsafe(TOKEN_BYTES))
        async with self._room:
            return await asyncio.to_thread(self._verify, kept or self._nobodys, password) and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


class SignInDesk:
    """Lets people in, by their password."""

    def __init__(self, database: Database, digest: KeyDigest) -> None:
        self.hashing = PasswordHashing()
        self._database = database
        self._digest = digest

    async def sign_in(self, email: str, password: str, origin: Origin, browser: str) -> str:
        """The token of a new session. Raises TooManyTries, and SignInRefused for whatever is wrong.

        What is done does not depend on whether there is such a user.
        """
        try:
            address = email_key(email)
        except InvalidIdentity:
            address = ""
        async with self._database.write() as tx:
            await throttle.require_allowed(tx, address, origin.address)
        async with self._database.read() as tx:
            known = await password_rows.list_secrets(tx, address)
        secret = await self._find_fitting(password, known)
        if secret is None:
            raise SignInRefused
        async with self._database.write() as tx:
            await throttle.note_success(tx, address, origin.address)
            # Whoever has changed the password meanwhile has ended all sessions, and this would be another.
            if not await password_rows.hold_hash(tx, secret.user.row_id, secret.password_hash):
                raise SignInRefused
            caller = _caller_of(secret.account_id, secret.user, origin)
            await record_for_account(tx, caller, AuditAction.USER_SIGNED_IN, secret.user.id)
            return await self._open(tx, secret.user, origin, browser)

    async def _find_fitting(self, password: str, known: Sequence[SecretOf]) -> SecretOf | None:
        """The user whose password it is: an e-mail may be known in several accounts."""
        given = normalize_password(password)[: MAX_PASSWORD_CHARACTERS + 1]
        if not known:
            await self.hashing.fits(given, None)
        for secret in known:
            if await self.hashing.fits(given, secret.password_hash):
                return secret
        return None

    async def note_failure(self, email: str, origin: Origin) -> None:
        """Writes a wrong password down, if there is such a user; done when the answer is out."""
        log.info("sign_in_failed")
        try:
            address = email_key(email)
        except InvalidIdentity:
            return
        async with self._database.write() as tx:
            for secret in await password_rows.list_secrets(tx, address):
                caller = _caller_of(secret.account_id, secret.user, origin)
                await record_for_account(tx, caller, AuditAction.USER_SIGN_IN_FAILED, secret.user.id)

    async def find_session(self, token: str, address: str | None) -> Session | None:
        """The session of a token, if it goes on; notes once a minute that it was used."""
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS or not token.isascii():
            return None
        async with self._database.read() as tx:
            session = await session_rows.find_session(tx, self._digest(token))
            is_noted = session is None or session_rows.is_seen_lately(tx, session)
        if session is not None and not is_noted:
            async with self._database.write() as tx:
                await session_rows.note_seen(tx, session.row_id, address)
        return session

    async def goes_on(self, session: Session) -> bool:
        """Whether a session has not ended, and is on the same data, of a user of the same role."""
        async with self._database.read() as tx:
            found = await session_rows.find_open(tx, session.row_id)
        return found is not None and (found.mode, found.user) == (session.mode, session.user)

    async def find_link(self, token: str) -> PasswordLink:
        """A link that can be used. Raises NotFound."""
        async with self._database.read() as tx:
            return await self._get_link(tx, token)

    async def set_first_password(self, token: str, password: str, origin: Origin, browser: str) -> str:
        """Uses a link up; the user is signed out elsewhere, and in here. Raises NotFound and Refused."""
        link = await self.find_link(token)
        kept = await self._keep(password, link.user.email)
        async with self._database.write() as tx:
            link = await self._get_link(tx, token)
            if not await password_rows.use_link(tx, link.row_id):
                raise NotFound("this link")
            # In this order: whoever signs in with the earlier password has the user locked until the commit.
            await password_rows.set_hash(tx, link.user.row_id, kept)
            await session_rows.delete_sessions(tx, link.user.row_id)
            caller = _caller_of(link.account_id, link.user, origin)
            told = {"by": link.purpose}
            await record_for_account(tx, caller, AuditAction.USER_PASSWORD_SET, link.user.id, **told)
            return await self._open(tx, link.user, origin, browser)

    async def change_password(self, session: Session, caller: Caller, current: str, password: str) -> int:
        """Gives the user another password; returns how many other sessions that ended. Raises Refused."""
        email = session.user.email
        async with self._database.write() as tx:
            await throttle.require_allowed(tx, email, caller.origin.address)
        async with self._database.read() as tx:
            before = await password_rows.find_hash(tx, session.user.row_id)
        wrong = Fault(ErrorCode.UNSUPPORTED_VALUE, "The current password is not right.", "/current")
        if before is None or not await self.hashing.fits(normalize_password(current), before):
            raise Refused(wrong)
        kept = await self._keep(password, email)
        async with self._database.write() as tx:
            if not await password_rows.hold_hash(tx, session.user.row_id, before):
                raise Refused(wrong)
            await throttle.note_success(tx, email, caller.origin.address)
            await password_rows.set_hash(tx, session.user.row_id, kept)
            ended = await session_rows.delete_sessions(tx, session.user.row_id, kept=session.row_id)
            await record_for_account(
                tx, caller, AuditAction.USER_PASSWORD_SET, session.user.id, by="user", sessions_ended=ended
            )
        return ended

    async def _keep(self, password: str, email: str) -> str:
        given = normalize_password(password)
        require_strong(given, email)
        return await self.hashing.hash(given)

    async def _get_link(self, tx: Tx, token: str) -> PasswordLink:
        is_token = 0 < len(token) <= MAX_TOKEN_CHARACTERS and token.isascii()
        link = await password_rows.find_link(tx, self._digest(token)) if is_token else None
        if link is None:
            raise NotFound("this link")
        return link

    async def _open(self, tx: Tx, user: User, origin: Origin, browser: str) -> str:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        told = "".join(character for character in browser if character.isprintable())
        new = NewSession(
            user.row_id, self._digest(token), Mode.LIVE, origin.address, told[:MAX_BROWSER_CHARACTERS]
        )
        await session_rows.add_session(tx, new)
        return token


async def sign_out(tx: Tx, session: Session, caller: Caller) -> None:
    """Ends this session."""
    await session_rows.delete_session(tx, session.user.row_id, session.id)
    await record_for_account(tx, caller, AuditAction.USER_SIGNED_OUT, session.user.id)


async def list_own_sessions(tx: Tx, session: Session) -> list[Session]:
    """The sessions of the user, the one used last first."""
    return await session_rows.list_sessions(tx, session.user.row_id)


async def end_session(tx: Tx, session: Session, caller: Caller, session_id: str) -> None:
    """Ends one of the user's sessions. Raises NotFound."""
    is_ended = is_id(session_id) and await session_rows.delete_session(tx, session.user.row_id, session_id)
    if not is_ended:
        raise NotFound("session")
    await record_for_account(tx, caller, AuditAction.SESSION_ENDED, session.user.id)


async def end_other_sessions(tx: Tx, session: Session, caller: Caller) -> int:
    """Ends all sessions of the user but this one; returns how many."""
    ended = await session_rows.delete_sessions(tx, session.user.row_id, kept=session.row_id)
    told = {"sessions_ended": ended}
    await record_for_account(tx, caller, AuditAction.SESSION_ENDED, session.user.id, **told)
    return ended


async def switch_mode(tx: Tx, session: Session, mode: Mode) -> None:
    """Turns the session to the live or the test data."""
    await session_rows.set_mode(tx, session.row_id, mode)


def _caller_of(account_id: int, user: User, origin: Origin) -> Caller:
    return Caller(account_id, 0, Mode.LIVE, 0, user.row_id, user.role, origin=origin)
