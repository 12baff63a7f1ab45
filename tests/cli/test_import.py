"""`leadyard import`, against a service of its own."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from tests.support.installation import TEST_KEY
from tests.support.served import Served
from tests.support.withheld import withhold_answer

from leadyard.cli.main import cli
from leadyard_client import Leadyard

Run = Callable[..., Result]
Import = Callable[..., dict[str, Any]]
HEADER = ("Work Email", "First Name", "Campaign")


@pytest.fixture
def leadyard(served: Served) -> Iterator[Leadyard]:
    with Leadyard(served.url, TEST_KEY) as leadyard:
        yield leadyard


@pytest.fixture
def run(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What the command comes to, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, told: bytes = b"") -> Result:
        env = {"LEADYARD_URL": served.url, "LEADYARD_API_KEY": TEST_KEY, "XDG_CONFIG_HOME": str(tmp_path)}
        result = CliRunner().invoke(cli, ["import", *arguments], input=told, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def do(run: Run) -> Import:
    """What it tells as JSON, which must be with status 0."""

    def call(*arguments: str, told: bytes = b"") -> dict[str, Any]:
        result = run(*arguments, "--json", told=told)
        assert result.exit_code == 0, result.output
        return dict(json.loads(result.stdout))

    return call


def write_csv(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter="\t" if path.suffix == ".tsv" else ",").writerows([header, *rows])
    return str(path)


def people(count: int) -> list[list[str]]:
    return [[f"p{number}@acme.example", f"P{number}", "spring"] for number in range(count)]


def entries(leadyard: Leadyard, list_id: str) -> list[Any]:
    return list(leadyard.list_entries(list_id))


MESSY = [
    ["ann@acme.example", "Ann", "=1+1"],
    ["not an e-mail", "Bad", "spring"],
    ["ANN@acme.example", "Ann again", "spring"],
    ["", "Nobody", "spring"],
    ["eve@acme.example", "Eve", ""],
]


def test_rows_become_leads_and_the_others_are_told_with_their_reasons(
    do: Import, leadyard: Leadyard, tmp_path: Path
) -> None:
    told = do(write_csv(tmp_path / "messy.csv", MESSY), "--list", "Messy")
    assert {name: told[name] for name in ("rows", "added", "faulty", "duplicate_in_file")} == {
        "rows": 5,
        "added": 2,
        "faulty": 2,
        "duplicate_in_file": 1,
    }
    ann, eve = entries(leadyard, told["lead_list_id"])
    assert (ann.email, ann.data) == ("ann@acme.example", {"first_name": "Ann", "Campaign": "=1+1"})
    assert eve.data == {"first_name": "Eve"}
    with (tmp_path / told["refused_file"]).open(newline="") as file:
        header, *refused = csv.reader(file)
    assert header == ["Import row", "Import problem", *HEADER]
    assert [(row[0], row[1]) for row in refused] == [
        ("3", "email cannot be used"),
        ("4", "is there twice in the file"),
        ("5", "no email"),
    ]


def test_mended_file_of_refused_rows_is_imported(do: Import, leadyard: Leadyard, tmp_path: Path) -> None:
    rows = [["ann@acme.example", "Ann", ""], ["bob@", "Bob", "=2"]]
    first = do(write_csv(tmp_path / "leads.csv", rows), "--list", "M")
    refused = tmp_path / first["refused_file"]
    refused.write_text(refused.read_text().replace("bob@", "bob@acme.example"))
    second = do(str(refused), "--list", "M")
    assert (second["added"], second["refused_file"]) == (1, None)
    assert entries(leadyard, second["lead_list_id"])[1].data == {"first_name": "Bob", "Campaign": "=2"}


def test_service_tells_what_it_left_out_by_the_numbers_of_rows(
    do: Import, leadyard: Leadyard, tmp_path: Path
) -> None:
    made = leadyard.create_list("email", [{"email": "p1@acme.example"}])
    leadyard.exclude_emails(["p2@acme.example"])
    told = do(write_csv(tmp_path / "some.csv", people(4)), "--list", made.id)
    assert (told["added"], told["duplicate_in_list"], told["suppressed"]) == (2, 1, 1)
    rows = (tmp_path / "some-refused.csv").read_text().splitlines()[1:]
    assert [row.split(",")[:2] for row in rows] == [["3", "is in the list already"], ["4", "is excluded"]]
    leadyard.include_emails(["p2@acme.example"])


@pytest.mark.parametrize("kind", ["tsv", "xlsx", "stdin"])
def test_tables_of_other_kinds_are_read(do: Import, leadyard: Leadyard, tmp_path: Path, kind: str) -> None:
    told = b""
    file = str(tmp_path / f"leads.{kind}")
    if kind == "tsv":
        write_csv(Path(file), people(2))
    elif kind == "xlsx":
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate([list(HEADER), *people(2)]):
                sheet.write_row(number, 0, row)
    else:
        file, told = "-", "\n".join(",".join(row) for row in [list(HEADER), *people(2)]).encode()
    assert do(file, "--list", f"Kind {kind}", told=told)["added"] == 2


def test_columns_are_what_they_are_told_to_be(
    do: Import, run: Run, leadyard: Leadyard, tmp_path: Path
) -> None:
    header = ("Work Email", "Private Mail", "Notes", "Secret")
    file = write_csv(tmp_path / "two.csv", [["w@acme.example", "p@home.example", "n", "s"]], header)
    told = do(file, "--list", "Mapped", "--map", "private mail=email", "--map", "Secret=skip")
    (entry,) = entries(leadyard, told["lead_list_id"])
    assert (entry.email, entry.data) == ("p@home.example", {"Work Email": "w@acme.example", "Notes": "n"})
    for bad in ("Nothing=email", "Notes=shoe_size", "Notes"):
        refused = run(file, "--list", "Mapped", "--map", bad)
        assert (refused.exit_code, "--map" in refused.stderr) == (2, True)


def test_list_is_made_as_it_is_wished_and_must_be_so_when_it_is_there(
    do: Import, run: Run, leadyard: Leadyard, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "one.csv", people(1))
    told = do(file, "--list", "Wished", "--enrich", "--private", "--max-credits", "2", "--watch")
    made = leadyard.get_list(told["lead_list_id"])
    assert (made.status, made.shared, made.options.enrich) == ("completed", False, True)
    assert run(file, "--list", "Wished", "--validate-email").exit_code == 2
    assert run(file, "--list", "Wished", "--type", "linkedin").exit_code == 2


def test_cost_is_told_and_agreed_to_before_anything_is_done(
    run: Run, do: Import, leadyard: Leadyard, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "cost.csv", people(3))
    before = len(list(leadyard.list_lists()))
    asked = run(file, "--list", "Costly", "--validate-email")
    assert (asked.exit_code, "It costs 3 e-mail credits." in asked.stderr) == (2, True)
    assert run(file, "--list", "Costly", "--validate-email", "--max-credits", "2.5").exit_code == 5
    dry = do(file, "--list", "Costly", "--validate-email", "--dry-run")
    assert (dry["added"], dry["cost"]["email"]["most"]) == (3, 3)
    assert len(list(leadyard.list_lists())) == before
    assert not list(tmp_path.glob("*refused*"))


def test_file_that_cannot_be_read_or_has_no_leads_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    empty = run("empty.csv", "--list", "No")
    assert (empty.exit_code, empty.stderr) == (1, "Error: There is nothing in the file.\n")
    missing = run("missing.csv", "--list", "No")
    assert (missing.exit_code, missing.stderr) == (1, "Error: missing.csv: No such file or directory.\n")
    strange = run(write_csv(tmp_path / "strange.csv", [["red", "7"]], ("Color", "Size")), "--list", "No")
    assert (strange.exit_code, "--map" in strange.stderr) == (2, True)
    bad = write_csv(tmp_path / "bad.csv", [["x", "", ""]])
    none = run(bad, "--list", "No", "--map", "Work Email=email")
    assert (none.exit_code, none.stderr.splitlines()[-1]) == (1, "Error: There is no row that can be added.")


def test_full_list_takes_what_it_has_room_for(
    leadyard: Leadyard, do: Import, run: Run, tmp_path: Path
) -> None:
    made = leadyard.create_list("email", ({"email": f"full{n}@acme.example"} for n in range(59_998)))
    result = run(write_csv(tmp_path / "over.csv", people(4)), "--list", made.id, "--json")
    assert result.exit_code == 6
    told = json.loads(result.stdout)
    assert (told["added"], told["over_capacity"]) == (2, 2)
    again = run(write_csv(tmp_path / "more.csv", [["new@acme.example", "", ""]]), "--list", made.id, "--json")
    assert (again.exit_code, json.loads(again.stdout)["over_capacity"]) == (6, 1)
    assert "fit: the list is full" in (tmp_path / "more-refused.csv").read_text()
    leadyard.delete_list(made.id)


def test_file_of_refused_rows_is_never_written_over_another(run: Run, do: Import, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "bad.csv", [["ann@acme.example", "", ""], ["bad", "", ""]])
    names = [do(file, "--list", f"Name {number}")["refused_file"] for number in range(2)]
    assert names == ["bad-refused.csv", "bad-refused-2.csv"]
    assert run(file, "--list", "Name 0", "--refused", "bad-refused.csv").exit_code == 2


def kill_in_mid_import(served: Served, arguments: list[str], folder: Path, batch: int) -> None:
    """Starts an import, and kills it when it waits for the answer to a batch that the service has added."""
    with withhold_answer(served.url, b"POST /lead-lists/", batch) as way:
        env = {"PATH": os.environ["PATH"], "LEADYARD_URL": way.url, "LEADYARD_API_KEY": TEST_KEY}
        command = [sys.executable, "-m", "leadyard", "import", *arguments]
        process = subprocess.Popen(command, env=env, cwd=folder, stderr=subprocess.DEVNULL)
        try:
            way.wait()
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def test_killed_import_goes_on_and_adds_nothing_twice(
    served: Served, do: Import, leadyard: Leadyard, tmp_path: Path
) -> None:
    arguments = [write_csv(tmp_path / "long.csv", people(10_040)), "--list", "Killed"]
    kill_in_mid_import(served, arguments, tmp_path, batch=2)
    told = do(*arguments)
    assert (told["added"], told["duplicate_in_list"], told["refused_file"]) == (10_040, 0, None)
    assert leadyard.get_list(told["lead_list_id"]).progress.total == 10_040


def test_killed_import_pays_for_nothing_twice(
    served: Served, do: Import, leadyard: Leadyard, tmp_path: Path
) -> None:
    before = leadyard.get_credits().email.available
    arguments = [write_csv(tmp_path / "paid.csv", people(30)), "--list", "Paid", "--validate-email", "--yes"]
    kill_in_mid_import(served, arguments, tmp_path, batch=1)
    assert do(*arguments, "--watch")["added"] == 30
    assert before - leadyard.get_credits().email.available == 30


def test_finished_import_can_be_made_anew(run: Run, do: Import, leadyard: Leadyard, tmp_path: Path) -> None:
    arguments = [write_csv(tmp_path / "again.csv", people(2)), "--list", "Again"]
    assert do(*arguments)["added"] == 2
    replayed = run(*arguments)
    assert "2 of these were sent before" in replayed.stderr
    anew = do(*arguments, "--anew")
    assert (anew["added"], anew["duplicate_in_list"]) == (0, 2)
