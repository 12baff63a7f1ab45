from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import UUID

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.identity import email_key, linkedin_key, title_and_company_key
from leadyard.domain.leads import ListType
from leadyard.domain.people import Person
from leadyard.domain.providers import (
    CompanyProvider,
    CompanyQuery,
    EmailAnswer,
    EmailValidator,
    FoundCompany,
    FoundPerson,
    FoundPhones,
    PeopleProvider,
    PersonAnswer,
    PersonQuery,
    PhoneAnswer,
    PhoneProvider,
    Unavailable,
)
from leadyard.providers.sandbox.client import SLOW_SECONDS, SandboxProvider

SANDBOX = SandboxProvider()
PEOPLE: PeopleProvider = SANDBOX
PHONES: PhoneProvider = SANDBOX
EMAILS: EmailValidator = SANDBOX
COMPANIES: CompanyProvider = SANDBOX

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "sandbox.md"

ANY_KEY = st.one_of(
    st.text(min_size=1, max_size=300),
    st.text("abcxyz019-", min_size=1, max_size=120),
    st.tuples(st.text(max_size=90), st.text(max_size=90)).map("\t".join),
    st.sampled_from(["\t", "\tacme.com", "cto\t", "-", "--", "王伟", "ﬁona", "ı", "\ud800", "a" * 255]),
)


def query(key: str, list_type: ListType = ListType.LINKEDIN) -> PersonQuery:
    return PersonQuery(key, list_type, None, None, None, None, None)


def find(key: str, list_type: ListType = ListType.LINKEDIN) -> PersonAnswer:
    return asyncio.run(find_all(query(key, list_type)))[0]


async def find_all(*queries: PersonQuery) -> list[PersonAnswer]:
    return list(await PEOPLE.find_people(queries))


def person(key: str, list_type: ListType = ListType.LINKEDIN) -> Person:
    found = find(key, list_type)
    assert isinstance(found, FoundPerson)
    return found.person


def reveal(key: str) -> PhoneAnswer:
    return asyncio.run(reveal_one(key))


async def reveal_one(key: str) -> PhoneAnswer:
    return (await PHONES.reveal_phones([query(key)]))[0]


def validate(*emails: str) -> list[EmailAnswer]:
    async def ask() -> list[EmailAnswer]:
        return list(await EMAILS.validate_emails(emails))

    return asyncio.run(ask())


def verdict(email: str) -> EmailVerdict:
    (answer,) = validate(email)
    assert isinstance(answer, EmailVerdict)
    return answer


def test_person_has_everything_that_the_contract_names() -> None:
    found = person("jane-doe")
    assert found.first_name
    assert found.last_name
    assert found.title
    assert found.company.name
    assert (found.company.domain or "").endswith(".example")
    assert found.email == f"jane-doe@{found.company.domain}"
    assert len(found.phone_numbers) == 1


def test_person_is_the_same_in_every_version() -> None:
    found = person("jane-doe")
    assert found.id == "2751e2c0-22b8-861c-a7b3-780cf77ecb9c"
    assert found.email == "jane-doe@drift-harbor.example"
    assert found.phone_numbers[0].number == "+12065550103"


@given(ANY_KEY, st.sampled_from(list(ListType)))
def test_equal_keys_get_equal_answers(key: str, list_type: ListType) -> None:
    if "slow" in key.lower():
        return
    assert find(key, list_type) == find(key, list_type)
    assert reveal(key) == reveal(key)


@given(st.lists(ANY_KEY, unique=True, max_size=8))
def test_different_keys_get_different_people_and_emails(keys: list[str]) -> None:
    found = [find(key) for key in keys if "slow" not in key.lower()]
    people = [answer.person for answer in found if isinstance(answer, FoundPerson)]
    assert len({each.id for each in people}) == len(people)
    assert len({each.email for each in people if each.email}) == sum(1 for each in people if each.email)


def test_keys_that_look_alike_are_other_people() -> None:
    keys = ["jose-garcia", "josé-garcía", "Jose-Garcia", "jose garcia", "sales:ACwAAB", "sales:acwaab"]
    assert len({person(key).id for key in keys}) == len(keys)
    assert len({person(key).email for key in keys}) == len(keys)


@given(ANY_KEY, st.sampled_from([ListType.LINKEDIN, ListType.TITLES_AND_COMPANY]))
def test_every_derived_email_is_its_own_identity(key: str, list_type: ListType) -> None:
    if "slow" in key.lower():
        return
    found = find(key, list_type)
    if isinstance(found, FoundPerson) and found.person.email:
        email = found.person.email
        assert email_key(email) == email
        assert email.endswith(".example")


@given(ANY_KEY)
def test_every_phone_number_is_one_kept_for_fiction(key: str) -> None:
    found = reveal(key)
    if isinstance(found, FoundPhones):
        (phone,) = found.numbers
        number = phonenumbers.parse(phone.number)
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == phone.number
        assert phonenumbers.is_possible_number(number)
        national = str(number.national_number)
        assert national[3:8] == "55501" or national.startswith("2079460")


def examples_of_the_reference() -> list[list[str]]:
    rows = [line.strip("|").split("|") for line in REFERENCE.read_text(encoding="utf-8").splitlines()]
    types = {each.value for each in ListType}
    return [[cell.strip(" `") for cell in row] for row in rows if row[0].strip() in types]


def key_of_example(list_type: ListType, lead: str) -> str:
    if list_type is ListType.LINKEDIN:
        return linkedin_key(f"https://www.linkedin.com{lead}")
    if list_type is ListType.EMAIL:
        return email_key(lead)
    title, company_domain = lead.split(", ")
    return title_and_company_key(title, None, company_domain)


def test_reference_has_an_example_of_each_type() -> None:
    assert {row[0] for row in examples_of_the_reference()} == {each.value for each in ListType}


@pytest.mark.parametrize("row", examples_of_the_reference(), ids=lambda row: row[1])
def test_examples_of_the_reference_are_true(row: list[str]) -> None:
    list_type, lead, email, result, phone = row
    found = person(key_of_example(ListType(list_type), lead), ListType(list_type))
    assert (found.email or "none") == email
    assert (verdict(found.email).result if found.email else "none") == result
    assert [each.number for each in found.phone_numbers] == ([] if phone == "none" else [phone])


def test_id_is_a_uuid_of_version_8() -> None:
    for number in range(50):
        parsed = UUID(person(f"person-{number}").id)
        assert (parsed.version, parsed.variant) == (8, "specified in RFC 4122")


@pytest.mark.parametrize("key", ["jane-notfound", "NotFound", "x@notfound.example", "cto\tnotfound inc"])
def test_notfound_finds_nobody_and_no_phone(key: str) -> None:
    assert find(key) is None
    assert reveal(key) is None


def test_noemail_is_a_person_without_email() -> None:
    assert person("jane-noemail").email is None
    assert person("jane-noemail").phone_numbers
    assert person("jane-noemail@acme.example", ListType.EMAIL).email is None


def test_nophone_is_a_person_without_phone() -> None:
    assert person("jane-nophone").phone_numbers == ()
    assert person("jane-nophone").email
    assert reveal("jane-nophone") is None


def test_unavailable_fails_at_every_attempt() -> None:
    for _ in range(3):
        assert find("jane-unavailable") == Unavailable("sandbox_unavailable")
        assert reveal("jane-unavailable") == Unavailable("sandbox_unavailable")
        assert validate("jane-unavailable@acme.example") == [Unavailable("sandbox_unavailable")]


def test_unavailable_outranks_notfound() -> None:
    assert isinstance(find("notfound-unavailable"), Unavailable)
    assert isinstance(reveal("notfound-unavailable"), Unavailable)


def test_slow_is_found_after_its_time() -> None:
    started = time.monotonic()
    assert person("jane-slow").email
    assert time.monotonic() - started >= SLOW_SECONDS


async def test_slow_lead_does_not_delay_its_neighbors() -> None:
    slow = asyncio.create_task(find_all(query("jane-slow")))
    await asyncio.gather(*(find_all(query(f"jane-{number}")) for number in range(50)))
    assert not slow.done()


async def test_slow_leads_of_one_call_wait_together() -> None:
    started = time.monotonic()
    found = await find_all(*(query(f"slow-{number}") for number in range(50)))
    assert time.monotonic() - started < 50 * SLOW_SECONDS / 4
    assert all(isinstance(answer, FoundPerson) for answer in found)


async def test_slow_delays_enrichment_only() -> None:
    slow = asyncio.create_task(find_all(query("jane-slow")))
    await reveal_one("jane-slow")
    await EMAILS.validate_emails(["jane-slow@acme.example"])
    assert not slow.done()


async def test_answers_come_in_the_order_asked() -> None:
    keys = ["jane", "notfound", "unavailable", "john"]
    found = await find_all(*map(query, keys))
    assert found[1:3] == [None, Unavailable("sandbox_unavailable")]
    assert [found[0], found[3]] == [*await find_all(query("jane")), *await find_all(query("john"))]


def test_person_of_an_email_lead_has_that_email() -> None:
    assert person("ann@acme.com", ListType.EMAIL).email == "ann@acme.com"


def test_person_of_a_title_lead_has_that_title_and_company() -> None:
    found = person(title_and_company_key("VP  Sales", "Acme Tools GmbH", None), ListType.TITLES_AND_COMPANY)
    assert (found.title, found.company.name, found.company.domain) == (
        "Vp Sales",
        "Acme Tools",
        "acme-tools.example",
    )
    assert (found.email or "").startswith("vp-sales-acme-tools-")


def test_company_of_a_title_lead_with_a_domain_is_named_after_it() -> None:
    found = person(title_and_company_key("CTO", None, "www.blue-ridge.co.uk"), ListType.TITLES_AND_COMPANY)
    assert (found.company.name, found.company.domain) == ("Blue Ridge", "blue-ridge.example")


def test_company_whose_name_is_cut_at_a_space_keeps_a_valid_domain() -> None:
    found = person(f"cto\t{'a' * 39} works", ListType.TITLES_AND_COMPANY)
    assert found.company.domain == f"{'a' * 39}.example"


@pytest.mark.parametrize("key", ["王伟", "!", "-"])
def test_email_of_a_key_without_latin_letters_begins_with_person(key: str) -> None:
    assert (person(key).email or "").startswith("person-")


def test_phone_of_the_person_found_is_the_one_revealed() -> None:
    revealed = reveal("jane-doe")
    assert isinstance(revealed, FoundPhones)
    assert revealed.numbers == person("jane-doe").phone_numbers
    assert revealed.person_id == person("jane-doe").id


@pytest.mark.parametrize(
    ("local_part", "result"),
    [
        ("ann", EmailResult.DELIVERABLE),
        ("deliverable", EmailResult.DELIVERABLE),
        ("ann.undeliverable", EmailResult.UNDELIVERABLE),
        ("Risky", EmailResult.RISKY),
        ("unknown+tag", EmailResult.UNKNOWN),
        ("risky-undeliverable", EmailResult.UNDELIVERABLE),
        ("unknown-risky", EmailResult.RISKY),
        ("catchall-unknown", EmailResult.UNKNOWN),
    ],
)
def test_local_part_decides_the_verdict(local_part: str, result: EmailResult) -> None:
    answer = verdict(f"{local_part}@acme.example")
    assert (answer.result, answer.catch_all, answer.is_complete) == (result, False, True)


def test_catchall_is_risky_with_the_flag() -> None:
    answer = verdict("catchall@acme.example")
    assert (answer.result, answer.catch_all) == (EmailResult.RISKY, True)


def test_domain_does_not_decide_the_verdict() -> None:
    assert verdict("ann@risky-undeliverable-unknown.example").result is EmailResult.DELIVERABLE


@pytest.mark.parametrize("word", ["undeliverable", "risky", "unknown", "catchall"])
@pytest.mark.parametrize("shape", ["/in/jane-{}-1", "/in/josé-{}", "/in/{}", "/in/" + "x" * 200 + "-{}-1"])
def test_found_email_validates_to_the_word_in_the_profile(shape: str, word: str) -> None:
    key = linkedin_key("https://www.linkedin.com" + shape.format(word))
    assert verdict(person(key).email or "").result is (
        EmailResult.RISKY if word == "catchall" else EmailResult(word)
    )


@given(st.lists(st.emails(), max_size=4))
def test_every_address_gets_one_verdict_in_order(emails: list[str]) -> None:
    answers = validate(*emails)
    assert [getattr(answer, "email", email) for answer, email in zip(answers, emails, strict=True)] == emails


def test_name_that_is_asked_for_is_the_persons_name() -> None:
    asked = PersonQuery(
        "\tacme.example\tjane doe",
        ListType.TITLES_AND_COMPANY,
        None,
        None,
        None,
        None,
        "acme.example",
        "Jane",
        "Doe",
    )
    [found] = asyncio.run(find_all(asked))
    assert isinstance(found, FoundPerson)
    assert (found.person.first_name, found.person.last_name) == ("Jane", "Doe")
    assert found.person.title
    assert found.person.company.domain == "acme.example"


def test_companies_are_decided_by_their_domain_or_page() -> None:
    queries = [
        CompanyQuery(domain="blue-sky.example"),
        CompanyQuery(domain="blue-sky.example"),
        CompanyQuery(linkedin_url="linkedin.com/company/王伟"),
        CompanyQuery(domain="NotFound.example"),
        CompanyQuery(domain="unavailable-notfound.example"),
        CompanyQuery(),
    ]
    first, again, other, missing, away, nothing = asyncio.run(COMPANIES.find_companies(queries))
    assert isinstance(first, FoundCompany)
    assert isinstance(other, FoundCompany)
    assert first == again
    assert (first.company.name, first.company.domain) == ("Blue Sky", "blue-sky.example")
    assert UUID(first.company.id).version == 8
    assert other.company.name
    assert (missing, nothing) == (None, None)
    assert isinstance(away, Unavailable)
