from __future__ import annotations

from typing import Any

import jsonpath
import pytest
from tests.support.vendors.http_service import template
from tests.support.vendors.people import ANNA, KEY
from tests.support.vendors.rigs import by_profile, name_of, open_rig, query
from tests.support.vendors.server import Request, Response, instead, open_transport, refuse, serve_vendor

from leadyard.domain.providers import Ambiguous, CallFailed, Failure, FoundPerson, Group, Missing, Unavailable
from leadyard.providers.catalog import InvalidOptions, make, require_options
from leadyard.providers.http_template.paths import find_path

SOUND = template("https://api.example.com")
LEAST = {"url": "https://api.example.com/{email}", "needs": [["email"]], "fields": {"title": "$.t"}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"url": "ftp://x"}, "url: begins with"),
        ({"url": "https://{company_domain}/x"}, "url: begins with"),
        ({"url": "https://me:secret@x.com/"}, "url: begins with"),
        ({"url": 5}, "url: Expected `str`"),
        ({"url": "https://x.com/{phone}"}, "url: an unknown placeholder"),
        ({"headers": {"X-A": "{nobody}"}}, "headers.X-A: an unknown placeholder"),
        ({"headers": {"X-A": "a\nb"}}, "headers.X-A: has a character"),
        ({"body": {"a": [{"b": "{c}"}]}}, r"body.a\[0\].b: an unknown placeholder"),
        ({"method": "GET"}, "body: a GET has none"),
        ({"method": "DELETE"}, "method: Invalid enum value"),
        ({"fields": {"email": "$.["}}, "fields.email: this is no JSONPath"),
        ({"fields": {"shoe_size": "$.x"}}, "fields.shoe_size: unknown; there are id, linkedin_url"),
        ({"fields": {}}, "fields: Expected `object` of length >= 1"),
        ({"found": "hits"}, "found: this is no JSONPath"),
        ({"needs": []}, "needs: Expected `array` of length >= 1"),
        ({"needs": [["email"], ["shoe"]]}, r"needs\[1\]: some of"),
        ({"needs": [[]]}, r"needs\[0\]: some of"),
        ({"statuses": {"404": "gone"}}, r"statuses\[...\]: Invalid enum value"),
        ({"statuses": {"99": "found"}}, "statuses.99: a status has three digits"),
        ({"price": 0}, "price: Expected `float` > 0"),
        ({"check": {"url": "x"}}, "check.url: begins with"),
        ({"shade": "red"}, "options: Object contains unknown field `shade`"),
    ],
)
def test_template_that_cannot_be_is_refused_with_the_place(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidOptions, match=complaint):
        require_options("http", {**SOUND, **change})


def test_sound_template_is_taken() -> None:
    require_options("http", SOUND)
    require_options("http", LEAST)


@pytest.mark.parametrize("missing", ["url", "needs", "fields"])
def test_template_without_what_it_needs_is_refused(missing: str) -> None:
    with pytest.raises(InvalidOptions, match=f"missing required field `{missing}`"):
        require_options("http", {name: value for name, value in LEAST.items() if name != missing})


@pytest.mark.parametrize("name", ["apollo", "hunter", "prospeo", "fullenrich", "people_data_labs"])
def test_settings_of_the_others_are_checked_too(name: str) -> None:
    require_options(name, {"base_url": "https://proxy.example.com", "rate": 2})
    with pytest.raises(InvalidOptions, match="rate: Expected `float` > 0"):
        require_options(name, {"rate": 0})
    with pytest.raises(InvalidOptions, match="base_url: begins with"):
        require_options(name, {"base_url": "file:///etc/passwd"})
    with pytest.raises(InvalidOptions, match="unknown field `x`"):
        require_options(name, {"x": 1})


def test_unknown_provider_is_refused() -> None:
    with pytest.raises(InvalidOptions, match="provider: unknown; there are people_data_labs, apollo"):
        require_options("nobody", {})


@pytest.mark.parametrize("key", ["a b", "a\r\nX: y", "schlüssel"])
async def test_key_that_no_header_can_hold_is_refused(key: str) -> None:
    async with open_transport() as transport:
        with pytest.raises(InvalidOptions, match="api_key"):
            make("apollo", key, {}, transport)


async def test_request_is_filled_with_what_is_known() -> None:
    async with open_rig("http") as rig:
        await rig.ask(query(email="a+b@x.com", name=("Ann", "Lee"), company_domain="https://www.x.com/y"))
        (request,) = rig.server.requests
        assert request.params == {"by": "a+b@x.com"}
        assert request.headers["x-secret"] == KEY
        assert request.json == {
            "email": "a+b@x.com",
            "name": {"first": "Ann", "last": "Lee"},
            "site": "x.com",
            "note": "asked for a+b@x.com",
        }


@pytest.mark.parametrize("value", ["../../admin", "a/b?c=d&e#f", "x y", "ü"])
async def test_clue_stays_in_its_place_of_the_address(value: str) -> None:
    seen: list[Request] = []

    def look(request: Request) -> Response:
        seen.append(request)
        return Response(404, {})

    async with serve_vendor(look) as server, open_transport(["127.0.0.1"]) as transport:
        settings = {
            "url": f"{server.url}/people/{{title}}/x?t={{title}}",
            "needs": [["title"]],
            "fields": {"id": "$.a"},
        }
        provider = make("http", "", settings, transport)
        assert await provider.find_people([query(title=value, company_name="y")]) == [None]
        assert (seen[0].path, seen[0].params) == (f"/people/{value}/x", {"t": value})
        assert provider.most_cost(query(title="..")) == 0


@pytest.mark.parametrize(
    ("status", "expected"),
    [(202, Unavailable("pending")), (204, None), (404, None), (451, Missing(is_erased=True))],
)
async def test_usual_statuses_mean_what_they_mean(status: int, expected: Any) -> None:
    async with open_rig("http") as rig:
        rig.server.faults.append(refuse(status))
        assert await rig.ask(by_profile(ANNA)) == [expected]


async def test_template_says_what_other_statuses_mean() -> None:
    async with open_rig("http", statuses={"423": "throttled", "410": "not_found"}) as rig:
        rig.server.faults.extend([refuse(410), refuse(423, b"", Retry_After="4")])
        assert await rig.ask(by_profile(ANNA)) == [None]
        with pytest.raises(CallFailed) as caught:
            await rig.ask(by_profile(ANNA))
        assert (caught.value.failure, caught.value.retry_after) == (Failure.THROTTLED, 4)


async def test_nobody_in_an_answer_costs_what_it_says() -> None:
    async with open_rig("http") as rig:
        rig.server.faults.extend([instead({"hits": [], "usage": {"credits": 0.5}}), instead({"hits": None})])
        assert await rig.ask(by_profile(ANNA)) == [Missing(0.5)]
        assert await rig.ask(by_profile(ANNA)) == [None]


async def test_several_people_are_chosen_from_by_title_or_not_at_all() -> None:
    hits = [
        {"ref": 1, "given": "A", "role": "Head of Sales", "employer": {"site": "acme.com"}},
        {"ref": 2, "given": "B", "role": "Janitor", "employer": {"site": "acme.com"}},
    ]
    async with open_rig("http") as rig:
        rig.server.faults.extend(
            [instead({"hits": hits}), instead({"hits": hits * 2 + [{**hits[0], "ref": 3}]})]
        )
        asked = query(title="Head of Sales", company_domain="acme.com")
        (answer,) = await rig.ask(asked)
        assert name_of(answer) == "A"
        assert isinstance(answer, FoundPerson)
        assert answer.person.id == "http:1"
        assert await rig.ask(asked) == [Ambiguous(2.0)]


async def test_settings_decide_what_the_provider_is_like() -> None:
    async with open_rig("http", groups=["email"], rate=0.5, concurrency=9, repeats_are_free=True) as rig:
        provider = rig.provider
        assert (provider.groups, provider.rate, provider.concurrency) == (frozenset({Group.EMAIL}), 0.5, 9)
        assert provider.repeats_are_free
        assert provider.most_cost(by_profile(ANNA)) == 2


async def test_key_is_not_checked_without_a_request_for_it() -> None:
    async with open_transport() as transport:
        assert "not checked" in await make("http", "", LEAST, transport).check_key()


@pytest.mark.parametrize(
    "path", ["$", "$.a", "$.a.b", "$['a']['b c']", "$.a[0]", "$.a[*].b", "$..b", "$.a['b','c']", "$.a[?@.b]"]
)
def test_path_leads_where_the_library_says(path: str) -> None:
    found = find_path(path)
    assert found is not None
    values: list[Any] = [None, 0, "b", [], {}, {"b": None}, {"b": {"b": 1}, "b c": [2]}, [{"b": 3}, {"c": 4}]]
    for document in [*values, *({"a": value} for value in values), [{"a": 1}]]:
        assert found.findall(document) == jsonpath.findall(path, document)
