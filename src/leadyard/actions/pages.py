"""Pages that were asked for by a cursor that there is."""

from __future__ import annotations

from typing import Any

from leadyard.domain.errors import Refused, unsupported_parameter
from leadyard.domain.pages import Page, PageRequest


def require_page(page: Page[Any] | None, request: PageRequest) -> Page[Any]:
    """The page, if its cursor was known. Raises Refused, at the parameter that held the cursor."""
    if page is None:
        raise unknown_cursor(request)
    return page


def unknown_cursor(request: PageRequest) -> Refused:
    """The error of a cursor that is none of the collection, at the parameter that held it."""
    name = "page[after]" if request.after is not None else "page[before]"
    return Refused(unsupported_parameter(name))
