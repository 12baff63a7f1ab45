"""Files that are sent: as the body, or as a form's field. They go to disk as they come."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar.exceptions import InternalServerException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from leadyard.actions.import_intake import FileDrop
from leadyard.api.admission import Pass
from leadyard.api.wire import ApiRequest, PayloadTooLarge, UnsupportedMediaType
from leadyard.domain.errors import Refused, unsupported_body

FORM = "multipart/form-data"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPES = (
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    XLSX,
    "application/vnd.ms-excel",
    "application/octet-stream",
)
WRITE_BYTES = 1_048_576
MAX_FIELD_BYTES = 4_096
MAX_FIELDS = 20
_FORM_MARGIN_BYTES = 65_536
"""How much longer than its file a form may be."""


class Upload(msgspec.Struct):
    """What came beside the file: its name, if it was told, and the other fields of the form."""

    digest: hashlib.blake2b
    file_name: str | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)


async def receive_file(request: ApiRequest, drop: FileDrop, limit: int, holder: Pass) -> Upload:
    """Writes the file of a request to a drop.

    Raises UnsupportedMediaType, PayloadTooLarge, Overloaded, SlowBody, and Refused for a form without a file.
    """
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if media_type not in (FORM, *FILE_TYPES):
        raise UnsupportedMediaType(f"Content-Type must be {FORM}, text/csv or {XLSX}.")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise UnsupportedMediaType("Content-Encoding must be identity.", "Content-Encoding")
    if (request.content_length or 0) > limit + _FORM_MARGIN_BYTES:
        raise PayloadTooLarge(limit)
    holder.read()
    upload = Upload(hashlib.blake2b(digest_size=32))
    parts = _hash(_large_parts(holder.collect(request.stream(), in_memory=False)), upload)
    if media_type == FORM:
        await _receive_form(parts, options.get("boundary", ""), upload, drop, limit)
    else:
        async for part in parts:
            await _write(drop, part, limit)
    await drop.finish()
    return upload


async def _large_parts(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in few parts. Raises Refused when the caller goes away."""
    buffer = bytearray()
    try:
        async for part in stream:
            buffer += part
            if len(buffer) >= WRITE_BYTES:
                yield bytes(buffer)
                buffer.clear()
    except InternalServerException:
        raise Refused(unsupported_body("ended too early")) from None
    if buffer:
        yield bytes(buffer)


async def _hash(parts: AsyncIterator[bytes], upload: Upload) -> AsyncIterator[bytes]:
    async for part in parts:
        upload.digest.update(part)
        yield part


async def _write(drop: FileDrop, part: bytes, limit: int) -> None:
    if drop.size + len(part) > limit:
        raise PayloadTooLarge(limit)
    await drop.write(part)


async def _receive_form(
    parts: AsyncIterator[bytes], boundary: str, upload: Upload, drop: FileDrop, limit: int
) -> None:
    """The one file of a form, and its short fields."""
    form = _Form(upload)
    try:
        parser = PushMultipartParser(boundary, max_segment_count=MAX_FIELDS)
        async for part in parts:
            for event in parser.parse(part):
                if content := form.take(event):
                    await _write(drop, content, limit)
        parser.close()
    except MultipartError:
        raise Refused(unsupported_body("is not a valid form")) from None
    if not upload.file_name:
        raise Refused(unsupported_body("has no file"))


class _Form:
    """Takes a form apart as its parser goes through it."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._name = ""
        self._is_file = False
        self._text = bytearray()

    def take(self, event: Any) -> bytes | None:
        """Takes a field's head, a part of its content or its end; returns what belongs to the file."""
        if isinstance(event, MultipartSegment):
            self._begin(event.name, event.filename)
        elif event is None:
            if not self._is_file:
                self._upload.fields[self._name] = self._text.decode("utf-8", "replace")
        elif self._is_file:
            return bytes(event)
        else:
            self._text += event
            if len(self._text) > MAX_FIELD_BYTES:
                raise Refused(unsupported_body("has a field that is too long"))
        return None

    def _begin(self, name: str, file_name: str | None) -> None:
        self._name, self._is_file, self._text = name, file_name is not None, bytearray()
        if file_name is not None:
            if self._upload.file_name is not None:
                raise Refused(unsupported_body("has more than one file"))
            self._upload.file_name = file_name
