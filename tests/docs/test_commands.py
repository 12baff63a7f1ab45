"""The commands of the README and the tutorial do what is said of them, on a service of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.docs.pages import ROOT, code_blocks, read
from tests.support.processes import LeadyardProcess, free_port, run_leadyard

LIVE_KEY = "ly_live_" + "d" * 38
SECONDS = 60
UNTIL_COMPLETED = """
    until curl -s "$URL/lead-lists/$LIST" -H "Authorization: Bearer $KEY" | grep -q '"status":"completed"'
    do sleep 0.1
    done"""

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the commands are curl's")


@contextmanager
def serve(folder: Path, **settings: str) -> Iterator[tuple[str, LeadyardProcess]]:
    """`leadyard serve` in a folder of its own: its address, and the process with its log."""
    port = free_port()
    with run_leadyard("serve", "--port", str(port), env=environment(settings), folder=folder) as process:
        url = f"http://127.0.0.1:{port}"
        process.wait_until_ready(url)
        yield url, process


def environment(settings: dict[str, str]) -> dict[str, str]:
    """Settings under which nothing is looked up outside."""
    return {f"LEADYARD_{name}": value for name, value in {"EMAIL_DNS": "off", **settings}.items()}


def run_commands(script: str, folder: Path, url: str, key: str) -> list[Any]:
    """What the commands print, all of it JSON; where they wait a second, this waits for the list to end."""
    assert script.count("sleep 1") == 1
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script.replace("sleep 1", UNTIL_COMPLETED)],
        env={"PATH": path, "URL": url, "KEY": key},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return list(decode_all(ended.stdout))


def decode_all(text: str) -> Iterator[Any]:
    """JSON values that follow each other."""
    decoder, rest = json.JSONDecoder(), text.lstrip()
    while rest:
        value, end = decoder.raw_decode(rest)
        yield value
        rest = rest[end:].lstrip()


def quoted(value: Any) -> str:
    """A value as a page quotes it."""
    return f"`{json.dumps(value, separators=(',', ':'))}`"


def test_readme_adds_leads_to_a_first_list_as_it_says(tmp_path: Path) -> None:
    page = read("README.md")
    (script,) = [code for code in code_blocks(page, "sh") if "curl" in code]
    with serve(tmp_path, API_KEY=LIVE_KEY, ADMIN_EMAIL="you@leadyard.example") as (url, _):
        load = ["directory", "load", str(ROOT / "examples/directory.csv")]
        with run_leadyard(*load, env=environment({}), folder=tmp_path) as process:
            assert process.wait(SECONDS) == 0, process.log()
        added, lead_list = run_commands(script, tmp_path, url, LIVE_KEY)
    assert quoted(added) in page
    thorben, nobody = lead_list["leads"]
    assert (thorben["first_name"], thorben["data"]) == ("Thorben", {"campaign": "spring"})
    assert thorben["title"]
    assert thorben["company_name"]
    assert len(thorben["phone_numbers"]) > 1
    assert (nobody["status"], nobody["person_id"], nobody["phone_numbers"]) == ("done", None, [])


def test_tutorial_comes_to_what_it_says(tmp_path: Path) -> None:
    page = read("docs/tutorial.md")
    script = "\n".join(code_blocks(page, "sh"))
    with serve(tmp_path) as (url, process):
        key = re.findall(r"ly_test_\w+", process.log())[0]
        answers = run_commands(script, tmp_path, url, key)
        ready, users, created, added, addition, error, lead_list, entry, balances, ledger = answers
        again = [{"linkedin_url": lead["linkedin_url"]} for lead in lead_list["leads"]]
        spent_again = credits_for(url, key, created, again)
    assert quoted(ready) in page
    assert [user["email"] for user in users["users"]] == ["admin@leadyard.example"]
    assert created["status"] == "queued"
    assert quoted(added) in page
    assert quoted(addition["leads"][0]) in page
    assert error["_errors"][0]["detail"] in page
    assert "a company is no person" in page
    verdicts = [lead["email_validation_result"] for lead in lead_list["leads"]]
    assert [verdict and verdict["result"] for verdict in verdicts] == ["deliverable", "risky", None]
    assert lead_list["leads"][1]["data"] == {"campaign": "spring"}
    assert entry["id"][:-8] == lead_list["id"][:-8]
    assert set(entry["steps"].values()) == {"found"}
    assert (balances["email"]["balance"], balances["phone"]["balance"]) == (100_000 - 5, 100_000 - 2)
    assert balances["email"]["held"] == balances["phone"]["held"] == 0
    assert ledger["entries"][-1]["reason"] == "initial_grant"
    assert spent_again == {"email": 2, "phone": 0}


def credits_for(url: str, key: str, like: dict[str, Any], leads: list[dict[str, str]]) -> dict[str, float]:
    """What leads cost in another list with the same options."""
    body = {name: like[name] for name in ("type", "owner", "shared", "options")}
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        before = client.get("/credits").json()
        created = client.post("/lead-lists", json={**body, "leads": leads}).raise_for_status().json()
        while client.get(f"/lead-lists/{created['id']}").json()["status"] != "completed":
            pass
        after = client.get("/credits").json()
    return {kind: before[kind]["balance"] - after[kind]["balance"] for kind in ("email", "phone")}
