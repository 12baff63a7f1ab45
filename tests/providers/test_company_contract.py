"""What every provider of companies keeps to, before stand-ins at the wire that behave and misbehave."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

import pytest
from tests.providers.test_contract import ERRORS_WITHIN, LOSSES, REFUSALS, paths, put
from tests.support.vendors.people import KEY, Vendor
from tests.support.vendors.rigs import SECONDS, VENDORS, cost_of, options_for
from tests.support.vendors.server import (
    Fault,
    VendorServer,
    changed,
    hang,
    instead,
    open_transport,
    refuse,
    serve_vendor,
)

from leadyard.domain.providers import (
    CallFailed,
    CompanyQuery,
    Failure,
    FoundCompany,
    Group,
    MeteredCompanies,
    Missing,
)
from leadyard.providers.catalog import CATALOG, InvalidOptions, make_companies

ACME = CompanyQuery(domain="acme.com")
ACME_PAGE = CompanyQuery(linkedin_url="https://www.linkedin.com/company/acme")
NAMES = [listing.name for listing in CATALOG.values() if listing.make_companies]
BY_PAGE = ["people_data_labs", "prospeo"]


class Rig(NamedTuple):
    """A provider of companies, the service behind it, and the server that this is."""

    provider: MeteredCompanies
    vendor: Vendor
    server: VendorServer


@asynccontextmanager
async def open_rig(name: str, key: str = KEY, total_seconds: float = 10.0) -> AsyncIterator[Rig]:
    vendor = VENDORS[name]()
    async with (
        serve_vendor(vendor.handle) as server,
        open_transport(["127.0.0.0/8"], total_seconds=total_seconds) as transport,
    ):
        yield Rig(make_companies(name, key, options_for(vendor, server.url), transport), vendor, server)


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with open_rig(request.param) as opened:
        yield opened


every_provider = pytest.mark.parametrize("rig", NAMES, indirect=True)


@every_provider
async def test_company_is_found_by_its_domain_for_what_was_sold(rig: Rig) -> None:
    answer = await rig.provider.find_company(ACME)
    assert isinstance(answer, FoundCompany)
    company = answer.company
    assert (company.name, company.domain, company.industry) == ("Acme", "acme.com", "machinery")
    assert (company.linkedin_url, company.founded_year) == ("https://www.linkedin.com/company/acme", 1999)
    assert answer.cost == rig.vendor.sold == rig.provider.most_cost(ACME)
    assert 0 < answer.confidence <= 1


@every_provider
async def test_company_is_found_by_its_page_where_the_service_can(rig: Rig) -> None:
    assert (rig.provider.most_cost(ACME_PAGE) > 0) is (rig.provider.name in BY_PAGE)
    if rig.provider.name in BY_PAGE:
        answer = await rig.provider.find_company(ACME_PAGE)
        assert isinstance(answer, FoundCompany)
        assert (answer.company.domain, answer.cost) == ("acme.com", rig.vendor.sold)


@every_provider
async def test_company_that_nobody_knows_costs_nothing(rig: Rig) -> None:
    assert await rig.provider.find_company(CompanyQuery(domain="nowhere.com")) is None
    assert rig.vendor.sold == 0
    assert rig.provider.most_cost(CompanyQuery()) == 0
    assert rig.provider.most_cost(CompanyQuery(name="Acme")) == 0


@every_provider
def test_provider_is_as_the_catalog_says(rig: Rig) -> None:
    listing = CATALOG[rig.provider.name]
    assert Group.COMPANY in listing.groups
    assert rig.provider.rate == pytest.approx(listing.rate)
    assert (rig.provider.name, rig.provider.batch_size) == (listing.name, 1)
    assert rig.provider.repeats_are_free is listing.repeats_are_free


async def fail(rig: Rig, fault: Fault) -> CallFailed:
    rig.server.faults.append(fault)
    with pytest.raises(CallFailed) as caught:
        await rig.provider.find_company(ACME)
    told = "".join(traceback.format_exception(caught.value))
    assert KEY not in told
    assert "acme" not in told
    assert len(rig.server.requests) == 1
    return caught.value


@every_provider
@pytest.mark.parametrize("kind", list(REFUSALS))
async def test_refusal_buys_nothing_and_says_why(rig: Rig, kind: str) -> None:
    fault, failure = REFUSALS[kind]
    error = await fail(rig, fault)
    assert (error.failure, error.may_have_bought, rig.vendor.sold) == (failure, False, 0)


@every_provider
@pytest.mark.parametrize("kind", list(LOSSES))
async def test_answer_that_is_lost_may_have_been_bought(rig: Rig, kind: str) -> None:
    fault, failure = LOSSES[kind]
    error = await fail(rig, fault)
    assert (error.failure, error.may_have_bought) == (failure, True)
    assert rig.vendor.sold > 0


@every_provider
@pytest.mark.parametrize("body", [{}, {"data": []}, {"status": "ok"}, []], ids=repr)
async def test_answer_of_another_shape_is_garbled_and_not_nobody(rig: Rig, body: Any) -> None:
    error = await fail(rig, instead(body))
    assert (error.failure, error.may_have_bought) == (Failure.GARBLED, True)


@every_provider
async def test_success_with_an_error_inside_is_a_failure(rig: Rig) -> None:
    body, failure = ERRORS_WITHIN[rig.provider.name]
    error = await fail(rig, refuse(200, body))
    assert (error.failure, error.may_have_bought) == (failure, False)


@pytest.mark.parametrize("name", NAMES)
async def test_answer_that_never_comes_may_have_been_bought(name: str) -> None:
    async with open_rig(name, total_seconds=SECONDS) as hasty:
        error = await fail(hasty, hang)
        assert (error.failure, error.may_have_bought) == (Failure.TIMED_OUT, True)


@every_provider
@pytest.mark.parametrize("replacement", [None, True, "1e400", -5, ["x"], {"x": None}], ids=repr)
async def test_any_value_may_be_null_or_of_another_type(rig: Rig, replacement: Any) -> None:
    bodies: list[Any] = []

    def look(body: Any) -> Any:
        bodies.append(body)
        return body

    rig.server.faults.append(changed(look))
    await rig.provider.find_company(ACME)
    for path in paths(bodies[0]):
        rig.server.faults.append(changed(partial(put, path=path, replacement=replacement)))
        try:
            answer = await rig.provider.find_company(ACME)
        except CallFailed:
            continue
        assert answer is None or answer.cost >= 0
        if isinstance(answer, FoundCompany):
            assert answer.company.name in ("Acme", "1e400", "-5")
            assert answer.company.domain in ("acme.com", None)
            assert answer.company.founded_year in (1999, None)
            assert 0 <= answer.confidence <= 1


@pytest.mark.parametrize("name", BY_PAGE)
async def test_another_company_than_the_page_asked_for_is_no_find(name: str) -> None:
    async with open_rig(name) as rig:
        rig.server.faults.append(changed(_rename))
        assert await rig.provider.find_company(ACME_PAGE) == Missing(1.0)
        rig.server.faults.append(changed(_rename))
        assert isinstance(await rig.provider.find_company(ACME), FoundCompany)


def _rename(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rename(each) for name, each in value.items()}
    return value.replace("/acme", "/other") if isinstance(value, str) else value


async def test_company_that_was_bought_before_is_free_where_the_service_says_so() -> None:
    async with open_rig("prospeo") as rig:
        answers = [await rig.provider.find_company(query) for query in (ACME, ACME_PAGE)]
        assert [cost_of(answer) for answer in answers] == [1.0, 0.0]  # type: ignore[arg-type]
        assert rig.vendor.sold == 1


async def test_provider_that_finds_no_companies_is_none() -> None:
    async with open_transport() as transport:
        with pytest.raises(InvalidOptions, match="companies"):
            make_companies("fullenrich", KEY, {}, transport)
