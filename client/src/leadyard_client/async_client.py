"""The client for programs with an event loop: the same methods, to be awaited."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx2

from leadyard_client.client import (
    TIMEOUT_SECONDS,
    arguments_of,
    as_method,
    lost_of,
    reply_of,
)
from leadyard_client.configuration import configure
from leadyard_client.operations import (
    accounts,
    anything,
    batches,
    exclusions,
    exports,
    lead_lists,
    leads,
    people,
    providers,
    waiting,
)
from leadyard_client.operations import credits as credit_operations
from leadyard_client.plans import Lost, Pages, Plan, Reply, Request, Sleep, fetch
from leadyard_client.retries import MAX_RETRIES, carry_out

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def awaited(
    plan: Callable[P, Plan[ResultT]],
) -> Callable[Concatenate[AsyncLeadyard, P], Coroutine[Any, Any, ResultT]]:
    """The method that carries out a plan."""

    @functools.wraps(plan)
    async def method(self: AsyncLeadyard, /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        return await self.run(plan(*args, **kwargs))

    return as_method(method, plan, "{}")


def awaited_pages(
    pages_of: Callable[P, Pages[ResultT]],
) -> Callable[Concatenate[AsyncLeadyard, P], AsyncIterator[ResultT]]:
    """The method that goes through pages with `async for`."""

    @functools.wraps(pages_of)
    def method(self: AsyncLeadyard, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[ResultT]:
        return self.iterate(pages_of(*args, **kwargs))

    return as_method(method, pages_of, "AsyncIterator[{}]")


class AsyncLeadyard:
    """As `Leadyard`, for an event loop: calls are awaited, and pages are gone through with `async for`."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._configuration = configure(url, api_key)
        self._max_retries = max_retries
        self._http = httpx2.AsyncClient(
            base_url=self._configuration.url,
            headers=self._configuration.headers,
            timeout=timeout,
            transport=transport,
        )

    @property
    def url(self) -> str:
        """The address of the service."""
        return self._configuration.url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes its connections."""
        await self._http.aclose()

    create_list = awaited(lead_lists.create_list)
    list_lists = awaited_pages(lead_lists.list_lists)
    get_list = awaited(lead_lists.get_list)
    update_list = awaited(lead_lists.update_list)
    cancel_list = awaited(lead_lists.cancel_list)
    delete_list = awaited(lead_lists.delete_list)
    pause_list = awaited(lead_lists.pause_list)
    resume_list = awaited(lead_lists.resume_list)
    retry_list = awaited(lead_lists.retry_list)
    refresh_list = awaited(lead_lists.refresh_list)

    add_leads = awaited(leads.add_leads)
    preview_leads = awaited(leads.preview_leads)
    list_entries = awaited_pages(leads.list_entries)
    get_entry = awaited(leads.get_entry)
    get_addition = awaited(leads.get_addition)
    normalize = awaited(leads.normalize)
    export_list = awaited(exports.export_list)

    start_validation = awaited(batches.start_validation)
    get_validation = awaited(batches.get_validation)
    list_validation_results = awaited_pages(batches.list_validation_results)
    cancel_validation = awaited(batches.cancel_validation)
    start_enrichment = awaited(batches.start_enrichment)
    get_enrichment = awaited(batches.get_enrichment)
    list_enrichment_results = awaited_pages(batches.list_enrichment_results)
    cancel_enrichment = awaited(batches.cancel_enrichment)

    wait = awaited(waiting.wait)

    find_person = awaited(people.find_person)
    find_company = awaited(people.find_company)

    get_credits = awaited(credit_operations.get_credits)
    list_credit_entries = awaited_pages(credit_operations.list_credit_entries)
    grant_credits = awaited(credit_operations.grant_credits)

    list_excluded_emails = awaited_pages(exclusions.list_excluded_emails)
    exclude_emails = awaited(exclusions.exclude_emails)
    include_emails = awaited(exclusions.include_emails)
    list_excluded_domains = awaited_pages(exclusions.list_excluded_domains)
    exclude_domains = awaited(exclusions.exclude_domains)
    include_domains = awaited(exclusions.include_domains)

    list_providers = awaited_pages(providers.list_providers)
    set_provider = awaited(providers.set_provider)
    remove_provider = awaited(providers.remove_provider)
    get_waterfall = awaited(providers.get_waterfall)
    set_waterfall = awaited(providers.set_waterfall)
    get_list_waterfall = awaited(providers.get_list_waterfall)
    set_list_waterfall = awaited(providers.set_list_waterfall)

    get_account = awaited(accounts.get_account)
    list_users = awaited_pages(accounts.list_users)

    request = awaited(anything.request)

    async def run(self, plan: Plan[ResultT]) -> ResultT:
        """Carries out a plan, one step after the other."""
        steps = carry_out(plan, self._max_retries)
        outcome: Reply | Lost | None = None
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Sleep):
                    # Not at the top: it is a quarter of what the import costs programs without a loop.
                    import asyncio  # noqa: PLC0415

                    await asyncio.sleep(step.seconds)
                    outcome = None
                else:
                    outcome = await self._exchange(step)
        except StopIteration as end:
            result: ResultT = end.value
            return result

    async def iterate(self, pages: Pages[ResultT]) -> AsyncIterator[ResultT]:
        """The items of pages, read as they are needed."""
        following: Pages[ResultT] | None = pages
        while following is not None:
            items, following = await self.run(fetch(following))
            for item in items:
                yield item

    async def _exchange(self, request: Request) -> Reply | Lost:
        written = 0
        try:
            async with self._http.stream(**arguments_of(request)) as response:
                if request.sink is None or not response.is_success:
                    return reply_of(response, await response.aread())
                async for piece in response.aiter_bytes():
                    written += request.sink.write(piece)
                return reply_of(response, b"")
        except httpx2.HTTPError as error:
            return lost_of(error, written)
