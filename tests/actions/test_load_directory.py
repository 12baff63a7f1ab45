from __future__ import annotations

import asyncio
import csv
import io
import tracemalloc
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet
from sqlalchemy import text
from tests.support.directory import Lookups

from leadyard.actions.directory import MAX_BAD_ROWS, load_directory
from leadyard.actions.directory_files import BATCH_ROWS, open_directory_file
from leadyard.app import Leadyard
from leadyard.domain.directory import COLUMNS, BadCell, BadRow, LoadReport, UnreadableFile, read_person
from leadyard.domain.people import Company, Education, Experience, Person, PhoneNumber
from leadyard.storage.database import Database

EXAMPLES = Path(__file__).parents[2] / "examples"
PROFILE = "https://www.linkedin.com/in/"


@pytest.fixture
def database(installation: Leadyard) -> Database:
    return installation.database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people"


def ignore(done: int, total: int) -> None: ...


def write(file: Path, content: str | bytes) -> int:
    return file.write_bytes(content if isinstance(content, bytes) else content.encode())


async def load(database: Database, file: Path, content: str | bytes) -> LoadReport:
    write(file, content)
    return await load_directory(database, file, ignore)


async def find(database: Database, *slugs: str) -> list[Person | None]:
    found = await Lookups(database).find_by_linkedin(slugs)
    return [candidates[0].person if candidates else None for candidates in found]


async def get(database: Database, slug: str) -> Person:
    (person,) = await find(database, slug)
    assert person is not None
    return person


async def count_rows(database: Database) -> tuple[int, int]:
    statement = text(
        "SELECT (SELECT count(*) FROM directory_people) AS people, "
        "(SELECT count(*) FROM directory_companies) AS companies"
    )
    async with database.read() as tx:
        row = (await tx.conn.execute(statement)).one()
    return row.people, row.companies


async def test_examples_load_without_a_bad_row(database: Database) -> None:
    for _ in range(2):
        report = await load_directory(database, EXAMPLES / "directory.csv", ignore)
        assert report == LoadReport(2_400, 360, (), 0, ())
    assert await count_rows(database) == (2_400, 360)


async def test_every_column_is_read(database: Database, file: Path) -> None:
    row = {
        "linkedin_url": "de.linkedin.com/in/anna-555/",
        "email": " Anna@ACME.example ",
        "first_name": "Anna",
        "last_name": "Berg",
        "title": "Head of Sales",
        "headline": "Sales at Acme",
        "location": "Bonn, Germany",
        "phone_numbers": "+1 (416) 555-0123; +49 30 23125 416 ext. 6;+61 491 570 156 ; 030 23125 417;n/a",
        "company_name": "Acme GmbH",
        "company_domain": "https://www.acme.example/",
        "company_linkedin_url": "https://www.linkedin.com/company/acme",
        "industry": "Software",
        "company_size": "5,001-10,000",
        "company_employees": "5,312",
        "company_founded_year": "1943",
        "company_location": "Berlin, Germany",
        "company_website": "www.acme.example/en",
        "company_technologies": "Salesforce; HubSpot;Salesforce",
        "company_revenue": "$10M-$50M",
        "image_url": "https://img.example/anna.jpg",
        "languages": "German;English",
        "experiences": '[{"title":"CEO","company_name":"Beta","is_current":false,"extra":1}]',
        "educations": '[{"school_name":"TU Bonn","degree":"MSc"}]',
    }
    content = io.StringIO()
    writer = csv.DictWriter(content, COLUMNS)
    writer.writeheader()
    writer.writerow(row)
    assert await load(database, file, content.getvalue()) == LoadReport(1, 1, (), 0, ())
    person = await get(database, "anna-555")
    assert person == Person(
        id=person.id,
        linkedin_url="https://de.linkedin.com/in/anna-555/",
        email="anna@acme.example",
        first_name="Anna",
        last_name="Berg",
        title="Head of Sales",
        headline="Sales at Acme",
        location="Bonn, Germany",
        phone_numbers=(
            PhoneNumber("+14165550123", "unknown"),
            PhoneNumber("+493023125416", "work"),
            PhoneNumber("+61491570156", "mobile"),
            PhoneNumber("030 23125 417", "unknown"),
        ),
        company=Company(
            name="Acme GmbH",
            domain="acme.example",
            linkedin_url="https://www.linkedin.com/company/acme",
            industry="Software",
            size="5,001-10,000",
            estimated_number_of_employees=5312,
            founded_year=1943,
            location="Berlin, Germany",
            id=person.company.id,
            website="https://www.acme.example/en",
            technologies=("Salesforce", "HubSpot"),
            estimated_revenue="$10M-$50M",
        ),
        image_url="https://img.example/anna.jpg",
        languages=("German", "English"),
        experiences=(Experience(title="CEO", company_name="Beta"),),
        educations=(Education(school_name="TU Bonn", degree="MSc"),),
    )
    assert person.company.id


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
async def test_csv_is_read_however_it_was_saved(
    database: Database, file: Path, delimiter: str, mark: bytes, line_break: str
) -> None:
    lines = [["LinkedIn URL", " First  Name", '"Title"'], [f"{PROFILE}anna", "Anna", f'"a{delimiter} b"']]
    content = line_break.join(delimiter.join(line) for line in lines)
    report = await load(database, file, mark + content.encode())
    assert report == LoadReport(1, 0, (), 0, ())
    person = await get(database, "anna")
    assert (person.first_name, person.title) == ("Anna", f"a{delimiter} b")


async def test_bad_rows_are_named_by_line_and_column_and_the_others_go_in(
    database: Database, file: Path
) -> None:
    content = (
        b"linkedin_url,email,headline\n"
        b'https://www.linkedin.com/in/anna,,"two\r\nlines\n"\n'
        b",not an address,\n"
        b"\n"
        b"https://www.linkedin.com/company/acme,anna@acme.example,\n"
        b",,nobody\n"
        b",bert@acme.example\n"
        b",caf\xe9@acme.example,\n"
        b",,\n"
        b",carla@acme.example,caf\xe9\n"
        b',dora@acme.example,"a\n'
        b"b,\n"
        b",emil@acme.example,c\n"
        b'",too many\n'
        b"https://www.linkedin.com/in/fred,,"
    )
    assert await load(database, file, content) == LoadReport(
        people=2,
        companies=0,
        bad_rows=(
            BadRow(5, "email: not a valid address"),
            BadRow(7, "linkedin_url: not the address of a person's LinkedIn profile"),
            BadRow(8, "linkedin_url: neither it nor email is given, nor a title, a company and a name"),
            BadRow(9, "2 cells where the header has 3"),
            BadRow(10, "email: not UTF-8"),
            BadRow(12, "headline: not UTF-8"),
            BadRow(13, "4 cells where the header has 3, up to line 16: is a quote not closed?"),
        ),
        bad_row_count=7,
        unknown_columns=(),
    )
    assert (await get(database, "anna")).headline == "two\r\nlines"
    assert None not in await find(database, "anna", "fred")


async def test_quote_that_is_never_closed_ends_in_a_bad_row(database: Database, file: Path) -> None:
    lines = [f"{PROFILE}p{number},a" for number in range(9_000)]
    lines[3] = f'{PROFILE}p3,"a'
    report = await load(database, file, "linkedin_url,title\n" + "\n".join(lines))
    assert report.bad_rows[0] == BadRow(5, "a cell is too long: is a quote not closed?")
    assert report.bad_row_count == 1
    assert None not in await find(database, "p2", "p8999")


async def test_report_holds_the_first_bad_rows_and_counts_all(database: Database, file: Path) -> None:
    count = MAX_BAD_ROWS + BATCH_ROWS
    report = await load(database, file, "email,title\n" + "x,\n" * count + "anna@acme.example,\n")
    assert [row.line for row in report.bad_rows] == list(range(2, MAX_BAD_ROWS + 2))
    assert (report.bad_row_count, report.people) == (count, 1)


async def test_report_tells_nothing_of_what_stands_in_a_row(database: Database, file: Path) -> None:
    secret = "s3cret"
    report = await load(database, file, f"email,linkedin_url\n{secret}@,\n,http://{secret}\n{secret}\n")
    assert report.bad_row_count == 3
    assert secret not in repr(report)


async def test_unknown_columns_are_named_once_and_not_read(database: Database, file: Path) -> None:
    header = b"email,Owner Note,score,,Owner Note,caf\xe9\n"
    report = await load(database, file, header + b"anna@acme.example,\xe9,2,3,4,5\n" * 3)
    assert report == LoadReport(1, 0, (), 0, ("Owner Note", "score", "caf\ufffd"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "No column identifies people"),
        ("\n\nemail\n", "No column identifies people"),
        ("name,phone\nAnna,1\n", "No column identifies people"),
        ("title,company_name\nCEO,Acme\n", "No column identifies people"),
        ("title,first_name\nCEO,Anna\n", "No column identifies people"),
        ("email\nanna@acme.example\n".encode("utf-16"), "must be UTF-8"),
        ("email,E-Mail,EMAIL\nanna@acme.example,,\n", "email is there twice"),
        (b'"' + b"x" * 200_000, "not the header"),
        (b"PAR1 and nothing else", "begins like Parquet"),
    ],
)
async def test_file_that_cannot_be_used_changes_nothing(
    database: Database, file: Path, content: str | bytes, complaint: str
) -> None:
    with pytest.raises(UnreadableFile, match=complaint):
        await load(database, file, content)
    assert await count_rows(database) == (0, 0)


async def test_file_that_is_not_there_is_an_error_of_the_system(database: Database, file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await load_directory(database, file, ignore)


async def test_header_alone_loads_nothing(database: Database, file: Path) -> None:
    assert await load(database, file, "title,company_name,last_name") == LoadReport(0, 0, (), 0, ())


async def test_later_row_wins_within_a_batch_and_beyond(database: Database, file: Path) -> None:
    rows = [f"{PROFILE}anna,first,", f"{PROFILE}anna,second,", f"{PROFILE}bert,first,Bert"]
    rows += [f"{PROFILE}p{number},x," for number in range(BATCH_ROWS)]
    rows += [f"{PROFILE}bert,last,"]
    report = await load(database, file, "linkedin_url,title,first_name\n" + "\n".join(rows))
    assert report.people == BATCH_ROWS + 2
    assert (await get(database, "anna")).title == "second"
    bert = await get(database, "bert")
    assert (bert.title, bert.first_name) == ("last", "Bert")


async def test_progress_ends_with_the_whole_file(database: Database, file: Path) -> None:
    steps: list[tuple[int, int]] = []
    size = write(
        file, "email\n" + "".join(f"p{number}@acme.example\n" for number in range(2 * BATCH_ROWS + 9))
    )
    await load_directory(database, file, lambda done, total: steps.append((done, total)))
    assert len(steps) == 3
    assert [total for _, total in steps] == [size] * 3
    assert sorted(steps) == steps
    assert steps[-1] == (size, size)


async def test_two_loads_of_the_same_people_at_once_both_end(database: Database, tmp_path: Path) -> None:
    rows = [f"{PROFILE}p{number},c{number % 97}.example\n" for number in range(3_000)]
    for name, order in (("one", rows), ("two", rows[::-1])):
        write(tmp_path / name, "linkedin_url,company_domain\n" + "".join(order))
    reports = await asyncio.gather(
        load_directory(database, tmp_path / "one", ignore), load_directory(database, tmp_path / "two", ignore)
    )
    assert all(report.bad_row_count == 0 for report in reports)
    assert await count_rows(database) == (3_000, 97)


def write_parquet(file: Path, columns: dict[str, pyarrow.Array]) -> None:
    parquet.write_table(pyarrow.table(columns), file, row_group_size=1_500)


async def test_parquet_is_read_as_csv_is(database: Database, file: Path) -> None:
    count = 3_200
    write_parquet(
        file,
        {
            "LinkedIn URL": pyarrow.array([f"{PROFILE}p{number}" for number in range(count)]),
            "phone_numbers": pyarrow.array([["+1 416 555 0123", "+49 30 23125 416"]] + [None] * (count - 1)),
            "industry": pyarrow.array(["Steel"] * count).dictionary_encode(),
            "company_domain": pyarrow.array(["acme.example"] * count, pyarrow.large_string()),
            "company_employees": pyarrow.array([28.0] + [float("nan")] * (count - 1)),
            "company_founded_year": pyarrow.array([None] * (count - 1) + [1943], pyarrow.int64()),
            "educations": pyarrow.array([[{"school_name": "TU Bonn"}]] + [None] * (count - 1)),
            "score": pyarrow.array([1] * count),
        },
    )
    steps: list[tuple[int, int]] = []
    report = await load_directory(database, file, lambda done, total: steps.append((done, total)))
    assert report == LoadReport(count, 1, (), 0, ("score",))
    assert steps[-1] == (count, count)
    person = await get(database, "p0")
    assert [number.number for number in person.phone_numbers] == ["+14165550123", "+493023125416"]
    assert person.company == Company(
        domain="acme.example",
        industry="Steel",
        estimated_number_of_employees=28,
        founded_year=1943,
        id=person.company.id,
    )
    assert person.educations == (Education(school_name="TU Bonn"),)


async def test_bad_rows_of_parquet_are_named_by_their_number(database: Database, file: Path) -> None:
    emails = [b"anna@acme.example", b"x", b"", b"caf\xe9@acme.example", None]
    text_column = pyarrow.array(emails, pyarrow.binary()).view(pyarrow.string())
    write_parquet(file, {"email": text_column, "title": pyarrow.array(["a", "b", "c", "d", None])})
    report = await load_directory(database, file, ignore)
    assert [(row.line, row.reason.partition(":")[0]) for row in report.bad_rows] == [
        (2, "email"),
        (3, "linkedin_url"),
        (4, "email"),
    ]
    assert report.people == 1


def spoil_second_row_group(file: Path) -> None:
    column = parquet.ParquetFile(file).metadata.row_group(1).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    content = bytearray(file.read_bytes())
    content[start : start + 200] = b"\xff" * 200
    file.write_bytes(content)


async def test_parquet_that_breaks_off_says_how_far_it_came(database: Database, file: Path) -> None:
    emails = [f"p{number}@acme.example" for number in range(3_000)]
    write_parquet(file, {"email": pyarrow.array(emails), "title": pyarrow.array(emails)})
    spoil_second_row_group(file)
    with pytest.raises(UnreadableFile, match=r"beyond row [0-9,]+\."):
        await load_directory(database, file, ignore)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak_bytes(rows: int) -> int:
        path = tmp_path / str(rows)
        path.write_text("email,headline\n" + f"anna@acme.example,{'x' * 100}\n" * rows)
        tracemalloc.start()
        with open_directory_file(path) as file:
            for _ in file.batches:
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(60_000) < 1.2 * peak_bytes(20_000)


def test_line_without_end_is_read_in_parts(tmp_path: Path) -> None:
    path = tmp_path / "people"
    path.write_text("email\n" + "x" * 3_000_000 + "\nanna@acme.example\n")
    with open_directory_file(path) as file:
        batches = list(file.batches)
    assert batches[-1].rows == [(3, {"email": "anna@acme.example"})]
    assert {row.line for batch in batches for row in batch.bad_rows} == {2}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,000", 1000),
        ("28.0", 28),
        ("", None),
        ("n/a", None),
        ("1e3", None),
        ("-5", None),
        ("9" * 40, None),
        ("11-50", None),
        ("٢٨", None),
    ],
)
def test_number_of_employees_is_a_whole_number_or_unknown(written: str, number: int | None) -> None:
    row = {"email": "anna@acme.example", "company_name": "Acme", "company_employees": written}
    company = read_person(row).company
    assert company is not None
    assert company.company.estimated_number_of_employees == number


@pytest.mark.parametrize("written", ["n/a", "-", "ext. 12", "+", "12 34"])
def test_what_has_hardly_a_digit_is_no_phone_number(written: str) -> None:
    assert read_person({"email": "anna@acme.example", "phone_numbers": written}).person.phone_numbers == ()


@pytest.mark.parametrize("written", ["javascript:alert(1)//linkedin.com/", "https://acme.example/", "acme"])
def test_page_of_a_company_is_a_page_of_linkedin(written: str) -> None:
    row = {"email": "anna@acme.example", "company_name": "Acme", "company_linkedin_url": written}
    company = read_person(row).company
    assert company is not None
    assert company.company.linkedin_url is None


@pytest.mark.parametrize("written", ["{}", "[1]", "[", '[{"title":1}]'])
def test_experiences_are_an_array_of_objects(written: str) -> None:
    with pytest.raises(BadCell, match="experiences: not a JSON array of objects"):
        read_person({"email": "anna@acme.example", "experiences": written})


@pytest.mark.parametrize(
    "written", ["javascript:alert(1)", "acme", "http://a b.example", "ftp://acme.example"]
)
def test_picture_and_website_are_web_addresses(written: str) -> None:
    row = {
        "email": "a@acme.example",
        "image_url": written,
        "company_name": "Acme",
        "company_website": written,
    }
    read = read_person(row)
    assert read.company is not None
    assert (read.person.image_url, read.company.company.website) == (None, None)


@pytest.mark.parametrize("domain", ["n/a", "co.uk", "127.0.0.1", "acme"])
def test_company_without_usable_domain_goes_by_its_name(domain: str) -> None:
    row = {"email": "anna@acme.example", "company_name": "Acme GmbH", "company_domain": domain}
    company = read_person(row).company
    assert company is not None
    assert (company.key, company.domain) == ("name:acme", None)
