"""One authenticated request: who calls, on what, and how it is answered."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from litestar import Response
from msgspec.structs import replace

from leadyard.actions import Database, Tx
from leadyard.actions.access import Doorkeeper, KeyDigest
from leadyard.actions.adding_desk import AddingDesk
from leadyard.actions.companies import FindCompany
from leadyard.actions.directory_loads import DirectoryLoads
from leadyard.actions.idempotency import Answer, OnceOnly, RequestKey
from leadyard.actions.import_intake import Intake
from leadyard.actions.people import PersonSearch
from leadyard.actions.providers import ProviderOffice
from leadyard.actions.rules import Rules
from leadyard.actions.sign_in import SignInDesk
from leadyard.actions.watching import Watch
from leadyard.actions.webhooks import WebhookOffice
from leadyard.api.admission import ADMITTED, Admission, Pass
from leadyard.api.exchange import AnswerAgent
from leadyard.api.proxies import TrustedProxies
from leadyard.api.rate_limit import RateLimiter
from leadyard.api.utf8 import Utf8Check
from leadyard.api.wire import ApiRequest, Body, encode, json_response, read_body
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.credits import Cost
from leadyard.domain.errors import ErrorCode, Fault, Refused, Unauthorized, unsupported_body
from leadyard.domain.installation import Installation

MAX_IDEMPOTENCY_KEY_LENGTH = 255
SMALL_BYTES = 32 * 1024
"""A body of so many is looked at within some ten milliseconds."""
CALLER_KEY_ID = "leadyard_key_id"
ORIGIN = "leadyard_origin"
IS_HTTPS = "leadyard_is_https"
SERVICES = "leadyard_services"
WHOLE = "leadyard_whole"
"""Where a request finds the whole application that it was sent to, envelope and all."""

Act = Callable[[Tx], Awaitable[Answer]]
ResultT = TypeVar("ResultT")


class Services(msgspec.Struct, frozen=True):
    """What the handlers work with; one object for the whole API."""

    database: Database
    once: OnceOnly
    adding: AddingDesk
    doorkeeper: Doorkeeper
    digest: KeyDigest
    sign_in: SignInDesk
    directory_loads: DirectoryLoads
    installation: Installation
    answer_agent: AnswerAgent | None
    rules: Rules
    limiter: RateLimiter
    admission: Admission
    watch: Watch
    office: ProviderOffice
    webhooks: WebhookOffice
    public_url: str
    max_body_bytes: int
    intake: Intake
    people: PersonSearch
    find_company: FindCompany
    proxies: TrustedProxies


class Call(msgspec.Struct, frozen=True):
    """An authenticated request and its body (empty for methods without one)."""

    services: Services
    caller: Caller
    request: ApiRequest
    body: Body = b""
    request_key: RequestKey | None = None
    at_most: Cost | None = None

    @property
    def rules(self) -> Rules:
        """The limits and prices in force, and what this request may cost at most."""
        return replace(self.services.rules, at_most=self.at_most)

    async def find_replay(self) -> Response[bytes] | None:
        """The answer that this Idempotency-Key was given before, whatever has happened since."""
        answer = await self.services.once.find_replay(self.caller, self.request_key)
        return None if answer is None else self.respond(answer, is_replay=True)

    async def perform(self, act: Act, *, is_secret: bool = False) -> Response[bytes]:
        """Runs an action in one transaction, once for its Idempotency-Key; a secret answer is kept sealed."""
        once = self.services.once
        answer, is_replay = await once.run(self.caller, self.request_key, act, is_secret=is_secret)
        return self.respond(answer, is_replay=is_replay)

    def respond(self, answer: Answer, *, is_replay: bool = False) -> Response[bytes]:
        """The answer as it goes out, marked if it was given before."""
        headers = {**answer.headers, "Idempotent-Replayed": "true"} if is_replay else answer.headers
        return json_response(self.request, answer.body.encode(), status=answer.status, headers=headers)


async def look_at(body: Body, look: Callable[..., ResultT], *arguments: Any) -> ResultT:
    """What a look at a body gives. If it is not small that is for a thread: others go on meanwhile.

    Raises what `look` raises.
    """
    if len(body) <= SMALL_BYTES:
        return look(*arguments)
    return await asyncio.to_thread(look, *arguments)


def answer(
    content: Any, status: int = 200, headers: dict[str, str] | None = None, *, tells_persons: bool = False
) -> Answer:
    """A wire shape as an answer that can be kept."""
    return Answer(status, headers or {}, encode(content).decode(), tells_persons=tells_persons)


def services_of(request: ApiRequest) -> Services:
    """The services of the installation that a request is for."""
    services: Services = request.scope["state"][SERVICES]
    return services


def pass_of(request: ApiRequest) -> Pass:
    """What a request holds of the room that there is."""
    holder: Pass = request.scope["state"][ADMITTED]
    return holder


async def open_call(request: ApiRequest, scope: Scope) -> Call:
    """Authenticates a request without a body.

    Raises Overloaded, Unauthorized, TooManyRequests, Forbidden, and NotFound for a path that names nothing:
    no database has a text with NUL in it.
    """
    services = services_of(request)
    _, caller = await authenticate(request)
    await services.limiter.require_allowed(caller.key_id)
    caller.require(scope)
    return Call(services, caller, request)


async def authenticate(request: ApiRequest) -> tuple[str, Caller]:
    """The key of a request, and who it stands for. Raises Overloaded and Unauthorized."""
    pass_of(request).begin()
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Unauthorized
    known = await services_of(request).doorkeeper.admit(key.strip())
    caller = replace(known, origin=request.scope["state"][ORIGIN])
    request.scope["state"][CALLER_KEY_ID] = caller.key_id
    return key.strip(), caller


async def open_call_with_body(request: ApiRequest, scope: Scope) -> Call:
    """Authenticates a request and reads its body, in this order (contract §1, order of checks).

    Raises what `open_call` and `read_body` raise, and Refused for an Idempotency-Key that is none.
    """
    call = await open_call(request, scope)
    body = await read_body(request, call.services.max_body_bytes, pass_of(request))
    return Call(call.services, call.caller, request, body, _read_request_key(call, body))


def _read_request_key(call: Call, body: Body) -> RequestKey | None:
    if "idempotency-key" not in call.request.headers:
        return None
    return read_request_key(call, hashlib.blake2b(body, digest_size=32))


def read_request_key(call: Call, digest: hashlib.blake2b) -> RequestKey | None:
    """The Idempotency-Key, for one request of one user: what they were answered is not for others.

    `digest` is that of the body. Raises Refused for a key that is none.
    """
    request = call.request
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    if not 0 < len(key) <= MAX_IDEMPOTENCY_KEY_LENGTH or not (key.isascii() and key.isprintable()):
        detail = "Idempotency-Key must have 1 to 255 printable ASCII characters."
        raise Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, header="Idempotency-Key"))
    digest.update(
        f"{call.caller.user_id} {request.method} {request.scope['path']}?".encode()
        + request.scope["query_string"]
    )
    return RequestKey(key, digest.hexdigest())


async def open_call_with_optional_body(request: ApiRequest, scope: Scope) -> Call:
    """As `open_call_with_body`, but no body at all is as good as an empty object.

    Clients send their content type with every request, also with those that have no body.
    """
    is_announced = bool(request.content_length) or "transfer-encoding" in request.headers
    if request.headers.get("content-type") is None and not is_announced:
        call = await open_call(request, scope)
        return Call(call.services, call.caller, request, b"{}", _read_request_key(call, b""))
    call = await open_call_with_body(request, scope)
    return call if call.body else replace(call, body=b"{}")


@asynccontextmanager
async def finding_first(call: Call, find: Callable[[Tx], Awaitable[object]]) -> AsyncIterator[None]:
    """Tells what is refused in the block only of something that is there (contract §1, order of checks).

    Raises what `find` raises in place of Refused. What is not refused is for the action to find: its answer
    may be kept for an Idempotency-Key longer than the thing is there.
    """
    try:
        yield
    except Refused:
        async with call.services.database.read() as tx:
            await find(tx)
        raise


def decode_members(body: Body, utf8: Utf8Check | None = None) -> dict[str, msgspec.Raw]:
    """The members of a body that is a JSON object, values unparsed, in document order.

    `utf8` is the check of this body, if it has begun. Raises Refused for what is no JSON in UTF-8 or no
    object, RecursionError for what is nested too deep.
    """
    (utf8 or Utf8Check(body)).finish()
    try:
        return msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        problem = "must be a JSON object"
    except msgspec.DecodeError as error:
        problem = f"is not valid JSON ({str(error).removeprefix('JSON is malformed: ')})"
    raise Refused(unsupported_body(problem))
