"""The environment as one frozen object. Every setting is documented in docs/reference/settings.md."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Meta

from leadyard.domain.capacity import Limits
from leadyard.domain.credits import MILLI, Prices
from leadyard.domain.retention import Keeping

PREFIX = "LEADYARD_"
OF_THE_CLIENT = {"LEADYARD_URL", "LEADYARD_PROFILE"}
"""What commands that call a service go by; no settings of one."""

DEFAULT_PORT = "5432"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")

Count = Annotated[int, Meta(ge=1)]
CreditAmount = Annotated[float, Meta(ge=0, le=1_000_000_000)]


class InvalidSetting(ValueError):
    """A setting that cannot be used; the text names it and says what it takes."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the service runs by. The variable is the field's name in capitals after LEADYARD_."""

    data_dir: str = "./leadyard-data"
    database_url: str | None = None
    read_database_url: str | None = None
    secret_key: Annotated[str, Meta(min_length=32)] | None = None
    api_key: Annotated[str, Meta(min_length=32, pattern="^ly_(test|live)_")] | None = None
    admin_email: str = "admin@leadyard.example"
    account_name: str = "Leadyard"
    initial_email_credits: CreditAmount = 100_000
    initial_phone_credits: CreditAmount = 100_000
    rate_limit: Annotated[int, Meta(ge=0)] = 500
    max_leads_per_request: Count = 10_000
    max_leads_per_list: Annotated[int, Meta(ge=1, le=4_000_000)] = 60_000
    max_body_bytes: Count = 64 * 1024 * 1024
    max_import_bytes: Count = 500 * 1024 * 1024
    worker_concurrency: Count = 8
    email_dns: Literal["on", "off"] = "on"
    dns_servers: str | None = None
    allowed_hosts: str | None = None
    trusted_proxies: str | None = None
    cache_found_days: Annotated[int, Meta(ge=0, le=3650)] = 90
    cache_not_found_days: Annotated[int, Meta(ge=0, le=3650)] = 14
    low_credits: CreditAmount = 1_000
    keep_leads_days: Annotated[int, Meta(ge=1, le=36500)] | None = None
    keep_deleted_leads_days: Annotated[int, Meta(ge=0, le=3650)] = 30
    keep_imports_days: Annotated[int, Meta(ge=1, le=3650)] = 30
    smtp_probe: Literal["on", "off"] = "off"
    smtp_helo: str | None = None
    smtp_sender: str | None = None
    reacher_url: str | None = None
    public_url: str = "http://127.0.0.1:8000"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    price_person_found: CreditAmount = 0.5
    price_email_revealed: CreditAmount = 1
    price_email_validated: CreditAmount = 1
    price_phone_revealed: CreditAmount = 1

    @property
    def data_path(self) -> Path:
        """The folder for the SQLite file, the secret key and the lock."""
        return Path(self.data_dir)

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the database; the SQLite file in the data folder by default."""
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{self.data_path.absolute() / 'leadyard.db'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme in _POSTGRESQL:
            return f"postgresql+psycopg://{_name_hosts(rest, 'read-write')}"
        if scheme in ("sqlite", "sqlite+aiosqlite"):
            return f"sqlite+aiosqlite://{rest}"
        raise InvalidSetting(
            "LEADYARD_DATABASE_URL must begin with postgresql:// or sqlite:///; "
            "without it the data is kept in a SQLite file in LEADYARD_DATA_DIR."
        )

    @property
    def read_url(self) -> str | None:
        """The SQLAlchemy URL of a replica that exports and pages of lists are read from."""
        if self.read_database_url is None:
            return None
        scheme, _, rest = self.read_database_url.partition("://")
        if scheme not in _POSTGRESQL or self.is_sqlite:
            raise InvalidSetting(
                "LEADYARD_READ_DATABASE_URL must begin with postgresql:// and be of a replica of the "
                "PostgreSQL database in LEADYARD_DATABASE_URL."
            )
        return f"postgresql+psycopg://{_name_hosts(rest, 'prefer-standby')}"

    @property
    def is_sqlite(self) -> bool:
        """Whether the data is in an embedded SQLite file."""
        return self.url.startswith("sqlite")

    @property
    def sqlite_path(self) -> Path:
        """Where the SQLite file is, or will be."""
        return Path(self.url.partition(":///")[2].partition("?")[0]).absolute()

    @property
    def limits(self) -> Limits:
        """How much fits in a request and in a list."""
        return Limits(self.max_leads_per_request, self.max_leads_per_list)

    @property
    def prices(self) -> Prices:
        """The prices in milli-credits."""
        return Prices(
            person_found=to_milli(self.price_person_found),
            email_revealed=to_milli(self.price_email_revealed),
            email_validated=to_milli(self.price_email_validated),
            phone_revealed=to_milli(self.price_phone_revealed),
        )

    @property
    def libpq_url(self) -> str:
        """The URL of a PostgreSQL database as its own programs and drivers take it."""
        return self.url.replace("postgresql+psycopg://", "postgresql://", 1)

    @property
    def secret_path(self) -> Path:
        """The file of the secret, if it is not in the environment."""
        return self.data_path / "secret.key"

    @property
    def keeping(self) -> Keeping:
        """How long leads are kept."""
        days = self.keep_leads_days
        leads = None if days is None else timedelta(days=days)
        return Keeping(
            leads, timedelta(days=self.keep_deleted_leads_days), timedelta(days=self.keep_imports_days)
        )

    def secret(self) -> bytes:
        """The key that API keys are digested with: from the environment, else a file made once.

        The file is `secret.key` in the data folder, readable by its owner only.
        """
        return self.find_secret() or self.keep_secret(secrets.token_urlsafe(48).encode())

    def find_secret(self) -> bytes | None:
        """The same, None if there is none yet."""
        if self.secret_key is not None:
            return self.secret_key.encode()
        return self.secret_path.read_bytes().strip() if self.secret_path.exists() else None

    def keep_secret(self, secret: bytes) -> bytes:
        """Makes the file of the secret, unless it is there by now; returns what is in it."""
        self.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_once(self.secret_path, secret.decode())
        return self.secret_path.read_bytes().strip()


def _write_once(path: Path, text: str) -> None:
    """Makes a file that its owner alone can read, whole or not at all; keeps one that is there by now."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _name_hosts(rest: str, wanted: str) -> str:
    """What follows the scheme of a PostgreSQL URL. Of several hosts one of the wanted kind is taken.

    libpq has them before the path as well, where SQLAlchemy looks for one.
    """
    address, _, query = rest.partition("?")
    place, _, database = address.partition("/")
    user, at, hosts = place.rpartition("@")
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    if "," in hosts:
        names, ports = zip(*map(_split_port, hosts.split(",")), strict=True)
    elif "," in parameters.get("host", ""):
        names = tuple(parameters["host"].split(","))
        ports = tuple(parameters.get("port", DEFAULT_PORT).split(","))
    else:
        return rest
    if len(ports) == 1:
        ports *= len(names)
    told = {"target_session_attrs": wanted, "connect_timeout": "3", **parameters}
    told |= {"host": ",".join(names), "port": ",".join(ports)}
    return f"{user}{at}/{database}?{urlencode(told, safe=',/:')}"


def _split_port(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        name, port = host, ""
    return name.removeprefix("[").removesuffix("]"), port or DEFAULT_PORT


def to_milli(amount: float) -> int:
    """Credits as milli-credits, rounded to the nearest."""
    return round(amount * MILLI)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in an environment (the process's own by default); empty values count as unset.

    Raises InvalidSetting for an unknown LEADYARD_ name or a value that cannot be used.
    """
    variables = os.environ if environment is None else environment
    values = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in variables.items()
        if name.startswith(PREFIX)
        and value
        and name not in OF_THE_CLIENT
        and not name.startswith(PREFIX + "TEST_")
    }
    unknown = sorted(set(values) - set(Settings.__struct_fields__))
    if unknown:
        names = ", ".join(PREFIX + name.upper() for name in unknown)
        raise InvalidSetting(f"Unknown setting: {names}. See docs/reference/settings.md.")
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidSetting(_explain(error)) from None
    if settings.url.startswith("sqlite") and ":memory:" in settings.url:
        raise InvalidSetting("LEADYARD_DATABASE_URL must name a file: data in memory would be lost.")
    _ = settings.read_url
    return settings


def _explain(error: msgspec.ValidationError) -> str:
    text, _, place = str(error).partition(" - at `$.")
    return f"{PREFIX}{place.rstrip('`').upper()}: {text}."
