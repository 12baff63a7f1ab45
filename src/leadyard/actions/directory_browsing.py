"""Looking into the directory. Admins alone do: everybody else asks for persons, and pays for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec

from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.company_matching import exact_keys, read_company_name
from leadyard.domain.directory import DirectoryCounts, KnownPerson
from leadyard.domain.identity import InvalidIdentity, domain_key, email_key, linkedin_key
from leadyard.storage import directory_browsing as browsing_rows
from leadyard.storage.database import Tx
from leadyard.storage.directory import DirectoryReader

MAX_FOUND = 100


class Found(msgspec.Struct, frozen=True):
    """People, at most MAX_FOUND, and what they were found by."""

    by: str
    people: list[KnownPerson]


async def count_directory(tx: Tx, caller: Caller, stale_after: timedelta) -> DirectoryCounts:
    """How much the directory has. Raises Forbidden."""
    caller.require(Scope.PROVIDERS_WRITE)
    return await browsing_rows.count_directory(tx, tx.now - stale_after)


async def browse_directory(tx: Tx, caller: Caller, query: str) -> Found:
    """People by a LinkedIn address, an e-mail, a domain or a company's name; the newest without any.

    Raises Forbidden.
    """
    caller.require(Scope.PROVIDERS_WRITE)
    if not query:
        return Found("newest", await browsing_rows.list_newest(tx, MAX_FOUND))
    if profile := _key(linkedin_key, query):
        return Found("profile", await browsing_rows.find_by_profile(tx, profile))
    if email := _key(email_key, query):
        return Found("email", await browsing_rows.find_by_mailbox(tx, email))
    if "." in query and " " not in query and (domain := _key(domain_key, query)):
        found = await browsing_rows.list_at_domain(tx, domain, MAX_FOUND)
        if found:
            return Found("domain", found)
    return Found("company", await _find_at_company(tx, query))


async def list_stale(tx: Tx, caller: Caller, stale_after: timedelta) -> Found:
    """Those who were not loaded again for a while, the oldest first. Raises Forbidden."""
    caller.require(Scope.PROVIDERS_WRITE)
    return Found("stale", await browsing_rows.list_oldest(tx, tx.now - stale_after, MAX_FOUND))


async def _find_at_company(tx: Tx, name: str) -> list[KnownPerson]:
    parts = read_company_name(name)
    if parts is None:
        return []
    companies = (await DirectoryReader(tx).find_companies_by_name_keys([exact_keys(parts)]))[0]
    ids = [company.row_id for company in companies]
    return await browsing_rows.list_at_companies(tx, ids, MAX_FOUND) if ids else []


def _key(make: Callable[[str], str], text: str) -> str | None:
    try:
        return make(text)
    except InvalidIdentity:
        return None
