"""The receiver in docs/how-to/receive-webhooks.md takes what we sign, once, and nothing else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
from tests.docs.pages import code_blocks, read, table

from leadyard.actions.webhooks import make_secret
from leadyard.domain.events import EventType
from leadyard.domain.webhooks import DeliveryError, DisabledReason, Message
from leadyard.providers.webhooks.client import sign

PAGE = "docs/explanation/webhooks.md"
PAYLOAD = '{"type":"ping","timestamp":"2026-03-02T09:00:00Z","data":{"webhook_id":"an id"}}'


def test_receiver_of_the_page_takes_signed_messages_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = make_secret()
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    (code,) = code_blocks(read("docs/how-to/receive-webhooks.md"), "python")
    page: dict[str, Any] = {"__name__": "page"}
    exec(compile(code, "receive-webhooks.md", "exec"), page)
    server = ThreadingHTTPServer(("127.0.0.1", 0), page["Receiver"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        message = Message("msg_1", url, PAYLOAD, (make_secret(), secret))
        headers = sign(message, datetime.now(UTC))
        with httpx2.Client(trust_env=False) as client:
            statuses = [client.post(url, content=PAYLOAD, headers=headers).status_code for _ in range(2)]
            statuses.append(client.post(url, content=f"{PAYLOAD} ", headers=headers).status_code)
    finally:
        server.shutdown()
        server.server_close()
    assert statuses == [204, 204, 400]
    assert capsys.readouterr().out == "ping {'webhook_id': 'an id'}\n"


def test_every_event_reason_and_error_is_explained() -> None:
    for header, words in (
        ("Event", EventType),
        ("`disabled_reason`", DisabledReason),
        ("`error`", DeliveryError),
    ):
        assert sorted(row[0].strip("`") for row in table(read(PAGE), header)) == sorted(words)
