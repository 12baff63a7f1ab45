"""Builds everything: from settings to a service that can run. The one place that knows all parts."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from litestar.types import ASGIApp, LifespanHook
from msgspec.structs import replace

from leadyard.actions.access import Doorkeeper, KeyDigest, make_digest
from leadyard.actions.accounts import FirstAccount, set_up
from leadyard.actions.adding_desk import AddingDesk
from leadyard.actions.directory_loads import DirectoryLoads
from leadyard.actions.idempotency import OnceOnly
from leadyard.actions.import_intake import Intake
from leadyard.actions.import_work import work_on_import
from leadyard.actions.people import PersonSearch
from leadyard.actions.providers import ProviderOffice
from leadyard.actions.request_windows import lease_requests
from leadyard.actions.rules import Rules
from leadyard.actions.sign_in import SignInDesk
from leadyard.actions.watching import Watch
from leadyard.actions.webhooks import WebhookOffice
from leadyard.api.admission import Admission, Room
from leadyard.api.agents import answer_agent
from leadyard.api.application import HANDLERS, create_health_api, list_methods, make_routes
from leadyard.api.call import Services
from leadyard.api.envelope import Envelope
from leadyard.api.exchange import AnswerAgent, Exchange
from leadyard.api.proxies import TrustedProxies, parse_networks
from leadyard.api.rate_limit import RateLimiter
from leadyard.dashboard.late_pages import LatePages
from leadyard.domain.accounts import Mode
from leadyard.domain.api_keys import is_mistyped
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.installation import Fact, Installation
from leadyard.domain.providers import CompanyProvider, EmailValidator, Providers
from leadyard.domain.waterfall import Freshness
from leadyard.pipeline.companies import CompanySearch
from leadyard.pipeline.identities import Identities
from leadyard.pipeline.process_leads import Pipeline
from leadyard.pipeline.process_now import process_now
from leadyard.pipeline.provider_desk import ProviderDesk
from leadyard.providers import catalog
from leadyard.providers.addresses import AllowedHosts
from leadyard.providers.directory.client import DirectoryProvider
from leadyard.providers.kinds import PROVIDER_KINDS
from leadyard.providers.mailcheck.asking import Probing, make_introduction
from leadyard.providers.mailcheck.client import MailCheck
from leadyard.providers.reacher.second_opinion import SecondOpinion
from leadyard.providers.sandbox.client import SandboxProvider
from leadyard.providers.transport import Transport
from leadyard.providers.webhooks import client as webhook_client
from leadyard.providers.webhooks.client import WebhookClient
from leadyard.settings import InvalidSetting, Settings, to_milli
from leadyard.settings_shown import list_facts
from leadyard.storage.database import Database
from leadyard.storage.dialects import sqlite
from leadyard.storage.directory import DirectoryStore
from leadyard.storage.mail_hosts import SharedMailHosts
from leadyard.storage.migrate import migrate
from leadyard.storage.sealing import Sealer
from leadyard.worker.dispatcher import Dispatcher
from leadyard.worker.embedded import EmbeddedDispatcher
from leadyard.worker.imports import Importer
from leadyard.worker.webhooks import Courier
from leadyard.worker.worker import Worker

if TYPE_CHECKING:
    from leadyard.storage.replica import Replica

LEAST_ROOM_BYTES = 64 * 1024 * 1024
"""What all bodies that are in memory may have together; as much as the largest if that may be larger."""


class Leadyard(msgspec.Struct, frozen=True):
    """An installation: its settings, its database, and the parts that work on it."""

    settings: Settings
    database: Database
    dispatcher: Dispatcher
    digest: KeyDigest
    desk: ProviderDesk
    transport: Transport
    webhook_transport: Transport
    companies: CompanySearch
    proxies: TrustedProxies

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
        """The API and the pages; the hooks run when the server starts and when it has answered everything."""
        services = self.services()
        application = make_application(
            [services.doorkeeper.open, services.intake.forget_lost, *(on_startup or [])],
            [services.doorkeeper.close, *(on_shutdown or [])],
        )
        return Envelope(application, services)

    def _describe(self) -> Installation:
        facts = [Fact(*line) for line in list_facts(self.settings)]
        return Installation(to_milli(self.settings.low_credits), facts)

    def health_api(self) -> ASGIApp:
        """Health and metrics alone, for a worker's own port."""
        return create_health_api(self.services())

    def services(self) -> Services:
        """What answers requests."""
        settings, rules = self.settings, self._rules()
        return Services(
            database=self.database,
            once=OnceOnly(self.database, self.desk.sealer),
            adding=AddingDesk(self.database),
            doorkeeper=Doorkeeper(self.database, self.digest),
            digest=self.digest,
            sign_in=SignInDesk(self.database, self.digest),
            installation=self._describe(),
            directory_loads=DirectoryLoads(self.database),
            answer_agent=_find_agent_server(),
            rules=rules,
            limiter=self._limiter(),
            admission=Admission(Room(max(settings.max_body_bytes, LEAST_ROOM_BYTES))),
            watch=Watch(self.database),
            office=self.office(),
            webhooks=self.webhook_office(),
            public_url=settings.public_url,
            max_body_bytes=settings.max_body_bytes,
            intake=self.intake(),
            people=PersonSearch(self.database, rules, partial(process_now, self._pipeline())),
            find_company=self.companies.find,
            proxies=self.proxies,
        )

    def _limiter(self) -> RateLimiter:
        shared = None if self.settings.is_sqlite else partial(lease_requests, self.database)
        return RateLimiter(self.settings.rate_limit, take_lease=shared)

    def office(self) -> ProviderOffice:
        """Where accounts set their providers up."""
        return ProviderOffice(PROVIDER_KINDS, self.desk.sealer)

    def webhook_office(self) -> WebhookOffice:
        """Where accounts set their webhooks up."""
        return WebhookOffice(self.desk.sealer, AllowedHosts(_list_allowed_hosts(self.settings)))

    def courier(self) -> Courier:
        """What carries messages to webhooks."""
        return Courier(self.database, self.desk.sealer, WebhookClient(self.webhook_transport))

    async def close(self) -> None:
        """Closes all connections: to providers, to webhooks and to the database.

        Paid calls that are under way are waited for, a minute at most.
        """
        await self.desk.errands.close()
        await self.transport.close()
        await self.desk.inquiries.close()
        await self.webhook_transport.close()
        await self.database.close()

    def worker(self) -> Worker:
        """What runs the jobs."""
        settings = self.settings
        slots = settings.worker_concurrency
        return Worker(
            self._pipeline(), self.dispatcher, slots, self.courier(), self.importer(), settings.keeping
        )

    def importer(self) -> Importer:
        """What checks the rows of files, and adds them to lists."""
        return Importer(self.database, partial(work_on_import, self.database, self._rules()))

    def intake(self) -> Intake:
        """Where files of leads come in."""
        return Intake(self.database, self.settings.data_path, self.settings.max_import_bytes)

    def _rules(self) -> Rules:
        settings = self.settings
        # Once leads are being deleted for good, there is nothing to be taken back.
        undo = min(timedelta(days=1), settings.keeping.deleted_leads)
        return Rules(settings.limits, settings.prices, undo)

    def _pipeline(self) -> Pipeline:
        """What processes leads; whoever does it in this process goes through the same gates."""
        return Pipeline(self.database, self.desk, low_credits=to_milli(self.settings.low_credits))


def _make_providers(settings: Settings, database: Database) -> dict[Mode, Providers]:
    sandbox = SandboxProvider()
    directory = DirectoryProvider(DirectoryStore(database))
    return {
        Mode.TEST: Providers(people=sandbox, phones=sandbox, emails=sandbox),
        Mode.LIVE: Providers(people=directory, phones=directory, emails=_make_validator(settings, database)),
    }


def _make_validator(settings: Settings, database: Database) -> EmailValidator:
    """Our own check and, if there is one, an external verifier for what that leaves open."""
    servers = settings.dns_servers.split(",") if settings.dns_servers else None
    probing = make_probing(settings)
    if probing is not None and not settings.is_sqlite:
        probing = replace(probing, places=SharedMailHosts(database))
    try:
        mail_check = MailCheck(dns=settings.email_dns == "on", servers=servers, probing=probing)
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_DNS_SERVERS: {error}") from None
    if settings.reacher_url is None:
        return mail_check
    # Few have such a server: for the others it is not loaded.
    from leadyard.providers.reacher.client import Reacher  # noqa: PLC0415

    try:
        return SecondOpinion(mail_check, Reacher(settings.reacher_url))
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_REACHER_URL: {error}") from None


def make_probing(settings: Settings) -> Probing | None:
    """How mail hosts are asked, or None if they are not. Raises InvalidSetting for what is missing."""
    if settings.smtp_probe == "off":
        return None
    if settings.email_dns == "off":
        raise InvalidSetting(
            "LEADYARD_SMTP_PROBE=on needs LEADYARD_EMAIL_DNS=on: the DNS says which host to ask."
        )
    if settings.smtp_helo is None:
        raise InvalidSetting(
            "LEADYARD_SMTP_PROBE=on needs LEADYARD_SMTP_HELO, the host name of this machine's public address."
        )
    if settings.smtp_sender is None:
        raise InvalidSetting(
            "LEADYARD_SMTP_PROBE=on needs LEADYARD_SMTP_SENDER, an address of yours that takes mail."
        )
    try:
        return Probing(make_introduction(settings.smtp_helo, settings.smtp_sender))
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_SMTP_{error}") from None


def build(settings: Settings, statement_seconds: float | None = None) -> Leadyard:
    """An installation from its settings; nothing is opened yet. Raises InvalidSetting.

    Where somebody waits, no statement may take longer than `statement_seconds`.
    """
    try:
        email_key(settings.admin_email)
    except InvalidIdentity:
        raise InvalidSetting("LEADYARD_ADMIN_EMAIL: not a valid e-mail address.") from None
    if settings.api_key is not None and is_mistyped(settings.api_key):
        raise InvalidSetting("LEADYARD_API_KEY: the checksum at its end is wrong; is it mistyped?")
    if settings.is_sqlite:
        sqlite.check_version()
        # It will hold persons and a key: nobody else on the machine has to read it.
        settings.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        dispatcher: Dispatcher = EmbeddedDispatcher()
    else:
        # Not at the top, nor the replica: what speaks to PostgreSQL would be loaded where there is none.
        from leadyard.worker.distributed import DistributedDispatcher  # noqa: PLC0415

        dispatcher = DistributedDispatcher(settings.libpq_url)
    secret = settings.secret()
    digest = make_digest(secret)
    try:
        database = Database(
            settings.url,
            dispatcher,
            digest=digest,
            statement_seconds=statement_seconds,
            replica=_find_replica(settings, statement_seconds),
        )
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_DATABASE_URL: {error}.") from None
    transport = _make_transport(settings)
    desk = ProviderDesk(
        database,
        Identities(database),
        _make_providers(settings, database),
        partial(catalog.make, transport=transport),
        partial(catalog.make_validator, transport=transport),
        Sealer(secret),
        Freshness(timedelta(days=settings.cache_found_days), timedelta(days=settings.cache_not_found_days)),
    )
    own: dict[Mode, CompanyProvider] = {
        Mode.TEST: SandboxProvider(),
        Mode.LIVE: DirectoryProvider(DirectoryStore(database)),
    }
    kinds = [listing.name for listing in catalog.CATALOG.values() if listing.make_companies is not None]
    companies = CompanySearch(desk, own, partial(catalog.make_companies, transport=transport), kinds)
    webhook_transport = _make_webhook_transport(settings)
    proxies = _make_proxies(settings)
    return Leadyard(
        settings, database, dispatcher, digest, desk, transport, webhook_transport, companies, proxies
    )


def make_application(
    on_startup: list[LifespanHook] | None = None, on_shutdown: list[LifespanHook] | None = None
) -> ASGIApp:
    """The API, what answers agents, and the pages, for whichever installation a request is for."""
    handlers = [list_methods, *HANDLERS, answer_agent]
    return LatePages(make_routes(handlers, on_startup=on_startup, on_shutdown=on_shutdown))


def _find_agent_server() -> AnswerAgent | None:
    """What answers agents, imported when one asks first; None without the packages of the extra `mcp`."""
    return None if importlib.util.find_spec("mcp") is None else _answer_agent


async def _answer_agent(app: ASGIApp, asked: Exchange) -> tuple[int, dict[str, str], bytes]:
    endpoint = await asyncio.to_thread(importlib.import_module, "leadyard.mcp.endpoint")
    answer: tuple[int, dict[str, str], bytes] = await endpoint.exchange(app, asked)
    return answer


def _find_replica(settings: Settings, statement_seconds: float | None) -> Replica | None:
    url = settings.read_url
    if url is None:
        return None
    from leadyard.storage.replica import Replica  # noqa: PLC0415

    try:
        return Replica(url, statement_seconds)
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_READ_DATABASE_URL: {error}.") from None


def _make_transport(settings: Settings) -> Transport:
    try:
        return Transport(_list_allowed_hosts(settings))
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_ALLOWED_HOSTS: {error}.") from None


def _make_proxies(settings: Settings) -> TrustedProxies:
    try:
        return TrustedProxies(parse_networks(settings.trusted_proxies or ""))
    except ValueError as error:
        raise InvalidSetting(f"LEADYARD_TRUSTED_PROXIES: {error}.") from None


def _make_webhook_transport(settings: Settings) -> Transport:
    return Transport(
        _list_allowed_hosts(settings),
        connect_seconds=webhook_client.CONNECT_SECONDS,
        total_seconds=webhook_client.TOTAL_SECONDS,
        max_body_bytes=webhook_client.MAX_BODY_BYTES,
        reads_answers=False,
    )


def _list_allowed_hosts(settings: Settings) -> list[str]:
    hosts = (settings.allowed_hosts or "").split(",")
    return [host.strip() for host in hosts if host.strip()]
