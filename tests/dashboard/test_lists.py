"""The pages of lists and their leads, and what can be done there."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from tests.api.lead_lists.id.reopening import people, read_charges
from tests.api.support import ALL_OPTIONS, execute
from tests.dashboard.support import begin_session, open_browser
from tests.support.installation import ADMIN_EMAIL, Client, Service, create_list

from leadyard.dashboard import live
from leadyard.dashboard.call import PageCall
from leadyard.domain.accounts import Origin, Role

PART = {"HX-Request": "true"}


async def make(client: Client, service: Service, *slugs: str, **more: Any) -> str:
    """A list whose leads have ended; returns the path of its page."""
    made = await create_list(client, "linkedin", people(*slugs), **more)
    await service.until_completed(client, made["id"])
    return f"/lists/{made['id']}"


def rows(text: str) -> list[str]:
    """The names of the leads, or lists, on a page."""
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', text)


def values(text: str, name: str) -> str:
    """The hidden value of a form."""
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found is not None, name
    return found[1]


async def test_lists_are_found_filtered_and_sorted(client: Client, browser: Client) -> None:
    for name in ("Beta <b>", "alpha", "Gamma"):
        await create_list(client, "email", name=name)
    assert rows((await browser.get("/lists")).text) == ["Gamma", "alpha", "Beta &lt;b&gt;"]
    assert rows((await browser.get("/lists?sort=name")).text) == ["alpha", "Beta &lt;b&gt;", "Gamma"]
    assert rows((await browser.get("/lists?search=A%5F")).text) == []
    assert rows((await browser.get("/lists?search=ALP")).text) == ["alpha"]
    assert rows((await browser.get("/lists?type=linkedin")).text) == []
    assert len(rows((await browser.get("/lists?status=nonsense&sort=x&page=0&shown=")).text)) == 3
    part = (await browser.get("/lists?search=gam", headers=PART)).text
    assert part.startswith('<div class="card" id="lists"')


async def test_pages_say_what_to_do_where_there_is_nothing(client: Client, browser: Client) -> None:
    assert "No lists yet" in (await browser.get("/lists")).text
    assert "Nothing to take back" in (await browser.get("/lists?shown=deleted")).text
    made = await create_list(client, "email")
    assert "No leads yet" in (await browser.get(f"/lists/{made['id']}")).text
    assert "No lead is like that" in (await browser.get(f"/lists/{made['id']}?search=x")).text


async def test_private_lists_are_not_there_for_others(client: Client, service: Service) -> None:
    path = await make(client, service, "jane", shared=False)
    async with open_browser(service, "mia@acme.example", role=Role.MEMBER) as colleague:
        assert rows((await colleague.get("/lists")).text) == []
        for page in ("", "/live", "/export", "/rename"):
            assert (await colleague.get(path + page)).status_code == 404


async def test_leads_are_paged_sorted_and_filtered_by_the_address(
    client: Client, browser: Client, service: Service
) -> None:
    path = await make(client, service, *(f"p{i:02}" for i in range(58)), "x-notfound", "y-noemail")
    first = (await browser.get(path)).text
    assert len(rows(first)) == 50
    assert "1–50 of 60 leads" in first
    last = (await browser.get(f"{path}?page=99", headers=PART)).text
    assert (len(rows(last)), "Page 2 of 2" in last) == (10, True)
    assert last.startswith('<section class="stack" id="leads"')
    assert rows((await browser.get(f"{path}?dir=desc")).text)[:2] == ["y-noemail", "x-notfound"]
    assert rows((await browser.get(f"{path}?search=NOTF")).text) == ["x-notfound"]
    assert rows((await browser.get(f"{path}?sort=name&dir=desc")).text)[:2] == ["y-noemail", "x-notfound"]


async def test_chips_tell_what_the_steps_came_to(client: Client, browser: Client, service: Service) -> None:
    path = await make(client, service, "jane", "jim-notfound", "joe-noemail", options=ALL_OPTIONS)
    text = (await browser.get(path)).text
    assert text.count('<span class="chip green" title="sandbox">deliverable</span>') == 1
    assert '<span class="chip " title="No provider knows this person">not found</span>' in text
    assert len(rows((await browser.get(f"{path}?has_email=false")).text)) == 2
    assert rows((await browser.get(f"{path}?enrich=not_found&has_email=false")).text) == ["jim-notfound"]
    waiting = await create_list(client, "linkedin", people("ann"), options=ALL_OPTIONS)
    text = (await browser.get(f"/lists/{waiting['id']}")).text
    assert text.count(">pending</span>") >= 3


async def test_lead_shows_every_value_and_where_it_is_from(
    client: Client, browser: Client, service: Service
) -> None:
    leads = [{"title": "CTO", "company_name": "Acme", "linkedin_url": "javascript:alert(1)", "note": "<i>"}]
    made = await create_list(client, "titles_and_company", leads, options={"enrich": True})
    found = await service.until_completed(client, made["id"])
    path = f"/lists/{made['id']}/leads/{found['leads'][0]['id']}"
    page, panel = (await browser.get(path)).text, (await browser.get(path, headers=PART)).text
    for text in (page, panel):
        assert "sandbox" in text
        assert "&lt;i&gt;" in text
        assert "was asked to find the person: found" in text
        assert 'href="javascript:' not in text
    assert panel.lstrip().startswith('<dialog class="dialog wide" id="lead-panel"')
    assert "<nav" in page
    assert (await browser.get(path[:-1] + "9")).status_code == 404


async def test_step_costs_no_more_than_was_told(client: Client, browser: Client, service: Service) -> None:
    path = await make(client, service, "jane", "jim", "ann")
    form: dict[str, Any] = {"action": "enrich", "lead": ["1", "2"]}
    dialog = (await browser.post(f"{path}/selection", data=form, headers=PART)).text
    assert "<strong>0 to 3</strong>" in dialog
    told = {name: values(dialog, name) for name in ("leads", "most_email", "most_phone")}
    assert told == {"leads": "1.2", "most_email": "3000", "most_phone": "0"}
    dearer = await browser.post(f"{path}/do/enrich", data={**told, "leads": "1.2.3"}, headers=PART)
    assert "has changed meanwhile" in dearer.text
    assert await read_charges(client) == []
    done = await browser.post(f"{path}/do/enrich", data=told)
    assert (done.status_code, done.headers["location"]) == (303, path)
    await service.until_completed(client, path.removeprefix("/lists/"))
    assert sum(amount for _, amount in await read_charges(client)) == 3
    again = (await browser.post(f"{path}/selection", data={"action": "enrich", "all": "1"})).text
    assert "Looks for the person behind <strong>1 lead</strong> of the 3 selected" in again


async def test_all_that_a_filter_leaves_are_moved_and_removed(
    client: Client, browser: Client, service: Service
) -> None:
    path = await make(client, service, "jane", "jim-notfound", options=ALL_OPTIONS)
    target = await make(client, service, name="Target")
    query = "?enrich=not_found"
    ask = await browser.post(f"{path}/selection{query}", data={"action": "move", "all": "1"}, headers=PART)
    assert "Moves <strong>1 lead</strong>" in ask.text
    form = {"enrich": "not_found", "all": "1", "target": target.removeprefix("/lists/")}
    assert (await browser.post(f"{path}/do/move", data=form)).headers["location"] == path + query
    assert "Moved 1 lead." in (await browser.get(path)).text
    assert rows((await browser.get(target)).text) == ["jim-notfound"]
    await browser.post(f"{path}/do/remove", data={"all": "1"})
    assert rows((await browser.get(path)).text) == []
    assert (await browser.post(f"{path}/do/nonsense", data={"all": "1"})).status_code == 404


async def test_list_is_renamed_copied_deleted_and_brought_back(
    client: Client, browser: Client, service: Service
) -> None:
    path = await make(client, service, "jane")
    assert "The name is missing" in (await browser.post(f"{path}/rename", data={"name": " "})).text
    await browser.post(f"{path}/rename", data={"name": "Better", "from_list": "1"})
    copy = (await browser.post(f"{path}/copy")).headers["location"]
    assert rows((await browser.get(copy)).text) == ["jane"]
    assert rows((await browser.get("/lists")).text) == ["Better (copy)", "Better"]
    gone = await browser.post(f"{path}/delete")
    assert "Undo" in (await browser.get(gone.headers["location"])).text
    assert (await browser.get(path)).status_code == 410
    await browser.post(f"{path}/restore")
    assert (await browser.get(path)).status_code == 200


async def test_list_is_paused_resumed_and_canceled(client: Client, browser: Client) -> None:
    made = await create_list(client, "linkedin", people("jane"), options=ALL_OPTIONS)
    path = f"/lists/{made['id']}"
    await browser.post(f"{path}/pause")
    assert "Nothing more is begun" in (await browser.get(path)).text
    await browser.post(f"{path}/resume")
    assert "Nothing more is begun" not in (await browser.get(path)).text
    assert "pause it instead" in (await browser.get(f"{path}/cancel")).text
    await browser.post(f"{path}/cancel", data={"from_list": "1"})
    assert (await client.get(f"/lead-lists/{made['id']}")).json()["status"] == "canceled"


async def test_columns_are_remembered(client: Client, browser: Client, service: Service) -> None:
    path = await make(client, service, "jane")
    form = {"column": ["status", "linkedin"], "search": "jane", "page": "2"}
    answer = await browser.post(f"{path}/columns", data=form)
    assert answer.headers["location"] == f"{path}?search=jane"
    text = (await browser.get(path)).text
    assert re.findall(r'id="sort-(\w+)"', text) == ["name", "status"]
    assert '<a href="https://linkedin.com/in/jane"' in text


async def test_leads_are_exported_from_the_page(client: Client, browser: Client, service: Service) -> None:
    path = await make(client, service, "jane", "jim")
    answer = await browser.get(f"{path}/export?format=csv&column=linkedin_url&column=nonsense&search=jim")
    assert answer.text == "linkedin_url\r\nlinkedin.com/in/jim\r\n"
    answer = await browser.post(f"{path}/do/export", data={"leads": "1", "format": "ndjson"})
    assert len(answer.text.splitlines()) == 1
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_stream_tells_when_the_list_has_moved(
    client: Client, browser: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.01)
    path = await make(client, service, "jane")
    list_id = path.removeprefix("/lists/")
    watched = live.watched_list(list_id)
    seen = stamp_of((await browser.get(path)).text)
    events = live._events(await page_call(service, ADMIN_EMAIL), watched, "an older state")
    assert await anext(events) == live.ALIVE
    assert await anext(events) == live.MOVED.format(stamp=seen)
    await client.patch(f"/lead-lists/{list_id}", json={"name": "moved"})
    assert (await anext(events)).startswith("event: moved\nid: ")
    await client.delete(f"/lead-lists/{list_id}")
    assert await anext(events) == live.GONE


async def test_page_that_is_new_is_told_how_the_list_is_and_not_what_others_were_told(
    client: Client, browser: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await make(client, service, "jane")
    list_id = path.removeprefix("/lists/")
    call = await page_call(service, ADMIN_EMAIL)
    told = await live._watch.tell(call.services.database, call.caller, live.watched_list(list_id))
    await client.patch(f"/lead-lists/{list_id}", json={"name": "moved"})
    monkeypatch.setattr(live, "LIFETIME_SECONDS", 0.5)
    assert "event: moved" in (await browser.get(f"{path}/live?since={told.stamp}")).text


def stamp_of(text: str) -> str:
    found = re.search(r"/live\?since=([^\"]+)\"", text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM sessions",
        "UPDATE users SET status = 'disabled' WHERE role = 'member'",
        "UPDATE sessions SET mode = 'live'",
        "UPDATE sessions SET created_at = 0",
        "UPDATE lead_lists SET shared = FALSE",
    ],
)
async def test_stream_ends_with_its_session_and_with_the_right_to_see_the_list(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0, raising=False)
    path = await make(client, service, "jane")
    call = await page_call(service, "mary@acme.example", Role.MEMBER)
    events = live._events(call, live.watched_list(path.removeprefix("/lists/")), "an older state")
    assert await anext(events) == live.ALIVE
    assert (await anext(events)).startswith("event: moved\nid: ")
    await execute(service, change)
    assert await anext(events) == live.GONE
    assert [event async for event in events] == []


async def test_session_has_so_many_streams_at_once(
    client: Client, browser: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_OF_SESSION", 2, raising=False)
    path = await make(client, service, "jane")
    list_id = path.removeprefix("/lists/")
    call = await page_call(service, ADMIN_EMAIL)
    streams = [live._events(call, live.watched_list(list_id), "") for _ in range(3)]
    assert [await anext(stream) for stream in streams[:2]] == [live.ALIVE] * 2
    assert [event async for event in streams[2]] == []
    session = browser.cookies["leadyard_session"]
    monkeypatch.setattr(live, "MAX_IN_ALL", 2)
    async with asyncio.timeout(5):
        answer = await browser.get(f"{path}/live", headers={"Cookie": f"leadyard_session={session}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    for stream in streams:
        await stream.aclose()
    assert not live._watch.streams


async def page_call(service: Service, email: str, role: Role | None = None) -> PageCall:
    """A request of somebody who is signed in on the test data, as far as streams need it."""
    services = service.api.services
    token = await begin_session(service, email, role=role)
    session = await services.sign_in.find_session(token, None)
    assert session is not None
    caller = session.caller(Origin(None, None))
    return PageCall(services, services.sign_in, session, caller, cast(Any, None), datetime.now(UTC))
