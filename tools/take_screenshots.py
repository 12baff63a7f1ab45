"""Takes the pictures of the pages that the README and the guide show, from the real pages with sandbox data.

    .venv/bin/python -m tools.take_screenshots            the pictures of the documentation, to docs/images
    .venv/bin/python -m tools.take_screenshots FOLDER     every page, light and dark, wide and on a telephone

Names, ids and times differ from run to run.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, ViewportSize, sync_playwright
from tests.support.browser import TELEPHONE, WIDE
from tests.support.chromium import ARGUMENTS, chromium_path
from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.served import Served, serve

IMAGES = Path(__file__).parents[1] / "docs/images"
PASSWORD = "a password of the pictures"  # noqa: S105
EVERYTHING = {"enrich": True, "validate_email": True, "reveal_phone_numbers": True}
SIZES: dict[str, ViewportSize] = {"1440": WIDE, "390": TELEPHONE}
SCHEMES = ("light", "dark")
OF_THE_DOCUMENTATION = {"list-light-1440", "import-light-1440"}
FIRST = ("Anna", "Bilal", "Chiara", "Dmitri", "Esther", "Farid", "Greta", "Hiroshi", "Ines", "Jonas")
LAST = ("Berg", "Costa", "Dahl", "Eriksen", "Fischer", "Gallo", "Haddad", "Ivanova", "Jansen", "Kato")
ENDINGS = ("", "", "", "", "-noemail", "-nophone", "-notfound", "", "-unavailable", "")
COMPANIES = ("Nordlicht Energie", "Atelier Vasco", "Kiln & Co", "Sud Trasporti", "Halden Robotics")


def people(count: int, start: int = 0) -> Iterator[dict[str, str]]:
    """Invented people; how their profiles end says what the sandbox finds."""
    for number in range(start, start + count):
        first, last = FIRST[number % 10], LAST[number // 10 % 10]
        slug = f"{first}-{last}-{number}{ENDINGS[number % len(ENDINGS)]}".lower()
        company = COMPANIES[number % len(COMPANIES)]
        yield {
            "linkedin_url": f"https://www.linkedin.com/in/{slug}",
            "company_name": company,
            "source": "fair",
        }


def fill(api: httpx2.Client) -> str:
    """Some lists, done and under way; the id of the one that is shown."""
    made = create(api, "Q3 outbound, Nordics", people(240), EVERYTHING)
    create(api, "Conference in Berlin", people(64, 1_000), {"enrich": True})
    create(api, "Webinar sign-ups", people(118, 2_000), {"enrich": True, "validate_email": True})
    for each in api.get("/lead-lists").json()["lead_lists"]:
        while api.get(f"/lead-lists/{each['id']}").json()["status"] != "completed":
            time.sleep(0.2)
    slow = [{"linkedin_url": f"linkedin.com/in/slow-{number}"} for number in range(9_000)]
    create(api, "Partners, all regions", slow, EVERYTHING)
    return made


def create(api: httpx2.Client, name: str, leads: Any, options: dict[str, bool]) -> str:
    """A new list."""
    body = {"name": name, "type": "linkedin", "shared": True, "owner": ADMIN_EMAIL, "options": options}
    answer = api.post("/lead-lists", json={**body, "leads": list(leads)})
    return str(answer.raise_for_status().json()["id"])


def prospects() -> bytes:
    """A file as people have them: odd headers, cells that are wrong, a column of their own."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["LinkedIn profile", "Work email", "Company", "Owner note"])
    for number, person in enumerate(people(60, 5_000)):
        url = "https://www.linkedin.com/company/acme" if number % 17 == 4 else person["linkedin_url"]
        writer.writerow([url, f"p{number}@kiln.example", person["company_name"], "call in May"])
    return text.getvalue().encode()


def sign_in(page: Page, served: Served) -> None:
    """As on a first start, by the link that the service printed; on the test data."""
    link = re.search(r"/welcome/\S+", served.process.log())
    assert link is not None
    page.goto(link[0])
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("button", name="Test data").click()


def upload(page: Page) -> str:
    """The page of an import that has come to its columns."""
    page.goto("/import")
    file = {"name": "prospects.csv", "mimeType": "text/csv", "buffer": prospects()}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/import/*")
    return page.url


def take(page: Page, folder: Path, wanted: set[str] | None, paths: dict[str, str]) -> None:
    """Each page in each look."""
    for name, path in paths.items():
        for scheme in SCHEMES:
            for width, size in SIZES.items():
                picture = f"{name}-{scheme}-{width}"
                if wanted is not None and picture not in wanted:
                    continue
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                page.goto(path)
                page.wait_for_timeout(400)
                page.screenshot(path=folder / f"{picture}.png")


@contextmanager
def open_page(served: Served) -> Iterator[Page]:
    """A page of Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGUMENTS))
        yield browser.new_context(base_url=served.url, viewport=WIDE).new_page()
        browser.close()


def main() -> None:
    """Writes the pictures."""
    folder, wanted = (Path(sys.argv[1]), None) if len(sys.argv) > 1 else (IMAGES, OF_THE_DOCUMENTATION)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, serve(Path(data)) as served, open_page(served) as page:
        headers = {"Authorization": f"Bearer {TEST_KEY}"}
        with httpx2.Client(base_url=served.url, headers=headers, trust_env=False) as api:
            shown = fill(api)
        sign_in(page, served)
        paths = {
            "lists": "/lists",
            "list": f"/lists/{shown}",
            "import": upload(page),
            "credits": "/account/credits",
        }
        take(page, folder, wanted, paths)


if __name__ == "__main__":
    main()
