"""Styles, scripts and pictures of the pages, under names that change with what is in them."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from leadyard.api.docs import accepts_gzip
from leadyard.api.wire import ApiRequest
from leadyard.domain.errors import NotFound

STATIC = Path(__file__).with_name("static")
YEAR_SECONDS = 31_536_000
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".csv": "text/csv"}


class Asset(msgspec.Struct, frozen=True):
    """A file as it is served, and compressed."""

    name: str
    media_type: str
    body: bytes
    compressed: bytes


@cache
def load_assets() -> dict[str, Asset]:
    """Every file by the name that templates call it by."""
    found = {}
    for path in sorted(STATIC.iterdir()):
        if path.suffix in MEDIA_TYPES:
            body = path.read_bytes()
            name = f"{path.stem}.{hashlib.sha256(body).hexdigest()[:16]}{path.suffix}"
            media_type = MEDIA_TYPES[path.suffix]
            found[path.name] = Asset(name, media_type, body, gzip.compress(body, 9, mtime=0))
    return found


def asset_path(name: str) -> str:
    """Where a file is served. Raises KeyError for one that is not there."""
    return f"/assets/{load_assets()[name].name}"


@cache
def _by_served_name() -> dict[str, Asset]:
    return {asset.name: asset for asset in load_assets().values()}


@get("/assets/{name:str}")
async def get_asset(request: ApiRequest, name: FromPath[str]) -> Response[bytes]:
    """A file. It never changes under its name, so browsers ask once."""
    asset = _by_served_name().get(name)
    if asset is None:
        raise NotFound("this file")
    headers = {"Cache-Control": f"public, max-age={YEAR_SECONDS}, immutable", "Vary": "Accept-Encoding"}
    if not accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(asset.body, headers=headers, media_type=asset.media_type)
    headers["Content-Encoding"] = "gzip"
    return Response(asset.compressed, headers=headers, media_type=asset.media_type)
