"""docs/reference/providers/ says of every paid provider what the catalog says."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from tests.docs.pages import code_blocks, read, section, table

from leadyard.domain.providers import Group
from leadyard.providers.catalog import CATALOG, require_options
from leadyard.providers.http_template.clues import CLUES
from leadyard.providers.http_template.options import FIELDS

FOLDER = "docs/reference/providers"


def test_table_has_every_provider_as_it_is() -> None:
    rows = table(read(f"{FOLDER}/index.md"), "Provider")
    assert [re.findall("`(.*)`", row[0])[0] for row in rows] == list(CATALOG)
    for row, listing in zip(rows, CATALOG.values(), strict=True):
        assert row[0] == f"[`{listing.name}`]({listing.name}.md)"
        assert row[1] == listing.title
        assert row[2].split(", ") == [group for group in Group if group in listing.groups]
        assert row[3] == str(listing.batch_size)
        assert row[4] == f"{listing.rate:.3g}"
        assert row[5] == listing.price


@pytest.mark.parametrize("name", list(CATALOG))
def test_page_has_every_setting_with_its_default(name: str) -> None:
    page = read(f"{FOLDER}/{name}.md")
    rows = {row[0].strip("`"): row[1].strip("`") for row in table(page, "Setting")}
    assert list(rows) == sorted(rows, key=list(CATALOG[name].settings).index)
    assert set(rows) == set(CATALOG[name].settings)
    for field in msgspec.structs.fields(CATALOG[name].options):
        default: Any = field.default
        if isinstance(default, bool):
            assert rows[field.name] == str(default).lower()
        elif isinstance(default, int | float):
            assert rows[field.name] == f"{default:.3g}"
        elif isinstance(default, str):
            assert rows[field.name] == default


@pytest.mark.parametrize("name", list(CATALOG))
def test_page_says_where_a_key_is_to_be_had(name: str) -> None:
    assert f"<{CATALOG[name].key_page}>" in read(f"{FOLDER}/{name}.md") or not CATALOG[name].key_page


def test_template_of_the_page_is_sound() -> None:
    page = read(f"{FOLDER}/http.md")
    (template,) = code_blocks(page, "json")
    require_options("http", msgspec.json.decode(template))
    assert set(re.findall(r"`\{(\w+)\}`", section(page, "## Placeholders"))) == {*CLUES, "api_key"}
    assert set(re.findall(r"`(\w+)`", section(page, "## Fields"))) == set(FIELDS)
