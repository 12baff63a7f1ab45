"""/docs/guide: the documentation of this version, from the package. It needs no key and has no script."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PAGE_HEADERS, render
from leadyard.dashboard.guide_pages import MEDIA_TYPES, find_picture, render_page
from leadyard.domain.errors import NotFound

GUIDE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}


@get("/docs/guide")
async def get_guide(request: ApiRequest) -> Response[str]:
    """The map of the documentation."""
    return _respond(request, "index")


@get("/docs/guide/{name:path}")
async def get_guide_page(request: ApiRequest, name: FromPath[str]) -> Response[str] | Response[bytes]:
    """A page of the documentation, or a picture of one."""
    picture = find_picture(name.strip("/"))
    if picture is not None:
        headers = {"Cache-Control": "no-cache"}
        return Response(picture.read_bytes(), media_type=MEDIA_TYPES[picture.suffix], headers=headers)
    return _respond(request, name.strip("/"))


def _respond(request: ApiRequest, name: str) -> Response[str]:
    page = render_page(name)
    if page is None:
        raise NotFound("this page of the documentation")
    response = render(request, "guide.html", page=page)
    response.headers.update({**PAGE_HEADERS, **GUIDE_HEADERS})
    return response
