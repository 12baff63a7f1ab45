"""docs/reference/settings.md says of every setting what the code says."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.docs.pages import read, table

from leadyard.settings import PREFIX, Settings

PAGE = "docs/reference/settings.md"


def documented() -> dict[str, tuple[str, str]]:
    """Default and limits of each variable."""
    rows = table(read(PAGE), "Variable")
    names = [row[0] for row in rows]
    assert len(set(names)) == len(names)
    return {row[0].strip("`"): (row[1], row[3]) for row in rows}


def schema_of(name: str) -> dict[str, Any]:
    """What msgspec knows of a setting's values; that of the value, if it may be absent."""
    properties = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    schema: dict[str, Any] = properties[name]
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    return options[0] if options else schema


def limits_of(name: str) -> list[str]:
    """What the limits of a setting must name."""
    schema = schema_of(name)
    least, most = schema.get("minimum"), schema.get("maximum")
    texts = [f"`{word}`" for word in schema.get("enum", ())]
    if least is not None:
        texts.append(f"{least:,} or more" if most is None else f"{least:,} to {most:,}")
    if "minLength" in schema:
        texts.append(f"{schema['minLength']} characters or more")
    if "pattern" in schema:
        texts += ["`ly_live_`", "`ly_test_`"]
    return texts


def test_every_setting_is_documented_and_no_other() -> None:
    assert sorted(documented()) == sorted(PREFIX + name.upper() for name in Settings.__struct_fields__)


def test_documented_defaults_are_the_true_ones() -> None:
    for field in msgspec.structs.fields(Settings):
        default = "none" if field.default is None else f"`{field.default}`"
        assert documented()[PREFIX + field.name.upper()][0] == default, field.name


def test_documented_limits_are_the_true_ones() -> None:
    for name in Settings.__struct_fields__:
        limits = documented()[PREFIX + name.upper()][1]
        for text in limits_of(name):
            assert text in limits, name
