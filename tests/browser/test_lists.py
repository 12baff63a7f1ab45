"""Lists and their leads in a browser: find, filter, look into, select, pay, and watch."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import httpx2
from playwright.async_api import Page, Route, expect
from tests.support.browser import LOOKS, TELEPHONE, PageWatch, check_accessibility, look_at, offline, tab_to
from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.served import Served

ALL = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}


def post(served: Served, path: str, body: Any) -> Any:
    answer = httpx2.post(served.url + path, json=body, headers={"Authorization": f"Bearer {TEST_KEY}"})
    assert answer.status_code < 300, answer.text
    return answer.json()


def make_list(served: Served, name: str, slugs: Sequence[str], **more: Any) -> str:
    """A list of LinkedIn profiles; returns its id."""
    leads = [{"linkedin_url": f"linkedin.com/in/{slug}", "campaign": "Q3"} for slug in slugs]
    body = {"type": "linkedin", "shared": True, "owner": ADMIN_EMAIL, "leads": leads, "name": name, **more}
    return str(post(served, "/lead-lists", body)["id"])


async def test_list_is_found_filtered_looked_into_and_paid_for_by_keyboard(
    member: Page, served: Served
) -> None:
    slugs = [f"p{i:02}" for i in range(60)]
    make_list(served, "Keyboard", [*slugs, "x-notfound"], options=ALL)
    await member.goto("/lists")
    await member.get_by_role("searchbox").fill("keyb")
    await expect(member.locator(".row-link")).to_have_count(1)
    await tab_to(member, member.locator(".row-link"))
    await member.keyboard.press("Enter")
    await expect(member.get_by_text("61 of 61 leads done")).to_be_visible()
    await expect(member.locator("#leads tbody tr")).to_have_count(50)
    next_page = member.get_by_role("link", name="Next page")
    await tab_to(member, next_page)
    await member.keyboard.press("Enter")
    await expect(member.locator("#leads tbody tr")).to_have_count(11)
    await expect(member).to_have_url(re.compile(r"page=2"))
    await member.get_by_role("link", name="not found 1").press("Enter")
    await expect(member.locator("#leads tbody tr")).to_have_count(1)
    await member.locator(".row-link").press("Enter")
    panel = member.locator("#lead-panel")
    await expect(panel).to_contain_text("was asked to find the person: not found")
    await member.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await member.go_back()
    await expect(member.locator("#leads tbody tr")).to_have_count(11)


async def test_selected_leads_are_enriched_for_what_was_told_before_their_eyes(
    member: Page, served: Served
) -> None:
    list_id = make_list(served, "Chosen", ["jane", "jim", "ann"])
    await member.goto(f"/lists/{list_id}")
    await expect(member.get_by_text("3 of 3 leads done")).to_be_visible()
    await member.get_by_label("Select jane").check()
    await member.get_by_label("Select jim").check()
    await expect(member.get_by_text("2 selected")).to_be_visible()
    await member.get_by_role("button", name="Enrich").click()
    dialog = member.get_by_role("dialog", name="Enrich leads")
    await expect(dialog).to_contain_text("0 to 3")
    await dialog.get_by_role("button", name="Enrich").click()
    await expect(member.get_by_role("status")).to_contain_text("2 leads taken up.")
    await expect(member.locator("#leads tbody .chip.green", has_text="found")).to_have_count(2)


async def test_page_follows_its_list_also_after_the_connection_was_lost(
    member: Page, served: Served, watch: PageWatch
) -> None:
    watch.expect("INTERNET_DISCONNECTED|Failed to fetch")
    list_id = make_list(served, "Followed", ["jane"])
    await member.goto(f"/lists/{list_id}")
    await expect(member.locator("#leads tbody tr")).to_have_count(1)
    leads = [{"linkedin_url": "linkedin.com/in/jim"}]
    member_watch = member.get_by_label("Select jane")
    await member_watch.check()
    post(served, f"/lead-lists/{list_id}/leads", {"type": "linkedin", "leads": leads})
    await expect(member.locator("#leads tbody tr")).to_have_count(2)
    await expect(member_watch).to_be_checked()
    async with offline(member):
        leads = [{"linkedin_url": "linkedin.com/in/ann"}]
        post(served, f"/lead-lists/{list_id}/leads", {"type": "linkedin", "leads": leads})
        await member.wait_for_timeout(1500)
    await expect(member.locator("#leads tbody tr")).to_have_count(3)


async def test_lists_and_leads_read_well_in_every_look(member: Page, served: Served) -> None:
    list_id = make_list(served, "Looks", ["jane", "jim-notfound"], options=ALL)
    for path in ("/lists", f"/lists/{list_id}"):
        await member.goto(path)
        await expect(member.locator(".row-link").first).to_be_visible()
        for size, scheme in LOOKS:
            await look_at(member, size, scheme)
            await check_accessibility(member)
    await expect(member.get_by_text("2 of 2 leads done")).to_be_visible()
    await member.set_viewport_size(TELEPHONE)
    await member.get_by_label("Select jim-notfound").check()
    await check_accessibility(member)
    await member.locator(".row-link").first.click()
    await expect(member.locator("#lead-panel")).to_be_visible()
    await check_accessibility(member)


async def test_page_follows_its_list_though_a_script_comes_late(member: Page, served: Served) -> None:
    async def delay(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.continue_()

    await member.route("**/hx-sse*.js", delay)
    list_id = make_list(served, "Late", ["jane"])
    await member.goto(f"/lists/{list_id}")
    leads = [{"linkedin_url": "linkedin.com/in/jim"}]
    post(served, f"/lead-lists/{list_id}/leads", {"type": "linkedin", "leads": leads})
    await expect(member.locator("#leads tbody tr")).to_have_count(2)
