from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import pytest
from tests.support.vendors.fullenrich import FullEnrichVendor
from tests.support.vendors.people import ANNA, BERT, DORA
from tests.support.vendors.rigs import Rig, by_profile, cost_of, name_of, open_rig, query
from tests.support.vendors.server import changed, refuse

from leadyard.domain.providers import AsynchronousProvider, CallFailed, FoundPerson, Group, Unavailable

ASKED = [by_profile(ANNA), query("nobody"), by_profile(DORA)]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with open_rig("fullenrich") as opened:
        yield opened


def orders(rig: Rig) -> tuple[AsynchronousProvider, FullEnrichVendor]:
    assert isinstance(rig.vendor, FullEnrichVendor)
    return cast("AsynchronousProvider", rig.provider), rig.vendor


async def test_order_is_collected_when_it_is_finished_and_as_often_as_asked(rig: Rig) -> None:
    provider, vendor = orders(rig)
    vendor.statuses = ["CREATED", "IN_PROGRESS", "400", "SOMETHING_NEW"]
    order = await provider.order(ASKED)
    assert [await provider.collect(order, ASKED) for _ in range(4)] == [None] * 4
    first, second = [await provider.collect(order, ASKED) for _ in range(2)]
    assert first == second
    assert first is not None
    assert [name_of(answer) for answer in first] == ["Anna", None, "Dora"]
    assert [cost_of(answer) for answer in first] == [11, 0, 1]
    assert vendor.sold == 12


async def test_address_of_a_domain_that_takes_everything_is_less_sure(rig: Rig) -> None:
    anna, _, dora = await rig.ask(*ASKED)
    assert isinstance(anna, FoundPerson)
    assert isinstance(dora, FoundPerson)
    assert dora.confidence < anna.confidence == 1


@pytest.mark.parametrize(
    ("ending", "reason"),
    [("CREDITS_INSUFFICIENT", "out_of_credit"), ("RATE_LIMIT", "throttled"), ("CANCELED", "down")],
)
async def test_order_that_is_broken_off_has_the_answers_that_were_done(
    rig: Rig, ending: str, reason: str
) -> None:
    _, vendor = orders(rig)
    vendor.ending = ending
    anna, nobody, dora = await rig.ask(*ASKED)
    assert (name_of(anna), name_of(dora)) == ("Anna", "Dora")
    assert nobody == Unavailable(reason)


async def test_order_that_nobody_knows_of_may_have_been_bought(rig: Rig) -> None:
    provider, _ = orders(rig)
    answers = await provider.collect("order-77", [*ASKED, query()])
    assert answers == [Unavailable("unanswered", may_have_bought=True)] * 3 + [None]


async def test_collecting_that_fails_has_bought_nothing(rig: Rig) -> None:
    provider, _ = orders(rig)
    order = await provider.order(ASKED)
    rig.server.faults.append(refuse(200, b"<html>"))
    with pytest.raises(CallFailed) as caught:
        await provider.collect(order, ASKED)
    assert not caught.value.may_have_bought


async def test_address_that_is_invalid_is_no_find(rig: Rig) -> None:
    provider, _ = orders(rig)
    order = await provider.order([by_profile(BERT)])

    def spoil(body: dict[str, list[dict[str, dict[str, object]]]]) -> object:
        bad = {"email": BERT.email, "status": "INVALID"}
        body["data"][0]["contact_info"] |= {"most_probable_work_email": bad, "work_emails": [bad]}
        return body

    rig.server.faults.append(changed(spoil))
    answers = await provider.collect(order, [by_profile(BERT)])
    assert answers is not None
    assert isinstance(answers[0], FoundPerson)
    assert answers[0].person.email is None


def test_person_alone_is_not_to_be_bought(rig: Rig) -> None:
    most = rig.provider.most_cost
    assert most(by_profile(ANNA, frozenset({Group.PERSON, Group.COMPANY}))) == 0
    assert most(by_profile(ANNA, frozenset({Group.EMAIL}))) == 1
    assert most(by_profile(ANNA, frozenset({Group.PHONE}))) == 10
    assert most(query("sales:ACw1")) == 11
    assert most(query(email="a@acme.com")) == 0


async def test_private_addresses_are_bought_where_the_settings_say_so() -> None:
    async with open_rig("fullenrich", personal_emails=True) as rig:
        assert rig.provider.most_cost(by_profile(ANNA)) == 14
        await rig.ask(by_profile(ANNA))
        assert "contact.personal_emails" in rig.server.requests[0].json["data"][0]["enrich_fields"]


async def test_provider_that_takes_orders_is_not_asked_directly(rig: Rig) -> None:
    with pytest.raises(CallFailed):
        await rig.provider.find_people(ASKED)
