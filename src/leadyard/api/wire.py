"""Bodies and headers: media types, compressed bodies bounded while they inflate, JSON."""

from __future__ import annotations

import mmap
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any, Protocol

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import InternalServerException

from leadyard.api.admission import LARGE_BYTES, Pass
from leadyard.domain.compression import zstd
from leadyard.domain.errors import ErrorCode, Fault, LeadyardError, Refused, unsupported_body

JSON = "application/json"
VENDOR_JSON = "application/vnd.amp+json"
INFLATE_STEP_BYTES = 256 * 1024
FEED_BYTES = 16 * 1024
MAX_MEMBERS = 10_000
_GZIP_WINDOW = 31
_ZSTD_WINDOW_LOG = 23  # 8 MiB, the most that a frame of this content coding may ask for (RFC 9659)

ApiRequest = Request[Any, Any, State]
Body = bytes | memoryview

encode = msgspec.json.Encoder().encode


class PayloadTooLarge(LeadyardError):
    """The body, as sent or after decompression, is over the limit (413)."""

    def __init__(self, limit: int) -> None:
        detail = f"The request body exceeds {limit:,} bytes."
        super().__init__(Fault(ErrorCode.PAYLOAD_TOO_LARGE, detail))


class UnsupportedMediaType(LeadyardError):
    """The body's type, charset or encoding is none that is spoken here (415)."""

    def __init__(self, detail: str, header: str = "Content-Type") -> None:
        super().__init__(Fault(ErrorCode.UNSUPPORTED_MEDIA_TYPE, detail, header=header))


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: Body, max_length: int) -> bytes: ...


def media_type_of(request: Request[Any, Any, Any]) -> str:
    """JSON, unless `Accept` names the vendor's type and not JSON (contract §1, Base)."""
    accept = request.headers.get("accept", "").lower()
    is_vendor_alone = VENDOR_JSON in accept and JSON not in accept and "*/*" not in accept
    return VENDOR_JSON if is_vendor_alone else JSON


def json_response(
    request: Request[Any, Any, Any],
    content: Any,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """An answer; `content` is a wire shape, or JSON that is encoded already."""
    body = content if isinstance(content, bytes) else encode(content)
    return Response(body, status_code=status, headers=headers, media_type=media_type_of(request))


async def read_body(request: ApiRequest, limit: int, holder: Pass) -> Body:
    """The body, decompressed, of a request with a JSON media type, once it may be worked on.

    Raises UnsupportedMediaType, PayloadTooLarge and Overloaded, SlowBody, and Refused for what cannot be
    decompressed.
    `limit` is in bytes and holds for the body as sent and after decompression.
    """
    _require_json(request.headers.get("content-type", ""))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "zstd"):
        raise UnsupportedMediaType("Content-Encoding must be gzip, zstd or identity.", "Content-Encoding")
    body = await read_bytes(request, limit, holder)
    return body if encoding in ("identity", "") else await _inflate(body, encoding, limit, holder)


async def read_bytes(request: ApiRequest, limit: int, holder: Pass) -> Body:
    """The body as it came, of any type, once it may be worked on.

    Raises PayloadTooLarge, Overloaded, SlowBody, and Refused for one that ends too early.
    """
    announced = request.content_length or 0
    if announced > limit:
        raise PayloadTooLarge(limit)
    holder.read()
    body = await _collect(holder.collect(request.stream(), announced), limit, announced)
    await holder.work()
    return body


def _require_json(content_type: str) -> None:
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() not in (JSON, VENDOR_JSON):
        raise UnsupportedMediaType(f"Content-Type must be {JSON} or {VENDOR_JSON}.")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in ("utf-8", "utf8", "us-ascii"):
            raise UnsupportedMediaType("The charset of a JSON body must be UTF-8.")


async def _collect(stream: AsyncIterator[bytes], limit: int, announced: int) -> Body:
    parts, length = [], 0
    try:
        async for part in stream:
            parts.append(part)
            length += len(part)
            if length > limit:
                raise PayloadTooLarge(limit)
            if LARGE_BYTES <= length < announced:
                return await _collect_large(stream, parts, announced)
    except InternalServerException:
        # The framework's word for a caller who went away: nothing of ours has failed.
        raise Refused(unsupported_body("ended too early")) from None
    return b"".join(parts)


async def _collect_large(stream: AsyncIterator[bytes], parts: list[bytes], announced: int) -> memoryview:
    """The parts that came and those to come, in memory that is the body's own until nobody needs it.

    Parts that are joined take twice the memory, and the allocator gives it back and asks for it anew for each
    body, page by page. Here pages are filled as the body comes, so what is only announced takes nothing.
    """
    memory = mmap.mmap(-1, announced, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if sys.platform == "linux":
        # Kernels may be made without such pages, and refuse then.
        with suppress(OSError):
            memory.madvise(mmap.MADV_HUGEPAGE)
    for part in parts:
        memory.write(part)
    parts.clear()
    async for part in stream:
        memory.write(part)
    return memoryview(memory)[: memory.tell()].toreadonly()


def _new_inflater(encoding: str) -> _Inflater:
    if encoding == "zstd":
        options = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        inflater: _Inflater = zstd.ZstdDecompressor(options=options)
        return inflater
    return _GzipMember()


class _GzipMember:
    """zlib's decompressor with the interface that the other formats have: it keeps what is left over."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP_WINDOW)
        self._pending = b""

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: Body, max_length: int) -> bytes:
        inflated = self._zlib.decompress(self._pending + data, max_length)
        self._pending = self._zlib.unconsumed_tail
        return inflated


async def _inflate(data: Body, encoding: str, limit: int, holder: Pass) -> memoryview:
    """Inflates step by step, so that a small body cannot become a large one in memory.

    Those that become large all the same wait for each other.
    """
    body = bytearray()
    try:
        for part in _inflated_parts(data, encoding):
            body += part
            if len(body) > limit:
                raise PayloadTooLarge(limit)
            if len(body) >= LARGE_BYTES:
                await holder.take_much()
    except (zlib.error, zstd.ZstdError, EOFError):
        detail = f"The request body cannot be decompressed as {encoding}."
        raise Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, header="Content-Encoding")) from None
    return memoryview(body).toreadonly()


def _inflated_parts(data: Body, encoding: str) -> Iterator[bytes]:
    """What the members (gzip) or frames (zstd) of a body hold, one after the other.

    It is fed little by little, because every member copies what was fed beyond its end. Raises EOFError for
    a body that is cut off or has too many members.
    """
    inflater = _new_inflater(encoding)
    members = 1
    for start in range(0, len(data), FEED_BYTES):
        rest = data[start : start + FEED_BYTES]
        while rest:
            if inflater.eof:
                inflater = _new_inflater(encoding)
                members += 1
            is_hungry = False
            while not (inflater.eof or is_hungry):
                part = inflater.decompress(rest, INFLATE_STEP_BYTES)
                yield part
                is_hungry, rest = not part, b""
            rest = inflater.unused_data
            if members > MAX_MEMBERS:
                raise EOFError
    if not inflater.eof:
        raise EOFError
