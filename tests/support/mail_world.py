"""Domains whose mail hosts behave in every way, and the verdict that each of their addresses deserves."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.support.dns_server import DnsServer
from tests.support.smtp_server import (
    HANG_UP,
    MailHost,
    MailHosts,
    Manner,
    Talk,
    accept_all,
    accept_known,
)

from leadyard.providers.mailcheck.asking import Introduction, Probing

Told = tuple[str, str]
"""Result and reason."""

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
INTRODUCTION = Introduction("probe.leadyard.example", "verify@leadyard.example")
REFUSAL = "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org"


def probing(port: int, **more: object) -> Probing:
    """How the mail hosts of this machine are asked."""
    return Probing(INTRODUCTION, port=port, networks=(LOOPBACK,), witness=None, **more)  # type: ignore[arg-type]


def same(result: str, reason: str) -> Callable[[str], Told]:
    """The same verdict for every address."""
    return lambda _: (result, reason)


def by_mailbox(email: str) -> Told:
    """Those of known mailboxes are good."""
    known = email.startswith("known")
    return ("deliverable", "accepted") if known else ("undeliverable", "no_such_mailbox")


def known_are(result: str, reason: str) -> Callable[[str], Told]:
    """Known mailboxes have another verdict."""
    return lambda email: (result, reason) if email.startswith("known") else by_mailbox(email)


def unless_known(refusal: str) -> Callable[[Talk, str], str]:
    """Accepts known mailboxes and says this of any other."""
    return lambda _, recipient: "250 Ok" if recipient.startswith("known") else refusal


def if_known(reply: str) -> Callable[[Talk, str], str]:
    """Says this of known mailboxes."""
    return lambda talk, recipient: reply if recipient.startswith("known") else accept_known(talk, recipient)


class Greylist:
    """Sends everybody away who comes for the first time."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __call__(self, talk: Talk, recipient: str) -> str:
        if recipient not in self.seen:
            self.seen.add(recipient)
            return f"451 4.7.1 <{recipient}>: Recipient address rejected: Greylisted, please try again later"
        return accept_known(talk, recipient)


def at_most(count: int, refusal: str) -> Callable[[Talk, str], str]:
    """Answers for so many recipients a session only."""
    return lambda talk, recipient: accept_known(talk, recipient) if len(talk.recipients) <= count else refusal


@dataclass(frozen=True, slots=True)
class Behavior:
    """A kind of domain: how its mail host behaves, and the verdicts on its addresses in the end.

    `layout` says what the DNS has: one host, none that listens before it, and so on.
    """

    name: str
    expected: Callable[[str], Told]
    manner: Callable[[], Manner] = Manner
    layout: str = "one"


def _lines(talk: Talk, recipient: str) -> str:
    code, _, text = accept_known(talk, recipient).partition(" ")
    words = text.split(" ")
    return "\r\n".join([f"{code}-{words[0]} Dear sender,", f"{code} {text}"])


def make_tls() -> ssl.SSLContext:
    """A server's side of encryption, with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.example")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "both.pem")
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(file)
    return context


BEHAVIORS = (
    Behavior("accepts known", by_mailbox),
    Behavior("catch-all", same("risky", "catch_all"), lambda: Manner(decide=accept_all)),
    Behavior("no pipelining", by_mailbox, lambda: Manner(features=("SIZE 1000",))),
    Behavior("no enhanced codes", by_mailbox, lambda: Manner(decide=unless_known("550 No such user here"))),
    Behavior("multi-line replies", by_mailbox, lambda: Manner(decide=_lines)),
    Behavior("knows HELO only", by_mailbox, lambda: Manner(ehlo="500 5.5.1 Command unrecognized")),
    Behavior("slow banner", by_mailbox, lambda: Manner(greeting_delay=0.3)),
    Behavior("wants encryption", by_mailbox, lambda: Manner(tls=make_tls())),
    Behavior("many line banner", by_mailbox, lambda: Manner(greeting="220-mx.example\r\n220 no spam here")),
    Behavior(
        "ten a session", by_mailbox, lambda: Manner(decide=at_most(10, "452 4.5.3 Too many recipients"))
    ),
    Behavior("hangs up after ten", by_mailbox, lambda: Manner(decide=at_most(10, HANG_UP))),
    Behavior("byte by byte", by_mailbox, lambda: Manner(byte_by_byte=True)),
    Behavior("loses what is pipelined", by_mailbox, lambda: Manner(loses_pipelined=True)),
    Behavior(
        "zeros in replies", by_mailbox, lambda: Manner(decide=unless_known("550 5.1.1 User\0 unknown\0"))
    ),
    Behavior(
        "wants encryption at RCPT",
        same("unknown", "policy"),
        lambda: Manner(decide=lambda *_: "530 5.7.0 Must issue a STARTTLS command first"),
    ),
    Behavior(
        "wants encryption that it does not offer",
        same("unknown", "blocked"),
        lambda: Manner(mail="530 5.7.0 Must issue a STARTTLS command first"),
    ),
    Behavior("hangs up at EHLO", same("unknown", "closed"), lambda: Manner(ehlo=HANG_UP)),
    Behavior("forwards", by_mailbox, lambda: Manner(decide=if_known("251 User not local; will forward"))),
    Behavior(
        "knows who has moved",
        known_are("undeliverable", "mailbox_moved"),
        lambda: Manner(decide=if_known("551 Please try <ann@y.example>")),
    ),
    Behavior(
        "will see",
        known_are("unknown", "unclear"),
        lambda: Manner(decide=if_known("252 Cannot VRFY user, but will take the message")),
    ),
    Behavior(
        "refuses everybody vaguely",
        same("unknown", "blocked"),
        lambda: Manner(decide=lambda *_: "550 Requested action not taken: mailbox unavailable"),
    ),
    Behavior(
        "refuses vaguely but its postmaster",
        lambda email: ("undeliverable", "no_such_mailbox"),
        lambda: Manner(
            decide=lambda _, to: (
                "250 Ok"
                if to.startswith("postmaster@")
                else "550 Requested action not taken: mailbox unavailable"
            )
        ),
    ),
    Behavior("greylists", by_mailbox, lambda: Manner(decide=Greylist())),
    Behavior("blocks at banner", same("unknown", "blocked"), lambda: Manner(greeting=REFUSAL)),
    Behavior("blocks at EHLO", same("unknown", "blocked"), lambda: Manner(ehlo="550 5.7.1 Bad HELO")),
    Behavior(
        "blocks sender",
        same("unknown", "blocked"),
        lambda: Manner(mail="550 5.1.8 Bad sender's system address"),
    ),
    Behavior("blocks at RCPT", same("unknown", "blocked"), lambda: Manner(decide=lambda *_: REFUSAL)),
    Behavior(
        "refuses by policy",
        same("unknown", "policy"),
        lambda: Manner(decide=lambda *_: "550 5.7.1 Recipient address rejected: Access denied"),
    ),
    Behavior(
        "busy",
        same("unknown", "temporary_failure"),
        lambda: Manner(greeting="421 4.3.2 Service shutting down"),
    ),
    Behavior(
        "no storage",
        same("unknown", "temporary_failure"),
        lambda: Manner(decide=lambda *_: "452 4.3.1 Insufficient system storage"),
    ),
    Behavior(
        "soft refusal",
        lambda email: (
            ("risky", "catch_all_unknown") if email.startswith("known") else ("unknown", "temporary_failure")
        ),
        lambda: Manner(decide=unless_known("450 4.1.1 User unknown in virtual mailbox table")),
    ),
    Behavior(
        "full", known_are("risky", "mailbox_full"), lambda: Manner(decide=if_known("552 5.2.2 Mailbox full"))
    ),
    Behavior(
        "disabled",
        known_are("undeliverable", "mailbox_disabled"),
        lambda: Manner(decide=if_known("550 5.2.1 This account is disabled")),
    ),
    Behavior("silent", same("unknown", "timed_out"), lambda: Manner(greeting=None)),
    Behavior("tarpit", same("unknown", "timed_out"), lambda: Manner(recipient_delay=3600.0)),
    Behavior("closes at banner", same("unknown", "closed"), lambda: Manner(greeting=HANG_UP)),
    Behavior("closes at MAIL", same("unknown", "closed"), lambda: Manner(mail=HANG_UP)),
    Behavior("closes at RCPT", same("unknown", "closed"), lambda: Manner(decide=lambda *_: HANG_UP)),
    Behavior("no SMTP", same("unknown", "not_smtp"), lambda: Manner(greeting="SSH-2.0-OpenSSH_9.2")),
    Behavior("nobody listens", same("unknown", "unreachable"), layout="nobody"),
    Behavior("first is down", by_mailbox, layout="first is down"),
    Behavior("first is silent", by_mailbox, layout="first is silent"),
    Behavior("implicit MX", by_mailbox, layout="implicit"),
    Behavior("null MX", same("undeliverable", "null_mx"), layout="null"),
    Behavior("no such domain", same("undeliverable", "no_such_domain"), layout="absent"),
    Behavior("host without address", same("undeliverable", "no_mail_host"), layout="nowhere"),
    Behavior("private host", same("unknown", "private_mail_host"), layout="private"),
    Behavior("private and public", by_mailbox, layout="private first"),
)


@dataclass(slots=True)
class MailDomainOfTest:
    """A domain, how it behaves, its addresses, and its mail host if one answers."""

    name: str
    behavior: Behavior
    emails: list[str]
    host: MailHost | None = None


@dataclass(slots=True)
class MailWorld:
    """Many domains."""

    domains: list[MailDomainOfTest] = field(default_factory=list)

    @property
    def expected(self) -> dict[str, Told]:
        """The verdict that every address deserves in the end."""
        return {email: each.behavior.expected(email) for each in self.domains for email in each.emails}


async def make_world(dns: DnsServer, hosts: MailHosts, domains: int, addresses: int) -> MailWorld:
    """So many domains with so many addresses each, half of which have a mailbox."""
    world = MailWorld()
    for number in range(domains):
        behavior = BEHAVIORS[number % len(BEHAVIORS)]
        name = f"d{number}.example"
        emails = [f"{('known', 'nobody')[each % 2]}{each}@{name}" for each in range(addresses)]
        host = await _lay_out(dns, hosts, name, behavior)
        world.domains.append(MailDomainOfTest(name, behavior, emails, host))
    return world


async def _lay_out(dns: DnsServer, hosts: MailHosts, name: str, behavior: Behavior) -> MailHost | None:
    """Puts a domain into the DNS, and its mail host onto an address."""
    layout = behavior.layout
    if layout in ("null", "absent", "nowhere", "private", "nobody"):
        _lay_out_without_host(dns, name, layout)
        return None
    host = await hosts.add(behavior.manner())
    if layout == "implicit":
        dns.add(name, "A", host.address)
        return host
    records = [f"20 mx.{name}."]
    dns.add(f"mx.{name}", "A", host.address)
    first = {"first is down": "127.9.9.9", "private first": "10.1.2.3"}.get(layout)
    if layout == "first is silent":
        first = (await hosts.add(Manner(greeting=None))).address
    if first is not None:
        records.append(f"10 first.{name}.")
        dns.add(f"first.{name}", "A", first)
    dns.add(name, "MX", *records)
    return host


def _lay_out_without_host(dns: DnsServer, name: str, layout: str) -> None:
    if layout == "absent":
        return
    dns.add(name, "MX", "0 ." if layout == "null" else f"10 mx.{name}.")
    if layout == "private":
        dns.add(f"mx.{name}", "A", "10.1.2.3", "169.254.169.254")
    elif layout == "nobody":
        dns.add(f"mx.{name}", "A", "127.9.9.8")
