"""What names a company in the address of its LinkedIn page."""

from __future__ import annotations

import re
from urllib.parse import unquote

MAX_SLUG_CHARACTERS = 255

_PAGE = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*linkedin\.com\.?(?::(?:80|443))?/(?:company|school|showcase)/"
    r"([^/?#]+)(?:[/?#].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_NOT_IN_A_SLUG = re.compile(r'[\s\x00-\x1f\x7f-\x9f\ud800-\udfff/\\?#%<>"]')


def find_company_slug(url: str) -> str | None:
    """The last part of a company's address, decoded and lower-cased; None for what is no company's page."""
    match = _PAGE.fullmatch(url.strip())
    if match is None:
        return None
    try:
        slug = unquote(match[1], errors="strict").lower()
    except UnicodeDecodeError:
        return None
    is_usable = slug.strip(".") and len(slug) <= MAX_SLUG_CHARACTERS and not _NOT_IN_A_SLUG.search(slug)
    return slug if is_usable else None
