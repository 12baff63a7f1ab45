"""Streams to pages, at a server behind a real socket."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import httpx2
from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.served import serve

PASSWORD = "correct horse battery"


def test_stream_ends_in_good_order_when_the_server_is_told_to_end(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        body = {"type": "email", "shared": True, "owner": ADMIN_EMAIL, "leads": []}
        headers = {"Authorization": f"Bearer {TEST_KEY}"}
        list_id = httpx2.post(f"{served.url}/lead-lists", json=body, headers=headers).json()["id"]
        url = f"{served.url}/lists/{list_id}/live?since=before"
        ours = {"Sec-Fetch-Site": "same-origin"}
        with httpx2.Client(base_url=served.url, headers=ours) as client:
            (link,) = re.findall(r"/welcome/[\w-]+", served.process.log())
            client.post(link, data={"password": PASSWORD, "again": PASSWORD})
            client.post("/account/mode", data={"mode": "test", "back": "/lists"})
            cookies = client.cookies
        with httpx2.Client(cookies=cookies) as client, client.stream("GET", url) as stream:
            lines = stream.iter_lines()
            assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
            while next(lines) != "event: moved":
                pass
            served.process.send(signal.SIGTERM)
            # One that was cut off would be an error of the connection.
            assert all(line.startswith((":", "id:", "data:", "event:")) for line in lines if line)
        assert served.process.wait(30) == 0
