"""The pages of companies on LinkedIn."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, unquote

from leadyard.domain.company_names import InvalidIdentity

MAX_KEY_CHARACTERS = 255

_PAGE = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*linkedin\.com\.?(?::(?:80|443))?"
    r"/(?:(?:mwlite|m|comm|sales)/)?(?:company|school|showcase)/([^/?#\s]+)(?:[/?#].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_NOT_IN_A_KEY = re.compile(r'[\s\x00-\x1f\x7f-\x9f\ud800-\udfff/\\?#%<>"]')


def company_page_key(url: str) -> str:
    """The name or number of a company, as its page has it: percent-decoded as UTF-8, NFC, lower-cased.

    Raises InvalidIdentity for what is no page of a company, a school or a brand.
    """
    match = _PAGE.fullmatch(url.strip())
    try:
        decoded = unquote(match[1], errors="strict") if match else ""
    except UnicodeDecodeError:
        decoded = ""
    key = unicodedata.normalize("NFC", decoded).lower()
    is_usable = any(map(str.isalnum, key)) and key.isprintable() and len(key) <= MAX_KEY_CHARACTERS
    if not is_usable or _NOT_IN_A_KEY.search(key):
        raise InvalidIdentity("linkedin_url")
    return key


def company_page_url(key: str) -> str:
    """The address of the page with that key."""
    return f"https://www.linkedin.com/company/{quote(key)}"
