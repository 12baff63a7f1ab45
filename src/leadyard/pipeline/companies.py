"""Looking for a company: provider after provider, until one of them knows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from leadyard.domain.accounts import Mode
from leadyard.domain.company_pages import company_page_key
from leadyard.domain.directory import company_id, find_key
from leadyard.domain.people import Company
from leadyard.domain.provider_calls import company_query
from leadyard.domain.provider_kinds import DIRECTORY
from leadyard.domain.providers import (
    CompanyAnswer,
    CompanyProvider,
    CompanyQuery,
    FoundCompany,
    Group,
    MeteredCompanies,
    PaidCompanyAnswer,
    PersonQuery,
    Unavailable,
)
from leadyard.domain.waterfall import Blocked, SpendingLimits
from leadyard.pipeline.metered import Metered
from leadyard.pipeline.provider_desk import Built, ProviderDesk
from leadyard.pipeline.replies import Budget, Told
from leadyard.storage import accounts as account_rows
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.database import Tx

IN_FLIGHT_SECONDS = 0.2
COULD_NOT = Unavailable("provider_could_not")

MakeCompanies = Callable[[str, str, Mapping[str, Any]], MeteredCompanies]
"""Builds a paid provider as one of companies. Raises ValueError, also for one that is none."""


class CompanyFinder(msgspec.Struct, frozen=True):
    """A paid provider of companies as the ledger of calls knows services: asked about one company a call."""

    companies: MeteredCompanies
    batch_size: int = 1

    @property
    def name(self) -> str:
        """The provider's name."""
        return self.companies.name

    @property
    def concurrency(self) -> int:
        """The most calls it takes at once."""
        return self.companies.concurrency

    @property
    def rate(self) -> float:
        """The most calls a second."""
        return self.companies.rate

    @property
    def repeats_are_free(self) -> bool:
        """Whether the same company within a day is not charged for twice."""
        return self.companies.repeats_are_free

    def most_cost(self, query: PersonQuery) -> float:
        """The most that the company can cost."""
        return 0.0 if query.company is None else self.companies.most_cost(query.company)

    def weight(self, queries: Sequence[PersonQuery]) -> float:
        """A call is one request."""
        return float(len(queries))

    async def find_people(self, queries: Sequence[PersonQuery]) -> Sequence[PaidCompanyAnswer]:
        """One answer a query, about its company. Raises CallFailed."""
        return [await self.companies.find_company(query.company or CompanyQuery()) for query in queries]


Source = CompanyProvider | Metered[CompanyFinder]


class CompanySearch(msgspec.Struct, frozen=True):
    """Looks companies up in the order of an account, within its limits.

    `own` are the providers of our own, `kinds` the paid ones that find companies. A search goes on when
    whoever waits for it goes away: what it buys is there for the next who asks.
    """

    desk: ProviderDesk
    own: Mapping[Mode, CompanyProvider]
    make: MakeCompanies
    kinds: Collection[str]
    _built: Built[CompanyFinder] = msgspec.field(default_factory=dict)

    async def find(self, workspace_id: int, query: CompanyQuery) -> CompanyAnswer:
        """What the first provider finds; Unavailable if nobody found it, and one could not tell."""
        return await self.desk.errands.see_through(self._find(workspace_id, query))

    async def _find(self, workspace_id: int, query: CompanyQuery) -> CompanyAnswer:
        async with self.desk.database.read() as tx:
            sources, budget = await self._open(tx, workspace_id)
        came_to: CompanyAnswer = None
        for source in sources:
            answer = await self._ask(source, budget, query)
            if isinstance(answer, FoundCompany):
                return answer
            came_to = answer if isinstance(answer, Unavailable) else came_to
        return came_to

    async def _open(self, tx: Tx, workspace_id: int) -> tuple[list[Source], Budget]:
        mode = await account_rows.get_mode(tx, workspace_id)
        if mode is Mode.TEST:
            # Nothing that a test key starts leaves the machine (contract §4).
            return [self.own[mode]], Budget(workspace_id, None, SpendingLimits(), self.desk.freshness)
        plan = await settings_rows.get_plan(tx, workspace_id)
        names = plan.order.company
        known = [] if names == (DIRECTORY,) else await settings_rows.list_providers(tx, workspace_id)
        sources: dict[str, Source] = {DIRECTORY: self.own[mode]}
        for settings in known:
            # A provider that finds companies only along with persons is passed over.
            if settings.name in names and settings.kind in self.kinds:
                metered = self.desk.build_with(self._built, self._make, workspace_id, settings)
                if metered is not None:
                    sources[settings.name] = metered
        budget = Budget(workspace_id, None, plan.limits, self.desk.freshness)
        return [sources[name] for name in names if name in sources], budget

    def _make(self, kind: str, key: str, options: Mapping[str, Any]) -> CompanyFinder:
        return CompanyFinder(self.make(kind, key, options))

    async def _ask(self, source: Source, budget: Budget, query: CompanyQuery) -> CompanyAnswer:
        if not isinstance(source, Metered):
            [answer] = await source.find_companies([query])
            return answer
        asked = company_query(query)
        if not source.can_ask(asked):
            return None
        while True:
            [reply] = await source.ask(budget, frozenset({Group.COMPANY}), [asked])
            if not (isinstance(reply, Blocked) and reply.reason == "in_flight"):
                break
            # Somebody else is asking the same right now.
            await asyncio.sleep(IN_FLIGHT_SECONDS)
        if not isinstance(reply, Told):
            return COULD_NOT
        found = reply.found
        return _with_id(found) if isinstance(found, FoundCompany) else None


def _with_id(found: FoundCompany) -> FoundCompany:
    """With the id that the company has whoever tells of it."""
    company: Company = found.company
    key = company.domain or find_key(company_page_key, company.linkedin_url) or company.name or ""
    return FoundCompany(msgspec.structs.replace(company, id=company_id(key)), found.confidence, found.cost)
