"""What is peculiar to one service."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.vendors.people import ANNA, BERT, CARLA, DORA, EMIL
from tests.support.vendors.rigs import by_profile, cost_of, name_of, open_rig, query
from tests.support.vendors.server import changed, refuse

from leadyard.domain.providers import CallFailed, Failure, FoundPerson, Group, Missing, Unavailable
from leadyard.providers.apollo.mapping import Detail, assign

EMAIL = frozenset({Group.EMAIL})
PHONE = frozenset({Group.PHONE})


async def test_hundred_people_are_one_call() -> None:
    async with open_rig("people_data_labs") as rig:
        answers = await rig.ask(*(by_profile(ANNA) for _ in range(100)))
        assert {name_of(answer) for answer in answers} == {"Anna"}
        assert (rig.vendor.sold, len(rig.server.requests)) == (100, 1)


async def test_record_without_what_is_wanted_is_not_charged_for() -> None:
    async with open_rig("people_data_labs") as rig:
        assert await rig.ask(by_profile(CARLA, EMAIL), by_profile(BERT, PHONE)) == [None, None]
        assert rig.vendor.sold == 0


async def test_entries_without_a_reference_are_taken_in_their_order() -> None:
    def strip(entries: Any) -> Any:
        return [{name: value for name, value in entry.items() if name != "metadata"} for entry in entries]

    async with open_rig("people_data_labs") as rig:
        rig.server.faults.append(changed(strip))
        answers = await rig.ask(by_profile(ANNA), query("nobody"), by_profile(BERT))
        assert [name_of(answer) for answer in answers] == ["Anna", None, "Bert"]
        rig.server.faults.append(changed(lambda entries: strip(entries)[1:]))
        with pytest.raises(CallFailed, match="garbled"):
            await rig.ask(by_profile(ANNA), by_profile(BERT))


async def test_fields_that_a_plan_hides_are_no_values() -> None:
    def hide(entries: Any) -> Any:
        entries[0]["data"] |= {"work_email": True, "mobile_phone": True, "phone_numbers": True}
        return entries

    async with open_rig("people_data_labs") as rig:
        rig.server.faults.append(changed(hide))
        (answer,) = await rig.ask(by_profile(ANNA))
        assert isinstance(answer, FoundPerson)
        assert (answer.person.email, answer.person.phone_numbers) == (None, ())


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, None),
        (402, Unavailable("out_of_credit")),
        (429, Unavailable("throttled")),
        (500, Unavailable("down")),
    ],
)
async def test_entry_has_a_status_of_its_own(status: int, answer: Unavailable | None) -> None:
    def spoil(entries: Any) -> Any:
        entries[1] |= {"status": status, "data": None}
        return entries

    async with open_rig("people_data_labs") as rig:
        rig.server.faults.append(changed(spoil))
        anna, other = await rig.ask(by_profile(ANNA), query("nobody"))
        assert (name_of(anna), other) == ("Anna", answer)


async def test_search_buys_no_more_records_than_the_settings_say() -> None:
    async with open_rig("people_data_labs", search_size=1) as rig:
        asked = query(title="Data Engineer", company_domain="cargo.dev")
        assert rig.provider.most_cost(asked) == 1
        await rig.ask(asked)
        assert rig.server.requests[0].json["size"] == rig.vendor.sold == 1


async def test_placeholder_of_an_address_is_no_find() -> None:
    async with open_rig("apollo") as rig:
        (answer,) = await rig.ask(by_profile(CARLA))
        assert isinstance(answer, FoundPerson)
        assert (answer.person.email, answer.cost) == (None, 1)


async def test_private_addresses_are_asked_for_where_the_settings_say_so() -> None:
    for personal_emails, sent in ((False, "false"), (True, "true")):
        async with open_rig("apollo", personal_emails=personal_emails) as rig:
            await rig.ask(by_profile(ANNA))
            assert rig.server.requests[0].params["reveal_personal_emails"] == sent


async def test_search_of_apollo_is_free_and_only_who_was_chosen_is_bought() -> None:
    async with open_rig("apollo") as rig:
        answers = await rig.ask(
            query(title="Head of Sales", company_domain="acme.com"),
            by_profile(BERT),
            query(title="Data Engineer", company_name="Bolt"),
        )
        assert [name_of(answer) for answer in answers] == ["Anna", "Bert", "Carla"]
        assert [request.path.rpartition("/")[2] for request in rig.server.requests] == [
            "api_search",
            "api_search",
            "bulk_match",
        ]
        assert sum(map(cost_of, answers)) == rig.vendor.sold == 3


def match(person: Any) -> dict[str, str]:
    return {"id": person.key, "linkedin_url": person.profile}


def details(*people: Any) -> list[Detail]:
    return [Detail({"linkedin_url": person.profile}, by_profile(person)) for person in people]


def test_matches_are_assigned_by_what_they_show() -> None:
    unknown = {"id": "x", "linkedin_url": None}
    asked = details(ANNA, BERT, DORA)
    anna, bert, dora = map(match, (ANNA, BERT, DORA))
    assert assign(asked, [dora, anna, bert]) == [(True, anna), (True, bert), (True, dora)]
    assert assign(asked, [anna, None, dora]) == [(True, anna), (True, None), (True, dora)]
    assert assign(asked, [dora, anna]) == [(True, anna), (True, None), (True, dora)]
    assert assign(asked, [anna, unknown, dora]) == [(True, anna), (True, unknown), (True, dora)]
    assert assign(asked, [dora, unknown, anna]) == [(True, anna), (False, None), (True, dora)]
    assert assign(asked, [anna, unknown]) == [(True, anna), (False, None), (False, None)]
    by_id = [Detail({"id": EMIL.key}, query(title="Data Engineer"))]
    assert assign(by_id, [match(DORA)]) == [(False, None)]


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("INVALID_API_KEY", Failure.UNAUTHORIZED),
        ("INSUFFICIENT_CREDITS", Failure.OUT_OF_CREDIT),
        ("RATE_LIMITED", Failure.THROTTLED),
        ("INTERNAL_ERROR", Failure.DOWN),
    ],
)
async def test_codes_of_prospeo_outrank_the_status(status: int, code: str, failure: Failure) -> None:
    async with open_rig("prospeo") as rig:
        rig.server.faults.append(refuse(status, {"error": True, "error_code": code}))
        with pytest.raises(CallFailed) as caught:
            await rig.ask(by_profile(ANNA))
        assert (caught.value.failure, caught.value.may_have_bought) == (failure, False)


@pytest.mark.parametrize("status", [200, 400])
async def test_nobody_matched_is_no_failure(status: int) -> None:
    async with open_rig("prospeo") as rig:
        rig.server.faults.append(refuse(status, {"error": True, "error_code": "NO_MATCH"}))
        assert await rig.ask(by_profile(ANNA)) == [None]


async def test_mobile_numbers_are_bought_only_for_those_who_want_them() -> None:
    async with open_rig("prospeo") as rig:
        with_phone, without = await rig.ask(by_profile(ANNA), by_profile(ANNA, EMAIL))
        assert [cost_of(with_phone), cost_of(without)] == [10, 1]
        assert await rig.ask(by_profile(BERT, PHONE)) == [None]
        assert rig.vendor.sold == 11


async def test_search_of_prospeo_is_part_of_the_cost() -> None:
    async with open_rig("prospeo") as rig:
        anna, chief = await rig.ask(
            query(title="Head of Sales", company_domain="acme.com"),
            query(title="Chief", company_domain="acme.com"),
        )
        assert isinstance(anna, FoundPerson)
        assert anna.cost == 11
        assert chief == Missing(1)
        assert rig.vendor.sold == 12
