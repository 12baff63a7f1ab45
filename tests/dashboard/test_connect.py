"""The programs of the page Connect, run as they are shown, against a server behind a real socket."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from tests.support.installation import TEST_KEY
from tests.support.served import Served, serve

PASSWORD = "correct horse battery"
COMMANDS = {"curl": ["bash", "-eu"], "python": [sys.executable, "-"], "js": ["node", "--input-type=module"]}


def test_programs_do_what_the_page_says_as_they_are_shown(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        programs = read_programs(served)
        for count, (name, command) in enumerate(COMMANDS.items(), 1):
            if shutil.which(command[0]) is None:
                pytest.skip(f"there is no {command[0]} on the PATH")
            done = subprocess.run(
                command, input=programs[name], capture_output=True, text=True, timeout=60, check=False
            )
            assert (done.returncode, "_errors" in done.stdout) == (0, False), done.stdout + done.stderr
            assert "jane@acme.example" in done.stdout or name == "curl"
            assert count_lists(served) == count


def read_programs(served: Served) -> dict[str, str]:
    """What the page shows, with a key for the test data."""
    ours = {"Sec-Fetch-Site": "same-origin"}
    with httpx2.Client(base_url=served.url, headers=ours) as client:
        (link,) = re.findall(r"/welcome/[\w-]+", served.process.log())
        client.post(link, data={"password": PASSWORD, "again": PASSWORD})
        client.post("/account/mode", data={"mode": "test", "back": "/lists"})
        page = client.post("/account/connect").text
    found = re.findall(r'<pre[^>]* id="(\w+)"[^>]*>(.*?)</pre>', page, re.DOTALL)
    return {name: html.unescape(re.sub("<[^>]+>", "", text)) for name, text in found}


def count_lists(served: Served) -> int:
    answer = httpx2.get(f"{served.url}/lead-lists", headers={"Authorization": f"Bearer {TEST_KEY}"})
    return len(answer.json()["lead_lists"])
