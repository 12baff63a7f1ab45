"""The order in which providers are asked is set in a browser: with the mouse, and with keys."""

from __future__ import annotations

from playwright.async_api import Page, expect
from tests.support.browser import tab_to
from tests.support.installation import ADMIN_EMAIL
from tests.support.served import Served
from tests.support.signing_in import sign_in

PATH = "/account/providers"


async def test_order_of_providers_is_dragged_and_set_by_keys(page: Page, served: Served) -> None:
    await sign_in(page.context, served, ADMIN_EMAIL, "live")
    ours = {"Origin": served.url}
    for name in ("hunter", "prospeo"):
        form: dict[str, str | float | bool] = {"kind": name, "api_key": "secret-0123456789"}
        assert (await page.context.request.post(served.url + PATH, form=form, headers=ours)).ok
    await page.goto(PATH)
    order = page.locator("#order-email")
    for title in ("Hunter", "Prospeo"):
        await order.get_by_label("Ask also, for E-mail").select_option(title)
        await order.get_by_role("button", name="Add").click()
    names = order.locator(".order-name")
    await expect(names).to_have_text(["Your directory", "Hunter", "Prospeo"])

    await names.nth(2).drag_to(names.nth(0), target_position={"x": 5, "y": 1})
    await expect(page.get_by_role("status")).to_contain_text("The order for e-mail is saved.")
    await expect(names).to_have_text(["Prospeo", "Your directory", "Hunter"])

    await tab_to(page, order.get_by_role("button", name="Hunter up"))
    await page.keyboard.press("Enter")
    await expect(names).to_have_text(["Prospeo", "Hunter", "Your directory"])
    await page.reload()
    await expect(names).to_have_text(["Prospeo", "Hunter", "Your directory"])
