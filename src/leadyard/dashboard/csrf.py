"""Forms that are refused: those of other sites, and those of a page that showed other data."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from leadyard.api.call import services_of
from leadyard.api.wire import ApiRequest
from leadyard.domain.accounts import Mode
from leadyard.domain.errors import Conflict, Forbidden

DATA_FIELD = "shown_data"
"""Where each form says whether its page showed the live or the test data."""
_OURS = frozenset({"same-origin", "none"})
_FORM = re.compile(r"""<form\b[^>]*\bmethod="post"[^>]*>""")


def mark_forms(page: str, mode: Mode) -> str:
    """The page with its forms saying which data it shows: what it shows may be turned in another tab."""
    return _FORM.sub(rf"""\g<0><input type="hidden" name="{DATA_FIELD}" value="{mode}">""", page)


def require_same_data(shown: str, mode: Mode) -> None:
    """Raises Conflict for a form of a page that showed other data than the session is on."""
    if shown not in ("", mode):
        other = Mode.LIVE if mode is Mode.TEST else Mode.TEST
        raise Conflict(
            f"This page showed the {other} data, and you have turned to the {mode} data since, perhaps in "
            "another tab. Nothing was done. Open the page again, or turn back."
        )


def require_own_page(request: ApiRequest) -> None:
    """Raises Forbidden unless the browser says that a page of ours, or nobody, sent this.

    Browsers say so with `Sec-Fetch-Site` over HTTPS and on this machine, and everywhere with `Origin`.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_ours = site in _OURS
    else:
        origin = urlsplit(request.headers.get("origin", ""))
        public = urlsplit(services_of(request).public_url)
        is_ours = origin.netloc != "" and origin.netloc in (request.headers.get("host"), public.netloc)
    if not is_ours:
        raise Forbidden("This came from another site. Open the page here and try again.")
