"""What the provider asks the directory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from leadyard.domain.directory import KnownCompany, KnownPerson, Position


class Directory(Protocol):
    """The directory of the installation."""

    def open(self) -> AbstractAsyncContextManager[DirectoryLookups]:
        """Look-ups in one state of the directory. Leaving or entering raises DatabaseAway."""


class DirectoryLookups(Protocol):
    """What the provider asks the directory, a batch at a time.

    Those that take keys answer for each key what it leads to, in the order of the keys, loaded first first.
    """

    async def find_by_linkedin(self, linkedin_keys: Sequence[str]) -> Sequence[Sequence[KnownPerson]]:
        """People by the key of their LinkedIn profile."""

    async def find_by_email(self, email_keys: Sequence[str]) -> Sequence[Sequence[KnownPerson]]:
        """People by the mailbox of an e-mail, first those with that very key."""

    async def find_companies_by_domain(self, domains: Sequence[str]) -> Sequence[Sequence[KnownCompany]]:
        """Companies by their registrable domain."""

    async def find_companies_by_page(self, page_keys: Sequence[str]) -> Sequence[Sequence[KnownCompany]]:
        """Companies by the key of their page on LinkedIn."""

    async def find_companies_by_name_keys(
        self, keys: Sequence[Collection[int]]
    ) -> Sequence[Sequence[KnownCompany]]:
        """Companies that have one of these keys of names."""

    async def list_positions(self, company_row_ids: Collection[int]) -> Mapping[int, Sequence[Position]]:
        """Who works at these companies."""

    async def get_people(self, person_row_ids: Collection[int]) -> Mapping[int, KnownPerson]:
        """These people, whole."""
