"""From a sound request to one that somebody might send by mistake or on purpose."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from tests.fuzz.asgi import Request

Json = Any
Mutation = Callable[[Request, random.Random], Request]

DEPTH = 100
LONG_CHARACTERS = 20_000
BOMB_BYTES = 65 * 1024**2
"""More than a body may have once it is decompressed."""
_BOMB = gzip.compress(b" " * BOMB_BYTES, 9)
_BOMB_IN_A_BOMB = gzip.compress(_BOMB)

TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\u202e",
    "😀" * 50,
    "é",
    "e\u0301",
    "'; DROP TABLE lead_lists; --",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "null",
    "true",
    "NaN",
    "a@b",
    "a@b.example" * 40,
    "linkedin.com/in/",
    "https://linkedin.com.evil.example/in/x",
    "https://user:pw@linkedin.com/in/x",
    "https://www.linkedin.com/in/%FF%FE",
    "x" * LONG_CHARACTERS,
)
VALUES: tuple[Json, ...] = (
    *TEXTS,
    None,
    True,
    False,
    0,
    -1,
    0.1,
    1e308,
    2**31,
    2**63,
    2**64,
    10**400,
    [],
    {},
    [None],
    [[]],
    {"": ""},
    {"email": "a@b.example"},
)
# What json.dumps would not write.
LITERALS = (
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999999",
    b"-0",
    b"01",
    b'"\\ud800"',
    b'"\\u0000"',
    b"\xff",
    b"'a'",
)
MEDIA_TYPES = (
    b"",
    b"text/plain",
    b"application/json; charset=utf-16",
    b"application/vnd.amp+json",
    b"application/json, text/html",
    b"multipart/form-data; boundary=x",
    b"application/x-www-form-urlencoded",
    b"\xff/json",
)
QUERY_VALUES = (
    b"",
    b"0",
    b"-1",
    b"1001",
    b"1e3",
    b"9" * 40,
    b"%00",
    b"%FF",
    b"%",
    b"true",
    b"a&b=c",
    b"\xff",
    b"x" * 5_000,
)
QUERY_NAMES = (
    b"page[size]",
    b"page%5Bafter%5D",
    b"page[before]",
    b"dry_run",
    b"status",
    b"type",
    b"name",
    b"unknown",
    b"",
)
PATH_PARTS = (
    "%00",
    "..",
    "%2e%2e",
    "%2F",
    "%FF",
    "%F0%9F%98%80",
    "'",
    "0" * 300,
    "-1",
    "null",
    ";a=b",
    "\\",
)
HEADER_NAMES = (
    b"authorization",
    b"idempotency-key",
    b"x-request-id",
    b"content-length",
    b"host",
    b"x-forwarded-for",
)
HEADER_VALUES = (
    b"",
    b" ",
    b"Bearer",
    b"Bearer \xff",
    b"Basic eDp5",
    b"x" * 9_000,
    b"\x00",
    b"-1",
    b"0",
    b"a\tb",
    b"\xc3\xa9",
    b"ok-1",
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "X")


def places_of(value: Json) -> list[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and under which name or number."""
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        found += [(value, key), *places_of(inner)]
    return found


def _encode(value: Json) -> bytes:
    return json.dumps(value).encode()


def _change(request: Request, choice: random.Random, act: Callable[[Any, Any], None]) -> Request:
    if not request.body:
        return request
    value = json.loads(request.body)
    places = places_of(value)
    if places:
        act(*choice.choice(places))
    return replace(request, body=_encode(value))


def replace_value(request: Request, choice: random.Random) -> Request:
    """Another value somewhere in the body."""

    def act(holder: Any, key: Any) -> None:
        holder[key] = choice.choice(VALUES)

    return _change(request, choice, act)


def drop_value(request: Request, choice: random.Random) -> Request:
    """Something is missing."""

    def act(holder: Any, key: Any) -> None:
        del holder[key]

    return _change(request, choice, act)


def add_member(request: Request, choice: random.Random) -> Request:
    """A member that nobody asked for."""

    def act(holder: Any, _key: Any) -> None:
        if isinstance(holder, dict):
            holder[choice.choice(TEXTS)] = choice.choice(VALUES)
        else:
            holder.append(choice.choice(VALUES))

    return _change(request, choice, act)


def nest(request: Request, choice: random.Random) -> Request:
    """Something nested deep, in lists or in objects."""
    in_lists = choice.random() < 0.5

    def act(holder: Any, key: Any) -> None:
        for _ in range(DEPTH):
            holder[key] = [holder[key]] if in_lists else {"a": holder[key]}

    return _change(request, choice, act)


def double_member(request: Request, choice: random.Random) -> Request:
    """A member is there twice."""
    if not request.body.startswith(b"{"):
        return request
    names = list(json.loads(request.body))
    name = choice.choice(names) if names else "type"
    member = _encode(name) + b": " + _encode(choice.choice(VALUES)) + b", "
    return replace(request, body=b"{" + member + request.body[1:])


def write_literal(request: Request, choice: random.Random) -> Request:
    """Something that is no JSON, or hardly, in the place of a value."""
    marker = "put-it-here"

    def act(holder: Any, key: Any) -> None:
        holder[key] = marker

    marked = _change(request, choice, act)
    return replace(marked, body=marked.body.replace(_encode(marker), choice.choice(LITERALS)))


def break_bytes(request: Request, choice: random.Random) -> Request:
    """Bytes are changed, cut off, or come twice."""
    body = bytearray(request.body or b"{}")
    at = choice.randrange(len(body))
    match choice.randrange(4):
        case 0:
            body[at] = choice.randrange(256)
        case 1:
            del body[at:]
        case 2:
            body[at:at] = choice.choice([b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"{", b'"', b"\xef\xbb\xbf"])
        case _:
            body += bytes(body)
    return replace(request, body=bytes(body))


def change_encoding(request: Request, choice: random.Random) -> Request:
    """The same text in another encoding, or behind a byte order mark."""
    encoding = choice.choice(["utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
    return replace(request, body=request.body.decode("utf-8", "replace").encode(encoding))


def compress(request: Request, choice: random.Random) -> Request:
    """A body that is compressed, says so wrongly, or grows beyond all bounds."""
    body, name = choice.choice(
        [
            (gzip.compress(request.body), b"gzip"),
            (gzip.compress(request.body)[:-4], b"gzip"),
            (request.body, b"gzip"),
            (request.body, b"zstd"),
            (request.body, b"br"),
            (_BOMB, b"gzip"),
            (_BOMB_IN_A_BOMB, b"gzip"),
            (gzip.compress(request.body) * 2, b"gzip"),
        ]
    )
    return replace(request, body=body).with_header(b"content-encoding", name)


def change_media_type(request: Request, choice: random.Random) -> Request:
    """Another type of the body, or of the answer."""
    return request.with_header(choice.choice([b"content-type", b"accept"]), choice.choice(MEDIA_TYPES))


def change_header(request: Request, choice: random.Random) -> Request:
    """Headers that are read, with values that nobody expects."""
    return request.with_header(choice.choice(HEADER_NAMES), choice.choice(HEADER_VALUES))


def change_path(request: Request, choice: random.Random) -> Request:
    """A part of the path is another."""
    parts = request.path.split("/")
    at = choice.randrange(1, len(parts)) if len(parts) > 1 else 0
    match choice.randrange(4):
        case 0:
            parts[at] = choice.choice(PATH_PARTS)
        case 1:
            parts[at] = parts[at].swapcase()
        case 2:
            parts.insert(at, choice.choice(PATH_PARTS))
        case _:
            parts[at] += quote(choice.choice(TEXTS[:12]).encode("utf-8", "replace"))
    return replace(request, path="/".join(parts))


def change_query(request: Request, choice: random.Random) -> Request:
    """Parameters with values that nobody expects, once or twice."""
    pairs = [
        choice.choice(QUERY_NAMES) + b"=" + choice.choice(QUERY_VALUES) for _ in range(choice.randint(1, 3))
    ]
    return replace(request, query=b"&".join([request.query, *pairs] if request.query else pairs))


def change_method(request: Request, choice: random.Random) -> Request:
    """Another method."""
    return replace(request, method=choice.choice(METHODS))


MUTATIONS: tuple[Mutation, ...] = (
    replace_value,
    replace_value,
    replace_value,
    drop_value,
    add_member,
    nest,
    double_member,
    write_literal,
    break_bytes,
    change_encoding,
    compress,
    change_media_type,
    change_header,
    change_path,
    change_query,
    change_query,
    change_method,
)


def mutate(request: Request, choice: random.Random) -> Request:
    """The request with one to three things wrong."""
    for _ in range(choice.choice([1, 1, 1, 2, 3])):
        try:
            request = choice.choice(MUTATIONS)(request, choice)
        except (ValueError, RecursionError):
            break  # It is no JSON any more: wrong enough.
    return request
