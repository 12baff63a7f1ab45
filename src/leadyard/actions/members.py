"""The users of an account as people who sign in: inviting them, and links to set a password.

Nothing is sent: whoever makes a link hands it over.
"""

from __future__ import annotations

import secrets

from leadyard.actions.access import KeyDigest
from leadyard.actions.audit import record_for_account
from leadyard.domain.accounts import Account, Caller, Mode, Role, Scope, User, UserStatus
from leadyard.domain.audit import AuditAction
from leadyard.domain.errors import Conflict, NotFound
from leadyard.domain.sign_in import Invitation, LinkPurpose, Member
from leadyard.storage import accounts as account_rows
from leadyard.storage import passwords as password_rows
from leadyard.storage import users as user_rows
from leadyard.storage.database import Tx

TOKEN_BYTES = 32


async def list_members(tx: Tx, caller: Caller) -> list[Member]:
    """All users of the account, oldest first. Raises Forbidden."""
    caller.require(Scope.ADMIN)
    return await password_rows.list_members(tx, caller.account_id)


async def invite(tx: Tx, digest: KeyDigest, caller: Caller, wanted: Invitation) -> tuple[User, str]:
    """A new user, and the token of the link by which they set their password.

    Raises Forbidden, and Conflict if the account has a user with this e-mail.
    """
    caller.require(Scope.ADMIN)
    user = await user_rows.add_user(tx, caller.account_id, wanted.name, wanted.email, wanted.role)
    if user is None:
        raise Conflict("The account has a user with this e-mail already.", "/email")
    token = await _add_link(tx, digest, user, LinkPurpose.INVITATION)
    await record_for_account(tx, caller, AuditAction.USER_INVITED, user.id, role=wanted.role)
    return user, token


async def make_link(tx: Tx, digest: KeyDigest, caller: Caller, email: str) -> tuple[User, str]:
    """A link by which a user sets a new password; earlier ones are gone. Raises Forbidden and NotFound.

    The password that they have goes on until the link is used. Raises Conflict for a user who is disabled.
    """
    caller.require(Scope.ADMIN)
    user = await user_rows.find_user(tx, caller.account_id, email)
    if user is None:
        raise NotFound("user")
    if user.status is not UserStatus.ACTIVE:
        raise Conflict("A user who is disabled cannot sign in.")
    has_password = await password_rows.find_hash(tx, user.row_id) is not None
    purpose = LinkPurpose.RESET if has_password else LinkPurpose.INVITATION
    await password_rows.delete_links(tx, user.row_id)
    token = await _add_link(tx, digest, user, purpose)
    await record_for_account(tx, caller, AuditAction.USER_LINK_MADE, user.id, purpose=purpose)
    return user, token


async def make_first_link(tx: Tx, digest: KeyDigest, account: Account) -> tuple[User, str] | None:
    """A link for the first admin, as long as nobody of the installation has a password."""
    if await password_rows.has_any_password(tx):
        return None
    admin = await user_rows.get_active_admin(tx, account.row_id)
    token = await _add_link(tx, digest, admin, LinkPurpose.FIRST_START)
    workspace_id = await account_rows.get_workspace_id(tx, account.row_id, Mode.LIVE)
    operator = Caller(account.row_id, workspace_id, Mode.LIVE, 0, 0, Role.ADMIN)
    told = {"purpose": LinkPurpose.FIRST_START}
    await record_for_account(tx, operator, AuditAction.USER_LINK_MADE, admin.id, **told)
    return admin, token


async def _add_link(tx: Tx, digest: KeyDigest, user: User, purpose: LinkPurpose) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await password_rows.add_link(tx, user.row_id, purpose, digest(token))
    return token
