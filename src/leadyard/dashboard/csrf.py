"""Forms of other sites are refused: what changes something comes from a page of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from leadyard.api.call import services_of
from leadyard.api.wire import ApiRequest
from leadyard.domain.errors import Forbidden

_OURS = frozenset({"same-origin", "none"})


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
