from __future__ import annotations

import pytest

from leadyard.domain.company_pages import company_page_key
from leadyard.domain.directory import find_key
from leadyard.domain.mailboxes import mailbox_key
from leadyard.domain.spelling import plain_text, spelled_out


@pytest.mark.parametrize(
    ("written", "plain", "long"),
    [
        ("Müller", "muller", "mueller"),
        ("MU\u0308LLER", "muller", "mueller"),
        ("Sørensen Ærø", "sorensen aro", "soerensen aeroe"),
        ("Wójcik Łódź", "wojcik lodz", "wojcik lodz"),
        ("Straße", "strasse", "strasse"),
        ("Nguyễn", "nguyen", "nguyen"),
        ("Ёлка Ромашка", "елка ромашка", "елка ромашка"),
        ("株式会社", "株式会社", "株式会社"),
    ],
)
def test_marks_are_taken_off_or_spelled_out(written: str, plain: str, long: str) -> None:
    assert plain_text(written) == plain
    assert spelled_out(plain_text(written) if "\u0308" in written else written.casefold()) in (long, plain)


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("ada+x@b.example", "ada@b.example"),
        ("ada+x+y@b.example", "ada@b.example"),
        ("ada@b.example", "ada@b.example"),
        ("+x@b.example", "+x@b.example"),
        ("a.d.a@b.example", "a.d.a@b.example"),
    ],
)
def test_mailbox_has_no_tag(email: str, mailbox: str) -> None:
    assert mailbox_key(email) == mailbox


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.linkedin.com/company/Acme/", "acme"),
        ("de.linkedin.com/company/acme/about?x=1", "acme"),
        ("https://www.linkedin.com/school/tu-bonn", "tu-bonn"),
        ("linkedin.com/company/m%C3%BCller", "müller"),
        ("https://www.linkedin.com/sales/company/1234", "1234"),
        ("https://www.linkedin.com/in/anna", None),
        ("https://linkedin.com.evil.example/company/acme", None),
        ("https://www.linkedin.com/company/%00", None),
        ("acme", None),
    ],
)
def test_page_of_a_company_has_a_key(url: str, key: str | None) -> None:
    assert find_key(company_page_key, url) == key
