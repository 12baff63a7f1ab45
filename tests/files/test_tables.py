from __future__ import annotations

import io
import time
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from leadyard.domain.directory import UnreadableFile
from leadyard.files import delimited, encodings, workbook
from leadyard.files.tables import MAX_COLUMNS, open_rows, open_table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "leads"


def read(file: Path, content: bytes | None = None) -> list[tuple[int, list[str]]]:
    if content is not None:
        file.write_bytes(content)
    with open_rows(file) as opened:
        return [(row.number, row.cells) for row in opened.rows]


LONG_NAMES = (
    "Sales Manager",
    "Руководитель отдела закупок и логистики, Ёлка" * 6,
    "一个株式会社で営業を担当しています一丁目" * 6,
    "🚀" * 40,
)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Zoë Müller"),
        ("utf-8-sig", "Zoë Müller"),
        ("utf-16", "Zoë Müller"),
        ("utf-16-le", "Zoë Müller"),
        ("utf-16-be", "Zoë Müller"),
        ("utf-32", "Zoë Müller"),
        *((f"utf-{size}-{end}", name) for size in (16, 32) for end in ("le", "be") for name in LONG_NAMES),
        ("cp1252", "Zoë Müller, Geschäftsführer für Vertrieb"),
        ("cp1251", "Александр Пушкин, директор по продажам"),
        ("cp932", "山田太郎は営業部長です"),
    ],
)
def test_encoding_is_found(file: Path, encoding: str, name: str) -> None:
    lines = f"email;name\r\na@acme.example;{name}\r\n" * 3
    rows = read(file, lines.encode(encoding))
    assert rows[1] == (2, ["a@acme.example", name])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-32-be"])
def test_encoding_of_lines_that_end_with_carriage_returns_is_found(file: Path, encoding: str) -> None:
    assert read(file, "email;name\ra@acme.example;Ёлка\r".encode(encoding))[1] == (
        2,
        ["a@acme.example", "Ёлка"],
    )


def test_encoding_that_is_told_is_taken(file: Path) -> None:
    file.write_bytes("Şık\n".encode("cp1254"))
    with open_rows(file, "cp1254") as opened:
        assert next(opened.rows).cells == ["Şık"]


def test_letter_late_in_the_file_counts(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "READ_BYTES", 7)
    assert read(file, b"name\n" + b"x\n" * 50 + "für\n".encode("cp1252"))[-1] == (52, ["für"])
    assert read(file, b"name\n" + b"x\n" * 50 + "für".encode())[-1] == (52, ["für"])


def test_stray_bytes_do_not_spoil_a_file_in_utf_8(file: Path) -> None:
    rows = read(file, "Müller,Größe\n".encode() * 10 + "für,x\n".encode("cp1252"))
    assert (rows[0][1], rows[-1][1]) == (["Müller", "Größe"], ["für", "x"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(file: Path, delimiter: str) -> None:
    lines = f'a{delimiter}b{delimiter}c\n"x, y; z"{delimiter}"1,5"{delimiter}"2;3"\n'
    assert read(file, lines.encode())[1] == (2, ["x, y; z", "1,5", "2;3"])


def test_declared_delimiter_is_taken(file: Path) -> None:
    assert read(file, b"sep=^\na,b^c\n") == [(1, ["a,b", "c"])]


def test_one_column_is_a_table_too(file: Path) -> None:
    assert read(file, b"email\na@acme.example\n") == [(1, ["email"]), (2, ["a@acme.example"])]


def test_numbers_are_those_of_a_spreadsheet(file: Path) -> None:
    content = b'name,note\n\nAnna,"two\r\nlines, ""quoted"""\n , \nBen,,,\nCem,x,y'
    assert read(file, content) == [
        (1, ["name", "note"]),
        (3, ["Anna", 'two\r\nlines, "quoted"']),
        (5, ["Ben"]),
        (6, ["Cem", "x", "y"]),
    ]


def test_quote_that_is_not_closed_costs_its_line_only(file: Path) -> None:
    at_the_end = b'name,note\nAnna,"open\nBen,x\nCem,y\n'
    assert read(file, at_the_end)[1:] == [(2, ["Anna", "open"]), (3, ["Ben", "x"]), (4, ["Cem", "y"])]
    far_away = b'name,note\nAnna,"open\n' + b"Ben,x\n" * 30_000 + b'Cem,"y"\n'
    rows = read(file, far_away)
    assert (len(rows), rows[1], rows[-1]) == (30_003, (2, ["Anna", "open"]), (30_003, ["Cem", "y"]))


def test_nul_is_left_out(file: Path) -> None:
    assert read(file, b"na\0me,b\nAn\0na,c\n") == [(1, ["name", "b"]), (2, ["Anna", "c"])]


def test_table_begins_below_its_header(file: Path) -> None:
    file.write_bytes(b"Export of today\n\nE-Mail,,E-mail,\na@acme.example,x,y,z\nb@acme.example\n")
    with open_table(file) as table:
        assert table.names == ["E-Mail", "Column B", "E-mail (2)", "Column D"]
        assert table.header is not None
        assert table.header.number == 3
        assert [row.number for row in table.rows] == [4, 5]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "nothing in the file"),
        (b"\n \n,,\n", "nothing in the file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", r"old Excel workbook"),
        (b"PAR1....", "is Parquet"),
        (b"PK\x03\x04 torn", "cannot be read as one"),
        (b"," * MAX_COLUMNS + b"x", "more than 500 cells"),
    ],
)
def test_what_is_no_table_is_refused(file: Path, content: bytes, complaint: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UnreadableFile, match=complaint), open_table(file):
        pass


def make_workbook(file: Path) -> None:
    with xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.add_worksheet("empty")
        book.add_worksheet("secret").hide()
        sheet = book.add_worksheet("leads")
        sheet.write_row(2, 1, ["email", "phone", "score", "since", "ok"])
        sheet.write_row(4, 1, ["a@acme.example", 4930901820, 1.5])
        sheet.write_datetime(4, 4, datetime(2026, 1, 31))
        sheet.write_boolean(4, 5, True)


def test_first_sheet_with_something_in_it_is_read(file: Path) -> None:
    make_workbook(file)
    assert read(file) == [
        (3, ["email", "phone", "score", "since", "ok"]),
        (5, ["a@acme.example", "4930901820", "1.5", "2026-01-31", "TRUE"]),
    ]


def test_archive_that_is_no_workbook_is_refused(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "x")
    with pytest.raises(UnreadableFile, match="no XLSX workbook"):
        read(file)


def test_workbook_is_looked_into_by_another_process_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_workbook(file)

    def refuse(*_arguments: object) -> None:
        raise AssertionError

    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    assert len(read(file)) > 1


def test_workbook_that_unpacks_to_too_much_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_workbook(file)
    monkeypatch.setattr(workbook, "MAX_INFLATED_BYTES", 1_000)
    with pytest.raises(UnreadableFile, match="too large when it is unpacked"):
        read(file)


def test_workbook_with_endless_cells_ends_its_own_process_only(file: Path) -> None:
    cells = '<c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
    make_workbook(file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet3.xml"].decode()
    start, end = sheet.index("<sheetData>"), sheet.index("</sheetData>")
    members["xl/worksheets/sheet3.xml"] = (
        f'{sheet[:start]}<sheetData><row r="1">{cells}</row>{sheet[end:]}'.encode()
    )
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(UnreadableFile, match="too large when it is unpacked"):
        read(file)


def test_rows_of_a_workbook_come_in_parts_that_memory_has_room_for(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number in range(10):
            sheet.write_row(number, 0, [f"n{number}" * 15_000] * 30)
    parts = list(workbook._read_parts(str(file), workbook.MAX_INFLATED_BYTES))
    assert [row for part in parts for row in part.rows] == [[f"n{n}" * 15_000] * 30 for n in range(10)]
    assert max(sum(len(cell) for row in part.rows for cell in row) for part in parts) <= 5_000_000
    assert [number for number, _ in read(file)] == list(range(1, 11))


def test_row_of_a_workbook_without_end_is_refused(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write_row(0, 0, ["x" * 30_000] * 40)
    with pytest.raises(UnreadableFile, match="more than a million characters"):
        read(file)


def test_quotes_that_open_anew_in_each_line_are_read_in_time(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MAX_REREAD_CHARACTERS", 1_000_000, raising=False)
    begin = time.process_time()
    rows = read(file, b'"b","a"x","c\n' * 8_000 + b'"b","a\n')
    assert time.process_time() - begin < 3
    assert len(rows) == 8_001


def test_record_without_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_REREAD_CHARACTERS", 1_000_000, raising=False)
    text = io.StringIO('"a\n",' * 1_000_000, newline="")
    assert max(map(len, delimited.read_records(text, ","))) < 10
