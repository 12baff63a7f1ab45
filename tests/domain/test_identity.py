"""When two leads are the same: the key of each type of list, and what has none."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import idna
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from leadyard.domain.identity import (
    InvalidIdentity,
    _email_key_by_parts,
    _linkedin_key_by_parts,
    _registrable_by_library,
    email_key,
    email_keys,
    linkedin_key,
    registrable_domain,
    title_and_company_key,
    title_key,
)

ROOT = Path(__file__).resolve().parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"


def key_or_none(rule: Callable[[str], str | None], text: str) -> str | None:
    try:
        return rule(text)
    except InvalidIdentity:
        return None


def items(text: str) -> list[str]:
    return [item for line in text.strip().splitlines() for item in line.split(" | ")]


def one_of(words: str) -> st.SearchStrategy[str]:
    """One of these words or none."""
    return st.sampled_from(["", *words.split()])


def corpus(name: str) -> list[dict[str, Any]]:
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"the public cases of {name} are not on this machine")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


# E-mail


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("jane@example.com", "jane@example.com"),
        ("  Jane.Doe+Sales@Example.COM\r\n", "jane.doe+sales@example.com"),
        ("o'brien!#$%&'*+-/=?^_`{|}~@sub.example.co.uk", "o'brien!#$%&'*+-/=?^_`{|}~@sub.example.co.uk"),
        ("jane@BÜCHER.example", "jane@xn--bcher-kva.example"),
        ("jane@bu\u0308cher.example", "jane@xn--bcher-kva.example"),
        ("jane@XN--BCHER-KVA.example", "jane@xn--bcher-kva.example"),
        ("jane@straße.example", "jane@xn--strae-oqa.example"),
        ("jane@例え。example", "jane@xn--r8jz45g.example"),
        ("JÖRG@example.com", "jörg@example.com"),
        ("JO\u0308RG@example.com", "jörg@example.com"),
        ("İnci@example.com", "i\u0307nci@example.com"),
        ("ΝΙΚΟΣ@example.com", "νικος@example.com"),
        ("\u212aelvin@example.com", "kelvin@example.com"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("jane@sub-domain.x1.museum", "jane@sub-domain.x1.museum"),
        (
            f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com",
            f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com",
        ),
    ],
)
def test_email_key(email: str, key: str) -> None:
    assert email_key(email) == key


NO_EMAIL = """
jane | @ | jane@ | @example.com | jane@example | jane@localhost | jane@example.com. | jane@.example.com
jane@example..com | jane doe@example.com | jane@exam ple.com | .jane@example.com | jane.@example.com
ja..ne@example.com | jane@-example.com | jane@example-.com | jane@exa_mple.com | jane@@example.com
jane@x@example.com | jane@example.c0m1 | jane@127.0.0.1 | "jane"@example.com | "jane doe"@example.com
jane@[127.0.0.1] | jane@[IPv6:::1] | Jane <jane@example.com> | <jane@example.com>
jane(comment)@example.com | jane@example.test | jane@x.invalid | jane@x.LOCAL | jane@x.onion
jane@x.arpa | jane@ab--c.com | jane@xn--example.com | jane＠example.com | jane\u0000@example.com
jane\ud800@example.com | jane\u200b@example.com | jane@exam\u0000ple.com | jane@exam\ud800ple.com
\u0301jane@example.com | mailto:jane@
"""


@pytest.mark.parametrize("email", ["", *items(NO_EMAIL)])
def test_what_is_no_email_identifies_nobody(email: str) -> None:
    with pytest.raises(InvalidIdentity) as refusal:
        email_key(email)
    assert refusal.value.field == "email"


@pytest.mark.parametrize(
    "email",
    [
        f"{'a' * 65}@example.com",
        f"{'ä' * 65}@example.com",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 58}.com",
        f"jane@{'b' * 64}.com",
        f"{'語' * 64}@{'b' * 60}.com",
        f"jane@{'ü' * 60}.com",
        "İ" * 33 + "@example.com",
        "a" * 1_000_000 + "@example.com",
        "a\u0301\u0316" * 300_000 + "@example.com",
        "a@" + "\u0301\u0316" * 300_000,
    ],
)
def test_email_that_is_too_long_identifies_nobody(email: str) -> None:
    assert key_or_none(email_key, email) is None


def test_dots_and_plus_tags_are_other_mailboxes() -> None:
    assert len({email_key(email) for email in ("jane.doe@x.com", "janedoe@x.com", "janedoe+a@x.com")}) == 3


def by_whole_address(email: str) -> str | None:
    """The rule by the library alone, the address in one piece; the key must be an address too."""
    try:
        checked = validate_email(email.strip(), check_deliverability=False, strict=True)
        local_part = unicodedata.normalize("NFC", checked.local_part.lower())
        key = f"{local_part}@{checked.ascii_domain}"
        validate_email(key, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return key


LETTERS = "aZ09.+_-'!@ \"<>()[]\\,=öÖo\u0308İΣσςßKé語\u212a\u0338\u0301\u200d\u200b\x00\x85\ud800"
DOMAINS = """
example.com EXAMPLE.com bücher.example BÜCHER.EXAMPLE xn--bcher-kva.example straße.de 例子.广告 例え。jp a.b
x.test x.local localhost exam_ple.com -a.com a-.com ab--c.com a--b.com xn--a.com 1.2.3.4 [1.2.3.4] a..b
.a.com a.com. אב.com 1.אב.com a@b.com a.c0m ΝΙΚΟΣ.gr νικος.gr
"""
many_letters = st.text(st.characters(categories=["Ll", "Lu", "Lo", "Lm", "Nd", "No", "Mn"]), max_size=8)
local_parts = st.one_of(
    st.text(LETTERS, max_size=12),
    many_letters,
    st.text(max_size=8),
    st.text("ab.İΣé", min_size=30, max_size=70),
    st.sampled_from(["info", "INFO", '"a b"', '"ab"', "a<\u0338b", "Jane <jane"]),
)
domains = st.one_of(
    st.sampled_from(DOMAINS.split()),
    st.text("aB1-.ü。", max_size=12).map("{}.com".format),
    st.builds("{}.{}".format, many_letters, many_letters),
    st.integers(50, 80).map(lambda size: f"{'b' * 60}.{'c' * 60}.{'d' * 60}.{'ü' * (size - 50)}.com"),
)
addresses = st.builds(
    "{}{}@{}{}".format, st.sampled_from(["", " ", "\r\n"]), local_parts, domains, st.sampled_from(["", "\n"])
)


@given(addresses)
@example("a" * 64 + "@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 57 + ".com")
@example("語" * 60 + "@" + "b" * 60 + ".com")
@example("e\u0301" * 32 + "@" + "b" * 60 + "." + "c" * 60 + ".com")
@example("İ" * 32 + "@b.com")
@example("𠀀" * 62 + "@a.b")
@example("\u212aelvin@\u212aelvin.com")
def test_parts_checked_apart_give_what_the_library_gives_on_the_whole_address(email: str) -> None:
    assert key_or_none(_email_key_by_parts, email) == by_whole_address(email)


@given(
    st.one_of(
        addresses,
        st.from_regex(r"[A-Za-z0-9.+'-]{1,20}@([A-Za-z0-9-]{1,9}\.){1,3}(com|TEST|x1|local)", fullmatch=True),
    )
)
@example("\u212aelvin@example.com")
@example("jane@ab--c.com")
def test_plain_emails_have_the_key_that_the_library_gives(email: str) -> None:
    key = key_or_none(_email_key_by_parts, email)
    assert key_or_none(email_key, email) == key
    assert key_or_none(lambda told: email_keys(["jane@example.com", told])[1], email) == key


def test_addresses_in_letters_of_any_script_need_no_library() -> None:
    addresses = [
        "jörg.müller@Bücher-5.example",
        "иван@почта.рф",
        "山田@例子.广告",
        "ju\u0308rgen@a.example",
        "हिन्दी.7@a.example",
        "דנה@חברה-7.co.il",
    ]
    code = (
        "import sys; from leadyard.domain.identity import email_key\n"
        f"print(*map(email_key, {addresses}), *{{'email_validator'}} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    keys = [
        "jörg.müller@xn--bcher-5-n2a.example",
        "иван@xn--80a1acny.xn--p1ai",
        "山田@xn--fsqu00a.xn--4rr70v",
        "jürgen@a.example",
        "हिन्दी.7@a.example",
        "דנה@xn---7-xldmn7h.co.il",
    ]
    assert done.stdout.split() == keys


@pytest.mark.parametrize("first", ["", "a", "."])
def test_letters_marks_and_digits_of_all_scripts_can_stand_before_the_at(first: str) -> None:
    scripts = map(chr, range(128, sys.maxunicode + 1))
    letters = [letter for letter in scripts if unicodedata.category(letter)[0] in "LMN"]
    assert len(letters) > 100_000
    for start in range(0, len(letters), 40):
        address = f"{first}{''.join(letters[start : start + 40])}@example.com"
        assert key_or_none(_email_key_by_parts, address) == by_whole_address(address)


@given(addresses)
@example("İ@example.com")
@example("ΑΣ.Σ@example.com")
def test_email_key_of_a_key_is_itself(email: str) -> None:
    key = key_or_none(email_key, email)
    assert key is None or email_key(key) == key


@given(st.emails(), st.sampled_from(["", " ", "\t", "\r\n", "\u3000"]))
def test_letter_case_and_space_around_an_email_do_not_count(email: str, space: str) -> None:
    assert key_or_none(email_key, f"{space}{email.upper()}{space}") == key_or_none(email_key, email)


# Disagreements with the public cases, by reason: source and id.
ISEMAIL = "dominicsayers/isemail@3.05"
ORIGINAL = "dominicsayers/isemail-original@3.04"
LIBRARY = "JoshData/python-email-validator"
SUITE = "JSON-Schema-Test-Suite/email"
IDN_SUITE = "JSON-Schema-Test-Suite/idn-email"
SPACE_AROUND_IS_TRIMMED = {
    *((ISEMAIL, str(number)) for number in (88, 89, 99, 127, 128, 132, *range(141, 159))),
    (ORIGINAL, "278"),
    (LIBRARY, "test_email_invalid_syntax[20]"),
    (LIBRARY, "test_email_invalid_syntax[33]"),
}
QUOTES_LITERALS_AND_NAMES_ARE_REFUSED = {
    *((LIBRARY, f"test_email_valid[{number}]") for number in range(5, 12)),
    (LIBRARY, "test_email_valid_intl_local_part[13]"),
    *((SUITE, number) for number in range(11, 16)),
    (IDN_SUITE, 10),
}
LIBRARY_IS_STRICTER = {
    (ISEMAIL, "5"): "no dot in the domain",
    (ORIGINAL, "8"): "the top-level domain ends with a digit",
    (ORIGINAL, "96"): "the top-level domain ends with a digit",
    (ORIGINAL, "279"): "not IDNA 2008",
    (IDN_SUITE, 13): "a control, here also trimmed as space",
    (IDN_SUITE, 14): "a noncharacter",
}


def test_emails_of_the_public_cases() -> None:
    cases = [case for case in corpus("email-syntax.jsonl") if case["expect"] != "smtputf8"]
    disagreements = {
        (case["source"], case["id"])
        for case in cases
        if (key_or_none(email_key, case["input"]) is not None) != (case["expect"] == "valid")
    }
    assert (
        disagreements
        == SPACE_AROUND_IS_TRIMMED | QUOTES_LITERALS_AND_NAMES_ARE_REFUSED | LIBRARY_IS_STRICTER.keys()
    )
    assert len(LIBRARY_IS_STRICTER) < 0.01 * len(cases)


# LinkedIn


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.linkedin.com/in/jane-doe", "jane-doe"),
        ("linkedin.com/in/jane-doe", "jane-doe"),
        (" HTTP://DE.LinkedIn.com/IN/Jane-Doe/?trk=x#y \n", "jane-doe"),
        ("https://www.linkedin.com/in/jane-doe/de", "jane-doe"),
        ("https://www.linkedin.com/in/jane-doe/details/skills/?x=../y", "jane-doe"),
        ("https://linkedin.com/in/test/10/1", "test"),
        ("https://linkedin.com//in//jane//", "jane"),
        ("https://www.linkedin.com./in/jane", "jane"),
        ("https://www.linkedin.com:443/in/jane", "jane"),
        ("http://linkedin.com:80/in/jane", "jane"),
        ("linkedin.com:80/in/jane", "jane"),
        ("https://www.linkedin.com/mwlite/in/jane", "jane"),
        ("https://www.linkedin.com/m/in/jane", "jane"),
        ("https://www.linkedin.com/comm/in/jane?midToken=x", "jane"),
        ("https://www.linkedin.com/in/J%C3%96RG", "jörg"),
        ("https://www.linkedin.com/in/jo%CC%88rg", "jörg"),
        ("https://www.linkedin.com/in/Jörg", "jörg"),
        ("https://www.linkedin.com/in/%E5%B1%B1%E7%94%B0", "山田"),
        ("https://www.linkedin.com/in/jane%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB", "jane👩\u200d💻"),
        ("https://www.linkedin.com/in/j%61ne", "jane"),
        ("https://www.linkedin.com/in/ACoAABcDe_f-1", "acoaabcde_f-1"),
        (f"https://www.linkedin.com/in/{'a' * 255}", "a" * 255),
        ("de.linkedin.com/pub/Frank-Rempp/1/638/7A1", "frank-rempp/1/638/7a1"),
        ("https://linkedin.com/pub/test/01/01", "test/01/01"),
        ("https://linkedin.com/pub/test/1/2/3/en", "test/1/2/3"),
        ("https://linkedin.com/pub/test/1/2/english", "test/1/2"),
        ("https://www.linkedin.com/sales/lead/ACwAAAbC_d-1,NAME_SEARCH,x1Yz", "sales:ACwAAAbC_d-1"),
        ("https://www.linkedin.com/Sales/People/ACwAAAbC_d-1%2CNAME_SEARCH?x", "sales:ACwAAAbC_d-1"),
        ("https://www.linkedin.com/sales/people/ACwAAAbC_d-1", "sales:ACwAAAbC_d-1"),
        ("https://www.linkedin.com/talent/profile/AEMAAAbC_d-1/", "talent:AEMAAAbC_d-1"),
    ],
)
def test_linkedin_key(url: str, key: str) -> None:
    assert linkedin_key(url) == key


NO_PERSON = """
https://linkedin.com https://linkedin.com/ https://linkedin.com/in https://linkedin.com/in/
linkedin.com/m/in/ https://linkedin.com/company/acme https://linkedin.com/school/mit
https://linkedin.com/jobs/view/1 linkedin.com/feed https://linkedin.com/posts/jane-doe_x
linkedin.com/groups/1 linkedin.com/profile/view?id=1 linkedin.com/newsletters/x
https://linkedin.com/pub/dir/Jane/Doe linkedin.com/pub/dir/1/2 linkedin.com/pub/jane
linkedin.com/pub/jane/1 https://linkedin.com/pub/jane/xyz/1/2 linkedin.com/pub/jane/12345/1/2
linkedin.com/sales/lead linkedin.com/sales/lead/ https://linkedin.com/sales/company/1
linkedin.com/sales/lead/a.b linkedin.com/sales/lead/,x linkedin.com/talent/profile
https://linkedin.com.evil.org/in/jane https://linkedinxcom/in/jane https://evil-linkedin.com/in/jane https://evillinkedin.com/in/jane
https://evil.org/linkedin.com/in/jane https://linkedin.com@evil.org/in/jane
https://user@linkedin.com/in/jane https://user:pass@linkedin.com/in/jane
https://linkedin.com:444/in/jane https://linkedin.com:80/in/jane http://linkedin.com:443/in/jane
linkedin.com:443/in/jane https://linkedin.com:/in/jane https://.linkedin.com/in/jane
https://linkedin.com../in/jane https://linkedin.co/in/jane ftp://linkedin.com/in/jane
https:linkedin.com/in/jane https://https://linkedin.com/in/jane https:///linkedin.com/in/jane
linkedin.com\\in\\jane linkedin.com/in/jane\\doe https://linkedin.com/in/. https://linkedin.com/in/..
https://linkedin.com/in/%2e%2E https://linkedin.com/in/../company https://linkedin.com/in/jane/../joe
linkedin.com/./in/jane https://linkedin.com/in/ja%2Fne linkedin.com/in/jane%20doe
https://linkedin.com/in/jane%0A linkedin.com/in/%00 linkedin.com/in/jane%3Fx linkedin.com/in/jane%23
linkedin.com/in/% https://linkedin.com/in/%zz linkedin.com/in/%25 linkedin.com/in/j%25C3%25B6rg
linkedin.com/in/%C3 linkedin.com/in/%FF https://linkedin.com/in/%ED%A0%80 linkedin.com/in/<jane>
linkedin.com/in/"jane" linkedin.com/in/sales:abc https://linkedin.com/in/talent:abc https://lnkd.in/abc
https://\u212ain\u212bedin.com/in/jane https://lin\u212aedin.com/in/jane jane-doe
"""


@pytest.mark.parametrize(
    "url",
    [
        *NO_PERSON.split(),
        "",
        " ",
        "https://linkedin.com/in/jane doe",
        "https://linkedin.com/in/ jane",
        "https://linkedin.com/in/jane%C2%A0",
        "https://linkedin.com/in/jane%C2%85doe",
        "https://linkedin.com/in/jane\ud800",
        "https://linkedin.com\n/in/jane",
        f"https://linkedin.com/in/{'a' * 256}",
        f"https://linkedin.com/in/{'%C3%A4' * 256}",
        f"https://linkedin.com/in/{'İ' * 200}",
        "https://linkedin.com/in/a" + "%CC%81%CC%96" * 100_000,
        "a." * 300_000 + "linkedin.com.evil.org/in/x",
    ],
)
def test_what_is_no_persons_page_identifies_nobody(url: str) -> None:
    with pytest.raises(InvalidIdentity) as refusal:
        linkedin_key(url)
    assert refusal.value.field == "linkedin_url"


slugs = st.one_of(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}", fullmatch=True),
    one_of("j%C3%B6rg JÖRG jo\u0308rg %6Aane % %2F . .. sales:x %FF İ ﬁ ja@ne"),
    st.text(max_size=6),
)
schemes = one_of("https:// http:// HTTPS:// ftp:// //")
hosts = one_of(
    "linkedin.com www.linkedin.com DE.LINKEDIN.COM linkedin.com. linkedin.com:443 linkedin.com:80 "
    "a@linkedin.com x.y-z.linkedin.com evil-linkedin.com linkedin.com.evil.org lin\u212aedin.com"
)
paths = one_of(
    "/ /in/ /IN/ //in// /m/in/ /mwlite/in/ /pub/ /company/ /in/../in/ /sales/lead/ /talent/profile/"
)
ends = one_of("/ // /de /1/2/3 ?a=/b #x /details/skills/?x /.. /a.b /ä ,x") | st.just("\n")
urls = st.builds("{}{}{}{}{}".format, schemes, hosts, paths, slugs, ends)


@given(urls)
@example("https://linkedin.com/in/jane\n")
@example("https://linkedin.com/in/jane?a\nb")
def test_plain_urls_have_the_key_that_the_full_rule_gives(url: str) -> None:
    assert key_or_none(linkedin_key, url) == key_or_none(_linkedin_key_by_parts, url)


@given(
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,30}", fullmatch=True),
    st.sampled_from(["", "https://", "http://", "HttpS://"]),
    st.sampled_from(
        ["linkedin.com", "www.linkedin.com", "de.linkedin.com", "LinkedIn.com", "www.linkedin.com."]
    ),
    st.sampled_from(["/in/", "/In/", "/mwlite/in/", "/m/in/", "/comm/in/", "//in/"]),
    st.sampled_from(["", "/", "/de", "/de-DE/", "?originalSubdomain=de", "#about", "/details/experience/"]),
)
def test_spelling_of_the_address_does_not_count(
    slug: str, scheme: str, host: str, path: str, end: str
) -> None:
    encoded = "".join(f"%{ord(letter):02x}" for letter in slug)
    spellings = (slug, slug.upper(), encoded)
    assert {linkedin_key(f" {scheme}{host}{path}{spelling}{end}\t") for spelling in spellings} == {slug}


@given(urls)
def test_linkedin_key_leads_back_to_itself(url: str) -> None:
    key = key_or_none(linkedin_key, url)
    assert (
        key is None or "/" in key or ":" in key or linkedin_key(f"https://www.linkedin.com/in/{key}") == key
    )


def test_linkedin_urls_of_the_public_cases() -> None:
    cases = corpus("linkedin-urls.jsonl")
    expected = {case["input"]: case["key"] if case["kind"] in {"profile", "pub"} else None for case in cases}
    assert {url: key_or_none(linkedin_key, url) for url in expected} == expected


# Title and company


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("CEO", "ceo"),
        ("  Head \t of\r\nSales ", "head of sales"),
        ("Head\u00a0of\u3000Sales\x00", "head of sales"),
        ("Ｃｈｉｅｆ", "chief"),
        ("Geschäftsfu\u0308hrer", "geschäftsführer"),
        ("GROSSKUNDEN & STRAßEN", "grosskunden & strassen"),
        ("ﬁnance №1", "finance no1"),
        ("\u00a8", "\u0308"),
        ("\u01f0", "\u01f0"),
    ],
)
def test_title_key(title: str, key: str) -> None:
    assert title_key(title) == key == title_key(key)


@given(st.text())
@example("\u0345\u0301Ꭰ")
def test_title_key_of_a_key_is_itself(title: str) -> None:
    key = key_or_none(title_key, title)
    assert key is None or title_key(key) == key


@given(st.text(st.characters(max_codepoint=0x17F)))
def test_case_of_a_title_does_not_count(title: str) -> None:
    assert key_or_none(title_key, title.upper()) == key_or_none(title_key, title.lower().upper())


@pytest.mark.parametrize(
    ("domain", "registrable"),
    [
        ("acme.com", "acme.com"),
        (" HTTPS://www.Acme.com/about?x#y ", "acme.com"),
        ("http://acme.com:8080/", "acme.com"),
        ("acme.com:443", "acme.com"),
        ("mail.eu.acme.co.uk.", "acme.co.uk"),
        ("acme.com?x", "acme.com"),
        ("www.BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("www。acme。com", "acme.com"),
        ("ａｃｍｅ.com", "acme.com"),
        ("acme.unknown-tld", "acme.unknown-tld"),
        ("acme.github.io", "acme.github.io"),
        ("www.city.kobe.jp", "city.kobe.jp"),
        (f"{'a' * 63}.{'b' * 63}.com", f"{'b' * 63}.com"),
    ],
)
def test_registrable_domain(domain: str, registrable: str) -> None:
    assert registrable_domain(domain) == registrable == registrable_domain(registrable)


NO_DOMAIN = """
com | co.uk | acme | github.io | localhost | 127.0.0.1 | 127.0.0.1. | 1.2 | [::1] | acme..com
.acme.com | -acme.com | acme-.com | ac_me.com | ac me.com | jane@acme.com | https:// | https:///x
ftp://acme.com | *.acme.com | acme.com:x | acme.com:123456 | acme.com, b.com | ab--c.com | n/a | -
https://user@acme.com | xn--a.com | ac%6De.com | acme.com\\x | acme.com.. | 公司.cn
"""


@pytest.mark.parametrize("domain", ["", *items(NO_DOMAIN)])
def test_what_nobody_can_register_is_no_company(domain: str) -> None:
    with pytest.raises(InvalidIdentity) as refusal:
        registrable_domain(domain)
    assert refusal.value.field == "company_domain"


hostnames = st.one_of(
    st.text("aB1-.", max_size=20).map("{}.com".format),
    one_of("acme.com www.acme.co.uk BÜCHER.de bücher.de 1.2.3.4 co.uk a.b.city.kobe.jp a--b.com ab--c.com"),
    st.text(max_size=12),
    st.integers(50, 70).map(lambda size: f"{'a' * size}.com"),
)
sites = st.builds(
    "{}{}{}".format, one_of("https:// HTTP:// x://"), hostnames, one_of(". / /a?b :80 ?x #") | st.just("\n")
)


@given(sites)
@example("\u212aelvin.com")
@example("acme.com\n/x")
def test_plain_domains_are_what_the_libraries_give(domain: str) -> None:
    assert key_or_none(registrable_domain, domain) == key_or_none(_registrable_by_library, domain)


@given(sites)
def test_registrable_domain_of_one_is_itself(domain: str) -> None:
    found = key_or_none(registrable_domain, domain)
    assert found is None or registrable_domain(found) == found


def test_registrable_domains_of_the_public_cases() -> None:
    cases = [case for case in corpus("psl_registrable.jsonl") if case["input"] is not None]
    expected = {case["input"]: case["expect"] and idna.encode(case["expect"]).decode() for case in cases}
    assert {host: key_or_none(registrable_domain, host) for host in expected} == expected


@pytest.mark.parametrize(
    ("lead", "key"),
    [
        (("CEO", "Acme GmbH", None), "ceo\tacme"),
        ((" ceo ", "ACME", ""), "ceo\tacme"),
        (("CEO", "Acme", "  "), "ceo\tacme"),
        (("CEO", None, "www.acme.com"), "ceo\tacme.com"),
        (("CEO", "Something Else", "https://acme.com"), "ceo\tacme.com"),
        (("CEO", "Acme.com, Inc.", None), "ceo\tacme.com"),
    ],
)
def test_title_and_company_key(lead: tuple[str, str | None, str | None], key: str) -> None:
    assert title_and_company_key(*lead) == key


@pytest.mark.parametrize(
    ("lead", "field"),
    [
        (("", "Acme", None), "title"),
        ((" \t\x00", None, "co.uk"), "title"),
        (("CEO", "Acme", "co.uk"), "company_domain"),
        (("CEO", "Acme", "n/a"), "company_domain"),
        (("CEO", None, None), "company_name"),
        (("CEO", " ", " "), "company_name"),
        (("CEO", "-", None), "company_name"),
    ],
)
def test_field_at_fault_is_named(lead: tuple[str, str | None, str | None], field: str) -> None:
    with pytest.raises(InvalidIdentity) as refusal:
        title_and_company_key(*lead)
    assert refusal.value.field == field


@given(st.text(min_size=1), st.text(min_size=1))
@example("x" * 100_000, "語" * 100_000)
@example("ﷺ" * 300, "ﷺ" * 300)
@example("a" + "\u0301\u0316" * 300_000, "Acme")
def test_key_of_title_and_company_is_one_line_that_fits_an_index(title: str, name: str) -> None:
    key = key_or_none(lambda text: title_and_company_key(text, name, None), title)
    if key is not None:
        assert len(key.encode()) <= 2_500
        assert key.count("\t") == 1
        assert key.splitlines() == [key]


def test_long_titles_differ_by_their_last_letter() -> None:
    keys = {title_and_company_key("x" * 5_000 + end, "Acme", None) for end in "abB"}
    assert len(keys) == 2


# The documentation


def documented(heading: str) -> list[list[str]]:
    """The rows of the table under a heading of the explanation, "" for an empty cell."""
    text = (ROOT / "docs/explanation/identity.md").read_text("utf-8")
    lines = text.partition(f"## {heading}\n")[2].partition("\n## ")[0].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("| ")]
    return [[cell[1:-1].strip("`") for cell in row] for row in rows[1:]]


@pytest.mark.parametrize(("heading", "rule"), [("E-mail", email_key), ("LinkedIn", linkedin_key)])
def test_documented_keys_are_the_keys(heading: str, rule: Callable[[str], str]) -> None:
    rows = documented(heading)
    assert len(rows) > 10
    assert [[sent, key_or_none(rule, sent) or "none"] for sent, _ in rows] == rows


def test_documented_keys_of_titles_and_companies_are_the_keys() -> None:
    rows = documented("Title and company")
    assert len(rows) > 10
    for title, name, domain, key in rows:
        rule = partial(title_and_company_key, company_name=name, company_domain=domain)
        assert (key_or_none(rule, title) or "none").replace("\t", " ⇥ ") == key
