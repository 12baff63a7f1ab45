"""Hosts in many scripts: what is known of them without the library is what the library gives."""

from __future__ import annotations

import sys
import unicodedata
from itertools import islice

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadyard.domain.hosts import Host, read_host

LETTERS = st.characters(categories=["Ll", "Lu", "Lo", "Lm", "Nd", "Mn"], exclude_characters=".")
labels = st.one_of(
    st.text(LETTERS, min_size=1, max_size=8),
    st.text("aZ09-üßÜéеж語あ한ﬁ", min_size=1, max_size=12),
    st.text(LETTERS, min_size=1, max_size=8).map(lambda text: f"XN--{text.encode('punycode').decode()}"),
    st.text("abk-1xn", min_size=1, max_size=9).map("xn--{}".format),
    st.sampled_from(
        [
            "xn--bcher-kva",
            "xn--xn--a-5qa",
            "a--b",
            "ü" * 56,
            "ü" * 60,
            "a" * 63,
            "a" * 64,
            "",
            "l·l",
            "אב",
            "אב7",
            "7אב",
            "אb",
            "ابא",
            "१२",
            "ا٣",
        ]
    ),
)
hosts = st.lists(labels, min_size=1, max_size=5).map(".".join)


def by_library(host: str) -> Host | None:
    try:
        ascii_host = idna.encode(host, uts46=True)
        return Host(ascii_host.decode(), idna.decode(ascii_host))
    except idna.IDNAError:
        return None


@given(hosts)
@example("ΝΙΚΟΣ.gr")
@example("İ.com")
@example("e\u0301.com")
@example("\u1100\u1161.com")
@example(".".join(["ü" * 50] * 4))
def test_what_is_known_of_a_host_is_what_the_library_gives(host: str) -> None:
    known = read_host(host)
    assert known is None or known == by_library(host)


def test_every_letter_that_is_known_is_valid_among_others() -> None:
    # Of the Hangul and the Han letters, which are alike, one in fifty.
    names = ((letter, unicodedata.name(letter, "")) for letter in map(chr, range(128, sys.maxunicode + 1)))
    letters = (
        letter
        for letter, name in names
        if letter.isalpha() and (not name.startswith(("CJK", "HANGUL")) or ord(letter) % 50 == 0)
    )
    known = (letter for letter in letters if read_host(letter) is not None)
    count = 0
    while some := list(islice(known, 12)):
        host = ".".join("".join(some[at : at + 4]) for at in range(0, len(some), 4))
        found = read_host(host)
        # Letters that are one when they stand beside each other are left to the library.
        assert found is None or found == by_library(host)
        count += len(some) if found else 0
    assert count > 10_000


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("Bücher.Example", Host("xn--bcher-kva.example", "bücher.example")),
        ("почта.рф", Host("xn--80a1acny.xn--p1ai", "почта.рф")),
        ("straße-5.de", Host("xn--strae-5-3va.de", "straße-5.de")),
        ("例子.广告", Host("xn--fsqu00a.xn--4rr70v", "例子.广告")),
        ("חברה-7.co.il", Host("xn---7-xldmn7h.co.il", "חברה-7.co.il")),
        ("شركة.مصر", Host("xn--ogbpi5d.xn--wgbh1c", "شركة.مصر")),
        ("plain.example", Host("plain.example", "plain.example")),
        ("XN--bcher-kva.xn--p1ai", Host("xn--bcher-kva.xn--p1ai", "bücher.рф")),
    ],
)
def test_hosts_in_letters_are_known(host: str, known: Host) -> None:
    assert read_host(host) == known


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "a..b",
            "a.b.",
            "-a.com",
            "a-.com",
            "a--b.com",
            "xn--a.com",
            "xn--Bcher-kvb.com",
            "7אב.com",
            "אבb.com",
            "ا٣.com",
            "l·l.com",
        ),
        *("a_b.com", "a b.com", "例え。jp", "e\u0301.com", "ü" * 60 + ".com", ".".join(["a" * 60] * 5)),
    ],
)
def test_other_hosts_are_left_to_the_library(host: str) -> None:
    assert read_host(host) is None
