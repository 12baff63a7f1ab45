"""How the tests call the commands."""

from __future__ import annotations

from typing import Any

from click.testing import CliRunner, Result

from leadyard.cli.checks import Outside
from leadyard.cli.main import cli as command
from leadyard.settings import PREFIX, Settings

PASSWORD = "s3cret-of-the-database"
"""In the addresses of PostgreSQL databases. The server of the tests takes any."""

NOBODY = Outside(mail_host="127.0.0.1", mail_port=1, seconds=0.3)
"""Nothing of the network is asked but this machine, where nobody takes mail."""


class CommandLine:
    """The commands in this process, with the settings of one installation."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def env(self) -> dict[str, str]:
        """The settings as environment variables; those that are not told have their default."""
        default = Settings()
        return {
            PREFIX + name.upper(): str(value)
            for name in Settings.__struct_fields__
            if (value := getattr(self.settings, name)) != getattr(default, name)
        }

    def run(self, *arguments: str, outside: Outside = NOBODY, told: str = "", **changed: Any) -> Result:
        """What a command answers to what it is `told` on standard input; other settings by name.

        Whatever goes wrong, it must not be a traceback.
        """
        env = {**self.env, **{PREFIX + name.upper(): str(value) for name, value in changed.items()}}
        result = CliRunner().invoke(command, arguments, input=told, env=env, obj=outside)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def do(self, *arguments: str, **changed: Any) -> str:
        """What a command prints, which must succeed."""
        result = self.run(*arguments, **changed)
        assert result.exit_code == 0, result.output
        return result.stdout
