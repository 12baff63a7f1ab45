"""Whatever else the service has."""

from __future__ import annotations

from typing import Any

from leadyard_client.plans import Plan, Query, Request, ask, change, get, post


def request(
    method: str,
    path: str,
    body: Any = None,
    *,
    query: Query | None = None,
    idempotency_key: str | None = None,
) -> Plan[Any]:
    """Any request, such as `request("GET", "/webhooks")`; its answer as JSON has it, None if it has no body.

    It is repeated like all others, and refused in the same way; a POST has an idempotency key.
    """
    reply = yield from ask(_make(method.upper(), path, body, query, idempotency_key))
    return reply.json() if reply.content else None


def _make(method: str, path: str, body: Any, query: Query | None, key: str | None) -> Request:
    if method == "POST":
        return post(path, body, query=query, idempotency_key=key)
    if method == "GET":
        return get(path, query)
    return change(method, path, body)
