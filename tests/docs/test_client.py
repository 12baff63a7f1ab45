"""docs/reference/client.md has every method of the client, what each takes, and every error."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from tests.docs.pages import code_blocks, code_spans, read, section, table
from tests.support.installation import TEST_KEY
from tests.support.served import serve

import leadyard_client
from leadyard_client import Leadyard, LeadyardError

PAGE = "docs/reference/client.md"
OF_THE_CLIENT = {"run", "iterate"}
"""What plans are carried out by: for whoever writes plans."""


def test_every_method_is_documented_with_what_it_takes() -> None:
    rows = {row[0].strip("`"): row[1] for row in table(read(PAGE), "Method")}
    methods = {
        name: member
        for name, member in inspect.getmembers(Leadyard, callable)
        if not name.startswith("_") and name not in OF_THE_CLIENT
    }
    assert set(rows) == set(methods)
    for name, method in methods.items():
        _, *parameters = inspect.signature(method).parameters
        assert re.findall(r"`(\w+)`", rows[name]) == parameters, name


def test_every_error_is_documented() -> None:
    kinds = {
        name
        for name in leadyard_client.__all__
        if inspect.isclass(kind := getattr(leadyard_client, name)) and issubclass(kind, LeadyardError)
    }
    assert set(re.findall(r"`([A-Z]\w+)`", section(read(PAGE), "## Errors"))) == kinds


def test_settings_of_the_client_are_told() -> None:
    parameters = list(inspect.signature(Leadyard).parameters)
    told = code_spans(section(read(PAGE), "## A client"))
    assert {*parameters, "LEADYARD_URL", "LEADYARD_API_KEY"} <= set(told)


def test_guide_fills_a_list_as_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = read("docs/how-to/use-the-python-client.md")
    first, *others = code_blocks(page, "python")
    with serve(tmp_path) as served:
        monkeypatch.setenv("LEADYARD_URL", served.url)
        monkeypatch.setenv("LEADYARD_API_KEY", TEST_KEY)
        exec(compile(first, "guide", "exec"), {})
    assert "2 done\njane@acme.example" in capsys.readouterr().out
    for code in others:
        compile(code, "guide", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
