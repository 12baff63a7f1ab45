"""What every provider keeps to, before stand-ins at the wire that behave and misbehave."""

from __future__ import annotations

import copy
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest
from tests.support.vendors.people import ANNA, BERT, CARLA, DORA, ERASED_EMAIL, KEY
from tests.support.vendors.rigs import SECONDS, VENDORS, Rig, by_profile, cost_of, name_of, open_rig, query
from tests.support.vendors.server import (
    Fault,
    Handler,
    Request,
    Response,
    changed,
    cut,
    encoded,
    half,
    half_json,
    hang,
    instead,
    mistyped,
    refuse,
    sound,
    zipped,
)

from leadyard.app import Leadyard
from leadyard.domain.providers import (
    ALL_GROUPS,
    Ambiguous,
    CallFailed,
    Failure,
    FoundPerson,
    Group,
    Missing,
    PeopleProvider,
    PersonAnswer,
    PersonQuery,
    Unavailable,
)
from leadyard.providers.catalog import CATALOG
from leadyard.providers.directory.client import DirectoryProvider
from leadyard.providers.sandbox.client import SandboxProvider
from leadyard.storage.directory import DirectoryStore

SEARCHING = ["people_data_labs", "apollo", "prospeo", "http"]
BATCHING = ["people_data_labs", "apollo", "prospeo", "fullenrich"]
TITLED = query(title="Head of Sales", company_domain="acme.com")
NO_KEY = "a-key-that-is-none"


@pytest.fixture
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with open_rig(request.param) as opened:
        yield opened


every_provider = pytest.mark.parametrize("rig", list(VENDORS), indirect=True)
searching_providers = pytest.mark.parametrize("rig", SEARCHING, indirect=True)
guessing_providers = pytest.mark.parametrize("rig", ["people_data_labs", "apollo", "prospeo"], indirect=True)
erasing_providers = pytest.mark.parametrize("rig", ["people_data_labs", "hunter", "http"], indirect=True)
referring_providers = pytest.mark.parametrize(
    "rig", ["people_data_labs", "prospeo", "fullenrich"], indirect=True
)
batching_providers = pytest.mark.parametrize("rig", BATCHING, indirect=True)


def test_every_provider_of_the_catalog_has_a_stand_in() -> None:
    assert list(VENDORS) == list(CATALOG)


@every_provider
def test_provider_is_as_the_catalog_says(rig: Rig) -> None:
    provider, listing = rig.provider, CATALOG[rig.provider.name]
    assert (provider.name, provider.groups, provider.batch_size, provider.repeats_are_free) == (
        listing.name,
        listing.groups,
        listing.batch_size,
        listing.repeats_are_free,
    )
    assert provider.rate == pytest.approx(listing.rate)
    assert provider.concurrency >= 1


@every_provider
async def test_answers_come_in_order_one_each_and_cost_what_was_sold(rig: Rig) -> None:
    queries = [
        query("nobody-here"),
        by_profile(ANNA),
        query(),
        by_profile(DORA),
        query(name=("Bert", "Cole"), company_domain="acme.com"),
        query("nobody-else"),
    ]
    answers = await rig.ask(*queries)
    assert [name_of(answer) for answer in answers] == [None, "Anna", None, "Dora", "Bert", None]
    assert sum(map(cost_of, answers)) == pytest.approx(rig.vendor.sold)
    assert rig.vendor.sold > 0
    for asked, answer in zip(queries, answers, strict=True):
        assert cost_of(answer) <= rig.provider.most_cost(asked)


@every_provider
async def test_found_person_is_normalized(rig: Rig) -> None:
    (answer,) = await rig.ask(by_profile(ANNA))
    assert isinstance(answer, FoundPerson)
    person = answer.person
    assert (person.linkedin_url, person.email) == ("https://www.linkedin.com/in/anna-berg", ANNA.email)
    assert (person.first_name, person.last_name, person.title) == ("Anna", "Berg", "Head Of Sales") or (
        person.title == "Head of Sales"
    )
    assert person.company.domain == "acme.com"
    assert person.id.startswith((f"{rig.provider.name}:", "linkedin:"))
    assert {number.number for number in person.phone_numbers} <= {"+14155550123"}
    if Group.PHONE in rig.provider.groups:
        assert person.phone_numbers
    assert 0 < answer.confidence <= 1


@every_provider
async def test_person_asked_by_email_is_found_where_an_email_is_a_clue(rig: Rig) -> None:
    asked = query(email=BERT.email, wanted=frozenset({Group.PERSON}))
    (answer,) = await rig.ask(asked) if rig.provider.most_cost(asked) else [None]
    assert name_of(answer) == ("Bert" if rig.provider.name != "fullenrich" else None)
    assert cost_of(answer) == pytest.approx(rig.vendor.sold)


@every_provider
async def test_nobody_is_asked_for_without_a_clue(rig: Rig) -> None:
    hopeless = [query(), query(title="CEO"), query(company_domain="acme.com"), query("sales:ACw1")]
    hopeless = hopeless[:3] if rig.provider.name in ("fullenrich", "http") else hopeless
    assert [rig.provider.most_cost(each) for each in hopeless] == [0.0] * len(hopeless)
    assert rig.provider.weight(hopeless) == 0
    if not CATALOG[rig.provider.name].takes_orders:
        assert await rig.ask(*hopeless) == [None] * len(hopeless)
    assert rig.server.requests == []


@every_provider
async def test_no_more_is_bought_than_is_wanted(rig: Rig) -> None:
    asked = [by_profile(ANNA, frozenset({Group.EMAIL})), by_profile(CARLA, frozenset({Group.EMAIL}))]
    most = [rig.provider.most_cost(each) for each in asked]
    anna, carla = await rig.ask(*asked)
    assert isinstance(anna, FoundPerson)
    assert anna.person.email == ANNA.email
    assert not isinstance(carla, FoundPerson) or carla.person.email is None
    assert cost_of(anna) + cost_of(carla) == pytest.approx(rig.vendor.sold)
    assert rig.vendor.sold <= sum(most)


@every_provider
async def test_weight_is_the_calls_that_are_made_or_more(rig: Rig) -> None:
    queries = [by_profile(ANNA), TITLED, query(), by_profile(BERT)]
    await rig.ask(*queries)
    collected = sum(request.path.count("order-") for request in rig.server.requests)
    assert len(rig.server.requests) - collected <= sum(map(rig.provider.weight, [[each] for each in queries]))


@searching_providers
async def test_title_and_company_find_who_fits_best(rig: Rig) -> None:
    anna, bert = await rig.ask(TITLED, query(title="Chief Financial Officer", company_name="Acme"))
    assert name_of(anna) == "Anna"
    assert name_of(bert) == ("Bert" if rig.provider.name != "http" else None)
    assert cost_of(anna) + cost_of(bert) == pytest.approx(rig.vendor.sold)


@guessing_providers
async def test_colleagues_with_one_title_are_not_guessed_between(rig: Rig) -> None:
    (answer,) = await rig.ask(query(title="Data Engineer", company_domain="cargo.dev"))
    assert answer == Ambiguous(rig.vendor.sold)


@searching_providers
async def test_title_that_does_not_fit_finds_nobody(rig: Rig) -> None:
    assert await rig.ask(query(title="Janitor", company_domain="acme.com")) == [None]
    (answer,) = await rig.ask(query(title="Chief", company_domain="acme.com"))
    assert answer == (Missing(rig.vendor.sold) if rig.vendor.sold else None)


DATE = format_datetime(datetime.now(UTC) + timedelta(hours=12), usegmt=True)
REFUSALS: dict[str, tuple[Fault, Failure]] = {
    "401": (refuse(401, {"error": "no"}), Failure.UNAUTHORIZED),
    "402": (refuse(402, {"error": "no"}), Failure.OUT_OF_CREDIT),
    "403 too fast": (refuse(403, {"error": "rate limit exceeded"}), Failure.THROTTLED),
    "403 with Retry-After": (refuse(403, b"", Retry_After="3"), Failure.THROTTLED),
    "429 in seconds": (refuse(429, b"", Retry_After="7"), Failure.THROTTLED),
    "429 with a date": (refuse(429, b"slow down", Retry_After=DATE), Failure.THROTTLED),
    "500": (refuse(500, b"oops"), Failure.DOWN),
    "502": (refuse(502, b"<html>"), Failure.DOWN),
    "503": (refuse(503, b"", Retry_After="5"), Failure.DOWN),
    "302": (refuse(302, b"", Location="http://127.0.0.1:1/"), Failure.GARBLED),
    "418": (refuse(418, b"teapot"), Failure.GARBLED),
    "404 of a wrong address": (refuse(404, b"<html>no such page</html>"), Failure.GARBLED),
}
LOSSES: dict[str, tuple[Fault, Failure]] = {
    "cut": (cut, Failure.DOWN),
    "half an answer": (half, Failure.GARBLED),
    "half a JSON": (half_json, Failure.GARBLED),
    "HTML": (instead(b"<html>hello</html>"), Failure.GARBLED),
    "no body": (instead(b""), Failure.GARBLED),
    "another shape": (instead("a text"), Failure.GARBLED),
    "504": (instead({"error": "gateway"}, 504), Failure.TIMED_OUT),
    "another success without a body": (instead(b"", 206), Failure.GARBLED),
    "another success": (instead(b"done", 206), Failure.GARBLED),
    "gzip that is cut": (zipped(0.5), Failure.GARBLED),
    "gzip that is none": (encoded("gzip"), Failure.GARBLED),
    "no UTF-8": (instead(b'{"data": "\xff"}'), Failure.GARBLED),
    "a deep nesting": (instead(b"[" * 100_000), Failure.GARBLED),
}


async def fail(rig: Rig, fault: Fault) -> CallFailed:
    rig.server.faults.append(fault)
    with pytest.raises(CallFailed) as caught:
        await rig.ask(by_profile(ANNA))
    return caught.value


@every_provider
@pytest.mark.parametrize("kind", list(REFUSALS))
async def test_refusal_buys_nothing_and_says_why(rig: Rig, kind: str) -> None:
    fault, failure = REFUSALS[kind]
    error = await fail(rig, fault)
    assert (error.failure, error.may_have_bought, rig.vendor.sold) == (failure, False, 0)
    if "seconds" in kind:
        assert error.retry_after == 7
    if "date" in kind:
        assert error.retry_after == pytest.approx(12 * 3600, rel=0.2)


@every_provider
@pytest.mark.parametrize("kind", list(LOSSES))
async def test_answer_that_is_lost_may_have_been_bought_and_is_not_asked_for_again(
    rig: Rig, kind: str
) -> None:
    fault, failure = LOSSES[kind]
    error = await fail(rig, fault)
    assert (error.failure, error.may_have_bought) == (failure, True)
    assert rig.vendor.sold > 0
    assert len(rig.server.requests) == 1


ERRORS_WITHIN: dict[str, tuple[Any, Failure]] = {
    "people_data_labs": ({"status": 402, "error": {"type": ["payment_required"]}}, Failure.OUT_OF_CREDIT),
    "apollo": ({"error": "You have insufficient credits.", "matches": []}, Failure.OUT_OF_CREDIT),
    "hunter": ({"errors": [{"id": "too_many_requests", "details": "rate limit"}]}, Failure.THROTTLED),
    "prospeo": ({"error": True, "error_code": "INSUFFICIENT_CREDITS"}, Failure.OUT_OF_CREDIT),
    "fullenrich": ({"code": "error.rate.limit", "message": "Too many requests"}, Failure.THROTTLED),
    "http": ({"problem": "internal error"}, Failure.DOWN),
}


@every_provider
async def test_success_with_an_error_inside_is_a_failure(rig: Rig) -> None:
    body, failure = ERRORS_WITHIN[rig.provider.name]
    error = await fail(rig, refuse(200, body))
    assert (error.failure, error.may_have_bought) == (failure, False)


@every_provider
async def test_answer_that_never_comes_may_have_been_bought(rig: Rig) -> None:
    async with open_rig(rig.provider.name, total_seconds=SECONDS) as hasty:
        error = await fail(hasty, hang)
        assert (error.failure, error.may_have_bought) == (Failure.TIMED_OUT, True)
        assert len(hasty.server.requests) == 1


@every_provider
async def test_service_that_is_not_there_sold_nothing(rig: Rig) -> None:
    async with open_rig(rig.provider.name) as gone:
        pass
    with pytest.raises(CallFailed) as caught:
        await Rig(gone.provider, gone.vendor, gone.server, gone.transport).ask(by_profile(ANNA))
    assert (caught.value.failure, caught.value.may_have_bought) == (Failure.DOWN, False)
    await gone.transport.close()


@every_provider
@pytest.mark.parametrize("kind", [*REFUSALS, *LOSSES])
async def test_failure_tells_nobody_the_key_or_the_lead(rig: Rig, kind: str) -> None:
    error = await fail(rig, {**REFUSALS, **LOSSES}[kind][0])
    told = "".join(traceback.format_exception(error)) + repr(error.__context__) + repr(error.__cause__)
    for secret in (KEY, "anna", "Berg", "127.0.0.1"):
        assert secret not in told


@every_provider
async def test_answer_of_the_wrong_type_is_read_all_the_same(rig: Rig) -> None:
    rig.server.faults.append(mistyped)
    (answer,) = await rig.ask(by_profile(ANNA))
    assert name_of(answer) == "Anna"


@every_provider
async def test_wrong_key_is_unauthorized(rig: Rig) -> None:
    async with open_rig(rig.provider.name, key=NO_KEY) as other:
        for ask in (other.ask(by_profile(ANNA)), other.provider.check_key()):
            with pytest.raises(CallFailed) as caught:
                await ask
            assert (caught.value.failure, caught.value.may_have_bought) == (Failure.UNAUTHORIZED, False)


@every_provider
async def test_checking_the_key_costs_nothing(rig: Rig) -> None:
    assert await rig.provider.check_key()
    assert (rig.vendor.sold, len(rig.server.requests)) == (0, 1)


@every_provider
async def test_key_stands_in_no_address(rig: Rig) -> None:
    await rig.ask(by_profile(ANNA), TITLED)
    for request in rig.server.requests:
        assert KEY not in request.path + str(request.params)


@erasing_providers
async def test_who_asked_not_to_be_processed_is_missing_as_erased(rig: Rig) -> None:
    wanted = frozenset({Group.PERSON})
    assert await rig.ask(query(email=ERASED_EMAIL, wanted=wanted)) == [Missing(is_erased=True)]


def put(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    changed_value = copy.deepcopy(value)
    node = changed_value
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = replacement
    return changed_value


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values within a value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, within in pairs:
        yield (*before, step)
        yield from paths(within, (*before, step))


async def read_changed(rig: Rig, replacement: Any) -> list[PersonAnswer | Failure]:
    """What an answer is read as with one value after the other replaced."""
    read: list[PersonAnswer | Failure] = []
    seen: list[Any] = []

    def look(body: Any) -> Any:
        seen.append(body)
        return body

    rig.server.faults.append(changed(look))
    takes_orders = CATALOG[rig.provider.name].takes_orders
    if takes_orders:
        rig.server.faults.appendleft(sound)
    await rig.ask(by_profile(ANNA))
    for path in paths(seen[0]):
        if takes_orders:
            rig.server.faults.append(sound)
        rig.server.faults.append(changed(partial(put, path=path, replacement=replacement)))
        try:
            read += await rig.ask(by_profile(ANNA))
        except CallFailed as failure:
            read.append(failure.failure)
        except TimeoutError:
            raise AssertionError(path) from None
    return read


@every_provider
@pytest.mark.parametrize("replacement", [None, True, "1e400", -5, ["x"], {"x": None}], ids=repr)
async def test_any_value_may_be_null_or_of_another_type(rig: Rig, replacement: Any) -> None:
    for answer in await read_changed(rig, replacement):
        if isinstance(answer, FoundPerson):
            person = answer.person
            assert person.first_name in ("Anna", "1e400", "-5", "x", "X", None)
            assert person.email in (ANNA.email, None)
            assert person.linkedin_url in ("https://www.linkedin.com/in/anna-berg", None)
            assert {number.number for number in person.phone_numbers} <= {"+14155550123"}
            assert 0 <= answer.confidence <= 1


@every_provider
async def test_answer_in_gzip_is_read(rig: Rig) -> None:
    rig.server.faults.append(zipped(1.0))
    (answer,) = await rig.ask(by_profile(ANNA))
    assert name_of(answer) == "Anna"


def everywhere(value: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """A value with each value within it changed, by its name."""
    if isinstance(value, dict):
        return {each: everywhere(within, change, each) for each, within in value.items()}
    if isinstance(value, list):
        return [everywhere(within, change, name) for within in value]
    return change(name, value)


@every_provider
async def test_cost_that_is_told_is_never_negative(rig: Rig) -> None:
    costs = ("credits_consumed", "total_cost", "credits", "cost", "price")
    if CATALOG[rig.provider.name].takes_orders:
        rig.server.faults.append(sound)

    def owe(request: Request, handler: Handler) -> Response:
        response = handler(request)
        body = everywhere(response.body, lambda name, value: -3 if name in costs else value)
        return Response(response.status, body, {"x-call-credits-spent": "-3"})

    rig.server.faults.append(owe)
    (answer,) = await rig.ask(by_profile(ANNA))
    assert name_of(answer) == "Anna"
    assert cost_of(answer) == pytest.approx(rig.vendor.sold)


@every_provider
@pytest.mark.parametrize("word", ["null", "N/A", "None", "-"])
async def test_word_for_nothing_is_nothing(rig: Rig, word: str) -> None:
    names = ("title", "job_title", "current_job_title", "position", "headline", "industry", "role")
    if CATALOG[rig.provider.name].takes_orders:
        rig.server.faults.append(sound)
    change = partial(everywhere, change=lambda name, value: word if name in names else value)
    rig.server.faults.append(changed(change))
    (answer,) = await rig.ask(by_profile(ANNA))
    assert isinstance(answer, FoundPerson)
    assert word not in (answer.person.title, answer.person.headline, answer.person.company.industry)


MASKS = ["email_not_unlocked@domain.com", "a***@acme.com", "anna@", "anna berg@acme.com", "•••@acme.com", ""]


@every_provider
@pytest.mark.parametrize("mask", MASKS)
async def test_masked_or_invalid_address_is_no_find(rig: Rig, mask: str) -> None:
    def hide(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: hide(each) for name, each in value.items()}
        if isinstance(value, list):
            return [hide(each) for each in value]
        return mask if value == ANNA.email else value

    if CATALOG[rig.provider.name].takes_orders:
        rig.server.faults.append(sound)
    rig.server.faults.append(changed(hide))
    (answer,) = await rig.ask(by_profile(ANNA))
    assert not isinstance(answer, FoundPerson) or answer.person.email is None
    if mask:
        assert cost_of(answer) == pytest.approx(rig.vendor.sold)


ASKED = [by_profile(ANNA), by_profile(BERT), by_profile(CARLA), by_profile(DORA)]


def rearranged(rig: Rig, change: Any) -> Fault:
    """The list of answers changed, wherever the service has it."""

    def rearrange(body: Any) -> Any:
        if isinstance(body, list):
            return change(body)
        return {
            name: change(value) if isinstance(value, list) and value else value
            for name, value in body.items()
        }

    return changed(rearrange)


async def ask_rearranged(rig: Rig, change: Any) -> list[PersonAnswer]:
    if CATALOG[rig.provider.name].takes_orders:
        rig.server.faults.append(sound)
    rig.server.faults.append(rearranged(rig, change))
    return await rig.ask(*ASKED)


@batching_providers
async def test_answers_in_another_order_go_to_whom_they_are_about(rig: Rig) -> None:
    answers = await ask_rearranged(rig, lambda entries: entries[::-1])
    assert [name_of(answer) for answer in answers] == ["Anna", "Bert", "Carla", "Dora"]
    assert sum(map(cost_of, answers)) == pytest.approx(rig.vendor.sold)


@batching_providers
async def test_answer_that_is_left_out_is_nobody_elses(rig: Rig) -> None:
    answers = await ask_rearranged(rig, lambda entries: entries[1:])
    assert [name_of(answer) for answer in answers] == [None, "Bert", "Carla", "Dora"]
    if rig.provider.name != "apollo":  # which leaves out who is not found
        assert isinstance(answers[0], Unavailable)
        assert answers[0].may_have_bought


@batching_providers
async def test_answers_of_nobody_who_was_asked_for_go_to_nobody(rig: Rig) -> None:
    def misdirect(entries: Any) -> Any:
        mixed = copy.deepcopy(entries)
        for entry in mixed:
            for name in ("metadata", "custom"):
                if isinstance(entry, dict) and name in entry:
                    entry[name] = {"reference": "somebody"}
            if isinstance(entry, dict) and "identifier" in entry:
                entry["identifier"] = "somebody"
            for name in ("linkedin_url", "email"):
                if isinstance(entry, dict) and name in entry:
                    entry[name] = None
        return mixed[1:]

    if rig.provider.name == "prospeo":  # of whose answers nothing is left then
        with pytest.raises(CallFailed, match="garbled"):
            await ask_rearranged(rig, misdirect)
        return
    answers = await ask_rearranged(rig, misdirect)
    assert [name_of(answer) for answer in answers] == [None] * 4
    assert all(isinstance(answer, Unavailable) and answer.may_have_bought for answer in answers)


@referring_providers
async def test_two_answers_to_one_question_are_garbled(rig: Rig) -> None:
    with pytest.raises(CallFailed) as caught:
        await ask_rearranged(rig, lambda entries: [entries[0], *entries])
    assert (caught.value.failure, caught.value.may_have_bought) == (Failure.GARBLED, True)


@every_provider
async def test_answer_about_somebody_else_is_not_taken(rig: Rig) -> None:
    def swap(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: swap(each) for name, each in value.items()}
        if isinstance(value, list):
            return [swap(each) for each in value]
        return value.replace("anna-berg", "zoe-quist") if isinstance(value, str) else value

    if CATALOG[rig.provider.name].takes_orders:
        rig.server.faults.append(sound)
    rig.server.faults.append(changed(swap))
    (answer,) = await rig.ask(by_profile(ANNA))
    assert answer == Missing(rig.vendor.sold)


@guessing_providers
async def test_search_whose_answer_has_another_shape_is_garbled_and_not_nobody(rig: Rig) -> None:
    rig.server.faults.append(changed(lambda body: {"status": 200, "error": False, "found": "many"}))
    with pytest.raises(CallFailed) as caught:
        await rig.ask(TITLED)
    assert caught.value.failure is Failure.GARBLED
    assert caught.value.may_have_bought is (rig.vendor.sold > 0)


async def test_search_that_was_paid_for_before_the_rest_failed_is_told_of() -> None:
    async with open_rig("prospeo") as rig:
        rig.server.faults.extend([sound, refuse(500)])
        assert await rig.ask(TITLED) == [Unavailable("down", cost=1.0)]
        assert rig.vendor.sold == 1


async def test_batch_that_fails_after_a_free_search_fails_as_a_whole() -> None:
    async with open_rig("apollo") as rig:
        rig.server.faults.extend([sound, cut])
        with pytest.raises(CallFailed) as caught:
            await rig.ask(TITLED)
        assert caught.value.may_have_bought


async def test_search_that_fails_leaves_the_others_of_its_batch_found() -> None:
    async with open_rig("people_data_labs") as rig:
        rig.server.faults.extend([sound, refuse(429)])
        answers = await rig.ask(by_profile(ANNA), TITLED, TITLED)
        assert name_of(answers[0]) == "Anna"
        assert answers[1:] == [Unavailable("throttled")] * 2
        assert len(rig.server.requests) == 2


@pytest.mark.parametrize("name", ["directory", "sandbox"])
async def test_own_providers_answer_in_order_one_each(installation: Leadyard, name: str) -> None:
    provider: PeopleProvider = (
        SandboxProvider() if name == "sandbox" else DirectoryProvider(DirectoryStore(installation.database))
    )
    queries: list[PersonQuery] = [by_profile(ANNA), query("notfound-1"), query("anna-unavailable")]
    answers = await provider.find_people(queries)
    assert len(answers) == len(queries)
    assert answers[1] is None
    assert [isinstance(answer, FoundPerson) for answer in answers] == [name == "sandbox", False, False]
    assert provider.name == name
    assert ALL_GROUPS
