"""What a call does, written once for both clients, as plans.

A plan is a generator. It yields what is to be done, gets what came of it, and returns the result; the
clients only do what plans yield. So requests are built, and answers read, in one place.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Generic, TypeAlias, TypeVar

from leadyard_client.errors import UnexpectedAnswer
from leadyard_client.reading import Unreadable, read

ResultT = TypeVar("ResultT")
ItemT = TypeVar("ItemT")

Query: TypeAlias = Mapping[str, "str | int | bool | None"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, the same each time it is sent. The body of its answer goes to `sink`, if there is one."""

    method: str
    path: str
    query: dict[str, str] | None = None
    content: bytes | None = field(default=None, repr=False)
    idempotency_key: str | None = None
    sink: BinaryIO | None = None


@dataclass(frozen=True, slots=True)
class Sleep:
    """A while in which nothing is to be done."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any status; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether it is 2xx."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str | None:
        """By which the service's log knows the request."""
        return self.headers.get("x-request-id")

    def json(self) -> Any:
        """The body. Raises UnexpectedAnswer for one that is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise self.unexpected("is no JSON") from None

    def as_result(self, kind: type[ResultT]) -> ResultT:
        """The body as a result. Raises UnexpectedAnswer."""
        try:
            return read(kind, self.json())
        except Unreadable as error:
            raise self.unexpected(f"cannot be read: {error}") from error

    def unexpected(self, what: str) -> UnexpectedAnswer:
        """The error that this answer is none of the service's, or none that is known here."""
        return UnexpectedAnswer(f"The answer ({self.status}) {what}.", self.status, self.request_id)


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer, and why. It cannot be asked again where part of the answer went to a sink."""

    why: str
    is_final: bool = False


Step: TypeAlias = Request | Sleep
Plan: TypeAlias = Generator[Step, Any, ResultT]


@dataclass(frozen=True, slots=True)
class Pages(Generic[ItemT]):
    """What is read a page at a time: the request for a page, and the items of its answer."""

    request: Request
    read_items: Callable[[Any], list[ItemT]]


def ask(request: Request) -> Plan[Reply]:
    """A request; its answer, which is a success."""
    reply: Reply = yield request
    return reply


def fetch(pages: Pages[ItemT]) -> Plan[tuple[list[ItemT], Pages[ItemT] | None]]:
    """The items of a page, and the pages that follow, if any do."""
    reply = yield from ask(pages.request)
    body = reply.json()
    try:
        items = pages.read_items(body)
        following = body["_links"].get("next")
    except (Unreadable, KeyError, TypeError, AttributeError) as error:
        raise reply.unexpected(f"cannot be read: {error}") from error
    if following is None:
        return items, None
    return items, Pages(Request("GET", following["href"]), pages.read_items)


def paged(path: str, member: str, kind: type[ItemT], query: Query) -> Pages[ItemT]:
    """A collection: its pages have their items under `member`."""
    return Pages(get(path, query), lambda body: [read(kind, item) for item in body[member]])


def get(path: str, query: Query | None = None) -> Request:
    """A request that only reads."""
    return Request("GET", path, _encode_query(query))


def download(path: str, query: Query, to: BinaryIO) -> Request:
    """A request whose answer is written to a file."""
    return Request("GET", path, _encode_query(query), sink=to)


def post(
    path: str, body: Any = None, *, query: Query | None = None, idempotency_key: str | None = None
) -> Request:
    """A request that is carried out once, however often it is sent: it has an idempotency key."""
    content = body if isinstance(body, bytes) else encode({} if body is None else body)
    return Request("POST", path, _encode_query(query), content, idempotency_key or str(uuid.uuid4()))


def change(method: str, path: str, body: Any = None) -> Request:
    """A request that comes to the same if it is carried out twice."""
    return Request(method, path, None, None if body is None else encode(body))


def encode(value: Any) -> bytes:
    """JSON in UTF-8. Raises ValueError for what has none, such as a number that is none (NaN)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def without_none(**members: Any) -> dict[str, Any]:
    """Those that were given."""
    return {name: value for name, value in members.items() if value is not None}


def _encode_query(query: Query | None) -> dict[str, str] | None:
    given = {name: value for name, value in (query or {}).items() if value is not None}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()
    } or None
