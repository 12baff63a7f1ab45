"""The client that waits for each answer."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

import httpx2

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

TIMEOUT_SECONDS = 60.0

P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def blocking(plan: Callable[P, Plan[ResultT]]) -> Callable[Concatenate[Leadyard, P], ResultT]:
    """The method that carries out a plan."""

    @functools.wraps(plan)
    def method(self: Leadyard, /, *args: P.args, **kwargs: P.kwargs) -> ResultT:
        return self.run(plan(*args, **kwargs))

    return as_method(method, plan, "{}")


def blocking_pages(
    pages_of: Callable[P, Pages[ResultT]],
) -> Callable[Concatenate[Leadyard, P], Iterator[ResultT]]:
    """The method that goes through pages, each of which is read when its first item is asked for."""

    @functools.wraps(pages_of)
    def method(self: Leadyard, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[ResultT]:
        return self.iterate(pages_of(*args, **kwargs))

    return as_method(method, pages_of, "Iterator[{}]")


MethodT = TypeVar("MethodT", bound=Callable[..., Any])


def as_method(method: MethodT, like: Callable[..., Any], returns: str) -> MethodT:
    """The method with the parameters and the result of what it is made of, for `help` and editors."""
    signature = inspect.signature(like)
    result = returns.format(signature.return_annotation.partition("[")[2][:-1])
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    changed = signature.replace(parameters=[itself, *signature.parameters.values()], return_annotation=result)
    cast(Any, method).__signature__ = changed
    return method


class Leadyard:
    """A client of one service, with one key. Use it as a context, or close it.

    `url` and `api_key` are taken from LEADYARD_URL and LEADYARD_API_KEY unless given. A request that gets no
    answer, or one that says that it may succeed later, is sent again, `max_retries` times. `timeout` is in
    seconds, for each request. `transport` is for whoever has a way of their own to the service.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._configuration = configure(url, api_key)
        self._max_retries = max_retries
        self._http = httpx2.Client(
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    create_list = blocking(lead_lists.create_list)
    list_lists = blocking_pages(lead_lists.list_lists)
    get_list = blocking(lead_lists.get_list)
    update_list = blocking(lead_lists.update_list)
    cancel_list = blocking(lead_lists.cancel_list)
    delete_list = blocking(lead_lists.delete_list)
    pause_list = blocking(lead_lists.pause_list)
    resume_list = blocking(lead_lists.resume_list)
    retry_list = blocking(lead_lists.retry_list)
    refresh_list = blocking(lead_lists.refresh_list)

    add_leads = blocking(leads.add_leads)
    preview_leads = blocking(leads.preview_leads)
    list_entries = blocking_pages(leads.list_entries)
    get_entry = blocking(leads.get_entry)
    get_addition = blocking(leads.get_addition)
    normalize = blocking(leads.normalize)
    export_list = blocking(exports.export_list)

    start_validation = blocking(batches.start_validation)
    get_validation = blocking(batches.get_validation)
    list_validation_results = blocking_pages(batches.list_validation_results)
    cancel_validation = blocking(batches.cancel_validation)
    start_enrichment = blocking(batches.start_enrichment)
    get_enrichment = blocking(batches.get_enrichment)
    list_enrichment_results = blocking_pages(batches.list_enrichment_results)
    cancel_enrichment = blocking(batches.cancel_enrichment)

    wait = blocking(waiting.wait)

    find_person = blocking(people.find_person)
    find_company = blocking(people.find_company)

    get_credits = blocking(credit_operations.get_credits)
    list_credit_entries = blocking_pages(credit_operations.list_credit_entries)
    grant_credits = blocking(credit_operations.grant_credits)

    list_excluded_emails = blocking_pages(exclusions.list_excluded_emails)
    exclude_emails = blocking(exclusions.exclude_emails)
    include_emails = blocking(exclusions.include_emails)
    list_excluded_domains = blocking_pages(exclusions.list_excluded_domains)
    exclude_domains = blocking(exclusions.exclude_domains)
    include_domains = blocking(exclusions.include_domains)

    list_providers = blocking_pages(providers.list_providers)
    set_provider = blocking(providers.set_provider)
    remove_provider = blocking(providers.remove_provider)
    get_waterfall = blocking(providers.get_waterfall)
    set_waterfall = blocking(providers.set_waterfall)
    get_list_waterfall = blocking(providers.get_list_waterfall)
    set_list_waterfall = blocking(providers.set_list_waterfall)

    get_account = blocking(accounts.get_account)
    list_users = blocking_pages(accounts.list_users)

    request = blocking(anything.request)

    def run(self, plan: Plan[ResultT]) -> ResultT:
        """Carries out a plan, one step after the other."""
        steps = carry_out(plan, self._max_retries)
        outcome: Reply | Lost | None = None
        try:
            while True:
                step = steps.send(outcome)
                if isinstance(step, Sleep):
                    time.sleep(step.seconds)
                    outcome = None
                else:
                    outcome = self._exchange(step)
        except StopIteration as end:
            result: ResultT = end.value
            return result

    def iterate(self, pages: Pages[ResultT]) -> Iterator[ResultT]:
        """The items of pages, read as they are needed."""
        following: Pages[ResultT] | None = pages
        while following is not None:
            items, following = self.run(fetch(following))
            yield from items

    def _exchange(self, request: Request) -> Reply | Lost:
        written = 0
        try:
            with self._http.stream(**arguments_of(request)) as response:
                if request.sink is None or not response.is_success:
                    return reply_of(response, response.read())
                for piece in response.iter_bytes():
                    written += request.sink.write(piece)
                return reply_of(response, b"")
        except httpx2.HTTPError as error:
            return lost_of(error, written)


def arguments_of(request: Request) -> dict[str, Any]:
    """What httpx2 takes for a request."""
    headers = {}
    if request.content is not None:
        headers["Content-Type"] = "application/json"
    if request.idempotency_key is not None:
        headers["Idempotency-Key"] = request.idempotency_key
    return {
        "method": request.method,
        "url": request.path,
        "params": request.query,
        "content": request.content,
        "headers": headers,
    }


def reply_of(response: httpx2.Response, content: bytes) -> Reply:
    """An answer as plans know it."""
    return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)


def lost_of(error: httpx2.HTTPError, written: int) -> Lost:
    """What came instead of an answer. Where part of one was written, it is not asked for again."""
    why = str(error) or type(error).__name__
    return Lost(f"No answer came: {why}", is_final=written > 0)
