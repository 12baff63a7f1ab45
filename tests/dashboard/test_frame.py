"""What all pages have in common: policy, assets, errors, escaping, themes."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from tests.api.support import execute
from tests.support.html import Html
from tests.support.installation import ADMIN_EMAIL, Client, Service

from leadyard.dashboard.assets import MEDIA_TYPES, STATIC, asset_path, load_assets
from leadyard.dashboard.call import CONTENT_SECURITY_POLICY
from leadyard.dashboard.navigation import NAVIGATION
from leadyard.dashboard.rendering import credits as as_credits
from leadyard.dashboard.rendering import make_environment, web_link

VENDORED = STATIC / "VENDORED.md"
TEMPLATES = Path(str(STATIC)).with_name("templates")


async def test_pages_carry_a_policy_and_are_not_kept(browser: Client) -> None:
    for path in ("/lists", "/sign-in", "/lists/nothing", "/"):
        headers = (await browser.get(path)).headers
        assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert headers["cache-control"] == "no-store"
        assert headers["vary"] == "HX-Request"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"]


def test_policy_allows_nothing_but_the_own_origin() -> None:
    directives = dict(part.strip().split(" ", 1) for part in CONTENT_SECURITY_POLICY.split(";"))
    assert set(directives.values()) == {"'none'", "'self'"}
    assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"


@pytest.mark.parametrize(
    "path",
    [
        "/lists",
        "/sign-in",
        "/lists/nothing",
        *(entry.path for group in NAVIGATION for entry in group.entries),
    ],
)
async def test_page_refers_only_to_what_is_here(browser: Client, visitor: Client, path: str) -> None:
    reader = visitor if path == "/sign-in" else browser
    page = Html((await reader.get(path)).text)
    assert page.inline == []
    assert page.headings
    for reference in page.references:
        assert reference.startswith(("/", "#"))
        assert not reference.startswith("//")
        if reference.startswith("/assets/"):
            assert (await visitor.get(reference)).status_code == 200


def test_templates_have_no_code_or_style_inside() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        assert (
            re.findall(r"\son\w+=|\sstyle=|<style|<script(?! src)|hx-on|javascript:|\|safe\b", text) == []
        ), path


def test_own_styles_and_script_name_no_other_host() -> None:
    for name in ("style.css", "app.js"):
        assert re.findall(r"https?:|@import|url\(|\beval\b|Function\(", (STATIC / name).read_text()) == []


async def test_asset_is_kept_for_a_year_under_a_name_that_changes_with_it(visitor: Client) -> None:
    path = asset_path("style.css")
    assert re.fullmatch(r"/assets/style\.[0-9a-f]{16}\.css", path)
    plain = await visitor.get(path, headers={"Accept-Encoding": "identity"})
    compressed = await visitor.get(path, headers={"Accept-Encoding": "gzip"})
    assert plain.content == compressed.content == (STATIC / "style.css").read_bytes()
    assert compressed.headers["content-encoding"] == "gzip"
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["content-type"].startswith("text/css")
    for other in ("/assets/style.css", "/assets/VENDORED.md", "/assets/..%2Fassets.py"):
        assert (await visitor.get(other)).status_code == 404


def test_assets_are_small() -> None:
    scripts = [asset.compressed for name, asset in load_assets().items() if not name.endswith(".svg")]
    assert sum(map(len, scripts)) < 40_000
    assert gzip.decompress(scripts[0])


def test_vendored_files_are_as_published_and_every_other_is_our_own() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| `[^`]+` \| ([0-9a-f]{64}) \|$", VENDORED.read_text(), re.M)
    assert len(rows) == 3
    for name, published in rows:
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == published, name
    own = {
        *("style.css", "guide.css", "lists.css", "app.js", "lists.js", "imports.js"),
        *("sample-leads.csv", "favicon.svg"),
        VENDORED.name,
    }
    assert {path.name for path in STATIC.iterdir()} == own | {name for name, _ in rows}
    assert "| htmx, with its extension `hx-sse` | 4.0.1 | 0BSD |" in VENDORED.read_text()
    assert "Zero-Clause BSD" in (STATIC / "htmx.LICENSE.txt").read_text()
    assert set(MEDIA_TYPES) >= {".css", ".js", ".svg"}


async def test_error_is_a_page_for_pages_and_json_for_the_api(browser: Client) -> None:
    for path, status in (("/lists/nothing", 404), ("/account/nothing", 404)):
        answer = await browser.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert "There is nothing here" in answer.text
        assert answer.headers["x-request-id"] in answer.text
    answer = await browser.delete("/lists")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "text/html; charset=utf-8")
    for path in ("/nothing", "/lead-lists", "/credits"):
        answer = await browser.get(path)
        assert answer.headers["content-type"] == "application/json"
    assert (await browser.get("/lead-lists")).status_code == 401


async def test_defect_is_a_page_that_tells_nothing_of_its_cause(service: Service, browser: Client) -> None:
    await browser.get("/lists")
    await execute(service, "ALTER TABLE lead_lists RENAME TO elsewhere")
    answer = await browser.get("/lists")
    await execute(service, "ALTER TABLE elsewhere RENAME TO lead_lists")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert answer.headers["x-request-id"] in answer.text
    assert "lead_lists" not in answer.text
    metrics = (await browser.get("/metrics")).text
    assert 'leadyard_http_requests_total{method="GET",route="/lists",status="500"}' in metrics


async def test_error_of_a_part_goes_to_the_notices_of_its_page(browser: Client) -> None:
    answer = await browser.post("/account/mode", data={"mode": "x"}, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert (answer.headers["hx-retarget"], answer.headers["hx-reswap"]) == ("#notices", "innerHTML")
    assert "<html" not in answer.text
    assert "The data must be one of: live, test." in answer.text


async def test_whoever_is_signed_out_is_led_to_sign_in_by_parts_too(visitor: Client) -> None:
    answer = await visitor.get("/lists", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/sign-in")


async def test_form_that_is_none_is_refused(browser: Client) -> None:
    json = await browser.post("/account/mode", json={"mode": "live"})
    assert json.status_code == 415
    large = await browser.post("/account/mode", data={"mode": "x" * 600_000})
    assert large.status_code == 413
    many = await browser.post("/account/mode", data={"mode": ["x"] * 6_000})
    assert many.status_code == 400


async def test_names_are_escaped(browser: Client, client: Client) -> None:
    name = "<script>alert(1)</script>"
    body = {"shared": True, "owner": ADMIN_EMAIL, "type": "email", "leads": [], "name": name}
    assert (await client.post("/lead-lists", json=body)).status_code == 202
    page = await browser.get("/lists")
    assert name not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_name_that_a_template_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        make_environment().from_string("{{ nothing }}").render()


async def test_theme_is_kept_and_shown(visitor: Client) -> None:
    assert '<html lang="en" data-theme="system">' in (await visitor.get("/sign-in")).text
    answer = await visitor.post("/account/theme", data={"theme": "dark", "back": "/sign-in"})
    assert answer.headers["location"] == "/sign-in"
    assert '<html lang="en" data-theme="dark">' in (await visitor.get("/sign-in")).text
    assert (await visitor.post("/account/theme", data={"theme": "<x>"})).status_code == 400
    visitor.cookies.set("leadyard_theme", "<x>")
    assert "<x>" not in (await visitor.get("/sign-in")).text


async def test_notice_that_was_tampered_with_is_not_shown(visitor: Client) -> None:
    for told in ("x", "e30=", "bm8="):
        visitor.cookies.set("leadyard_notice", told)
        answer = await visitor.get("/sign-in")
        assert (answer.status_code, 'class="notice' in answer.text) == (200, False)


@pytest.mark.parametrize(
    ("value", "linked"),
    [
        ("https://www.linkedin.com/in/jane", True),
        ("HTTP://acme.example", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("https:evil", False),
        ("http://[bad", False),
        (None, False),
        (3, False),
    ],
)
def test_only_web_addresses_of_leads_are_linked_to(value: object, linked: bool) -> None:
    assert (web_link(value) is not None) is linked


@pytest.mark.parametrize(
    ("milli", "shown"),
    [(0, "0"), (500, "0.5"), (-1_500, "\N{MINUS SIGN}1.5"), (1_234_567_000, "1,234,567"), (1, "0.001")],
)
def test_credits_are_shown_exactly(milli: int, shown: str) -> None:
    assert as_credits(milli) == shown


async def test_form_of_a_page_that_showed_other_data_does_nothing(browser: Client) -> None:
    page = (await browser.get("/account/webhooks")).text
    shown = dict(re.findall(r'name="(shown_data)" value="(\w+)"', page))
    assert (shown, page.count('method="post"')) == ({"shown_data": "test"}, page.count('name="shown_data"'))
    form = {"url": "https://hooks.elsewhere.example/in", "events": "list.completed", **shown}
    file = {"file": ("never-sent.csv", b"email\nann@acme.example\n", "text/csv")}
    await browser.post("/account/mode", data={"mode": "live", "back": "/lists", **shown})
    for answer in (
        await browser.post("/account/webhooks", data=form),
        await browser.post("/import", files=file, data=shown),
    ):
        assert (answer.status_code, "you have turned to the live data since" in answer.text) == (409, True)
    assert "hooks.elsewhere.example" not in (await browser.get("/account/webhooks")).text
    assert "never-sent.csv" not in (await browser.get("/import")).text
    assert (await browser.post("/sign-out", data=shown)).headers["location"] == "/sign-in"
