"""Asking mail hosts is set up by settings, and what keeps it from working is told at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.cli.command_line import CommandLine
from tests.support.dns_server import serve_dns
from tests.support.installation import make_settings

from leadyard.cli.probing import tell_probing

COMPLETE = {
    "smtp_probe": "on",
    "email_dns": "on",
    "smtp_helo": "probe.example",
    "smtp_sender": "verify@probe.example",
    "dns_servers": "127.0.0.1:9",
}


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"smtp_helo": ""}, "LEADYARD_SMTP_PROBE=on needs LEADYARD_SMTP_HELO"),
        ({"smtp_sender": ""}, "LEADYARD_SMTP_PROBE=on needs LEADYARD_SMTP_SENDER"),
        ({"email_dns": "off"}, "LEADYARD_SMTP_PROBE=on needs LEADYARD_EMAIL_DNS=on"),
        ({"smtp_helo": "localhost"}, "LEADYARD_SMTP_HELO: not a host name in full"),
        ({"smtp_sender": "nobody"}, "LEADYARD_SMTP_SENDER: not a valid e-mail"),
    ],
)
def test_nothing_starts_while_probing_is_on_and_something_is_missing(
    tmp_path: Path, command: str, changed: dict[str, Any], told: str
) -> None:
    url = {"database_url": "postgresql://nobody@127.0.0.1:9/none"} if command == "worker" else {}
    cli = CommandLine(make_settings(tmp_path / "data"))
    result = cli.run(command, **{**COMPLETE, **changed, **url})
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {told}")


async def test_what_keeps_hosts_from_being_asked_is_logged_at_the_start(tmp_path: Path) -> None:
    async with serve_dns() as server:
        values = {name.upper(): value for name, value in COMPLETE.items()}
        settings = make_settings(tmp_path, **{**values, "DNS_SERVERS": server.address})
        with capture_logs() as logs:
            await tell_probing(settings)
    assert {(log["event"], log["log_level"]) for log in logs} == {("mail_hosts_not_asked", "error")}
    faults = " ".join(log["fault"] for log in logs)
    assert "port 25 is blocked" in faults
    assert "LEADYARD_SMTP_HELO has no address" in faults


async def test_nothing_is_told_while_probing_is_off(tmp_path: Path) -> None:
    with capture_logs() as logs:
        await tell_probing(make_settings(tmp_path))
    assert logs == []
