from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.support.vendors.hunter import error
from tests.support.vendors.people import ANNA, DORA, KEY
from tests.support.vendors.rigs import Rig, by_profile, name_of, open_rig, query
from tests.support.vendors.server import Fault, cut, instead, refuse

from leadyard.domain.emails import EmailResult
from leadyard.domain.providers import (
    CallFailed,
    Deferred,
    Failure,
    Group,
    MeteredValidator,
    Missing,
    Unavailable,
    Verified,
    VerifierAnswer,
)
from leadyard.providers.catalog import InvalidOptions, make_validator
from leadyard.providers.hunter.client import Hunter, HunterVerifier, Options

PAUSES = (0.0, 0.0)
EMAIL = frozenset({Group.EMAIL})


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig("hunter") as opened:
        options = Options(base_url=f"{opened.server.url}/v2")
        provider = Hunter(KEY, options, opened.transport, pauses=PAUSES)
        yield Rig(provider, opened.vendor, opened.server, opened.transport)


@pytest.fixture
def verifier(rig: Rig) -> MeteredValidator:
    options = Options(base_url=f"{rig.server.url}/v2")
    return HunterVerifier(KEY, options, rig.transport, pauses=PAUSES)


async def verify(verifier: MeteredValidator, email: str | None) -> VerifierAnswer:
    (answer,) = await verifier.validate_emails([email or ""])
    return answer


async def test_question_that_is_at_work_is_asked_again_and_counted_once(rig: Rig) -> None:
    rig.server.faults.extend([refuse(202), refuse(202)])
    (answer,) = await rig.ask(by_profile(ANNA, EMAIL))
    assert name_of(answer) == "Anna"
    assert (rig.vendor.sold, len(rig.server.requests)) == (1, 3)


async def test_question_that_stays_at_work_is_unavailable(rig: Rig) -> None:
    rig.server.faults.extend([refuse(202)] * 3)
    assert await rig.ask(by_profile(ANNA, EMAIL)) == [Unavailable("pending")]


async def test_lost_connection_is_not_asked_over_again(rig: Rig) -> None:
    rig.server.faults.append(cut)
    with pytest.raises(CallFailed) as caught:
        await rig.ask(by_profile(ANNA, EMAIL))
    assert caught.value.may_have_bought
    assert len(rig.server.requests) == 1


async def test_plan_that_is_used_up_is_no_throttling(rig: Rig) -> None:
    rig.server.faults.append(lambda request, handler: error(429, "too_many_requests"))
    with pytest.raises(CallFailed) as caught:
        await rig.ask(by_profile(ANNA))
    assert caught.value.failure is Failure.OUT_OF_CREDIT


@pytest.mark.parametrize(
    ("wanted", "path", "cost"),
    [
        (frozenset({Group.PERSON}), "/v2/people/find", 0.2),
        (frozenset({Group.EMAIL, Group.PERSON}), "/v2/email-finder", 1.0),
        (frozenset({Group.PHONE}), None, 0.0),
    ],
)
async def test_cheapest_request_that_tells_what_is_wanted_is_made(
    rig: Rig, wanted: frozenset[Group], path: str | None, cost: float
) -> None:
    asked = by_profile(ANNA, wanted)
    await rig.ask(asked)
    assert [request.path for request in rig.server.requests] == ([path] if path else [])
    assert rig.provider.most_cost(asked) == cost == pytest.approx(rig.vendor.sold)


async def test_person_behind_an_email_is_told_with_the_company(rig: Rig) -> None:
    (answer,) = await rig.ask(query(email=ANNA.email))
    assert name_of(answer) == "Anna"
    assert [request.path for request in rig.server.requests] == ["/v2/combined/find"]


@pytest.mark.parametrize(
    ("email", "result", "catch_all"),
    [
        (ANNA.email, EmailResult.DELIVERABLE, False),
        (DORA.email, EmailResult.RISKY, True),
        ("nobody@acme.com", EmailResult.UNDELIVERABLE, False),
    ],
)
async def test_verdict_is_in_our_words(
    rig: Rig, verifier: MeteredValidator, email: str, result: EmailResult, catch_all: bool
) -> None:
    answer = await verify(verifier, email)
    assert isinstance(answer, Verified)
    verdict = answer.verdict
    assert (verdict.email, verdict.result, verdict.catch_all) == (email, result, catch_all)
    assert verdict.is_complete
    assert answer.cost == rig.vendor.sold == verifier.most_cost


@pytest.mark.parametrize("fault", [refuse(222), refuse(451)])
async def test_check_that_came_to_nothing_costs_nothing(
    rig: Rig, verifier: MeteredValidator, fault: Fault
) -> None:
    rig.server.faults.append(fault)
    answer = await verify(verifier, ANNA.email)
    if isinstance(answer, Deferred):
        assert (answer.verdict.reason, answer.verdict.is_complete) == ("mail_host_in_the_way", False)
    else:
        assert answer == Missing(is_erased=True)
    assert (rig.vendor.sold, len(rig.server.requests)) == (0, 1)


@pytest.mark.parametrize(("fault", "failure"), [(instead("?"), Failure.GARBLED), (cut, Failure.DOWN)])
async def test_check_whose_answer_was_lost_may_have_been_bought(
    rig: Rig, verifier: MeteredValidator, fault: Fault, failure: Failure
) -> None:
    rig.server.faults.append(fault)
    with pytest.raises(CallFailed) as raised:
        await verify(verifier, ANNA.email)
    assert (raised.value.failure, raised.value.may_have_bought) == (failure, True)
    assert len(rig.server.requests) == 1


async def test_verdict_that_cannot_be_read_is_unknown_and_paid_for(
    rig: Rig, verifier: MeteredValidator
) -> None:
    rig.server.faults.append(instead({"data": {"status": "splendid"}}))
    answer = await verify(verifier, ANNA.email)
    assert isinstance(answer, Verified)
    assert (answer.verdict.result, answer.verdict.is_complete) == (EmailResult.UNKNOWN, False)
    assert answer.cost == rig.vendor.sold


async def test_check_that_takes_long_is_put_off(rig: Rig, verifier: MeteredValidator) -> None:
    rig.server.faults.extend([refuse(202)] * 3)
    assert isinstance(await verify(verifier, ANNA.email), Deferred)
    assert rig.vendor.sold == 0


@pytest.mark.parametrize(
    ("status", "failure"), [(403, Failure.THROTTLED), (429, Failure.OUT_OF_CREDIT), (500, Failure.DOWN)]
)
async def test_check_that_was_refused_may_be_asked_again(
    rig: Rig, verifier: MeteredValidator, status: int, failure: Failure
) -> None:
    rig.server.faults.append(refuse(status))
    with pytest.raises(CallFailed) as raised:
        await verify(verifier, ANNA.email)
    assert (raised.value.failure, raised.value.may_have_bought) == (failure, False)


async def test_address_that_is_none_is_undeliverable_and_free(rig: Rig, verifier: MeteredValidator) -> None:
    rig.server.faults.append(lambda request, handler: error(400, "invalid_email"))
    answer = await verify(verifier, "a b@c")
    assert isinstance(answer, Verified)
    assert (answer.verdict.result, answer.cost) == (EmailResult.UNDELIVERABLE, 0)


def test_only_a_verifier_is_made_as_one(rig: Rig) -> None:
    assert make_validator("hunter", KEY, {}, rig.transport).name == "hunter"
    with pytest.raises(InvalidOptions, match="provider: it does not verify e-mails"):
        make_validator("apollo", KEY, {}, rig.transport)
