"""Who is kept out: hosts, domains above them, and what a lead and a person are known by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.erasure import ERASED_KEY_PREFIX
from leadyard.domain.identity import InvalidIdentity, domain_key, registrable_domain
from leadyard.domain.leads import LeadFields, ListType, lead_key
from leadyard.domain.people import Company, Person
from leadyard.domain.suppression import Identity, lead_identity, person_identity

EVERYTHING = LeadFields(
    linkedin_url="linkedin.com/in/ann",
    email="Ann@EU.acme.example",
    title="CEO",
    company_name="Acme",
    company_domain="https://www.acme.example/",
)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("acme.example", "acme.example"),
        (" WWW.Acme.example. ", "acme.example"),
        ("https://eu.acme.co.uk:8443/x?y#z", "eu.acme.co.uk"),
        ("www.com", "www.com"),
        ("www.www.com", "www.com"),
        ("www.co.uk", "www.co.uk"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("New_Domain.com", "new_domain.com"),
        ("https://www.new_domain.com/a_b", "new_domain.com"),
        ("_eu.new_domain.co.uk.", "_eu.new_domain.co.uk"),
        ("acme.example/a_b", "acme.example"),
    ],
)
def test_domain_is_its_host_without_www(sent: str, key: str) -> None:
    assert domain_key(sent) == key


@pytest.mark.parametrize(
    "sent", ["", "com", "co.uk", "192.0.2.1", "a b.example", "ann@acme.example", "b_ü.de"]
)
def test_what_nobody_registered_is_no_domain(sent: str) -> None:
    with pytest.raises(InvalidIdentity):
        domain_key(sent)


@given(st.from_regex(r"(www\.)?([a-z]{1,4}\.){0,3}[a-z]{1,4}\.(com|co\.uk|example)", fullmatch=True))
def test_key_of_a_domain_is_its_own_key_and_has_the_same_owner(host: str) -> None:
    key = domain_key(host)
    assert domain_key(key) in (key, key.removeprefix("www."))
    assert registrable_domain(key) == registrable_domain(host)


def test_domains_are_those_of_mail_and_company_with_all_above() -> None:
    identity = Identity(("ann@a.b.acme.example",), hosts=("x.other.example",))
    assert list(identity.domains) == [
        "a.b.acme.example",
        "b.acme.example",
        "acme.example",
        "x.other.example",
        "other.example",
    ]


@pytest.mark.parametrize("list_type", ListType)
def test_lead_is_known_by_all_that_can_be_used(list_type: ListType) -> None:
    identity = lead_identity(list_type, lead_key(list_type, EVERYTHING), EVERYTHING)
    assert identity == Identity(("ann@eu.acme.example",), ("ann",), ("acme.example",))
    assert list(identity.marks) == ["email:ann@eu.acme.example", "linkedin:ann"]


def test_what_cannot_be_used_is_left_out() -> None:
    lead = LeadFields(linkedin_url="linkedin.com/company/x", email="no", company_domain="com")
    assert lead_identity(ListType.TITLES_AND_COMPANY, "a\tb", lead) == Identity()
    assert person_identity(Person("id", "x", "no", company=Company(domain="com"))) == Identity()


@pytest.mark.parametrize("list_type", ListType)
@given(words=st.text(min_size=1, max_size=20))
def test_no_lead_has_the_key_of_an_erased_one(list_type: ListType, words: str) -> None:
    lead = LeadFields(
        linkedin_url=f"linkedin.com/in/{words}", email=f"{words}@a.example", title=words, company_name=words
    )
    try:
        key = lead_key(list_type, lead)
    except InvalidIdentity:
        return
    assert not key.startswith(ERASED_KEY_PREFIX)
