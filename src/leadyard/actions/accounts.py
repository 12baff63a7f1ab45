"""The caller's account and its users, and setting up a new installation."""

from __future__ import annotations

import secrets
import string
import zlib
from dataclasses import dataclass

from leadyard.actions.access import KeyDigest
from leadyard.actions.lead_lists import require_page
from leadyard.domain.accounts import Account, Caller, Mode, Role, User
from leadyard.domain.credits import CreditKind, Reason
from leadyard.domain.identity import email_key
from leadyard.domain.pages import Page, PageRequest
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage import credits as ledger
from leadyard.storage import users as user_rows
from leadyard.storage.api_keys import NewKey
from leadyard.storage.credits import Asker
from leadyard.storage.database import Tx

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH = 32
CHECKSUM_LENGTH = 6


@dataclass(frozen=True, slots=True)
class FirstAccount:
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
    keys = [first.api_key] if first.api_key else [generate_key(mode) for mode in Mode]
    for key in keys:
        await _add_key(tx, digest, workspaces[key_mode(key)], admin, "first key", Role.ADMIN, key)
    return [] if first.api_key else keys


async def create_key(
    tx: Tx, digest: KeyDigest, account: Account, user: User, name: str, mode: Mode, role: Role
) -> tuple[str, str]:
    """A new key for a user: its public id, and the key itself, which is not kept."""
    workspace_id = await account_rows.get_workspace_id(tx, account.row_id, mode)
    key = generate_key(mode)
    return await _add_key(tx, digest, workspace_id, user, name, role, key), key


async def _add_key(
    tx: Tx, digest: KeyDigest, workspace_id: int, user: User, name: str, role: Role, key: str
) -> str:
    new = NewKey(name, role, digest(key), key[-4:])
    return await key_rows.add_api_key(tx, workspace_id, user, new)


def key_mode(key: str) -> Mode:
    """Which workspace a key opens, by its prefix (contract §4)."""
    return Mode.TEST if key.startswith("ly_test_") else Mode.LIVE


def generate_key(mode: Mode) -> str:
    """A new key: prefix, 32 random characters (190 bits), and a checksum that finds typing errors."""
    random = "".join(secrets.choice(_BASE62) for _ in range(RANDOM_LENGTH))
    checksum = zlib.crc32(random.encode())
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        checksum, digit = divmod(checksum, len(_BASE62))
        digits.append(_BASE62[digit])
    return f"ly_{mode}_{random}{''.join(reversed(digits))}"
