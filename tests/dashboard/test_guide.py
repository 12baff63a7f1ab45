"""/docs/guide: every page of the documentation, with links that lead somewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, anchors, markdown_files, read
from tests.support.installation import Service

from leadyard.dashboard import guide_pages
from leadyard.dashboard.guide_pages import GUIDE, find_picture, list_pages, render_page, target

ELSEWHERE = {"/", "/docs"}
"""Pages of the service that the guide links to."""


class Links(HTMLParser):
    """Where a page leads, and the names that it can be led to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.names: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.targets.append(value)
            if name == "id" and value:
                self.names.add(value)


def links_of(name: str) -> Links:
    page = render_page(name)
    assert page is not None
    return Links(page.body)


def test_guide_has_every_page_of_the_documentation() -> None:
    files = {str(path.relative_to(ROOT)) for path in markdown_files()}
    documentation = {path for path in files if path.startswith("docs/")}
    assert set(list_pages().values()) == documentation | set(guide_pages.TOP_PAGES.values())


@pytest.mark.parametrize("name", list_pages())
def test_links_of_the_guide_lead_to_pages_and_headings_that_are_there(name: str) -> None:
    for found in links_of(name).targets:
        if re.match(r"[a-z]+:", found) or found in ELSEWHERE:
            continue
        place, _, anchor = found.partition("#")
        assert not place or place.startswith(GUIDE), found
        other = place.removeprefix(GUIDE).strip("/") or ("index" if place else name)
        if find_picture(other) is None:
            assert not anchor or anchor in links_of(other).names, found


@pytest.mark.parametrize("name", ["index", "reference/endpoints", "architecture"])
def test_headings_are_named_as_the_forge_names_them(name: str) -> None:
    assert anchors(read(list_pages()[name])) == links_of(name).names


def test_remarks_in_a_page_are_not_shown() -> None:
    page = render_page("readme")
    assert page is not None
    assert "<!--" in read("README.md")
    assert "&lt;!--" not in page.body


def test_link_to_what_only_the_repository_has_is_text() -> None:
    assert target("../deploy/Caddyfile", "docs/index.md") is None
    assert target("../README.md#try-it", "docs/index.md") == f"{GUIDE}/readme#try-it"
    assert target("../../src", "docs/how-to/deploy.md") is None


async def test_guide_is_open_to_all_and_loads_nothing_but_styles(service: Service) -> None:
    async with service.client(None) as anybody:
        answer = await anybody.get(GUIDE)
        page = await anybody.get(f"{GUIDE}/how-to/deploy")
        picture = await anybody.get(f"{GUIDE}/images/demo.svg")
    assert answer.status_code == page.status_code == picture.status_code == 200
    assert "script" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text + page.text
    assert picture.headers["content-type"].startswith("image/svg+xml")


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fpyproject.toml", "images/..%2findex.md", "how-to"])
async def test_other_addresses_have_no_page(service: Service, name: str) -> None:
    async with service.client(None) as anybody:
        assert (await anybody.get(f"{GUIDE}/{name}")).status_code == 404


def test_package_carries_what_the_guide_shows() -> None:
    included = re.findall(r'^"([^"]+)" = "leadyard/guide/([^"]+)"$', read("pyproject.toml"), re.MULTILINE)
    assert {path for path, _ in included} == {"docs", *guide_pages.TOP_PAGES.values()}
    assert all(path == placed for path, placed in included)
    assert all((Path(ROOT) / path).exists() for path, _ in included)


def test_nothing_is_kept_of_pages_that_are_not_there() -> None:
    def kept() -> int:
        caches = [each for each in vars(guide_pages).values() if hasattr(each, "cache_info")]
        return sum(cache.cache_info().currsize for cache in caches)

    assert render_page("readme") is not None
    before = kept()
    assert [render_page(f"nothing/{number}") for number in range(10)] == [None] * 10
    assert kept() == before
