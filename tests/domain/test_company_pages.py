"""What names a company in the address of its page."""

from __future__ import annotations

import pytest

from leadyard.domain.company_pages import company_page_key, company_page_url
from leadyard.domain.directory import find_key


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.linkedin.com/company/Acme", "acme"),
        (" linkedin.com/company/acme/ ", "acme"),
        ("http://de.linkedin.com:80/company/acme/about/?trk=x#top", "acme"),
        ("linkedin.com./school/acme-university", "acme-university"),
        ("linkedin.com/showcase/acme", "acme"),
        ("LINKEDIN.COM/COMPANY/1234", "1234"),
        ("linkedin.com/company/caf%C3%A9", "café"),
        ("linkedin.com/company/café", "café"),
        ("linkedin.com/in/acme", None),
        ("linkedin.com/company/", None),
        ("linkedin.com/company/..", None),
        ("linkedin.com/company/%2E", None),
        ("linkedin.com/company/a%2Fb", None),
        ("linkedin.com/company/a b", None),
        ("linkedin.com/company/%FF", None),
        ("linkedin.com/company/" + "a" * 256, None),
        ("linkedin.com.evil.example/company/acme", None),
        ("evillinkedin.com/company/acme", None),
        ("ftp://linkedin.com/company/acme", None),
        ("linkedin.com:8080/company/acme", None),
        ("user@linkedin.com/company/acme", None),
        ("acme", None),
        ("", None),
    ],
)
def test_page_of_a_company_gives_its_key(url: str, key: str | None) -> None:
    assert find_key(company_page_key, url) == key


@pytest.mark.parametrize("key", ["acme", "1234", "café", "王伟", "a+b&c"])
def test_address_of_a_page_has_the_key(key: str) -> None:
    assert company_page_key(company_page_url(key)) == key
