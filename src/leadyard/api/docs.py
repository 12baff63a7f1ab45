"""/docs: the reference page, from files of this package only. It needs no key.

The page is Swagger UI over /openapi.json. Its script and style are vendored (static/VENDORED.md) and stored
compressed; nothing is loaded from another host, and the page's policy lets the browser load nothing else.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from leadyard.api.wire import ApiRequest
from leadyard.domain.errors import NotFound

STATIC = Path(__file__).with_name("static")
HTML = "text/html"
JAVASCRIPT = "text/javascript"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Asset(msgspec.Struct, frozen=True):
    """A file of the page: its media type, and its path under `static`. `.gz` is stored compressed."""

    media_type: str
    path: str

    @property
    def is_compressed(self) -> bool:
        """Whether it is stored as gzip."""
        return self.path.endswith(".gz")


PAGE = Asset(HTML, "docs.html")
ASSETS = {
    "docs.js": Asset(JAVASCRIPT, "docs.js"),
    "docs.css": Asset("text/css", "docs.css"),
    "favicon.svg": Asset("image/svg+xml", "favicon.svg"),
    "swagger-ui.css": Asset("text/css", "swagger-ui/swagger-ui.css.gz"),
    "swagger-ui-bundle.js": Asset(JAVASCRIPT, "swagger-ui/swagger-ui-bundle.js.gz"),
    "swagger-ui-bundle.js.LICENSE.txt": Asset("text/plain", "swagger-ui/swagger-ui-bundle.js.LICENSE.txt"),
}


@get("/docs")
async def get_docs(request: ApiRequest) -> Response[bytes]:
    """The page."""
    return _serve(request, PAGE)


@get("/docs/{file:str}")
async def get_docs_file(request: ApiRequest, file: FromPath[str]) -> Response[bytes]:
    """A file of the page."""
    asset = ASSETS.get(file)
    if asset is None:
        raise NotFound("this file")
    return _serve(request, asset)


def _serve(request: ApiRequest, asset: Asset) -> Response[bytes]:
    """A file, compressed as stored if the caller takes that; 304 if the caller has it."""
    body, etag = _load(asset.path)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "ETag": etag,
        "Vary": "Accept-Encoding",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    if asset.is_compressed:
        if accepts_gzip(request.headers.get("accept-encoding", "")):
            headers["Content-Encoding"] = "gzip"
        else:
            body = _inflate(asset.path)
    return Response(body, headers=headers, media_type=asset.media_type)


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding takes gzip (RFC 9110, 12.5.3)."""
    weights = {}
    for item in accept_encoding.lower().split(","):
        coding, _, parameters = item.partition(";")
        _, _, weight = parameters.partition("q=")
        weights[coding.strip()] = weight.strip() or "1"
    weight = weights.get("gzip", weights.get("*", "0"))
    return weight.strip("0.") != ""


@cache
def _inflate(path: str) -> bytes:
    """For callers without gzip, once: no request may cost much that needs no key."""
    body, _ = _load(path)
    return gzip.decompress(body)


@cache
def _load(path: str) -> tuple[bytes, str]:
    body = (STATIC / path).read_bytes()
    return body, f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
