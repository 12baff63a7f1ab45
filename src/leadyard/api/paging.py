"""Page parameters and links (contract §1, Paging and Links)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from leadyard.api.fields import is_clean
from leadyard.api.schemas import Link, Links
from leadyard.api.wire import ApiRequest
from leadyard.domain.errors import Refused, unsupported_parameter
from leadyard.domain.pages import MAX_PAGE_SIZE, Page, PageRequest

ENTRIES_PAGE_SIZE = 100
COLLECTION_PAGE_SIZE = 20
MAX_CURSOR_LENGTH = 255  # an e-mail or a domain can be one


def read_page(request: ApiRequest, default_size: int) -> PageRequest:
    """The page asked for. Raises Refused for a bad size or cursor, or both cursors at once."""
    size = request.query_params.get("page[size]")
    after = _cursor(request, "page[after]")
    before = _cursor(request, "page[before]")
    if after is not None and before is not None:
        raise Refused(unsupported_parameter("page[before]", "Give page[after] or page[before], not both."))
    if size is None:
        return PageRequest(default_size, after, before)
    if not (size.isascii() and size.isdigit() and len(size) <= 4 and 1 <= int(size) <= MAX_PAGE_SIZE):
        raise Refused(unsupported_parameter("page[size]"))
    return PageRequest(int(size), after, before)


def _cursor(request: ApiRequest, name: str) -> str | None:
    value: str | None = request.query_params.get(name)
    if value is not None and not (0 < len(value) <= MAX_CURSOR_LENGTH and is_clean(value)):
        raise Refused(unsupported_parameter(name))
    return value


def self_link(path: str) -> Links:
    """The links of a single resource."""
    return Links(Link(path))


def page_links(
    path: str,
    request: PageRequest,
    page: Page[Any],
    cursors: Sequence[str],
    filters: Mapping[str, str] | None = None,
) -> Links:
    """`self`, and `prev` and `next` where there is something; brackets stay as they are.

    `cursors` are those of the page's items, in order.
    """

    def href(**cursor: str | None) -> Link:
        parameters = {**(filters or {}), "page[size]": str(request.size)}
        parameters.update({f"page[{name}]": value for name, value in cursor.items() if value})
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
        return Link(f"{path}?{query}")

    links = {"self": href(after=request.after, before=request.before)}
    if cursors and page.has_previous:
        links["prev"] = href(before=cursors[0])
    if cursors and page.has_next:
        links["next"] = href(after=cursors[-1])
    return Links(**links)
