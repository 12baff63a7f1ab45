"""POST /mcp: what agents can do, by the Model Context Protocol. The optional `mcp` packages answer."""

from __future__ import annotations

from litestar import Response, post

from leadyard.api.call import WHOLE, authenticate, pass_of, services_of
from leadyard.api.exchange import Exchange
from leadyard.api.wire import ApiRequest, read_body
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError


class NotInstalled(LeadyardError):
    """The service runs without the optional packages (404)."""

    def __init__(self) -> None:
        detail = "This service answers no agents: install it as leadyard[mcp] and start it again."
        super().__init__(Fault(ErrorCode.NOT_FOUND, detail))


@post("/mcp", status_code=200)
async def answer_agent(request: ApiRequest) -> Response[bytes]:
    """One message of an agent. Each tool that it calls is a request of its own, by the same key."""
    key, caller = await authenticate(request)
    await services_of(request).limiter.require_allowed(caller.key_id)
    answer = services_of(request).answer_agent
    if answer is None:
        raise NotInstalled
    holder = pass_of(request)
    body = await read_body(request, services_of(request).max_body_bytes, holder)
    holder.relay()
    origin = caller.origin
    asked = Exchange(key, origin.address or "", origin.request_id or "", request.scope, bytes(body))
    status, headers, content = await answer(request.scope["state"][WHOLE], asked)
    return Response(content, status_code=status, headers=headers)
