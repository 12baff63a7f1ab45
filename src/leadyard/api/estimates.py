"""What a request that spends will cost at most, told before, and held to: dry runs and Estimate-Token.

The token counts as the Idempotency-Key of a request that has none: however often it is sent, it happens once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from litestar import Response
from msgspec.structs import replace

from leadyard.actions.idempotency import RequestKey
from leadyard.actions.leads import AdditionPreview
from leadyard.api.call import Call, open_call_with_body
from leadyard.api.estimate_schemas import EstimateView
from leadyard.api.parameters import read_flag
from leadyard.api.views import preview_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.credits import Cost
from leadyard.domain.estimates import ESTIMATE_HEADER, Estimate, invalid_estimate, read_estimate

DRY_RUN = "dry_run"


async def open_spending_call(
    request: ApiRequest,
    scope: Scope,
    open_with: Callable[[ApiRequest, Scope], Awaitable[Call]] = open_call_with_body,
) -> Call:
    """As `open_with`, for what spends: it may cost no more than its token says.

    Raises also Refused for a token of another request, and for an expired one, unless the answer is there.
    """
    call = await open_with(request, scope)
    token = request.headers.get(ESTIMATE_HEADER, "").strip()
    if not token:
        return call
    purpose = _purpose(call)
    estimate = read_estimate(token, call.services.digest, purpose)
    key = RequestKey(f"estimate:{token}", _fingerprint(purpose)) if request.method == "POST" else None
    call = replace(call, request_key=call.request_key or key, at_most=estimate.most)
    if estimate.expires_at <= datetime.now(UTC) and await call.find_replay() is None:
        raise invalid_estimate("The estimate has expired. Ask for another one.")
    return call


def read_dry_run(request: ApiRequest) -> bool:
    """Whether only to tell what would be done. Raises Refused for other words than true and false."""
    return read_flag(request, DRY_RUN)


def estimate_response(call: Call, preview: AdditionPreview) -> Response[bytes]:
    """The answer to a dry run: what the request would come to, and the token that holds us to it."""
    return json_response(call.request, preview_view(preview, promise(call, preview.most)))


def promise(call: Call, most: Cost) -> EstimateView:
    """The token that holds us to what a request is said to cost at most."""
    estimate = Estimate.made_at(datetime.now(UTC), most)
    return EstimateView(estimate.token(call.services.digest, _purpose(call)), estimate.expires_at)


def _purpose(call: Call) -> str:
    """What names one request of one user: a dry run's is that of the request itself."""
    caller, scope = call.caller, call.request.scope
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    asked = urlencode([pair for pair in query if pair[0] != DRY_RUN])
    body = hashlib.blake2b(call.body, digest_size=32).hexdigest()
    who = f"{caller.workspace_id} {caller.user_id}"
    return f"{who} {call.request.method} {scope['path']}?{asked} {body}"


def _fingerprint(purpose: str) -> str:
    return hashlib.blake2b(purpose.encode(), digest_size=32).hexdigest()
