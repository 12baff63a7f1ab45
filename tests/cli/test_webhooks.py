"""`leadyard webhooks`: made, listed, looked into and forgotten."""

from __future__ import annotations

from tests.cli.command_line import CommandLine


def test_webhook_is_made_listed_looked_into_and_forgotten(cli: CommandLine) -> None:
    webhook_id, secret = cli.do("webhooks", "add", "https://hooks.example/a", "--event", "list.full").split()
    assert secret.startswith("whsec_")
    assert cli.do("webhooks", "list").split() == [
        webhook_id,
        "enabled",
        "https://hooks.example/a",
        "list.full",
    ]
    assert cli.do("webhooks", "deliveries", webhook_id, "--status", "failed") == ""
    assert "Could not find delivery." in cli.run("webhooks", "replay", webhook_id, "msg_none").output
    cli.do("webhooks", "remove", webhook_id)
    assert cli.do("webhooks", "list") == ""
    assert cli.run("webhooks", "deliveries", webhook_id).exit_code == 1


def test_address_within_is_refused_in_a_sentence(cli: CommandLine) -> None:
    refused = cli.run("webhooks", "add", "https://127.0.0.1/")
    assert refused.exit_code == 1
    assert "public address. (/url)" in refused.output
