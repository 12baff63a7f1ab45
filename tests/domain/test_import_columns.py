from __future__ import annotations

import re

import pytest

from leadyard.domain.column_words import NAMES
from leadyard.domain.import_columns import (
    column_letters,
    find_header,
    find_list_type,
    guess_columns,
    header_fingerprint,
    header_key,
    lead_json,
    member_names,
    name_columns,
)

PERSON = "https://www.linkedin.com/in/anna-muster"
COMPANY = "https://www.linkedin.com/company/acme"

VALUES = {
    "email": "anna@acme.example",
    "linkedin_url": PERSON,
    "title": "Head of Sales",
    "company_name": "Acme",
    "company_domain": "acme.com",
    "first_name": "Anna",
    "last_name": "Muster",
    "full_name": "Anna Muster",
    "phone": "+49 30 901820",
    "location": "Berlin",
    "industry": "Software",
    "-": "42",
}
EXPORTS = {
    "HubSpot": "Record ID:- First Name:first_name Last Name:last_name Email:email Phone Number:phone "
    "Job Title:title Associated Company:company_name Website URL:company_domain Lead Status:-",
    "Salesforce": "Id:- FirstName:first_name LastName:last_name Title:title "
    "Account: Account Name:company_name MobilePhone:phone Email:email "
    "HasOptedOutOfEmail:- LinkedIn_URL__c:linkedin_url",
    "Apollo": "First Name:first_name Last Name:last_name Title:title Company:company_name Email:email "
    "Email Status:- Work Direct Phone:- Mobile Phone:phone Person Linkedin Url:linkedin_url "
    "Website:company_domain Industry:industry",
    "Pipedrive": "Person - Name:full_name Person - Email - Work:email Person - Phone - Work:phone "
    "Organization - Name:company_name",
    "LinkedIn": "First Name:first_name Last Name:last_name URL:linkedin_url Email Address:email "
    "Company:company_name Position:title Connected On:-",
    "Google": "Given Name:first_name Family Name:last_name E-mail 1 - Type:- E-mail 1 - Value:email "
    "Phone 1 - Value:phone Organization 1 - Name:company_name Organization 1 - Title:title",
    "Outlook": "First Name:first_name Last Name:last_name Company:company_name Job Title:title "
    "Business Phone:phone E-mail Address:email",
    "German": "Vorname:first_name Nachname:last_name Firma:company_name Position:title E-Mail-Adresse:email "
    "Webseite:company_domain Telefon:phone Branche:industry",
    "French": "Prénom:first_name Nom:last_name Société:company_name Intitulé du poste:title Courriel:email "
    "Site web:company_domain Téléphone portable:phone",
    "Spanish": "Nombre:first_name Apellidos:last_name Empresa:company_name Cargo:title "
    "Correo electrónico:email Sitio web:company_domain Teléfono:phone",
    "Russian": "Имя:first_name Фамилия:last_name Компания:company_name Должность:title "
    "Электронная почта:email Сайт:company_domain Телефон:phone",
    "Japanese": "姓:last_name 名:first_name 会社名:company_name 役職:title "
    "メールアドレス:email 電話番号:phone",
}


def read_export(text: str) -> list[tuple[str, str]]:
    fields = "|".join(["-", *sorted(VALUES)])
    return re.findall(rf"\s*(.+?):({fields})(?=\s|$)", text)


@pytest.mark.parametrize("program", EXPORTS)
def test_columns_of_an_export_are_known(program: str) -> None:
    columns = read_export(EXPORTS[program])
    row = [VALUES[field] for _, field in columns]
    guessed = guess_columns([name for name, _ in columns], [row])
    assert [field or "-" for field in guessed] == [field for _, field in columns]


def test_columns_are_known_by_their_names_alone() -> None:
    assert guess_columns(["Work email", "Company", "Notes"], []) == ("email", "company_name", None)


def test_what_stands_in_a_column_outweighs_its_name() -> None:
    rows = [["Verified", COMPANY, "anna@acme.example", "Anna"], ["Guessed", COMPANY, "b@acme.example", "Ben"]]
    names = ["Email", "LinkedIn URL", "Contact", "First Name"]
    assert guess_columns(names, rows) == (None, None, "email", "first_name")


def test_columns_without_names_are_known_by_what_stands_in_them() -> None:
    rows = [["anna@acme.example", "x", PERSON], ["", "y", PERSON]]
    assert guess_columns(name_columns([], 3), rows) == ("email", None, "linkedin_url")


def test_of_two_columns_for_a_field_the_better_is_taken() -> None:
    rows = [["a@gmail.example", "anna@acme.example", "c@acme.example"]]
    assert guess_columns(["Personal Email", "Work Email", "Email"], rows) == (None, "email", None)


def test_few_bad_cells_do_not_hide_an_email_column() -> None:
    rows = [["anna@acme.example"], ["b@acme.example"], ["n/a"]]
    assert guess_columns(["Mail"], rows) == ("email",)


def test_every_field_is_found_by_each_of_its_names() -> None:
    for field, names in NAMES.items():
        for name in names:
            assert field in guess_columns([name], []), name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("  E-Mail_Adresse ", "e mail adresse"),
        ("personLinkedInUrl", "person linkedin url"),
        ("LinkedIn URL", "linkedin url"),
        ("Prénom (contact)", "prenom contact"),
        ("***", ""),
    ],
)
def test_names_are_compared_by_their_words(name: str, key: str) -> None:
    assert header_key(name) == key


def test_files_with_columns_named_alike_have_one_fingerprint() -> None:
    assert header_fingerprint(["E-Mail", "First Name"]) == header_fingerprint(["e_mail", "firstName"])
    assert header_fingerprint(["E-Mail", "Name"]) != header_fingerprint(["Name", "E-Mail"])


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["Email", "Name"], ["a@acme.example", "Anna"]], 0),
        (
            [["Notes:"], ["You may see no e-mails."], ["First Name", "Last Name", "URL"], ["A", "B", PERSON]],
            2,
        ),
        ([["Export of 2026-01-01"], ["Email", "Company", "Note"], ["a@acme.example", "Acme", ""]], 1),
        ([["a@acme.example", "Email"], ["b@acme.example", "Company"]], None),
        ([["Foo", "Bar"], ["1", "2"]], 0),
        ([["Foo", "2026-01-01"], ["Bar", "2026-01-02"]], None),
        ([], None),
    ],
)
def test_header_is_found(rows: list[list[str]], place: int | None) -> None:
    assert find_header(rows) == place


def test_every_column_gets_a_name_of_its_own() -> None:
    named = name_columns(["Email", " ", "email", "Two\nlines", "Column B"], 6)
    assert named == ["Email", "Column B", "email (2)", "Two lines", "Column B (2)", "Column F"]
    assert [column_letters(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_list_type_is_the_one_that_takes_most_rows() -> None:
    columns = guess_columns(["Email", "LinkedIn", "Title", "Company"], [])
    full = ["anna@acme.example", PERSON, "CEO", "Acme"]
    assert find_list_type(columns, [full]) == "email"
    assert find_list_type(columns, [full, ["", PERSON, "CEO", "Acme"]]) == "linkedin"
    assert find_list_type(columns, [["", "", "CEO", "Acme"]]) == "titles_and_company"
    assert find_list_type((None, None), [["a", "b"]]) is None


def test_some_bad_emails_do_not_make_a_list_of_titles() -> None:
    columns = guess_columns(["Email", "Title", "Company"], [])
    rows = [[f"p{number}@acme.example", "CEO", "Acme"] for number in range(8)]
    assert find_list_type(columns, [*rows, *[["n/a", "CEO", "Acme"]] * 2]) == "email"
    assert find_list_type(columns, [*rows, *[["n/a", "CEO", "Acme"]] * 3]) == "titles_and_company"


def test_what_is_no_field_rides_along_under_its_own_name() -> None:
    names = ["Work Email", "email", "Note"]
    members = member_names(names, guess_columns(["Work Email", "Status", "Note"], []))
    assert members == ["email", "email (column B)", "Note"]
    lead = lead_json(members, [" anna@acme.example ", "", 'said "yes"', "beyond"])
    assert bytes(lead) == b'{"email":"anna@acme.example","Note":"said \\"yes\\""}'
