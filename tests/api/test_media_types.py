"""Media types, `Accept`, compressed bodies and the bounds on their size."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from tests.api.support import call_raw, error_body, require_error, with_settings
from tests.support.installation import TEST_KEY, Client, Service

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

JSON = "application/json"
VENDOR = "application/vnd.amp+json"
BODY = json.dumps({"type": "email", "leads": [{"email": "jane@acme.example"}]}).encode()
RESULT = {"results": [{"index": 0, "key": "jane@acme.example"}]}
MEBIBYTE = 1024 * 1024


async def send(client: Client, content: Any, encoding: str | None = None, **headers: str) -> httpx2.Response:
    named = {"Content-Type": JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if encoding is not None:
        named["Content-Encoding"] = encoding
    return await client.post("/normalize", content=content, headers=named)


async def in_parts(content: bytes, size: int) -> AsyncIterator[bytes]:
    """A body without an announced length."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def test_both_json_types_are_accepted_with_a_charset_of_utf_8(client: Client) -> None:
    for media_type in (
        JSON,
        VENDOR,
        "Application/JSON",
        f"{JSON};charset=utf-8",
        f'{VENDOR} ; Charset="UTF-8"',
        f"{JSON}; boundary=x",
        f"{JSON};",
    ):
        answer = await send(client, BODY, Content_Type=media_type)
        assert (answer.status_code, answer.json()) == (200, RESULT), media_type


async def test_any_other_type_is_refused(client: Client, service: Service) -> None:
    detail = "Content-Type must be application/json or application/vnd.amp+json."
    for media_type in (
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "*/*",
        "json",
    ):
        answer = await send(client, BODY, Content_Type=media_type)
        require_error(answer, "unsupported_media_type", detail, header="Content-Type")
    headers = {"Authorization": f"Bearer {TEST_KEY}"}
    answer = await call_raw(service, "POST", "/normalize", headers=headers)
    require_error(answer, "unsupported_media_type", detail, header="Content-Type")


async def test_any_other_charset_is_refused(client: Client) -> None:
    for charset in ("latin-1", "utf-16", '"iso-8859-1"', ""):
        answer = await send(client, BODY, Content_Type=f"{JSON}; charset={charset}")
        detail = "The charset of a JSON body must be UTF-8."
        require_error(answer, "unsupported_media_type", detail, header="Content-Type")


async def test_answer_is_json_unless_the_other_type_alone_is_accepted(client: Client) -> None:
    for accept, media_type in {
        "*/*": JSON,
        JSON: JSON,
        "": JSON,
        "text/html": JSON,
        f"{VENDOR}, {JSON}": JSON,
        f"{JSON};q=0.1, {VENDOR}": JSON,
        f"{VENDOR}, */*;q=0.1": JSON,
        VENDOR: VENDOR,
        VENDOR.upper(): VENDOR,
        f"{VENDOR};q=0.9": VENDOR,
        f"text/html, {VENDOR}": VENDOR,
    }.items():
        answer = await client.get("/account-info", headers={"Accept": accept})
        assert answer.headers["content-type"] == media_type, accept


async def test_errors_have_the_accepted_type_too(client: Client, service: Service) -> None:
    headers = {"Accept": VENDOR}
    async with service.client(None) as nobody:
        for answer in (
            await client.get("/lead-lists/x", headers=headers),
            await client.get("/nothing", headers=headers),
            await client.put("/lead-lists", headers=headers),
            await client.post("/normalize", content=b"{", headers={**headers, "Content-Type": VENDOR}),
            await nobody.get("/credits", headers=headers),
        ):
            assert answer.headers["content-type"] == VENDOR
            assert answer.json()["object"] == "error"


async def test_gzip_and_zstd_bodies_are_read(client: Client) -> None:
    bodies = {
        "gzip": gzip.compress(BODY),
        "GZIP": gzip.compress(BODY),
        "x-gzip": gzip.compress(BODY),
        "zstd": zstd.compress(BODY),
        "identity": BODY,
        "": BODY,
    }
    for encoding, content in bodies.items():
        answer = await send(client, content, encoding)
        assert (answer.status_code, answer.text and answer.json()) == (200, RESULT), encoding


async def test_large_compressed_bodies_are_read_whole(client: Client) -> None:
    lead = {"email": "jane@acme.example", "note": "".join(map(chr, range(33, 500))) * 400}
    body = json.dumps({"type": "email", "leads": [{**lead, "n": n} for n in range(30)]}).encode()
    assert len(body) > 16 * MEBIBYTE
    for encoding, content in (("gzip", gzip.compress(body)), ("zstd", zstd.compress(body))):
        for sent in (content, in_parts(content, 1_000)):
            answer = await send(client, sent, encoding)
            assert len(answer.json()["results"]) == 30, encoding


async def test_members_of_a_compressed_body_are_read_one_after_the_other(client: Client) -> None:
    for encoding, compress in (("gzip", gzip.compress), ("zstd", zstd.compress)):
        parts = [BODY[:10], b"", BODY[10:11], BODY[11:], b""]
        answer = await send(client, b"".join(map(compress, parts)), encoding)
        assert answer.json() == RESULT, encoding
        each = b"".join(compress(bytes([byte])) for byte in BODY)
        assert (await send(client, each, encoding)).json() == RESULT, encoding


async def test_body_that_cannot_be_decompressed_is_refused(client: Client) -> None:
    for encoding, compress in (("gzip", gzip.compress), ("zstd", zstd.compress)):
        whole = compress(BODY)
        detail = f"The request body cannot be decompressed as {encoding}."
        damaged = whole[:-5] + bytes([whole[-5] ^ 0xFF]) + whole[-4:]
        bad = [b"", BODY, whole[:5], whole[:-1], whole + b"x", whole + whole[:-1], b"\0" * 100]
        for content in [*bad, damaged] if encoding == "gzip" else bad:
            answer = await send(client, content, encoding)
            require_error(answer, "unsupported_value", detail, header="Content-Encoding")


async def test_any_other_encoding_is_refused(client: Client) -> None:
    for encoding in ("br", "deflate", "compress", "gzip, gzip", "identity, gzip"):
        answer = await send(client, gzip.compress(BODY), encoding)
        detail = "Content-Encoding must be gzip, zstd or identity."
        require_error(answer, "unsupported_media_type", detail, header="Content-Encoding")


@with_settings(max_body_bytes=1_000)
async def test_body_over_the_limit_is_refused_however_it_is_sent(client: Client, service: Service) -> None:
    fits, too_large = BODY.ljust(1_000), BODY.ljust(1_001)
    detail = "The request body exceeds 1,000 bytes."
    for sent in (fits, in_parts(fits, 7)):
        assert (await send(client, sent)).json() == RESULT
    for sent in (too_large, in_parts(too_large, 7), in_parts(too_large * 100, 900)):
        require_error(await send(client, sent), "payload_too_large", detail)
    for encoding, compress in (("gzip", gzip.compress), ("zstd", zstd.compress)):
        assert (await send(client, compress(fits), encoding)).json() == RESULT
        for content in (compress(too_large), compress(BODY) + compress(b" " * 1_000)):
            require_error(await send(client, content, encoding), "payload_too_large", detail)


@with_settings(max_body_bytes=1_000)
async def test_body_that_is_announced_too_large_is_not_even_read(service: Service) -> None:
    headers = {
        "Authorization": f"Bearer {TEST_KEY}",
        "Content-Type": JSON,
        "Content-Length": "1001",
    }
    answer = await call_raw(service, "POST", "/normalize", headers=headers, messages=[])
    require_error(answer, "payload_too_large", "The request body exceeds 1,000 bytes.")


async def test_length_that_is_no_number_is_refused(service: Service) -> None:
    for length in ("x", "", "9" * 5_000):
        headers = {"Authorization": f"Bearer {TEST_KEY}", "Content-Type": JSON, "Content-Length": length}
        answer = await call_raw(service, "POST", "/normalize", headers=headers)
        expected = error_body("unsupported_value", "The request cannot be understood.")
        assert (answer.status_code, answer.json()) == (400, expected)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_small_body_that_becomes_huge_is_refused(client: Client) -> None:
    zeros = b" " * MEBIBYTE
    compressor = zstd.ZstdCompressor()
    zstd_bomb = b"".join(compressor.compress(zeros) for _ in range(256)) + compressor.flush()
    for encoding, bomb in (("gzip", gzip.compress(zeros * 256)), ("zstd", zstd_bomb)):
        assert len(bomb) < MEBIBYTE
        answer = await send(client, bomb, encoding)
        require_error(answer, "payload_too_large", "The request body exceeds 67,108,864 bytes.")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_body_of_very_many_members_is_refused(client: Client) -> None:
    for encoding, compress in (("gzip", gzip.compress), ("zstd", zstd.compress)):
        few, many = compress(b"") * 9_000 + compress(BODY), compress(b"") * 500_000 + compress(BODY)
        assert (await send(client, few, encoding)).json() == RESULT
        answer = await send(client, many, encoding)
        detail = f"The request body cannot be decompressed as {encoding}."
        require_error(answer, "unsupported_value", detail, header="Content-Encoding")


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_zstd_frame_that_asks_for_much_memory_is_refused(client: Client) -> None:
    for window_log, status in ((23, 200), (24, 400)):
        options: dict[int, int] = {zstd.CompressionParameter.window_log: window_log}
        compressor = zstd.ZstdCompressor(options=options)
        padded = BODY + b" " * (17 * MEBIBYTE)
        content = compressor.compress(padded[:100]) + compressor.compress(padded[100:]) + compressor.flush()
        assert (await send(client, content, "zstd")).status_code == status


async def test_body_that_breaks_off_is_no_failure_of_ours(service: Service) -> None:
    headers = {"Authorization": f"Bearer {TEST_KEY}", "Content-Type": JSON, "Content-Length": "100"}
    part = {"type": "http.request", "body": BODY[:20], "more_body": True}
    answer = await call_raw(
        service, "POST", "/normalize", headers=headers, messages=[part, {"type": "http.disconnect"}]
    )
    require_error(answer, "unsupported_value", "The request body ended too early.", pointer="")
