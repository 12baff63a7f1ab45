"""Commands that call a service, against one of their own."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from tests.support.installation import ADMIN_EMAIL, TEST_KEY
from tests.support.served import Served

from leadyard.cli.failures import STATUSES, explain
from leadyard.cli.main import cli
from leadyard_client import ApiError, Leadyard, LeadyardError, errors
from leadyard_client.faults import Fault

Run = Callable[..., Result]

# The sandbox is asked for this one three times, with five seconds in between, however fast the machine is.
BUSY_FOR_SECONDS = [{"email": "unavailable@acme.example"}]


@pytest.fixture
def run(served: Served, tmp_path: Path) -> Run:
    """What a command comes to; its user has no profiles, and a key in the environment."""

    def call(*arguments: str, told: str = "", **env: str | None) -> Result:
        given = {"LEADYARD_URL": served.url, "LEADYARD_API_KEY": TEST_KEY, "XDG_CONFIG_HOME": str(tmp_path)}
        result = CliRunner().invoke(cli, arguments, input=told, env={**given, **env})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def do(run: Run) -> Callable[..., Any]:
    """The lines of JSON that a command prints, which must succeed."""

    def call(*arguments: str, told: str = "") -> list[Any]:
        result = run(*arguments, "--json", told=told)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return call


@pytest.fixture
def leadyard(served: Served) -> Iterator[Leadyard]:
    with Leadyard(served.url, TEST_KEY) as leadyard:
        yield leadyard


def test_lists_are_listed_shown_and_watched(run: Run, do: Callable[..., Any], leadyard: Leadyard) -> None:
    made = leadyard.create_list("email", [{"email": "ann@acme.example"}], name="Q3 outbound", enrich=True)
    (found,) = do("lists", "--name", "outbound")
    assert (found["id"], found["type"]) == (made.id, "email")
    (watched,) = do("list", "watch", "Q3 outbound")
    assert (watched["status"], watched["progress"]["done"]) == ("completed", 1)
    shown = run("list", "show", made.id).stdout
    assert "Status   completed\n" in shown
    assert f"Owner    {ADMIN_EMAIL} (shared)\n" in shown
    line = run("lists", "--limit", "1").stdout
    assert line == f"{made.id}  completed  email  1/1  Q3 outbound\n"


def test_list_is_paused_and_resumed(run: Run, do: Callable[..., Any], leadyard: Leadyard) -> None:
    leadyard.create_list("email", BUSY_FOR_SECONDS, name="To pause", enrich=True)
    assert do("list", "pause", "To pause")[0]["paused"]["reason"] == "requested"
    assert run("list", "show", "To pause").stdout.splitlines()[2] == "Status   paused: requested"
    assert do("list", "resume", "To pause")[0]["paused"] is None


def test_list_is_canceled_and_deleted(run: Run, do: Callable[..., Any], leadyard: Leadyard) -> None:
    made = leadyard.create_list("email", BUSY_FOR_SECONDS, name="To stop", enrich=True)
    leadyard.pause_list(made.id)
    refused = run("list", "cancel", "To stop")
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert do("list", "cancel", "To stop", "--yes")[0]["status"] == "canceled"
    assert run("list", "delete", made.id, "--yes").stderr == "Deleted To stop.\n"
    gone = run("list", "show", made.id)
    assert (gone.exit_code, gone.stdout) == (4, "")


def test_list_is_exported_to_a_file_or_to_standard_output(
    run: Run, leadyard: Leadyard, tmp_path: Path
) -> None:
    made = leadyard.create_list("email", [{"email": f"{name}@acme.example"} for name in ("ann", "joe")])
    told = run("list", "export", made.id, "--columns", "email, status", "--search", "joe").stdout
    assert told.splitlines()[1].startswith("joe@acme.example,")
    file = tmp_path / "leads.ndjson"
    assert run("list", "export", made.id, "--output", str(file)).exit_code == 0
    assert len(file.read_text().splitlines()) == 2
    refused = run("list", "export", made.id, "--output", str(tmp_path / "no.csv"), "--columns", "shoe_size")
    assert refused.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["leads.ndjson"]


def test_leads_are_added_from_the_line_and_from_standard_input(
    run: Run, do: Callable[..., Any], leadyard: Leadyard
) -> None:
    made = leadyard.create_list("email")
    lines = 'joe@acme.example\n\n{"email": "eve@acme.example", "campaign": "spring"}\n'
    (added,) = do("leads", "add", made.id, "ann@acme.example", "-", told=lines)
    assert added["total_added_to_lead_list"] == 3
    assert [entry.data for entry in leadyard.list_entries(made.id)][2] == {"campaign": "spring"}
    (preview,) = do("leads", "add", made.id, "ann@acme.example", "new@acme.example", "--dry-run")
    assert (preview["counts"]["added"], preview["counts"]["duplicate_in_list"]) == (1, 1)
    assert leadyard.get_list(made.id).progress.total == 3
    bad = run("leads", "add", made.id, "ann@", "https://acme.example")
    assert bad.exit_code == 1
    assert "leads[0].email" in bad.stderr
    assert "leads[1].email" in bad.stderr
    assert run("leads", "add", made.id, "-", told='{"email": ').exit_code == 2


def test_leads_that_cost_are_added_with_consent_only(run: Run, leadyard: Leadyard) -> None:
    made = leadyard.create_list("email", validate_email=True)
    asked = run("leads", "add", made.id, "ann@acme.example")
    assert (asked.exit_code, "It costs 1 e-mail credits." in asked.stderr) == (2, True)
    assert run("leads", "add", made.id, "ann@acme.example", "--max-credits", "0.5").exit_code == 5
    assert leadyard.get_list(made.id).progress.total == 0
    assert run("leads", "add", made.id, "ann@acme.example", "--max-credits", "1").exit_code == 0
    assert run("leads", "add", made.id, "joe@acme.example", "--yes").exit_code == 0
    assert leadyard.get_list(made.id).progress.total == 2


def test_person_is_found_by_email_profile_or_name(run: Run, do: Callable[..., Any]) -> None:
    assert "Name     " in run("find", "ann@acme.example").stdout
    (person,) = do("find", "https://www.linkedin.com/in/ann", "--reveal-phone")
    assert person["phone_numbers"]
    (named,) = do("find", "--title", "CEO", "--domain", "acme.example")
    assert named["id"]
    nobody = run("find", "notfound@acme.example")
    assert (nobody.exit_code, nobody.stdout) == (4, "")


def test_emails_are_verified(run: Run, do: Callable[..., Any]) -> None:
    (ann,) = do("verify", "ann@acme.example")
    assert (ann["result"], ann["catch_all"]) == ("deliverable", False)
    told = run("verify", "-", told="catchall@acme.example\n").stdout
    assert told.split() == ["catchall@acme.example", "risky", "catch-all"]


def test_credits_and_providers_are_told(run: Run, do: Callable[..., Any], leadyard: Leadyard) -> None:
    leadyard.grant_credits("phone", 2.5, "a gift")
    (told,) = do("credits")
    assert told["phone"]["balance"] > 99_000
    email, phone = run("credits").stdout.splitlines()
    assert (email.split()[0], phone.split()[0]) == ("email", "phone")
    (newest,) = do("credits", "ledger", "--limit", "1")
    assert newest["note"] == "a gift"
    assert "+2.5" in run("credits", "ledger", "--limit", "1").stdout
    assert "sandbox" in [provider["name"] for provider in do("providers")]
    assert "sandbox" in run("providers").stdout
    misplaced = run("credits", "--json", "ledger")
    assert (misplaced.exit_code, misplaced.stdout) == (2, "")


def test_login_keeps_address_and_key_for_other_commands(run: Run, served: Served, tmp_path: Path) -> None:
    nobody = {"LEADYARD_URL": None, "LEADYARD_API_KEY": None}
    assert run("lists", **nobody).exit_code == 3
    wrong = run("login", "--url", served.url, told="ly_test_wrong\n", **nobody)
    assert wrong.exit_code == 3
    done = run("login", "--profile", "work", "--url", served.url, told=TEST_KEY + "\n", **nobody)
    assert done.exit_code == 0, done.stderr
    assert TEST_KEY not in done.output
    (file,) = (tmp_path / "leadyard").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("credits", **nobody).exit_code == 3
    assert run("credits", "--profile", "work", **nobody).exit_code == 0
    assert run("credits", LEADYARD_PROFILE="work", **nobody).exit_code == 0
    assert run("logout", "--profile", "work").exit_code == 0
    assert run("credits", "--profile", "work").exit_code == 3


def test_key_of_the_environment_is_not_sent_to_the_address_of_a_profile(run: Run, served: Served) -> None:
    run("login", "--url", served.url, told=TEST_KEY + "\n")
    elsewhere = run("credits", LEADYARD_URL="http://127.0.0.1:1", LEADYARD_API_KEY=None)
    assert elsewhere.exit_code == 3
    assert "There is no API key" in elsewhere.stderr


def test_lists_of_the_same_name_are_told_apart_by_id(run: Run, leadyard: Leadyard) -> None:
    ids = {leadyard.create_list("email", name="Twice").id for _ in range(2)}
    refused = run("list", "show", "Twice")
    assert refused.exit_code == 2
    assert ids <= set(refused.stderr.split())
    assert run("list", "show", "Nowhere").exit_code == 4


@pytest.mark.parametrize("kind", sorted(errors.CLASSES))
def test_every_error_has_a_status(kind: str) -> None:
    expected = {
        **dict.fromkeys(["unauthorized", "forbidden"], 3),
        **dict.fromkeys(["not_found", "person_not_found", "gone", "unavailable_for_legal_reasons"], 4),
        "insufficient_credits": 5,
        "too_many_requests": 7,
        **dict.fromkeys(["internal_server_error", "service_unavailable"], 8),
    }
    error = errors.make_error([Fault(kind, "T", "D")], 400)
    assert explain(error).exit_code == expected.get(kind, 1)


def test_full_list_and_lost_connection_have_statuses_of_their_own() -> None:
    full = errors.make_error(
        [Fault("conflict", "T", "The maximum of 9 leads per list has been reached.")], 409
    )
    assert explain(full).exit_code == 6
    assert explain(errors.ConnectionFailed("No answer came.")).exit_code == 8
    assert set(STATUSES) <= {LeadyardError, *LeadyardError.__subclasses__(), *all_below(ApiError)}


def all_below(kind: type[Any]) -> set[type[Any]]:
    below: list[type[Any]] = kind.__subclasses__()
    return {*below}.union(*map(all_below, below))


def test_at_most_twenty_faults_are_told() -> None:
    faults = [Fault("unsupported_value", "T", f"Fault {number}.") for number in range(30)]
    told = explain(errors.make_error(faults, 400)).message.splitlines()
    assert (len(told), told[-1]) == (21, "  … and 10 more")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_is_told_how_to_complete(run: Run, shell: str) -> None:
    told = run("completion", shell)
    assert told.exit_code == 0
    assert "_LEADYARD_COMPLETE" in told.stdout


def test_commands_are_completed_without_being_imported() -> None:
    context = click.Context(cli)
    assert [item.value for item in cli.shell_complete(context, "li")] == ["lists", "list"]
    env = {"PATH": os.environ["PATH"], "_LEADYARD_COMPLETE": "bash_complete", "COMP_WORDS": "leadyard list p"}
    program = Path(sys.executable).with_name("leadyard")
    found = subprocess.run(
        [program], env={**env, "COMP_CWORD": "2"}, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["plain,pause"]


def test_colors_are_for_terminals_alone(run: Run, leadyard: Leadyard) -> None:
    leadyard.create_list("email", name="Plain")
    assert "\x1b" not in run("lists").output
