"""The caller's account and its users, and setting up a new installation."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from leadyard.actions.access import KeyDigest
from leadyard.actions.api_keys import generate_key
from leadyard.actions.audit import record_for_account
from leadyard.actions.pages import require_page
from leadyard.domain.accounts import Account, Caller, Mode, Role, Scope, User, UserStatus
from leadyard.domain.api_keys import key_mode
from leadyard.domain.audit import AuditAction
from leadyard.domain.credits import CreditKind, Reason
from leadyard.domain.errors import Conflict, NotFound
from leadyard.domain.identity import email_key
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage import credits as ledger
from leadyard.storage import passwords as password_rows
from leadyard.storage import sessions as session_rows
from leadyard.storage import users as user_rows
from leadyard.storage.api_keys import NewKey
from leadyard.storage.credits import Asker
from leadyard.storage.database import Tx


class FirstAccount(msgspec.Struct, frozen=True):
    """What an empty database is set up with. Amounts are milli-credits, for live and test data each."""

    name: str
    admin_email: str
    api_key: str | None
    email_credits: int
    phone_credits: int


async def get_account(tx: Tx, caller: Caller) -> Account:
    """The caller's account."""
    return await account_rows.get_account(tx, caller.account_id)


async def list_users(tx: Tx, caller: Caller, request: PageRequest) -> Page[User]:
    """A page of the account's users, oldest first. Raises Refused for an unknown cursor."""
    return require_page(await user_rows.list_users(tx, caller.account_id, request), request)


async def add_user(tx: Tx, caller: Caller, name: str, email: str, role: Role) -> User:
    """A new user of the account, by a normalized e-mail. Raises Forbidden, and Conflict if there is one."""
    caller.require(Scope.ADMIN)
    user = await user_rows.add_user(tx, caller.account_id, name, email, role)
    if user is None:
        raise Conflict("The account has a user with this e-mail already.")
    await record_for_account(tx, caller, AuditAction.USER_ADDED, user.id, role=role)
    return user


async def change_user(
    tx: Tx, caller: Caller, email: str, role: Role | None, status: UserStatus | None
) -> User:
    """Gives a user another role or status; None stays. Their keys have no more than that from then on.

    Sessions and links of who is disabled are gone: who is enabled again signs in anew.
    Raises Forbidden, NotFound, and Conflict where no active admin would be left.
    """
    caller.require(Scope.ADMIN)
    await account_rows.lock_users(tx, caller.account_id)
    user = await user_rows.find_user(tx, caller.account_id, email)
    if user is None:
        raise NotFound("user")
    changed = replace(user, role=role or user.role, status=status or user.status)
    await user_rows.update_user(tx, changed)
    if changed.status is UserStatus.DISABLED:
        await session_rows.delete_sessions(tx, user.row_id)
        await password_rows.delete_links(tx, user.row_id)
    if not await user_rows.has_admin(tx, caller.account_id):
        raise Conflict("An account needs an active admin.")
    told = {"role": changed.role, "status": changed.status}
    await record_for_account(tx, caller, AuditAction.USER_CHANGED, user.id, **told)
    return changed


async def set_up(tx: Tx, digest: KeyDigest, first: FirstAccount) -> list[str]:
    """Makes the first account, its admin, grants and keys in an empty database, once if several try at once.

    Returns the keys that were made, to be shown once: none when the database was set up before, or when
    a key was given.
    """
    if await account_rows.find_first_account(tx) is not None:
        return []
    await account_rows.lock_accounts(tx)
    if await account_rows.find_first_account(tx) is not None:
        return []
    account, workspaces = await account_rows.create_account(tx, first.name)
    email = email_key(first.admin_email)
    admin = await user_rows.add_user(tx, account.row_id, email.partition("@")[0], email, Role.ADMIN)
    assert admin is not None
    amounts = ((CreditKind.EMAIL, first.email_credits), (CreditKind.PHONE, first.phone_credits))
    for workspace_id in workspaces.values():
        await ledger.open_balances(tx, workspace_id)
        for kind, amount in amounts:
            if amount:
                asker = Asker(workspace_id)
                await ledger.grant_credits(tx, asker, kind, amount, Reason.INITIAL_GRANT, None)
    begun = Caller(account.row_id, workspaces[Mode.LIVE], Mode.LIVE, 0, 0, Role.ADMIN)
    await record_for_account(tx, begun, AuditAction.ACCOUNT_CREATED, account.id)
    keys = [first.api_key] if first.api_key else [generate_key(mode) for mode in Mode]
    for key in keys:
        new = NewKey("first key", Role.ADMIN, digest(key), key[-4:])
        await key_rows.add_api_key(tx, workspaces[key_mode(key)], admin.row_id, new)
    return [] if first.api_key else keys
