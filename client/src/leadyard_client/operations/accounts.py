"""The account and its users."""

from __future__ import annotations

from leadyard_client.plans import Pages, Plan, ask, get, paged
from leadyard_client.results.accounts import Account, User


def get_account() -> Plan[Account]:
    """The account of the key."""
    return (yield from ask(get("/account-info"))).as_result(Account)


def list_users(*, page_size: int = 100) -> Pages[User]:
    """The users of the account, oldest first."""
    return paged("/users", "users", User, {"page[size]": page_size})
