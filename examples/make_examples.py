"""Write `directory.csv` and `prospects.csv`: invented people, companies and leads to try the service with.

`python examples/make_examples.py` writes both files beside this module; `--check` writes nothing and fails if
the files are not what would be written. The bytes depend on nothing but this folder: fixed seeds, no clock,
no locale, no set order, and only such random numbers as every version of Python draws alike.

The files are meant to be as untidy as real ones are, and still free of errors: whoever loads them should see
names from many languages, duplicates found and people matched, not a page of refusals.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable
from pathlib import Path

from people import Person, PersonMaker, build_companies
from prospects import PROSPECT_COLUMNS, prospect_rows
from spellings import odd_domain, odd_email, odd_text, odd_url, phone_number, plain_url
from words import Dice, Vocabulary, load_vocabulary

FOLDER = Path(__file__).resolve().parent

SEED = 20_260_101
KNOWN_COMPANIES = 360
UNKNOWN_COMPANIES = 60
KNOWN_PEOPLE = 2_400
STRANGERS = 320
PEOPLE_WRITTEN_TWICE = 24

DIRECTORY_COLUMNS = (
    "linkedin_url",
    "email",
    "first_name",
    "last_name",
    "title",
    "headline",
    "location",
    "phone_numbers",
    "company_name",
    "company_domain",
    "company_linkedin_url",
    "industry",
    "company_size",
    "company_employees",
    "company_founded_year",
    "company_location",
)


def build_files() -> dict[str, bytes]:
    """Return the content of every example file, by name."""
    words = load_vocabulary()
    companies = build_companies(Dice(SEED), words, KNOWN_COMPANIES + UNKNOWN_COMPANIES)
    maker = PersonMaker(Dice(SEED + 1), words)
    people = maker.people(KNOWN_PEOPLE, companies[:KNOWN_COMPANIES])
    strangers = maker.people(STRANGERS, companies[KNOWN_COMPANIES:])
    return {
        "directory.csv": to_csv(DIRECTORY_COLUMNS, directory_rows(Dice(SEED + 2), words, people)),
        "prospects.csv": to_csv(PROSPECT_COLUMNS, prospect_rows(Dice(SEED + 3), words, people, strangers)),
    }


def directory_rows(dice: Dice, words: Vocabulary, people: list[Person]) -> list[dict[str, str]]:
    """Return a row for each person, and for a few a second one in another spelling, anywhere in the file."""
    rows = [tidy_row(dice, words, person) for person in people]
    written_twice = list(people)
    dice.shuffle(written_twice)
    for person in written_twice[:PEOPLE_WRITTEN_TWICE]:
        rows.insert(dice.below(len(rows) + 1), odd_row(dice, words, person))
    return rows


def tidy_row(dice: Dice, words: Vocabulary, person: Person) -> dict[str, str]:
    """Return the person as somebody wrote it down once, with a slip here and there."""

    def slip(text: str, percent: float) -> str:
        return odd_text(dice, text) if text and dice.chance(percent) else text

    email = odd_email(dice, person.email) if person.email and dice.chance(4) else person.email
    domain = person.company.domain
    separator = dice.pick((";", "; "))
    row = {
        "linkedin_url": plain_url(dice, words, person.path) if person.path else "",
        "email": email,
        "first_name": slip(person.first_name, 5),
        "last_name": slip(person.last_name, 5),
        "title": slip(person.title, 5),
        "headline": slip(person.headline, 1),
        "location": person.location,
        "phone_numbers": separator.join(phone_number(dice, phone) for phone in person.phones),
        "company_name": slip(person.company.legal_name, 5),
        "company_domain": odd_domain(dice, domain) if domain and dice.chance(4) else domain,
    }
    return row | _company_cells(dice, person)


def _company_cells(dice: Dice, person: Person) -> dict[str, str]:
    """Return what is known of the company; one row in ten does not repeat it."""
    company = person.company
    if dice.chance(10):
        return dict.fromkeys(DIRECTORY_COLUMNS[10:], "")
    return {
        "company_linkedin_url": company.linkedin_url,
        "industry": company.industry,
        "company_size": company.size,
        "company_employees": company.employees,
        "company_founded_year": company.founded_year,
        "company_location": company.location,
    }


def odd_row(dice: Dice, words: Vocabulary, person: Person) -> dict[str, str]:
    """Return the same person as another hand wrote it down: other spellings, and the same meaning."""
    row = tidy_row(dice, words, person)
    row["linkedin_url"] = odd_url(dice, words, person.path) if person.path else ""
    row["email"] = odd_email(dice, person.email) if person.email else ""
    for column in ("first_name", "last_name", "title"):
        row[column] = odd_text(dice, row[column])
    return row


def to_csv(columns: tuple[str, ...], rows: Iterable[dict[str, str]]) -> bytes:
    """Return the rows as UTF-8 without a byte order mark, lines ended by a line feed alone."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def stale_files(files: dict[str, bytes]) -> list[str]:
    """Return the names of the files that are missing on disk or differ from what would be written."""
    paths = {name: FOLDER / name for name in files}
    return [name for name, path in paths.items() if not path.is_file() or path.read_bytes() != files[name]]


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with `--check` say whether they are up to date; return the exit code."""
    parser = argparse.ArgumentParser(description="Write directory.csv and prospects.csv beside this script.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    options = parser.parse_args(arguments)
    files = build_files()
    if options.check:
        stale = stale_files(files)
        if stale:
            print(
                f"Not what make_examples.py writes: {', '.join(stale)}. Run it without --check.",
                file=sys.stderr,
            )
        return 1 if stale else 0
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
