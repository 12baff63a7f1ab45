"""What must not stand where: unfinished pages, a vendor's name, a picture that loads something."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.docs.pages import ROOT, markdown_files, own_files, read

VENDOR = "ample" + "market"
PAGES_ABOUT_THE_VENDOR = {"README.md", "docs/reference/compatibility.md"}
CONTRACT_TESTS = "tests/api/"
UNFINISHED = re.compile(r"\b(TODO|FIXME|TBD|XXX)\b")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_page_is_unfinished() -> None:
    for path in markdown_files():
        assert UNFINISHED.findall(path.read_text("utf-8")) == [], relative(path)


def test_vendor_is_named_where_compatibility_is_spoken_of_only() -> None:
    naming = set()
    for path in own_files():
        if VENDOR.encode() in path.read_bytes().lower():
            naming.add(relative(path))
    assert {name for name in naming if not name.startswith(CONTRACT_TESTS)} == PAGES_ABOUT_THE_VENDOR


@pytest.mark.parametrize("page", sorted(PAGES_ABOUT_THE_VENDOR))
def test_vendor_is_named_once_a_page(page: str) -> None:
    assert read(page).lower().count(VENDOR) == 1


def test_pictures_load_nothing() -> None:
    pictures = [path for path in own_files(".svg") if path.is_relative_to(ROOT / "docs")]
    assert pictures
    for path in pictures:
        root = ElementTree.parse(path).getroot()
        styles = [element.text or "" for element in root.iter() if element.tag.endswith("style")]
        values = [value for element in root.iter() for value in element.attrib.values()]
        for text in (*styles, *values):
            assert re.search(r"https?:|@import|url\((?!#)", text) is None, relative(path)
        assert not any(element.tag.endswith(("script", "image", "use")) for element in root.iter())


def test_license_is_the_full_text_that_the_package_names() -> None:
    text = read("LICENSE")
    assert 'license = "Apache-2.0"' in read("pyproject.toml")
    assert text.split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "END OF TERMS AND CONDITIONS" in text
