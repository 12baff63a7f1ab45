"""One request to an ASGI application, down to the bytes: a client library would mend too much."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote_to_bytes


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `path` is as it stands in the request line, `query` without the question mark."""

    method: str
    path: str
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    def with_header(self, name: bytes, value: bytes) -> Request:
        """The request with this header in place of those of the same name."""
        kept = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*kept, (name, value)))


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


async def send(application: Any, request: Request) -> Answer:
    """The answer of the application. What it raises is raised here."""
    answer = Answer()
    has_read = False

    async def receive() -> dict[str, Any]:
        nonlocal has_read
        if has_read:
            return {"type": "http.disconnect"}
        has_read = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def take(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    raw_path = request.path.encode("latin-1", "replace")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        # As servers do: percent-decoded, and what is no UTF-8 replaced.
        "path": unquote_to_bytes(raw_path).decode("utf-8", "replace"),
        "raw_path": raw_path,
        "root_path": "",
        "query_string": request.query,
        "headers": list(request.headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await application(scope, receive, take)
    return answer
