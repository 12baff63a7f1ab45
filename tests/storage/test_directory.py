from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import text
from tests.support.directory import Lookups

from leadyard.app import Leadyard
from leadyard.domain.directory import KnownPerson, read_person
from leadyard.domain.people import Company, Person
from leadyard.storage.database import Database
from leadyard.storage.directory import MAX_CANDIDATES, DirectoryStore
from leadyard.storage.directory_loading import refresh_statistics, upsert_people

FIRST_LOAD, SECOND_LOAD = 1_000, 2_000


@pytest.fixture
def database(installation: Leadyard) -> Database:
    return installation.database


@pytest.fixture
def store(database: Database) -> Lookups:
    return Lookups(database)


async def load(database: Database, *rows: dict[str, str], loaded_at: int = FIRST_LOAD) -> tuple[int, int]:
    async with database.write() as tx:
        return await upsert_people(tx, [read_person(row) for row in rows], loaded_at)


async def count_people(database: Database) -> int:
    async with database.read() as tx:
        return int((await tx.conn.execute(text("SELECT count(*) FROM directory_people"))).scalar_one())


def profile(slug: str) -> str:
    return f"https://www.linkedin.com/in/{slug}"


def without_id(company: Company) -> Company:
    return msgspec.structs.replace(company, id=None)


def only(candidates: list[KnownPerson]) -> Person:
    (known,) = candidates
    return known.person


ANNA = {
    "linkedin_url": profile("anna-555"),
    "email": "anna@acme.example",
    "first_name": "Anna",
    "last_name": "Berg",
    "title": "Head of Sales",
    "phone_numbers": "+1 416 555 0123",
    "company_name": "Acme GmbH",
    "company_domain": "acme.example",
    "industry": "Software",
}


async def test_person_comes_back_whole_by_every_key(database: Database, store: Lookups) -> None:
    assert await load(database, ANNA) == (1, 1)
    by_profile = only((await store.find_by_linkedin(["anna-555"]))[0])
    assert by_profile.title == "Head of Sales"
    assert without_id(by_profile.company) == Company(
        name="Acme GmbH", domain="acme.example", industry="Software"
    )
    assert [number.number for number in by_profile.phone_numbers] == ["+14165550123"]
    for found in (
        (await store.find_by_email(["anna@acme.example"]))[0],
        await store.at_domain("head of sales", "acme.example"),
        await store.at_company("head of sales", "acme"),
    ):
        assert only(found) == by_profile


async def test_answers_stand_in_the_order_of_the_keys(database: Database, store: Lookups) -> None:
    await load(database, *({"linkedin_url": profile(f"p{number}")} for number in range(50)))
    slugs = [f"p{number}" for number in (49, 7, 99, 7, 0)]
    found = await store.find_by_linkedin(slugs)
    assert [[known.linkedin_key for known in each] for each in found] == [["p49"], ["p7"], [], ["p7"], ["p0"]]
    assert await store.find_by_linkedin([]) == []


async def test_person_loaded_again_keeps_their_id(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    before = only((await store.find_by_linkedin(["anna-555"]))[0])
    await load(database, {**ANNA, "title": "Managing Director"}, loaded_at=SECOND_LOAD)
    after = only((await store.find_by_linkedin(["anna-555"]))[0])
    assert after.title == "Managing Director"
    assert after.id == before.id
    assert await store.at_domain("head of sales", "acme.example") == []


async def test_what_a_row_leaves_out_stays(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    before = only((await store.find_by_linkedin(["anna-555"]))[0])
    await load(database, {"linkedin_url": ANNA["linkedin_url"], "title": " "}, loaded_at=SECOND_LOAD)
    assert only((await store.find_by_linkedin(["anna-555"]))[0]) == before
    assert only(await store.at_domain("head of sales", "acme.example")) == before


async def test_person_is_found_by_the_email_told_last(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    await load(database, {**ANNA, "email": "anna@beta.example"}, loaded_at=SECOND_LOAD)
    old, new = await store.find_by_email(["anna@acme.example", "anna@beta.example"])
    assert old == []
    assert only(new).email == "anna@beta.example"


async def test_later_of_two_rows_in_a_batch_wins(database: Database, store: Lookups) -> None:
    again = {**ANNA, "linkedin_url": "DE.linkedin.com/in/Anna-555/", "title": "CEO", "industry": "Steel"}
    assert await load(database, ANNA, again) == (1, 1)
    person = only((await store.find_by_linkedin(["anna-555"]))[0])
    assert (person.title, person.company.industry) == ("CEO", "Steel")


async def test_load_counts_each_person_and_company_once(database: Database) -> None:
    other = {**ANNA, "linkedin_url": profile("bert-555"), "email": "bert@acme.example"}
    assert await load(database, ANNA) == (1, 1)
    assert await load(database, ANNA, other) == (1, 0)
    assert await load(database, ANNA, other, loaded_at=SECOND_LOAD) == (2, 1)


async def test_profile_told_later_joins_the_person_known_by_email(database: Database, store: Lookups) -> None:
    await load(database, {**ANNA, "linkedin_url": ""})
    before = only((await store.find_by_email(["anna@acme.example"]))[0])
    assert await load(database, ANNA, loaded_at=SECOND_LOAD) == (1, 1)
    after = only((await store.find_by_linkedin(["anna-555"]))[0])
    assert after.id == before.id
    assert only((await store.find_by_email(["anna@acme.example"]))[0]) == after


async def test_row_with_email_alone_is_the_person_who_has_it(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    before = only((await store.find_by_linkedin(["anna-555"]))[0])
    await load(database, {"email": "Anna@Acme.example", "title": "CEO"}, loaded_at=SECOND_LOAD)
    after = only((await store.find_by_linkedin(["anna-555"]))[0])
    assert (after.id, after.title, after.linkedin_url) == (before.id, "CEO", before.linkedin_url)
    assert await count_people(database) == 1


async def test_two_profiles_with_one_email_are_two_people(database: Database, store: Lookups) -> None:
    await load(database, ANNA, {**ANNA, "linkedin_url": profile("bert-555"), "first_name": "Bert"})
    (found,) = await store.find_by_email(["anna@acme.example"])
    assert sorted(known.linkedin_key or "" for known in found) == ["anna-555", "bert-555"]
    await load(database, {"email": "anna@acme.example", "first_name": "Carla"}, loaded_at=SECOND_LOAD)
    assert await count_people(database) == 3


async def test_person_without_profile_and_email_is_known_by_title_company_and_name(
    database: Database, store: Lookups
) -> None:
    row = {"title": "CEO", "company_name": "Acme Ltd.", "first_name": "Anna", "last_name": "Berg"}
    assert await load(database, row, {**row, "first_name": "ANNA ", "company_name": "ACME"}) == (1, 1)
    assert only(await store.at_company("ceo", "acme")).last_name == "Berg"


async def test_company_is_put_together_from_its_rows(database: Database, store: Lookups) -> None:
    bert = {
        "email": "bert@acme.example",
        "company_domain": "www.acme.example",
        "company_size": "11-50",
    }
    await load(database, ANNA)
    await load(database, bert)
    expected = Company(name="Acme GmbH", domain="acme.example", industry="Software", size="11-50")
    for found in await store.find_by_email(["anna@acme.example", "bert@acme.example"]):
        assert without_id(only(found).company) == expected


async def test_company_goes_by_the_name_told_last(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    await load(database, {**ANNA, "company_name": "Zenith GmbH"}, loaded_at=SECOND_LOAD)
    assert await store.at_company("head of sales", "Acme") == []
    assert only(await store.at_company("head of sales", "Zenith")).company.name == "Zenith GmbH"


async def test_person_moves_to_another_company(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    moved = {**ANNA, "company_name": "Beta Inc.", "company_domain": "beta.example", "industry": ""}
    await load(database, moved, loaded_at=SECOND_LOAD)
    person = only((await store.find_by_linkedin(["anna-555"]))[0])
    assert without_id(person.company) == Company(name="Beta Inc.", domain="beta.example")
    assert await store.at_domain("head of sales", "acme.example") == []


async def test_companies_of_one_name_are_told_apart_by_domain(database: Database, store: Lookups) -> None:
    bert = {**ANNA, "linkedin_url": profile("bert-555"), "email": "", "company_domain": "acme-steel.example"}
    await load(database, ANNA, bert)
    by_domain = await store.at_domain("head of sales", "acme-steel.example")
    assert [known.linkedin_key for known in by_domain] == ["bert-555"]
    by_name = await store.at_company("head of sales", "acme")
    assert [known.linkedin_key for known in by_name] == ["anna-555", "bert-555"]


async def test_look_up_answers_a_few_of_many(database: Database, store: Lookups) -> None:
    for number in range(MAX_CANDIDATES + 3):
        await load(database, {**ANNA, "linkedin_url": profile(f"p{number}")})
    (found,) = await store.find_by_email(["anna@acme.example"])
    assert [known.linkedin_key for known in found] == [f"p{number}" for number in range(MAX_CANDIDATES)]


async def test_mailbox_is_found_whatever_its_tag_and_the_very_address_first(
    database: Database, store: Lookups
) -> None:
    rows = [{"email": f"anna{tag}@acme.example"} for tag in ("+x", "+y", "")]
    await load(database, *rows, {"email": "bert@acme.example"})
    plain, tagged, other = await store.find_by_email(
        ["anna@acme.example", "anna+y@acme.example", "anna+z@acme.example"]
    )
    assert plain[0].email_key == "anna@acme.example"
    assert tagged[0].email_key == "anna+y@acme.example"
    assert [len(found) for found in (plain, tagged, other)] == [3, 3, 3]


async def test_company_is_found_by_its_page(database: Database, store: Lookups) -> None:
    page = "https://www.linkedin.com/company/acme"
    await load(database, {**ANNA, "company_linkedin_url": page}, {**ANNA, "company_linkedin_url": ""})
    async with store.open() as reader:
        (found, nothing) = await reader.find_companies_by_page(["acme", "zenith"])
    assert [known.company.linkedin_url for known in found] == [page]
    assert nothing == []


async def test_company_keeps_its_id(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    before = only((await store.find_by_linkedin(["anna-555"]))[0]).company
    await load(database, {**ANNA, "company_name": "Zenith GmbH"}, loaded_at=SECOND_LOAD)
    after = only((await store.find_by_linkedin(["anna-555"]))[0]).company
    assert before.id
    assert (after.name, after.id) == ("Zenith GmbH", before.id)


async def test_text_that_no_index_or_database_holds_does_no_harm(database: Database, store: Lookups) -> None:
    row = {**ANNA, "title": "\U0001f9ea" * 3_000, "company_name": "\U0001f9ea" * 3_000, "headline": "a\0b"}
    await load(database, row)
    person = only((await store.find_by_linkedin(["anna-555"]))[0])
    assert (person.title, person.headline) == (row["title"], "ab")


async def test_statistics_can_be_refreshed(database: Database, store: Lookups) -> None:
    await load(database, ANNA)
    await refresh_statistics(database)
    assert only((await store.find_by_linkedin(["anna-555"]))[0]).first_name == "Anna"


async def test_lookups_of_one_batch_see_one_state(database: Database) -> None:
    await load(database, ANNA)
    async with DirectoryStore(database).open() as lookups:
        (before,) = await lookups.find_companies_by_domain(["acme.example"])
        assert len(await lookups.list_positions({before[0].row_id})) == 1
        await load(database, {**ANNA, "linkedin_url": profile("bert-555"), "email": "bert@acme.example"})
        (positions,) = (await lookups.list_positions({before[0].row_id})).values()
        assert len(positions) == 1
