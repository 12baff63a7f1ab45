"""The pages of companies on LinkedIn."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from leadyard.domain.company_names import InvalidIdentity

_PAGE = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)*linkedin\.com\.?(?::[0-9]+)?"
    r"/(?:(?:mwlite|m|comm|sales)/)?(?:company|school|showcase)/([^/?#\s]+)(?:[/?#].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


def company_page_key(url: str) -> str:
    """The name or number of a company, as its page has it: percent-decoded, NFC, lower-cased.

    Raises InvalidIdentity for what is no page of a company, a school or a brand.
    """
    match = _PAGE.fullmatch(url.strip())
    key = unicodedata.normalize("NFC", unquote(match[1])).lower() if match else ""
    if not any(map(str.isalnum, key)) or not key.isprintable():
        raise InvalidIdentity("linkedin_url")
    return key
