from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from leadyard.actions.directory import load_directory
from leadyard.app import Leadyard
from leadyard.domain.directory import KnownCompany, KnownPerson, read_person
from leadyard.domain.errors import DatabaseAway
from leadyard.domain.identity import email_key, linkedin_key
from leadyard.domain.leads import ListType
from leadyard.domain.providers import (
    Ambiguous,
    CompanyProvider,
    CompanyQuery,
    FoundCompany,
    FoundPerson,
    FoundPhones,
    PeopleProvider,
    PersonAnswer,
    PersonQuery,
    PhoneProvider,
    Unavailable,
)
from leadyard.providers.directory.client import DirectoryProvider
from leadyard.storage.directory import DirectoryReader, DirectoryStore
from leadyard.storage.directory_loading import upsert_people

EXAMPLES = Path(__file__).parents[2] / "examples"

ANNA = {
    "linkedin_url": "https://www.linkedin.com/in/anna-555",
    "email": "anna@acme.example",
    "first_name": "Anna",
    "last_name": "Berg",
    "title": "Head of Sales",
    "phone_numbers": "+1 416 555 0123",
    "company_name": "Acme GmbH",
    "company_domain": "acme.example",
}
BERT = {
    **ANNA,
    "linkedin_url": "https://www.linkedin.com/in/bert-555",
    "email": "bert@acme.example",
    "first_name": "Bert",
    "phone_numbers": "",
}


@pytest.fixture
def provider(installation: Leadyard) -> DirectoryProvider:
    return DirectoryProvider(DirectoryStore(installation.database))


async def load(installation: Leadyard, *rows: dict[str, str]) -> None:
    async with installation.database.write() as tx:
        await upsert_people(tx, [read_person(row) for row in rows], 1_000)


def ask(
    profile: str | None = None,
    email: str | None = None,
    title: str | None = None,
    company_name: str | None = None,
    company_domain: str | None = None,
    *,
    first_name: str | None = None,
    last_name: str | None = None,
) -> PersonQuery:
    return PersonQuery(
        key="key",
        list_type=ListType.LINKEDIN,
        linkedin_key=profile,
        email=email,
        title=title,
        company_name=company_name,
        company_domain=company_domain,
        first_name=first_name,
        last_name=last_name,
    )


Found = tuple[str | None, float] | None | Ambiguous


def found(answer: PersonAnswer) -> Found:
    if answer is None or isinstance(answer, Ambiguous):
        return answer
    assert isinstance(answer, FoundPerson)
    return answer.person.first_name, answer.confidence


async def find(provider: DirectoryProvider, *queries: PersonQuery) -> list[Found]:
    return [found(answer) for answer in await provider.find_people(queries)]


def test_provider_fulfills_its_ports(provider: DirectoryProvider) -> None:
    people: PeopleProvider = provider
    phones: PhoneProvider = provider
    companies: CompanyProvider = provider
    assert companies.concurrency == people.concurrency
    assert (people.name, phones.batch_size, people.concurrency) == ("directory", 250, 4)


async def test_surest_clue_that_leads_to_somebody_decides(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, ANNA, {**BERT, "title": "CTO"})
    assert await find(
        provider,
        ask("anna-555", "bert@acme.example", "CTO", "Acme", "acme.example"),
        ask(None, "bert@acme.example", "Head of Sales", "Acme", "acme.example"),
        ask("nobody", "anna@acme.example"),
        ask(title="HEAD  of Sales", company_domain="https://shop.acme.example/about"),
        ask(title="cto", company_name="ACME", company_domain="no domain"),
        ask(title="Janitor", company_name="Acme", company_domain="acme.example"),
        ask(title="CTO"),
        ask(),
    ) == [("Anna", 1.0), ("Bert", 1.0), ("Anna", 1.0), ("Anna", 0.9), ("Bert", 0.8), None, None, None]


async def test_colleagues_with_one_title_are_not_guessed_between(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, ANNA, BERT)
    by_title = ask(title="Head of Sales", company_name="Acme", company_domain="acme.example")
    assert await find(provider, by_title, ask("bert-555")) == [Ambiguous(), ("Bert", 1.0)]
    assert await provider.reveal_phones([by_title]) == [Ambiguous()]


def ask_name(first: str | None, last: str | None, **clues: str) -> PersonQuery:
    return msgspec.structs.replace(ask(**clues), first_name=first, last_name=last)


async def test_name_leads_to_one_of_a_company(installation: Leadyard, provider: DirectoryProvider) -> None:
    other = {**ANNA, "linkedin_url": "https://www.linkedin.com/in/other", "company_domain": "other.example"}
    await load(installation, ANNA, BERT, {**other, "email": "", "company_name": "Other"})
    assert await find(
        provider,
        ask_name("anna", "BERG", company_domain="www.acme.example"),
        ask_name("Bert", "Berg", company_name="ACME"),
        ask_name("Anna", "Berg", company_name="Acme", company_domain="other.example"),
        ask_name("Anna", "Berg", title="Head of Sales", company_domain="acme.example"),
        ask_name("Anna", "Berg", title="Janitor", company_domain="acme.example"),
        ask_name("Carl", "Berg", title="Head of Sales", company_domain="acme.example"),
        ask_name("Anna", None, company_domain="acme.example"),
        ask_name("Anna", "Berg"),
    ) == [("Anna", 0.9), ("Bert", 0.8), ("Anna", 0.9), ("Anna", 0.9), ("Anna", 0.9), None, None, None]


async def test_colleagues_of_the_same_name_are_one_person(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    """As for a title: several entries with the same name are one person known from several sources."""
    await load(installation, ANNA, {**BERT, "first_name": "Anna"})
    assert await find(provider, ask_name("Anna", "Berg", company_name="Acme")) == [("Anna", 0.8)]


async def test_mailbox_that_two_people_share_names_nobody(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, {**ANNA, "email": "info@acme.example"}, {**BERT, "email": "info@acme.example"})
    assert await find(provider, ask(email="info@acme.example")) == [Ambiguous()]


async def test_person_with_two_profiles_is_one_person(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    twice = {**ANNA, "linkedin_url": "https://www.linkedin.com/sales/lead/ACwAA555,NAME_SEARCH"}
    await load(installation, ANNA)
    await load(installation, twice)
    first, second = await provider.find_people(
        [ask(email="anna@acme.example"), ask(title="Head of Sales", company_name="Acme")]
    )
    assert isinstance(first, FoundPerson)
    assert isinstance(second, FoundPerson)
    assert first.person.id == second.person.id
    assert first.person.linkedin_url == ANNA["linkedin_url"]


@pytest.mark.parametrize(
    ("title", "confidence"),
    [
        ("Sales, Head", 0.8),
        ("HEAD OF SALE", 0.8),
        ("Sales Lead", 0.78),
        ("head of slaes", 0.76),
        ("Head of Sales (EMEA)", 0.711),
    ],
)
async def test_title_may_be_written_in_another_way(
    installation: Leadyard, provider: DirectoryProvider, title: str, confidence: float
) -> None:
    await load(installation, ANNA, {**BERT, "title": "Head of Marketing"})
    assert await find(provider, ask(title=title, company_name="Acme")) == [("Anna", confidence)]


@pytest.mark.parametrize("title", ["Deputy Head of Sales", "Head of Purchasing", "Sales", "Salesperson"])
async def test_title_that_is_too_different_is_another_job(
    installation: Leadyard, provider: DirectoryProvider, title: str
) -> None:
    await load(installation, ANNA)
    assert await find(provider, ask(title=title, company_name="Acme")) == [None]


async def test_better_title_wins_over_a_similar_one(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, {**ANNA, "title": "Head of Sales EMEA"}, {**BERT, "title": "Head of Sales"})
    query = ask(title="head of sales", company_domain="acme.example")
    assert await find(provider, query) == [("Bert", 0.9)]


@pytest.mark.parametrize(
    "name",
    [
        "Nordwnd Logistics",
        "Nordwindd Logistics",
        "Nordiwnd Logistics",
        "The Nordwind Logistics",
        "Nordwind Logistics AB",
        "NordwindLogistics",
        "Nordwind Logistics Germany",
        "Nordwind Logistics GmHb",
        "Nordwind-Logistics, Inc",
        "GmbH Nordwind Logistics",
        "Logistics Nordwind",
        "Nordwind & Logistics",
    ],
)
async def test_company_may_be_written_in_another_way(
    installation: Leadyard, provider: DirectoryProvider, name: str
) -> None:
    await load(installation, {**ANNA, "company_name": "Nordwind Logistics GmbH"})
    two_slips = ask(title="Head of Sales", company_name="Nordwnid Loigstics")
    answers = await find(provider, ask(title="Head of Sales", company_name=name), two_slips)
    assert [isinstance(answer, tuple) for answer in answers] == [True, False]


@pytest.mark.parametrize(
    "name", ["Nordwind Group", "Nordwind International", "Nordwind 2", "Nordwand France"]
)
async def test_company_of_a_longer_name_is_another_one(
    installation: Leadyard, provider: DirectoryProvider, name: str
) -> None:
    await load(installation, {**ANNA, "company_name": "Nordwind Germany GmbH"})
    assert await find(provider, ask(title="Head of Sales", company_name=name)) == [None]


async def test_company_that_is_spelled_right_wins_over_one_a_slip_away(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    other = {**BERT, "company_name": "Nordwand", "company_domain": "nordwand.example", "email": ""}
    await load(installation, {**ANNA, "company_name": "Nordwind", "title": "CTO"}, {**other, "title": "CEO"})
    by_name = [ask(title=title, company_name="Nordwind") for title in ("CTO", "CEO")]
    assert await find(provider, *by_name) == [("Anna", 0.8), None]


async def test_same_title_at_two_companies_of_one_name_is_not_guessed(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    other = {**BERT, "email": "", "company_domain": "acme-steel.example", "company_name": "Acme Ltd"}
    await load(installation, ANNA, other)
    names = ("Acme", "Acme GmbH", "ACME LTD.")
    queries = [ask(title="Head of Sales", company_name=name) for name in names]
    assert await find(provider, *queries) == [Ambiguous(), ("Anna", 0.8), ("Bert", 0.8)]


async def test_name_tells_colleagues_apart(installation: Leadyard, provider: DirectoryProvider) -> None:
    await load(installation, {**ANNA, "last_name": "Müller"}, BERT)
    at_acme = {"company_name": "Acme"}
    assert await find(
        provider,
        ask(title="Head of Sales", first_name="ANNA", last_name="Mueller", **at_acme),
        ask(first_name="Bert", last_name="Berg", **at_acme),
        ask(title="Head of Sales", first_name="Carla", last_name="Berg", **at_acme),
    ) == [("Anna", 0.8), ("Bert", 0.8), None]


async def test_mailbox_is_the_same_whatever_its_tag(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, ANNA, {**BERT, "email": "bert+crm@acme.example"})
    emails = ("anna+x@acme.example", "bert@acme.example", "bert+crm@acme.example", "an@acme.example")
    queries = [ask(email=email) for email in emails]
    assert await find(provider, *queries) == [("Anna", 0.95), ("Bert", 0.95), ("Bert", 1.0), None]


async def test_very_address_wins_over_the_same_mailbox(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, ANNA, {**BERT, "email": "anna+bert@acme.example"})
    emails = ("anna@acme.example", "anna+bert@acme.example", "anna+x@acme.example")
    queries = [ask(email=email) for email in emails]
    assert await find(provider, *queries) == [("Anna", 1.0), ("Bert", 1.0), Ambiguous()]


async def test_company_is_found_by_domain_page_and_name(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    steel = {**BERT, "email": "", "company_name": "Acme Steel", "company_domain": "acme-steel.example"}
    page = "https://www.linkedin.com/company/acme"
    await load(installation, {**ANNA, "company_linkedin_url": page}, steel)
    answers = await provider.find_companies(
        [
            CompanyQuery(domain="https://www.acme.example/en", name="Acme Steel"),
            CompanyQuery(linkedin_url="de.linkedin.com/company/Acme/about/"),
            CompanyQuery(name="ACME Stele"),
            CompanyQuery(domain="nobody.example", linkedin_url="x", name="Zenith"),
            CompanyQuery(),
        ]
    )
    companies = [
        each and (each.company.name, each.confidence)
        for each in answers
        if not isinstance(each, Ambiguous | Unavailable)
    ]
    assert companies == [("Acme GmbH", 1.0), ("Acme GmbH", 1.0), ("Acme Steel", 0.752), None, None]
    ids = [each.company.id for each in answers if isinstance(each, FoundCompany)]
    assert ids[0] == ids[1] != ids[2]


async def test_two_companies_of_one_name_are_not_guessed_between(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    other = {**BERT, "email": "", "company_domain": "acme-steel.example", "company_name": "Acme Ltd"}
    nameless = {**ANNA, "linkedin_url": "", "email": "c@acme.example", "company_domain": ""}
    await load(installation, ANNA, other, nameless)
    (either, german) = await provider.find_companies(
        [CompanyQuery(name="Acme"), CompanyQuery(name="Acme GmbH")]
    )
    assert either == Ambiguous()
    assert isinstance(german, FoundCompany)
    assert german.company.domain == "acme.example"


async def test_nameless_people_of_one_title_are_not_one_person(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    nameless = {"first_name": "", "last_name": ""}
    await load(installation, {**ANNA, **nameless}, {**BERT, **nameless})
    assert await find(provider, ask(title="Head of Sales", company_domain="acme.example")) == [Ambiguous()]


@pytest.mark.parametrize(
    "clues",
    [
        {"profile": "carla-555"},
        {"email": "carla@acme.example"},
        {"company_domain": "acme-steel.example"},
    ],
    ids=["another profile", "a colleague's address", "another company of that name"],
)
async def test_title_and_company_do_not_outweigh_what_contradicts_them(
    installation: Leadyard, provider: DirectoryProvider, clues: dict[str, str]
) -> None:
    await load(installation, ANNA)
    assert await find(provider, ask(title="Head of Sales", company_name="Acme", **clues)) == [None]


async def test_colleague_who_is_somebody_else_does_not_end_the_search(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    carla = {**ANNA, "linkedin_url": "", "email": "", "first_name": "Carla", "company_domain": ""}
    await load(installation, ANNA, carla)
    query = ask("carla-555", title="Head of Sales", company_name="Acme", company_domain="acme.example")
    assert await find(provider, query) == [("Carla", 0.8)]


@pytest.mark.parametrize(
    "clues",
    [{"profile": "sales:ACwAA555"}, {"email": "anna.berg@mail.example"}, {"company_domain": "com"}],
    ids=["a profile's id", "a private address", "no domain"],
)
async def test_title_and_company_suffice_beside_what_cannot_be_compared(
    installation: Leadyard, provider: DirectoryProvider, clues: dict[str, str]
) -> None:
    await load(installation, ANNA)
    query = ask(title="Head of Sales", company_name="Acme", **clues)
    assert await find(provider, query) == [("Anna", 0.8)]


async def test_only_a_person_with_a_number_has_one_revealed(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, ANNA, BERT)
    anna, bert, nobody = await provider.reveal_phones([ask("anna-555"), ask("bert-555"), ask("nobody")])
    assert isinstance(anna, FoundPhones)
    assert [number.number for number in anna.numbers] == ["+14165550123"]
    (person,) = await provider.find_people([ask("anna-555")])
    assert isinstance(person, FoundPerson)
    assert anna.person_id == person.person.id
    assert (bert, nobody) == (None, None)


async def test_titles_and_names_of_any_length_and_kind_are_looked_up(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load(installation, ANNA)
    odd = [text for part in ("\0", "\ud800", "x", "ﷺ") for text in (part, part * 5_000)]
    queries = [ask(title=text, company_name=text, company_domain=text) for text in odd]
    assert await find(provider, *queries, ask("anna-555")) == [None] * len(odd) + [("Anna", 1.0)]


class Lost(DirectoryReader):
    """A directory whose database is lost after the first look-up."""

    async def find_by_email(self, email_keys: Sequence[str]) -> list[list[KnownPerson]]:
        raise DatabaseAway

    async def find_companies_by_page(self, page_keys: Sequence[str]) -> list[list[KnownCompany]]:
        raise DatabaseAway


class LostDirectory(DirectoryStore):
    @asynccontextmanager
    async def open(self) -> AsyncIterator[DirectoryReader]:
        async with self._database.read() as tx:
            yield Lost(tx)


async def test_database_that_is_away_leaves_unanswered_what_was_not_looked_up(
    installation: Leadyard,
) -> None:
    await load(installation, ANNA)
    provider = DirectoryProvider(LostDirectory(installation.database))
    queries = [
        ask("anna-555", "anna@acme.example"),
        ask(None, "anna@acme.example"),
        ask(None, None, "CEO", None, "acme.example"),
        ask(),
    ]
    answers = await provider.find_people(queries)
    assert found(answers[0]) == ("Anna", 1.0)
    assert [isinstance(answer, Unavailable) for answer in answers[1:]] == [True, True, False]
    assert isinstance((await provider.reveal_phones(queries))[2], Unavailable)
    companies = await provider.find_companies(
        [CompanyQuery(domain="acme.example"), CompanyQuery(linkedin_url="linkedin.com/company/acme")]
    )
    assert isinstance(companies[0], FoundCompany)
    assert isinstance(companies[1], Unavailable)


async def test_examples_are_found_by_what_they_are_listed_by(
    installation: Leadyard, provider: DirectoryProvider
) -> None:
    await load_directory(installation.database, EXAMPLES / "directory.csv", lambda done, total: None)
    with (EXAMPLES / "directory.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:100]
    by_profile = [ask(linkedin_key(row["linkedin_url"])) for row in rows if row["linkedin_url"]]
    by_email = [ask(None, email_key(row["email"])) for row in rows if row["email"]]
    by_title = [
        ask(title=row["title"], company_name=row["company_name"], company_domain=row["company_domain"])
        for row in rows
        if row["title"]
    ]
    for queries, confidences in ((by_profile, {1.0}), (by_email, {1.0}), (by_title, {0.9, 0.8})):
        answers = await find(provider, *queries)
        assert {answer[1] for answer in answers if isinstance(answer, tuple)} <= confidences
