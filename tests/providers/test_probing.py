"""Verdicts from real conversations with mail hosts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.support.dns_server import DnsServer, serve_dns
from tests.support.dns_server import Manner as DnsManner
from tests.support.mail_world import (
    BEHAVIORS,
    INTRODUCTION,
    REFUSAL,
    Greylist,
    at_most,
    if_known,
    make_world,
    probing,
)
from tests.support.smtp_server import (
    HANG_UP,
    MailHost,
    MailHosts,
    Manner,
    Talk,
    accept_all,
    accept_known,
    serve_mail,
)

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.providers import Deferred, EmailAnswer
from leadyard.providers.mailcheck import probing as probing_module
from leadyard.providers.mailcheck.addresses import may_call
from leadyard.providers.mailcheck.asking import make_introduction
from leadyard.providers.mailcheck.client import MailCheck
from leadyard.providers.mailcheck.judge import TEST_AGAIN_SECONDS

HASTY_SECONDS = 3.0
"""What a reply may take in these tests. Longer than any good host here needs on a busy machine."""

IMPATIENT_SECONDS = 0.3


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def dns() -> AsyncIterator[DnsServer]:
    async with serve_dns() as running:
        yield running


@pytest.fixture
async def hosts() -> AsyncIterator[MailHosts]:
    async with serve_mail() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def check(dns: DnsServer, hosts: MailHosts, clock: Clock) -> MailCheck:
    return MailCheck(True, [dns.address], probing=probing(hosts.port, seconds=HASTY_SECONDS), clock=clock)


@pytest.fixture
def impatient(dns: DnsServer, hosts: MailHosts, clock: Clock) -> MailCheck:
    return MailCheck(True, [dns.address], probing=probing(hosts.port, seconds=IMPATIENT_SECONDS), clock=clock)


async def open_domain(dns: DnsServer, hosts: MailHosts, manner: Manner, name: str = "x.example") -> MailHost:
    """A domain with one mail host."""
    host = await hosts.add(manner)
    dns.add(name, "MX", f"10 mx.{name}.")
    dns.add(f"mx.{name}", "A", host.address)
    return host


async def ask(check: MailCheck, *emails: str) -> list[EmailAnswer]:
    """All at once, one a call, as the pipeline does."""
    answers = await asyncio.gather(*(check.validate_emails([email]) for email in emails))
    return [answer for (answer,) in answers]


async def verdict(check: MailCheck, email: str) -> EmailVerdict:
    (answer,) = await ask(check, email)
    told = answer.verdict if isinstance(answer, Deferred) else answer
    assert isinstance(told, EmailVerdict)
    return told


def reasons(answers: Sequence[EmailAnswer]) -> Counter[str]:
    return Counter(answer.reason for answer in answers if isinstance(answer, EmailVerdict))


def mailboxes(count: int, name: str = "x.example") -> list[str]:
    """Half of them are known."""
    return [f"{('known', 'nobody')[number % 2]}{number}@{name}" for number in range(count)]


async def test_every_address_of_200_domains_gets_the_verdict_it_deserves(
    dns: DnsServer, hosts: MailHosts, check: MailCheck, clock: Clock
) -> None:
    world = await make_world(dns, hosts, domains=200, addresses=6)
    answers = dict(zip(world.expected, await ask(check, *world.expected), strict=True))
    waiting = [email for email, answer in answers.items() if isinstance(answer, Deferred)]
    assert {email.partition("@")[2] for email in waiting} == {
        each.name for each in world.domains if each.behavior.name == "greylists"
    }
    clock.now += 300
    answers |= dict(zip(waiting, await ask(check, *waiting), strict=True))
    told = {
        email: (str(answer.result), answer.reason)
        for email, answer in answers.items()
        if isinstance(answer, EmailVerdict)
    }
    wrong = {email: told.get(email) for email in told if told[email] != world.expected[email]}
    assert wrong == {}
    assert told.keys() == world.expected.keys()
    require_manners(hosts)


def test_there_is_a_domain_for_each_way_to_behave() -> None:
    assert len({behavior.name for behavior in BEHAVIORS}) == len(BEHAVIORS) > 15


def require_manners(hosts: MailHosts) -> None:
    """Whatever a host does: two connections at most, 25 recipients a session, one probe, never DATA."""
    for host in hosts.hosts:
        assert host.most_open <= 2
        assert max((len(talk.recipients) for talk in host.talks), default=0) <= 25
        assert host.commands.keys() <= {"EHLO", "HELO", "MAIL", "RCPT", "STARTTLS", "QUIT"}
        probes = {each for each in host.recipients if not each.startswith(("known", "nobody", "postmaster@"))}
        assert len(probes) <= len({each.partition("@")[2] for each in host.recipients})


async def test_many_addresses_go_in_few_sessions_and_the_probe_once(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner())
    answers = await ask(check, *mailboxes(100))
    assert reasons(answers) == {"accepted": 50, "no_such_mailbox": 50}
    assert len(host.recipients) == 101
    assert len(host.talks) <= 6
    require_manners(hosts)
    await ask(check, *mailboxes(10))
    assert len(host.recipients) == 111


async def test_two_connections_a_host_hold_for_all_domains_and_names_that_lead_there(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(greeting_delay=0.02))
    for number in range(12):
        dns.add(f"d{number}.example", "MX", f"10 mx.d{number}.example.")
        dns.add(f"mx.d{number}.example", "A", host.address)
    await ask(check, *(f"known@d{number}.example" for number in range(12)))
    assert (len(host.talks), host.most_open) == (12, 2)


async def test_mail_host_that_is_an_alias_is_found_and_shares_the_limit(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(greeting_delay=0.02))
    for number in range(4):
        dns.add(f"d{number}.example", "MX", f"10 alias{number}.example.")
        dns.add_alias(f"alias{number}.example", "A", "mx.x.example")
    answers = await ask(check, *(f"known@d{number}.example" for number in range(4)))
    assert reasons(answers) == {"accepted": 4}
    assert host.most_open == 2


async def test_postmaster_is_asked_for_only_where_a_refusal_is_vague(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    vague = "550 Recipient address rejected"
    clear = await open_domain(dns, hosts, Manner())
    mixed = await open_domain(
        dns, hosts, Manner(decide=lambda _, to: "250 Ok" if to.startswith("known") else vague), "y.example"
    )
    alone = await open_domain(dns, hosts, Manner(decide=lambda *_: vague), "z.example")
    told = reasons(await ask(check, "nobody@x.example", *mailboxes(10, "y.example"), "nobody@z.example"))
    assert told == {"no_such_mailbox": 6, "accepted": 5, "blocked": 1}
    asked = [[to for to in host.recipients if to.startswith("postmaster@")] for host in (clear, mixed, alone)]
    assert asked == [[], [], ["postmaster@z.example"]]


async def test_sender_and_host_name_are_those_of_the_settings(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    seen: list[str] = []

    class Listening(MailHost):
        def _reply(self, talk: Talk, verb: str, command: str) -> str | None:
            seen.append(command)
            return super()._reply(talk, verb, command)

    hosts.kind = Listening
    await open_domain(dns, hosts, Manner())
    await verdict(check, "known@x.example")
    assert seen[:2] == [f"EHLO {INTRODUCTION.helo}", f"MAIL FROM:<{INTRODUCTION.sender}>"]


async def test_evidence_tells_host_reply_flags_and_time_and_no_address(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    await open_domain(dns, hosts, Manner())
    good, bad = [await verdict(check, f"{name}@x.example") for name in ("known.ann", "ann.lee")]
    assert (good.result, good.reason, good.is_complete) == (EmailResult.DELIVERABLE, "accepted", True)
    assert (good.smtp_host, good.smtp_reply, good.mail_hosts) == (
        "mx.x.example",
        "250 2.1.5 Ok",
        ("mx.x.example",),
    )
    assert bad.result is EmailResult.UNDELIVERABLE
    assert bad.smtp_reply == ("550 5.1.1 … Recipient address rejected: User unknown in virtual mailbox table")
    assert bad.checked_at is not None
    assert msgspec.json.decode(msgspec.json.encode(bad), type=EmailVerdict) == bad


async def test_role_account_that_is_there_is_risky_and_one_that_is_not_undeliverable(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    await open_domain(
        dns, hosts, Manner(decide=lambda _, to: "250 Ok" if to.startswith("info@") else "550 5.1.1")
    )
    good, bad = [await verdict(check, f"{name}@x.example") for name in ("info", "sales")]
    assert (good.result, good.reason, good.is_role) == (EmailResult.RISKY, "role_account", True)
    assert (bad.result, bad.reason, bad.is_role) == (EmailResult.UNDELIVERABLE, "no_such_mailbox", True)


async def test_disposable_domain_is_not_asked(dns: DnsServer, hosts: MailHosts, check: MailCheck) -> None:
    host = await open_domain(dns, hosts, Manner(), "mailinator.com")
    found = await verdict(check, "known@mailinator.com")
    assert (found.result, found.reason, found.is_disposable) == (EmailResult.RISKY, "disposable", True)
    assert host.talks == []


async def test_without_probing_no_host_is_asked(dns: DnsServer, hosts: MailHosts) -> None:
    host = await open_domain(dns, hosts, Manner())
    found = await verdict(MailCheck(True, [dns.address]), "known@x.example")
    assert (found.reason, found.is_complete, host.talks) == ("not_probed", True, [])


async def test_what_could_not_be_learned_is_unknown_and_not_complete(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    await open_domain(dns, hosts, Manner(greeting=REFUSAL))
    found = await verdict(check, "known@x.example")
    assert (found.result, found.reason, found.is_complete) == (EmailResult.UNKNOWN, "blocked", False)
    assert found.smtp_reply == "554 5.7.1 Service unavailable; Client host … blocked using zen.spamhaus.org"


@pytest.mark.parametrize(
    ("manner", "seconds"),
    [
        (Manner(greeting=REFUSAL), 1800),
        (Manner(mail="550 5.7.1 Your host is not welcome"), 1800),
        (Manner(decide=lambda *_: REFUSAL), 1800),
        (Manner(greeting=HANG_UP), 300),
        (Manner(greeting="421 4.3.2 Shutting down"), 60),
    ],
)
async def test_host_that_refuses_us_is_left_alone_for_a_while(
    dns: DnsServer, hosts: MailHosts, check: MailCheck, clock: Clock, manner: Manner, seconds: int
) -> None:
    dns.add("x.example", "MX", "10 mx.x.example.", ttl=86_400)
    host = await hosts.add(manner)
    dns.add("mx.x.example", "A", host.address, ttl=86_400)
    before = reasons(await ask(check, *mailboxes(40)))
    assert len(before) == 1
    talks = len(host.talks)
    assert talks == 1
    clock.now += seconds - 1
    assert reasons(await ask(check, *mailboxes(40))) == before
    assert len(host.talks) == talks
    clock.now += 1
    await ask(check, "known@x.example")
    assert len(host.talks) == talks + 1


async def test_host_that_refuses_us_is_left_alone_by_all_domains_that_it_serves(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(greeting=REFUSAL))
    dns.add("y.example", "MX", "10 other.example.")
    dns.add("other.example", "A", host.address)
    for name, named in (("x.example", "mx.x.example"), ("y.example", "other.example")):
        found = await verdict(check, f"known@{name}")
        assert (found.reason, found.smtp_host) == ("blocked", named)
    assert len(host.talks) == 1


async def test_silent_host_costs_its_time_once_however_many_addresses_wait(
    dns: DnsServer, hosts: MailHosts, impatient: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(greeting=None))
    assert reasons(await ask(impatient, *mailboxes(100))) == {"timed_out": 100}
    assert len(host.talks) == 1


async def test_one_refusal_does_not_speak_for_the_domain(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    await open_domain(dns, hosts, Manner(decide=if_known("550 5.1.1 Refused due to recipient preferences")))
    assert reasons(await ask(check, *mailboxes(10))) == {"blocked": 5, "no_such_mailbox": 5}
    assert (await verdict(check, "nobody77@x.example")).reason == "no_such_mailbox"


async def test_catch_all_verdict_is_one_hosts_and_a_second_host_is_probed_anew(
    dns: DnsServer, hosts: MailHosts, check: MailCheck, clock: Clock
) -> None:
    first, second = await hosts.add(Manner()), await hosts.add(Manner(decide=accept_all))
    dns.add("x.example", "MX", "10 a.example.", "20 b.example.")
    dns.add("a.example", "A", first.address)
    dns.add("b.example", "A", second.address)
    assert (await verdict(check, "known1@x.example")).reason == "accepted"
    first.manner = Manner(greeting=HANG_UP)
    found = await verdict(check, "nobody@x.example")
    assert (found.reason, found.catch_all, found.smtp_host) == ("catch_all", True, "b.example")


async def test_probe_is_asked_again_after_six_hours(
    dns: DnsServer, hosts: MailHosts, check: MailCheck, clock: Clock
) -> None:
    host = await open_domain(dns, hosts, Manner(decide=accept_all))
    for hours, asked in ((0, 2), (5.9, 3), (0.2, 5)):
        clock.now += hours * 3600
        await ask(check, "known@x.example")
        assert len(host.recipients) == asked


async def test_greylisted_address_is_deferred_with_a_verdict_that_can_stand(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(decide=Greylist()))
    (answer,) = await ask(check, "known@x.example")
    assert isinstance(answer, Deferred)
    told = answer.verdict
    assert (told.result, told.reason, told.is_complete) == (EmailResult.UNKNOWN, "greylisted", False)
    assert (await verdict(check, "known@x.example")).reason == "accepted"
    probes = {each for each in host.recipients if not each.startswith("known")}
    assert len(probes) == 1


async def test_address_that_waits_too_long_for_its_turn_is_deferred(
    dns: DnsServer, hosts: MailHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing_module, "WAIT_SECONDS", 0.1)
    await open_domain(dns, hosts, Manner(greeting=None))
    check = MailCheck(True, [dns.address], probing=probing(hosts.port, seconds=5.0))
    (answer,) = await ask(check, "known@x.example")
    assert isinstance(answer, Deferred)
    assert (answer.verdict.reason, answer.verdict.is_complete) == ("busy", False)


async def test_those_who_gave_up_are_not_asked_for(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(greeting_delay=0.3))
    first = asyncio.create_task(ask(check, "known1@x.example"))
    second = asyncio.create_task(ask(check, "known2@x.example"))
    while not host.talks:
        await asyncio.sleep(0.01)
    first.cancel()
    assert reasons(await second) == {"accepted": 1}
    assert "known1@x.example" not in host.recipients


async def test_session_that_ends_early_is_followed_by_another_for_the_rest(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(decide=at_most(7, "421 4.7.0 Too many errors")))
    assert reasons(await ask(check, *mailboxes(40))) == {"accepted": 20, "no_such_mailbox": 20}
    require_manners(hosts)
    assert len(host.talks) >= 6


async def test_host_that_answers_next_to_nothing_is_left_alone_after_three_sessions(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    host = await open_domain(dns, hosts, Manner(decide=at_most(1, HANG_UP)))
    told = reasons(await ask(check, *mailboxes(40)))
    assert told["closed"] >= 37
    assert len(host.talks) == 3


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "240.0.0.1",
        "224.0.0.1",
        "127.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::1",
    ],
)
def test_address_of_no_internet_host_is_not_called(address: str) -> None:
    assert not may_call(address)


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909"])
def test_address_of_the_internet_is_called(address: str) -> None:
    assert may_call(address)


async def test_private_mail_host_is_not_connected_to_unless_allowed(dns: DnsServer, hosts: MailHosts) -> None:
    host = await open_domain(dns, hosts, Manner())
    strict = MailCheck(True, [dns.address], probing=replace(probing(hosts.port), networks=()))
    found = await verdict(strict, "known@x.example")
    assert (found.result, found.reason, found.is_complete) == (
        EmailResult.UNKNOWN,
        "private_mail_host",
        False,
    )
    assert host.talks == []


async def test_host_that_the_dns_says_nothing_of_is_unknown(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    dns.add("x.example", "MX", "10 gone.example.", "20 broken.example.")
    dns.treat("broken.example", DnsManner.SERVFAIL)
    found = await verdict(check, "known@x.example")
    assert (found.result, found.reason, found.is_complete) == (EmailResult.UNKNOWN, "dns_unavailable", False)


async def test_international_mailbox_is_asked_for_where_the_host_takes_that(
    dns: DnsServer, hosts: MailHosts, check: MailCheck
) -> None:
    await open_domain(dns, hosts, Manner(features=("SMTPUTF8", "PIPELINING"), decide=accept_known))
    await open_domain(dns, hosts, Manner(), "y.example")
    assert (await verdict(check, "knownü@x.example")).reason == "accepted"
    refused = await verdict(check, "knownü@y.example")
    assert (refused.result, refused.reason) == (EmailResult.UNKNOWN, "no_international_mail")
    assert (await verdict(check, "known@y.example")).reason == "accepted"


async def test_flood_of_lines_is_no_smtp(dns: DnsServer, hosts: MailHosts, check: MailCheck) -> None:
    await open_domain(dns, hosts, Manner(greeting="\r\n".join(["220-again"] * 5_000)))
    await open_domain(dns, hosts, Manner(greeting="220 " + "x" * 100_000), "y.example")
    for name in ("x.example", "y.example"):
        assert (await verdict(check, f"known@{name}")).reason == "not_smtp"


async def test_self_test_that_fails_lets_no_host_be_asked_and_is_made_again(
    dns: DnsServer, hosts: MailHosts, clock: Clock
) -> None:
    host = await open_domain(dns, hosts, Manner())
    witness = await hosts.add(Manner())
    helo = INTRODUCTION.helo
    settings = replace(probing(hosts.port, seconds=HASTY_SECONDS), witness=witness.address)
    check = MailCheck(True, [dns.address], probing=settings, clock=clock)

    async def is_asked() -> bool:
        clock.now += TEST_AGAIN_SECONDS
        found = await verdict(check, "known@x.example")
        assert found.reason == ("accepted" if host.talks else "cannot_probe")
        assert found.is_complete == bool(host.talks)
        return bool(host.talks)

    assert not await is_asked()  # the name does not exist
    dns.add(helo, "A", "192.0.2.55")
    assert not await is_asked()  # its address has no name
    dns.add("55.2.0.192.in-addr.arpa", "PTR", f"{helo}.")
    check = MailCheck(True, [dns.address], probing=replace(settings, witness="127.9.9.9"), clock=clock)
    assert not await is_asked()  # nobody answers on the port
    check = MailCheck(True, [dns.address], probing=settings, clock=clock)
    assert await is_asked()


@pytest.mark.parametrize(
    ("helo", "sender", "which"),
    [
        ("localhost", "a@b.example", "HELO"),
        ("192.0.2.1", "a@b.example", "HELO"),
        ("a b.example", "a@b.example", "HELO"),
        ("x.example\r\nDATA", "a@b.example", "HELO"),
        ("x.example", "nobody", "SENDER"),
        ("x.example", "ü@b.example", "SENDER"),
    ],
)
def test_introduction_that_no_host_would_take_is_refused(helo: str, sender: str, which: str) -> None:
    with pytest.raises(ValueError, match=which):
        make_introduction(helo, sender)


def test_introduction_is_normalized() -> None:
    made: Any = make_introduction(" Probe.Example. ", "A@B.example")
    assert (made.helo, made.sender) == ("probe.example", "a@b.example")
