"""The reference page: its own files only, under a strict policy, vendored files as they were published."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.html import Html
from tests.support.installation import Client, Service

from leadyard.api.docs import ASSETS, CONTENT_SECURITY_POLICY, PAGE, STATIC, accepts_gzip

VENDORED = STATIC / "VENDORED.md"


@pytest.fixture
def database_kind() -> str:
    """The page has nothing to do with the database."""
    return "sqlite"


@pytest.fixture
async def anybody(service: Service) -> AsyncIterator[Client]:
    """A client without a key."""
    async with service.client(None) as http:
        yield http


def vendored_files() -> dict[str, tuple[str, str]]:
    """The table's files with the sums as stored and as published."""
    rows = re.findall(
        r"^\| `([^`]+)` \| `[^`]+` \| ([0-9a-f]{64}) \| ([0-9a-f]{64}) \|$", text(VENDORED), re.M
    )
    return {path: (stored, published) for path, stored, published in rows}


def text(path: Path) -> str:
    return path.read_text("utf-8")


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_page_needs_no_key_and_carries_the_policy(anybody: Client) -> None:
    answer = await anybody.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_policy_allows_nothing_but_the_own_origin() -> None:
    directives = dict(part.strip().split(" ", 1) for part in CONTENT_SECURITY_POLICY.split(";"))
    assert directives.pop("img-src") == "'self' data:"
    assert set(directives.values()) == {"'none'", "'self'"}
    assert directives["default-src"] == "'none'"


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
async def test_page_refers_only_to_files_that_are_served_here(anybody: Client, path: str) -> None:
    page = Html((await anybody.get(path)).text)
    assert page.inline == []
    assert {reference.rpartition("/")[2] for reference in page.references} > {
        "swagger-ui-bundle.js",
        "docs.js",
    }
    for reference in page.references:
        assert reference.startswith("/")
        assert not reference.startswith("//")
        assert (await anybody.get(reference)).status_code == 200, reference


@pytest.mark.parametrize("name", ASSETS)
async def test_file_is_served_as_its_type(anybody: Client, name: str) -> None:
    answer = await anybody.get(f"/docs/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == ASSETS[name].media_type


def test_own_script_and_styles_name_no_other_host() -> None:
    own = [STATIC / asset.path for asset in (PAGE, *ASSETS.values()) if "/" not in asset.path]
    assert len(own) == 4
    for path in own:
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|@import|url\(", text(path)) == [], path
    assert 'url: "/openapi.json"' in text(STATIC / "docs.js")
    assert "validatorUrl: null" in text(STATIC / "docs.js")


def test_vendored_styles_load_nothing() -> None:
    styles = gzip.decompress((STATIC / "swagger-ui/swagger-ui.css.gz").read_bytes()).decode()
    assert "@import" not in styles
    assert {target[:5] for target in re.findall(r"url\(['\"]?(.{5})", styles)} == {"data:"}


async def test_compressed_file_is_sent_as_stored_or_inflated(anybody: Client) -> None:
    path = "/docs/swagger-ui.css"
    published = vendored_files()["swagger-ui/swagger-ui.css.gz"][1]
    compressed = await anybody.get(path, headers={"Accept-Encoding": "gzip, br"})
    plain = await anybody.get(path, headers={"Accept-Encoding": "identity"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) < 40_000
    assert "content-encoding" not in plain.headers
    assert sum_of(compressed.content) == sum_of(plain.content) == published
    assert compressed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("*;q=0.1, br", True),
        ("", False),
        ("br", False),
        ("gzip;q=0, *", False),
        ("gzip; q=0.000", False),
        ("identity, *;q=0", False),
    ],
)
def test_gzip_is_used_where_it_is_accepted(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


async def test_file_is_inflated_once(anybody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"Accept-Encoding": "identity"}
    first = await anybody.get("/docs/swagger-ui-bundle.js", headers=plain)
    monkeypatch.delattr(gzip, "decompress")
    again = await anybody.get("/docs/swagger-ui-bundle.js", headers=plain)
    assert again.status_code == 200
    assert again.content == first.content


async def test_file_that_the_caller_has_is_not_sent_again(anybody: Client) -> None:
    first = await anybody.get("/docs/swagger-ui-bundle.js")
    again = await anybody.get("/docs/swagger-ui-bundle.js", headers={"If-None-Match": first.headers["etag"]})
    other = await anybody.get("/docs/swagger-ui-bundle.js", headers={"If-None-Match": 'W/"other"'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert other.status_code == 200


@pytest.mark.parametrize(
    "name", ["nothing.js", "VENDORED.md", "docs.html", "..%2Fdocs.py", "swagger-ui%2FNOTICE"]
)
async def test_other_files_are_not_found(anybody: Client, name: str) -> None:
    answer = await anybody.get(f"/docs/{name}")
    assert answer.status_code == 404
    assert answer.json()["_errors"][0]["code"] == "not_found"


def test_vendored_files_are_as_published() -> None:
    files = vendored_files()
    assert len(files) == 5
    for path, (stored, published) in files.items():
        data = (STATIC / path).read_bytes()
        assert sum_of(data) == stored, path
        assert sum_of(gzip.decompress(data) if path.endswith(".gz") else data) == published, path


def test_every_file_is_our_own_or_in_the_table() -> None:
    present = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    own = {asset.path for asset in (PAGE, *ASSETS.values()) if "/" not in asset.path}
    assert present == own | {VENDORED.name} | set(vendored_files())


def test_table_names_version_and_license() -> None:
    (row,) = re.findall(r"^\| `swagger-ui/` \| (.+) \|$", text(VENDORED), re.M)
    assert row.split(" | ") == ["Swagger UI", "5.35.0", "Apache-2.0", "npm package `swagger-ui-dist` 5.35.0"]
    assert b"Apache License" in (STATIC / "swagger-ui/LICENSE").read_bytes()
