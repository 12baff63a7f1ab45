"""`leadyard doctor`."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import click

from leadyard.app import make_probing
from leadyard.cli import checks
from leadyard.cli.checks import Finding, Level, Outside
from leadyard.cli.main import find_moved_mark
from leadyard.domain.errors import DatabaseAway
from leadyard.settings import InvalidSetting, Settings, load_settings
from leadyard.storage.diagnosis import Diagnosis, diagnose_database

_COLORS = {Level.OK: "green", Level.WARNING: "yellow", Level.FAULT: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")
@click.make_pass_decorator(Outside, ensure=True)
def doctor(outside: Outside, as_json: bool) -> None:
    """Check the installation, and say what to do.

    Prints a line for each check. Nothing is changed. The exit status is 1 if there is a fault, and 0
    otherwise, also with warnings.
    """
    findings = asyncio.run(diagnose(load_settings(), outside))
    if as_json:
        click.echo(json.dumps({"checks": [finding._asdict() for finding in findings]}, indent=2))
    else:
        for finding in findings:
            click.echo(_line(finding))
    levels = Counter(finding.level for finding in findings)
    if not as_json:
        click.echo(f"Faults: {levels[Level.FAULT]}, warnings: {levels[Level.WARNING]}.", err=True)
    if levels[Level.FAULT]:
        raise click.exceptions.Exit(1)


async def diagnose(settings: Settings, outside: Outside) -> list[Finding]:
    """Every check that can be made, in the order in which they are told."""
    dns, port_25, probe = await asyncio.gather(
        checks.check_dns(settings.email_dns == "on", settings.dns_servers, outside),
        checks.check_port_25(settings.dns_servers, outside),
        _look_at_probing(settings, outside),
    )
    diagnosis, findings = await _look_at_database(settings)
    contents = None if diagnosis is None else diagnosis.contents
    if diagnosis is not None:
        findings.append(checks.check_migrations(diagnosis))
    if diagnosis is not None and contents is not None:
        findings.append(checks.check_work(contents.work))
        findings.append(checks.check_clock(contents.clock_lead, is_sqlite=diagnosis.is_sqlite))
    folders = {settings.data_path.absolute()}
    if settings.is_sqlite:
        folders.add(settings.sqlite_path.parent)
        findings.append(checks.check_sqlite())
    findings += [checks.check_disk(folder) for folder in sorted(folders)]
    has_accounts = contents is not None and contents.has_accounts
    findings.append(
        checks.check_secret_key(settings.secret_key, settings.data_path / "secret.key", needed=has_accounts)
    )
    return [*findings, dns, port_25, probe]


async def _look_at_probing(settings: Settings, outside: Outside) -> Finding:
    try:
        return await checks.check_probing(make_probing(settings), settings.dns_servers, outside)
    except InvalidSetting as error:
        return checks.tell_unusable_probing(str(error))


async def _look_at_database(settings: Settings) -> tuple[Diagnosis | None, list[Finding]]:
    mark = find_moved_mark(settings)
    if mark is not None:
        return None, [checks.tell_moved(mark)]
    file = settings.sqlite_path if settings.is_sqlite else None
    if file is not None and not file.exists():
        return None, [checks.tell_missing(file)]
    try:
        diagnosis = await diagnose_database(settings.url, checks.ORPHANED_AFTER)
    except DatabaseAway:
        return None, [checks.tell_away(file)]
    except ValueError:
        return None, [checks.tell_bad_address()]
    return diagnosis, [checks.check_database(diagnosis, file)]


def _line(finding: Finding) -> str:
    level = click.style(f"{finding.level.label:7}", fg=_COLORS[finding.level])
    advice = "" if finding.advice is None else f" {finding.advice}"
    return f"{level}  {finding.check:10}  {finding.found}{advice}"
