"""Builds everything: from settings to a service that can run. The one place that knows all parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from litestar.types import ASGIApp, LifespanHook

from leadyard.actions.access import Doorkeeper, KeyDigest, make_digest
from leadyard.actions.accounts import FirstAccount, set_up
from leadyard.actions.idempotency import OnceOnly
from leadyard.actions.rules import Rules
from leadyard.api.application import create_api
from leadyard.api.call import Services
from leadyard.api.rate_limit import RateLimiter
from leadyard.domain.accounts import Mode
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.providers import Providers
from leadyard.pipeline.process_leads import Pipeline
from leadyard.providers.directory.client import DirectoryProvider
from leadyard.providers.mailcheck.client import MailCheck
from leadyard.providers.sandbox.client import SandboxProvider
from leadyard.settings import InvalidSetting, Settings, to_milli
from leadyard.storage.database import Database
from leadyard.storage.dialects import sqlite
from leadyard.storage.directory import DirectoryStore
from leadyard.storage.migrate import migrate
from leadyard.worker.dispatcher import Dispatcher
from leadyard.worker.distributed import DistributedDispatcher
from leadyard.worker.embedded import EmbeddedDispatcher
from leadyard.worker.worker import Worker


@dataclass(frozen=True, slots=True)
class Leadyard:
    """An installation: its settings, its database, and the parts that work on it."""

    settings: Settings
    database: Database
    dispatcher: Dispatcher
    digest: KeyDigest
    providers: Mapping[Mode, Providers]

    async def prepare(self) -> list[str]:
        """Migrates, and sets up an empty database; returns the keys made, to be shown once."""
        await migrate(self.database)
        settings = self.settings
        first = FirstAccount(
            name=settings.account_name,
            admin_email=settings.admin_email,
            api_key=settings.api_key,
            email_credits=to_milli(settings.initial_email_credits),
            phone_credits=to_milli(settings.initial_phone_credits),
        )
        async with self.database.write() as tx:
            return await set_up(tx, self.digest, first)

    def api(
        self,
        on_startup: list[LifespanHook] | None = None,
        on_shutdown: list[LifespanHook] | None = None,
    ) -> ASGIApp:
        """The HTTP API; the hooks run when the server starts and when it has answered everything."""
        settings = self.settings
        return create_api(
            Services(
                database=self.database,
                once=OnceOnly(self.database),
                doorkeeper=Doorkeeper(self.database, self.digest),
                rules=Rules(settings.limits, settings.prices),
                limiter=RateLimiter(settings.rate_limit),
                public_url=settings.public_url,
                max_body_bytes=settings.max_body_bytes,
            ),
            on_startup,
            on_shutdown,
        )

    def worker(self) -> Worker:
        """What runs the jobs."""
        pipeline = Pipeline(self.database, self.providers)
        return Worker(pipeline, self.dispatcher, self.settings.worker_concurrency)


def _make_providers(settings: Settings, database: Database) -> dict[Mode, Providers]:
    sandbox = SandboxProvider()
    directory = DirectoryProvider(DirectoryStore(database))
    servers = settings.dns_servers.split(",") if settings.dns_servers else None
    try:
        mail_check = MailCheck(dns=settings.email_dns == "on", servers=servers)
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_DNS_SERVERS: {error}") from None
    return {
        Mode.TEST: Providers(people=sandbox, phones=sandbox, emails=sandbox),
        Mode.LIVE: Providers(people=directory, phones=directory, emails=mail_check),
    }


def build(settings: Settings) -> Leadyard:
    """An installation from its settings; nothing is opened yet. Raises InvalidSetting."""
    try:
        email_key(settings.admin_email)
    except InvalidIdentity:
        raise InvalidSetting("LEADYARD_ADMIN_EMAIL: not a valid e-mail address.") from None
    if settings.is_sqlite:
        sqlite.check_version()
        # It will hold persons and a key: nobody else on the machine has to read it.
        settings.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        dispatcher: Dispatcher = EmbeddedDispatcher()
    else:
        dispatcher = DistributedDispatcher(settings.url.replace("postgresql+psycopg://", "postgresql://", 1))
    digest = make_digest(settings.secret())
    try:
        database = Database(settings.url, dispatcher, digest=digest)
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_DATABASE_URL: {error}.") from None
    providers = _make_providers(settings, database)
    return Leadyard(settings, database, dispatcher, digest, providers)
