"""What `leadyard doctor` looks at, a function a check. None of them changes anything."""

from __future__ import annotations

import asyncio
import ipaddress
import shutil
import sqlite3
import stat
import tempfile
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
import msgspec
from msgspec.structs import replace

from leadyard.providers.mailcheck.asking import Probing
from leadyard.providers.mailcheck.lookup import Lookup, parse_servers
from leadyard.providers.mailcheck.selftest import find_faults
from leadyard.storage.database import utc_now
from leadyard.storage.diagnosis import Diagnosis, Work
from leadyard.storage.dialects.sqlite import MIN_VERSION
from leadyard.storage.migrate import latest_revision
from leadyard.storage.move import MIN_POSTGRESQL

ORPHANED_AFTER = timedelta(minutes=3)
"""The worker puts a list without a job back in the queue within 80 seconds."""

STILL_AFTER = timedelta(minutes=3)
CLOCK_TOLERANCE = timedelta(seconds=2)
CLOCK_LIMIT = timedelta(seconds=60)
MIN_FREE_BYTES = 10**9
MIN_SECRET_BYTES = 32


class Level(StrEnum):
    """How well a thing is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"

    @property
    def label(self) -> str:
        """As it stands in a line: what has to be mended stands out."""
        return self.upper() if self is Level.FAULT else self.value


class Finding(NamedTuple):
    """What a check came to; `advice` says what to do where something is not well."""

    check: str
    level: Level
    found: str
    advice: str | None = None


class Outside(msgspec.Struct, frozen=True):
    """Whom the checks of the network ask, and for how long they wait."""

    mail_host: str = "gmail-smtp-in.l.google.com"
    mail_port: int = 25
    dns_name: str = "com."
    seconds: float = 3.0


def tell_moved(mark: Path) -> Finding:
    """The SQLite data lives on elsewhere."""
    found = f"The data in {mark.parent} was moved to PostgreSQL."
    return Finding("database", Level.FAULT, found, f"Set LEADYARD_DATABASE_URL, or delete {mark.name}.")


def tell_missing(file: Path) -> Finding:
    """There is no SQLite file yet, which is well before the first start."""
    found = f"There is no database at {file} yet."
    return Finding("database", Level.WARNING, found, "`leadyard serve` makes it.")


def tell_away(file: Path | None) -> Finding:
    """The database did not let us in."""
    if file is not None:
        found = f"{file} cannot be read as a SQLite database."
        return Finding("database", Level.FAULT, found, "Check who owns it, or take a backup of it.")
    return Finding(
        "database",
        Level.FAULT,
        "The PostgreSQL database cannot be reached.",
        "Check the host, the port, the name, the user and the password in LEADYARD_DATABASE_URL.",
    )


def tell_bad_address() -> Finding:
    """The setting is no address."""
    found = "LEADYARD_DATABASE_URL cannot be read."
    return Finding("database", Level.FAULT, found, "It must look like postgresql://user:password@host/name.")


def check_database(diagnosis: Diagnosis, file: Path | None) -> Finding:
    """The kind, the version and the size of a database that can be reached."""
    kind = "PostgreSQL" if file is None else "SQLite"
    place = "" if file is None else f" in {file}"
    found = f"{kind} {diagnosis.version}{place}, {_size(diagnosis.size_bytes)}."
    if not diagnosis.is_supported:
        advice = f"PostgreSQL {MIN_POSTGRESQL} or newer is needed."
        return Finding("database", Level.FAULT, found, advice)
    if diagnosis.encoding != "UTF8":
        found = f"PostgreSQL with encoding {diagnosis.encoding}."
        return Finding("database", Level.FAULT, found, "Make a database with encoding UTF8.")
    return Finding("database", Level.OK, found)


def check_migrations(diagnosis: Diagnosis) -> Finding:
    """Whether the schema is the one that this code works on."""
    if diagnosis.is_too_new:
        found = "The database was made by a newer Leadyard."
        return Finding("migrations", Level.FAULT, found, "Install that version, or a newer one.")
    if diagnosis.revision is None:
        found = "The database is empty."
        return Finding("migrations", Level.WARNING, found, "`leadyard migrate` or `leadyard serve` fills it.")
    if diagnosis.contents is None:
        found = f"The database is at {diagnosis.revision}, this version needs {latest_revision()}."
        return Finding("migrations", Level.WARNING, found, "Run `leadyard migrate`, or restart the server.")
    return Finding("migrations", Level.OK, f"Up to date at {diagnosis.revision}.")


def check_work(work: Work) -> Finding:
    """Whether what is not finished moves on."""
    if work.orphans:
        found = f"{work.orphans:,} lists have work but no job."
        advice = "A running worker mends that within two minutes: is there one? Look at its log."
        return Finding("jobs", Level.WARNING, found, advice)
    if work.due and work.moved_at is not None and utc_now() - work.moved_at > STILL_AFTER:
        found = f"{work.due:,} jobs wait, and no list has moved since {work.moved_at:%Y-%m-%d %H:%M} UTC."
        advice = "Is a worker running? `leadyard serve` has one unless told otherwise. Look at its log."
        return Finding("jobs", Level.WARNING, found, advice)
    if not work.lists:
        return Finding("jobs", Level.OK, "Nothing waits.")
    return Finding("jobs", Level.OK, f"{work.lists:,} lists are not finished, with {work.jobs:,} jobs.")


def check_clock(lead: timedelta | None, *, is_sqlite: bool) -> Finding:
    """Whether this machine's clock can be right. For SQLite there is only the past to compare it to."""
    advice = "Set the clock, best by NTP: retries and the 24 hours of a charge go by it."
    if is_sqlite:
        if lead is None or lead >= -CLOCK_TOLERANCE:
            return Finding("clock", Level.OK, "Not behind what is stored.")
        found = f"The clock is {_duration(-lead)} behind the newest time that is stored."
        return Finding("clock", Level.FAULT, found, advice)
    if lead is None or abs(lead) <= CLOCK_TOLERANCE:
        return Finding("clock", Level.OK, "The same as the database server's.")
    found = f"The clock is {_duration(abs(lead))} {'ahead of' if lead > timedelta(0) else 'behind'} "
    level = Level.FAULT if abs(lead) > CLOCK_LIMIT else Level.WARNING
    return Finding("clock", level, f"{found}the database server's.", advice)


def check_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Finding:
    """Whether Python's SQLite is new enough."""
    found = f"SQLite {'.'.join(map(str, version))}."
    if version < MIN_VERSION:
        advice = f"{'.'.join(map(str, MIN_VERSION))} or newer is needed: take a newer Python."
        return Finding("sqlite", Level.FAULT, found, advice)
    return Finding("sqlite", Level.OK, found)


def check_disk(folder: Path, min_free_bytes: int = MIN_FREE_BYTES) -> Finding:
    """Whether a folder, or the one it will be made in, can be written to and has space left."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        # Gone with its last handle; nothing else shows a full or read-only disk for certain.
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"\0")
        free = shutil.disk_usage(there).free
    except OSError as error:
        found = f"{folder} cannot be written to ({error.strerror})."
        return Finding(
            "disk", Level.FAULT, found, "Make it a folder that this user owns, on a disk with space."
        )
    found = f"{_size(free)} free in {folder}."
    if free < min_free_bytes:
        return Finding("disk", Level.WARNING, found, "Make space: a full disk stops the service.")
    return Finding("disk", Level.OK, found)


def check_secret_key(setting: str | None, file: Path, *, needed: bool) -> Finding:
    """Whether the key that API keys are digested with is there, and nobody else can read it."""
    if setting is not None:
        return Finding("secret key", Level.OK, "From LEADYARD_SECRET_KEY.")
    if not file.exists():
        return _tell_missing_secret(file, needed=needed)
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        size = len(file.read_bytes().strip())
    except OSError as error:
        found = f"{file} cannot be read ({error.strerror})."
        return Finding("secret key", Level.FAULT, found, "Run as its owner, or set LEADYARD_SECRET_KEY.")
    if size < MIN_SECRET_BYTES:
        found = f"{file} has {size} characters: it was cut off."
        return Finding("secret key", Level.FAULT, found, "Bring it back from a backup.")
    if mode & 0o077:
        return Finding("secret key", Level.WARNING, f"Others can read {file}.", f"Run `chmod 600 {file}`.")
    return Finding("secret key", Level.OK, f"From {file}.")


def _tell_missing_secret(file: Path, *, needed: bool) -> Finding:
    if not needed:
        return Finding("secret key", Level.OK, f"{file} is made at the first start.")
    advice = "Bring it back, or set LEADYARD_SECRET_KEY to what it held: until then no API key works."
    return Finding("secret key", Level.FAULT, f"{file} is missing.", advice)


async def check_dns(is_on: bool, servers: str | None, outside: Outside) -> Finding:
    """Whether a resolver answers."""
    if not is_on:
        return Finding("dns", Level.OK, "Not used: LEADYARD_EMAIL_DNS is off.")
    try:
        resolver = _make_resolver(servers, outside)
    except ValueError:
        found = "LEADYARD_DNS_SERVERS holds what is no address."
        return Finding("dns", Level.FAULT, found, "Name DNS servers as in 192.0.2.1 or 192.0.2.1:5353.")
    except dns.exception.DNSException:
        return _no_dns("This machine has no DNS server set.")
    try:
        await resolver.resolve(outside.dns_name, dns.rdatatype.NS, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        # A system's resolver that does not know "com." is cut off from the internet.
        if servers is None:
            return _no_dns("The DNS server does not know the internet.")
    except (dns.exception.DNSException, OSError):
        return _no_dns("No DNS server answers.")
    return Finding("dns", Level.OK, "A DNS server answers.")


async def check_port_25(servers: str | None, outside: Outside) -> Finding:
    """Whether mail hosts can be spoken to from here."""
    for address in await _find_addresses(servers, outside):
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(outside.seconds):
                _, writer = await asyncio.open_connection(address, outside.mail_port)
            writer.close()
            return Finding("port 25", Level.OK, f"{outside.mail_host} answers.")
    return Finding(
        "port 25",
        Level.WARNING,
        f"{outside.mail_host} cannot be reached: e-mail checks by SMTP are impossible from here.",
        "Ask whoever runs the network to open outgoing port 25, or leave it: no address is called bad "
        "because of it, its verdict is unknown.",
    )


async def check_probing(probing: Probing | None, servers: str | None, outside: Outside) -> Finding:
    """Whether mail hosts that are to be asked about addresses will answer us."""
    if probing is None:
        return Finding("smtp probe", Level.OK, "Not used: LEADYARD_SMTP_PROBE is off.")
    probing = replace(probing, witness=outside.mail_host, port=outside.mail_port, seconds=outside.seconds)
    try:
        lookup = Lookup(None if servers is None else [servers], lookup_seconds=outside.seconds)
    except ValueError:
        return tell_unusable_probing("LEADYARD_DNS_SERVERS holds what is no address.")
    faults = await find_faults(probing, lookup)
    if not faults:
        return Finding(
            "smtp probe", Level.OK, f"Mail hosts are asked, by the name {probing.introduction.helo}."
        )
    return Finding(
        "smtp probe",
        Level.WARNING,
        " ".join(faults),
        "Until that is mended no mail host is asked, and verdicts stay unknown, at no cost.",
    )


def tell_unusable_probing(found: str) -> Finding:
    """The settings for asking mail hosts cannot be used."""
    advice = "Set it, or LEADYARD_SMTP_PROBE=off: `serve` and `worker` do not start like this."
    return Finding("smtp probe", Level.FAULT, found, advice)


def _no_dns(found: str) -> Finding:
    advice = "Set LEADYARD_DNS_SERVERS, or LEADYARD_EMAIL_DNS=off: e-mails cannot be validated until then."
    return Finding("dns", Level.WARNING, found, advice)


def _make_resolver(servers: str | None, outside: Outside) -> dns.asyncresolver.Resolver:
    resolver = dns.asyncresolver.Resolver(configure=servers is None)
    if servers is not None:
        resolver.nameservers = parse_servers([servers])
    resolver.lifetime = outside.seconds
    return resolver


async def _find_addresses(servers: str | None, outside: Outside) -> list[str]:
    """The mail host's addresses; none if that cannot be learned."""
    with suppress(ValueError):
        return [str(ipaddress.ip_address(outside.mail_host))]
    with suppress(dns.exception.DNSException, OSError, ValueError):
        answers = await _make_resolver(servers, outside).resolve_name(outside.mail_host)
        return list(answers.addresses())
    return []


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1_000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1_000
    return f"{count:.1f} TB"


def _duration(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    days, seconds = divmod(seconds, 86_400)
    clock = f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{days} days and {clock}" if days else f"{clock} hours"
