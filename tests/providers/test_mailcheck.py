from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dns.resolver
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.dns_server import NEGATIVE_TTL_SECONDS, DnsServer, Manner, serve_dns

from leadyard.domain.emails import EmailResult, EmailVerdict
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.providers import EmailValidator
from leadyard.providers.mailcheck import lookup
from leadyard.providers.mailcheck.client import MailCheck
from leadyard.providers.mailcheck.lists import is_disposable, is_role_account
from leadyard.providers.mailcheck.lookup import parse_servers
from leadyard.providers.mailcheck.reasons import Reason

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_check(dns: bool, servers: Sequence[str] | None = None, **more: Any) -> MailCheck:
    """A validator whose time of day stands still."""
    return MailCheck(dns, servers, now=lambda: NOW, **more)


def told(email: str, result: EmailResult, reason: str, **more: Any) -> EmailVerdict:
    """A verdict of that time."""
    return EmailVerdict(email, result, reason, checked_at=NOW, **more)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def server() -> AsyncIterator[DnsServer]:
    async with serve_dns() as running:
        running.add("good.example", "MX", "10 mx1.good.example.", "20 mx2.good.example.")
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailcheck(server: DnsServer, clock: Clock) -> MailCheck:
    return make_check(True, [server.address], clock=clock)


@pytest.fixture
def hasty(server: DnsServer) -> MailCheck:
    return make_check(True, [server.address], query_seconds=0.2, lookup_seconds=0.2)


async def check_all(mailcheck: EmailValidator, emails: Sequence[str]) -> list[EmailVerdict]:
    answers = await mailcheck.validate_emails(emails)
    verdicts = [answer for answer in answers if isinstance(answer, EmailVerdict)]
    assert len(verdicts) == len(emails)
    return verdicts


async def check(mailcheck: EmailValidator, email: str) -> EmailVerdict:
    (verdict,) = await check_all(mailcheck, [email])
    return verdict


def is_unavailable(verdict: EmailVerdict) -> bool:
    told = (verdict.result, verdict.reason, verdict.is_complete, verdict.mail_hosts)
    return told == (EmailResult.UNKNOWN, "dns_unavailable", False, ())


async def test_mail_host_makes_an_address_unknown_and_not_deliverable(mailcheck: MailCheck) -> None:
    assert await check(mailcheck, "ann.lee@good.example") == told(
        "ann.lee@good.example",
        EmailResult.UNKNOWN,
        "not_probed",
        mail_hosts=("mx1.good.example", "mx2.good.example"),
    )


async def test_mail_hosts_are_in_order_of_preference(server: DnsServer, mailcheck: MailCheck) -> None:
    server.add("three.example", "MX", "30 c.three.example.", "5 B.Three.example.", "10 a.three.example.")
    verdict = await check(mailcheck, "ann@three.example")
    assert verdict.mail_hosts == ("b.three.example", "a.three.example", "c.three.example")


@pytest.mark.parametrize(
    "email",
    ["", "@", "ann", "ann@", "@good.example", "a b@good.example", '"a b"@good.example', "a@[127.0.0.1]"],
)
async def test_bad_syntax_is_undeliverable_without_a_question(
    server: DnsServer, mailcheck: MailCheck, email: str
) -> None:
    assert await check(mailcheck, email) == told(email, EmailResult.UNDELIVERABLE, "bad_syntax")
    assert not server.questions


async def test_domain_that_does_not_exist_is_undeliverable(mailcheck: MailCheck) -> None:
    verdict = await check(mailcheck, "ann@nowhere.example")
    assert (verdict.result, verdict.reason, verdict.is_complete) == (
        EmailResult.UNDELIVERABLE,
        "no_such_domain",
        True,
    )


async def test_null_mx_is_undeliverable(server: DnsServer, mailcheck: MailCheck) -> None:
    server.add("quiet.example", "MX", "0 .")
    server.add("quiet.example", "A", "192.0.2.1")
    verdict = await check(mailcheck, "ann@quiet.example")
    assert (verdict.result, verdict.reason) == (EmailResult.UNDELIVERABLE, "null_mx")


async def test_mail_host_that_is_localhost_is_none(server: DnsServer, mailcheck: MailCheck) -> None:
    server.add("x.example", "MX", "0 localhost.")
    server.add("y.example", "MX", "0 localhost.", "10 mx.y.example.")
    first, second = await check_all(mailcheck, ["ann@x.example", "ann@y.example"])
    assert (first.result, first.reason) == (EmailResult.UNDELIVERABLE, "no_mail_host")
    assert second.mail_hosts == ("mx.y.example",)


async def test_null_mx_beside_a_mail_host_does_not_count(server: DnsServer, mailcheck: MailCheck) -> None:
    server.add("mixed.example", "MX", "0 .", "10 mx.mixed.example.")
    verdict = await check(mailcheck, "ann@mixed.example")
    assert (verdict.reason, verdict.mail_hosts) == ("not_probed", ("mx.mixed.example",))


@pytest.mark.parametrize(("kind", "value"), [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")])
async def test_domain_with_an_address_only_is_its_own_mail_host(
    server: DnsServer, mailcheck: MailCheck, kind: str, value: str
) -> None:
    server.add("bare.example", kind, value)
    verdict = await check(mailcheck, "ann@bare.example")
    assert (verdict.result, verdict.reason, verdict.mail_hosts) == (
        EmailResult.UNKNOWN,
        "not_probed",
        ("bare.example",),
    )


async def test_domain_without_mail_host_and_address_is_undeliverable(
    server: DnsServer, mailcheck: MailCheck
) -> None:
    server.add_name("empty.example")
    verdict = await check(mailcheck, "ann@empty.example")
    assert (verdict.result, verdict.reason) == (EmailResult.UNDELIVERABLE, "no_mail_host")


async def test_alias_is_followed_to_its_mail_hosts(server: DnsServer, mailcheck: MailCheck) -> None:
    server.add_alias("alias.example", "MX", "good.example")
    server.add_alias("bare.example", "MX", "good.example", alone=True)
    for verdict in await check_all(mailcheck, ["ann@alias.example", "ann@bare.example"]):
        assert verdict.mail_hosts == ("mx1.good.example", "mx2.good.example")


@pytest.mark.parametrize("manner", [Manner.SERVFAIL, Manner.REFUSED, Manner.SILENT])
@pytest.mark.parametrize("kind", ["MX", "A", "AAAA"])
async def test_failure_of_the_dns_is_never_undeliverable(
    server: DnsServer, hasty: MailCheck, manner: Manner, kind: str
) -> None:
    server.add_name("broken.example")
    server.treat("broken.example", manner, kind)
    assert is_unavailable(await check(hasty, "ann@broken.example"))


@pytest.mark.parametrize("email", ["info@broken.example", "ann@mailinator.com"])
async def test_failure_of_the_dns_outranks_the_lists(
    server: DnsServer, mailcheck: MailCheck, email: str
) -> None:
    server.treat(email.partition("@")[2], Manner.SERVFAIL)
    assert is_unavailable(await check(mailcheck, email))


async def test_no_server_at_all_is_unavailable(server: DnsServer) -> None:
    async with serve_dns() as other:
        address = other.address
    gone = make_check(True, [address], query_seconds=0.1, lookup_seconds=0.2)
    assert is_unavailable(await check(gone, "ann@good.example"))


async def test_second_server_answers_when_the_first_refuses(server: DnsServer) -> None:
    async with serve_dns() as refusing:
        refusing.treat("good.example", Manner.REFUSED)
        mailcheck = make_check(True, [f"{refusing.address},{server.address}"])
        assert (await check(mailcheck, "ann@good.example")).reason == "not_probed"
        assert refusing.asked("good.example") == 1


async def test_lost_packet_is_asked_again(server: DnsServer) -> None:
    async with serve_dns() as silent:
        silent.treat("good.example", Manner.SILENT)
        mailcheck = make_check(True, [silent.address, server.address], query_seconds=0.2, lookup_seconds=5.0)
        assert (await check(mailcheck, "ann@good.example")).reason == "not_probed"


async def test_look_up_ends_in_its_time_even_if_each_query_has_more(server: DnsServer) -> None:
    server.treat("good.example", Manner.SILENT)
    mailcheck = make_check(True, [server.address], query_seconds=60, lookup_seconds=0.2)
    started = time.monotonic()
    assert is_unavailable(await check(mailcheck, "ann@good.example"))
    assert time.monotonic() - started < 10


async def test_look_up_ends_in_its_time_however_many_queries_it_takes(server: DnsServer) -> None:
    server.add_name("empty.example")
    server.delay_seconds = 0.15
    mailcheck = make_check(True, [server.address], lookup_seconds=0.25)
    assert is_unavailable(await check(mailcheck, "ann@empty.example"))


async def test_truncated_answer_is_asked_for_over_tcp(server: DnsServer, mailcheck: MailCheck) -> None:
    server.add("many.example", "MX", *(f"{number} mx{number}.many.example." for number in range(40)))
    server.treat("many.example", Manner.TRUNCATED_OVER_UDP)
    verdict = await check(mailcheck, "ann@many.example")
    assert len(verdict.mail_hosts) == 40
    assert server.questions["many.example", "MX", "tcp"] == 1


async def test_international_domain_is_asked_for_in_ascii(server: DnsServer, mailcheck: MailCheck) -> None:
    server.add("xn--bcher-kva.example", "MX", "10 mx.xn--bcher-kva.example.")
    verdict = await check(mailcheck, email_key("ann@Bücher.example"))
    assert verdict.mail_hosts == ("mx.xn--bcher-kva.example",)


@pytest.mark.parametrize("domain", ["mailinator.com", "sub.mailinator.com"])
async def test_disposable_domain_is_risky(server: DnsServer, mailcheck: MailCheck, domain: str) -> None:
    server.add(domain, "MX", "10 mx.good.example.")
    verdict = await check(mailcheck, f"info@{domain}")
    assert (verdict.result, verdict.reason, verdict.mail_hosts) == (
        EmailResult.RISKY,
        "disposable",
        ("mx.good.example",),
    )


async def test_disposable_domain_that_takes_no_mail_is_undeliverable(mailcheck: MailCheck) -> None:
    assert (await check(mailcheck, "ann@mailinator.com")).reason == "no_such_domain"


@pytest.mark.parametrize(
    "local_part", ["info", "Sales", "customer.service", "no-reply", "billing+eu", "vertrieb"]
)
async def test_role_account_is_risky(mailcheck: MailCheck, local_part: str) -> None:
    verdict = await check(mailcheck, f"{local_part}@good.example")
    assert (verdict.result, verdict.reason) == (EmailResult.RISKY, "role_account")


@pytest.mark.parametrize("local_part", ["ann", "information", "salesh", "teamo", "itza", "+info"])
def test_person_is_no_role_account(local_part: str) -> None:
    assert not is_role_account(local_part)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "outlook.com", "gmx.de", "com", "not-mailinator.example", "example.com"]
)
def test_ordinary_domain_is_not_disposable(domain: str) -> None:
    assert not is_disposable(domain)


async def test_free_provider_is_flagged_and_otherwise_like_any_other(
    server: DnsServer, mailcheck: MailCheck
) -> None:
    server.add("gmail.com", "MX", "5 gmail-smtp-in.l.google.com.")
    verdict = await check(mailcheck, "ann.lee@gmail.com")
    assert (verdict.result, verdict.reason, verdict.is_free) == (EmailResult.UNKNOWN, "not_probed", True)
    assert not (await check(mailcheck, "ann.lee@good.example")).is_free


@pytest.mark.parametrize(
    ("email", "result", "reason"),
    [
        ("ann@anything.example", EmailResult.UNKNOWN, "dns_off"),
        ("info@anything.example", EmailResult.RISKY, "role_account"),
        ("ann@mailinator.com", EmailResult.RISKY, "disposable"),
        ("ann@@x", EmailResult.UNDELIVERABLE, "bad_syntax"),
    ],
)
async def test_with_dns_off_syntax_and_lists_decide(
    server: DnsServer, email: str, result: EmailResult, reason: str
) -> None:
    verdict = await check(make_check(False, [server.address]), email)
    assert (verdict.result, verdict.reason, verdict.is_complete) == (result, reason, True)
    assert not server.questions


async def test_domain_is_asked_for_once_however_many_addresses(
    server: DnsServer, mailcheck: MailCheck
) -> None:
    server.delay_seconds = 0.05
    await asyncio.gather(*(check(mailcheck, f"a{number}@good.example") for number in range(200)))
    await mailcheck.validate_emails([f"b{number}@good.example" for number in range(200)])
    assert server.asked("good.example") == 1


async def test_one_who_gives_up_does_not_take_the_answer_from_the_others(
    server: DnsServer, mailcheck: MailCheck
) -> None:
    server.delay_seconds = 0.1
    first = asyncio.create_task(check(mailcheck, "ann@good.example"))
    second = asyncio.create_task(check(mailcheck, "bob@good.example"))
    await asyncio.sleep(0.03)
    first.cancel()
    assert (await second).reason == "not_probed"
    assert first.cancelled()
    assert server.asked("good.example") == 1


async def test_at_most_64_queries_are_under_way(server: DnsServer, mailcheck: MailCheck) -> None:
    server.delay_seconds = 0.25
    emails = [f"ann@d{number}.example" for number in range(100)]
    verdicts = await check_all(mailcheck, emails)
    assert {verdict.reason for verdict in verdicts} == {"no_such_domain"}
    assert server.most_open == lookup.MAX_QUERIES


async def test_waiting_for_a_free_slot_is_no_time_out(
    server: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "MAX_QUERIES", 1)
    server.delay_seconds = 0.15
    mailcheck = make_check(True, [server.address], query_seconds=0.7, lookup_seconds=0.7)
    verdicts = await check_all(mailcheck, [f"ann@d{number}.example" for number in range(5)])
    assert {verdict.reason for verdict in verdicts} == {"no_such_domain"}


async def test_slow_domain_does_not_delay_its_neighbors(server: DnsServer, mailcheck: MailCheck) -> None:
    server.treat("slow.example", Manner.SILENT)
    slow = asyncio.create_task(check(mailcheck, "ann@slow.example"))
    await asyncio.sleep(0)
    assert (await check(mailcheck, "ann@good.example")).reason == "not_probed"
    assert not slow.done()
    slow.cancel()


@pytest.mark.parametrize(("ttl", "held"), [(5, 5), (86_400, lookup.MAX_TTL_SECONDS)])
async def test_answer_holds_for_its_ttl_up_to_an_hour(
    server: DnsServer, mailcheck: MailCheck, clock: Clock, ttl: int, held: int
) -> None:
    server.add("kept.example", "MX", "10 mx.kept.example.", ttl=ttl)
    await check(mailcheck, "ann@kept.example")
    clock.now += held - 1
    await check(mailcheck, "bob@kept.example")
    assert server.asked("kept.example") == 1
    clock.now += 1
    await check(mailcheck, "cid@kept.example")
    assert server.asked("kept.example") == 2


@pytest.mark.parametrize("exists", [True, False])
async def test_negative_answer_holds_for_the_ttl_of_its_zone(
    server: DnsServer, mailcheck: MailCheck, clock: Clock, *, exists: bool
) -> None:
    if exists:
        server.add_name("none.example")
    await check(mailcheck, "ann@none.example")
    clock.now += NEGATIVE_TTL_SECONDS - 1
    await check(mailcheck, "bob@none.example")
    assert server.questions["none.example", "MX", "udp"] == 1
    clock.now += 1
    await check(mailcheck, "cid@none.example")
    assert server.questions["none.example", "MX", "udp"] == 2


async def test_failure_is_forgotten_after_30_seconds(
    server: DnsServer, mailcheck: MailCheck, clock: Clock
) -> None:
    server.treat("good.example", Manner.SERVFAIL)
    assert is_unavailable(await check(mailcheck, "ann@good.example"))
    server.treat("good.example", Manner.ANSWER)
    clock.now += 29
    assert is_unavailable(await check(mailcheck, "ann@good.example"))
    clock.now += 1
    assert (await check(mailcheck, "ann@good.example")).reason == "not_probed"


async def test_oldest_answers_make_room_for_new_ones(
    server: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "MAX_DOMAINS", 3)
    mailcheck = make_check(True, [server.address])
    for name in ("good", "b", "c", "d"):
        await check(mailcheck, f"ann@{name}.example")
    await check(mailcheck, "ann@d.example")
    await check(mailcheck, "ann@good.example")
    assert (server.asked("d.example"), server.asked("good.example")) == (1, 2)


@pytest.mark.parametrize("content", [None, "", "search good.example\n", "nameserver nonsense\n", "\xff"])
async def test_system_without_usable_dns_settings_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    settings_file = tmp_path / "resolv.conf"
    if content is not None:
        settings_file.write_text(content, encoding="latin-1")
    use_system_settings(monkeypatch, settings_file)
    assert is_unavailable(await check(make_check(True), "ann@good.example"))


async def test_system_settings_are_used_once_they_are_there(
    server: DnsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> None:
    settings_file = tmp_path / "resolv.conf"
    use_system_settings(monkeypatch, settings_file, port=server.port)
    mailcheck = make_check(True, clock=clock)
    assert is_unavailable(await check(mailcheck, "ann@good.example"))
    settings_file.write_text("nameserver 127.0.0.1\n")
    clock.now += lookup.ERROR_TTL_SECONDS
    assert (await check(mailcheck, "ann@good.example")).reason == "not_probed"


@pytest.fixture
def system_mailcheck(
    server: DnsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> MailCheck:
    settings_file = tmp_path / "resolv.conf"
    settings_file.write_text("search good.example\nnameserver 127.0.0.1\n")
    use_system_settings(monkeypatch, settings_file, port=server.port)
    return make_check(True, clock=clock)


@pytest.mark.parametrize("name", ["nowhere.example", "empty.example"])
async def test_no_of_a_system_resolver_that_knows_no_public_name_is_not_believed(
    server: DnsServer, system_mailcheck: MailCheck, clock: Clock, name: str
) -> None:
    server.add_name("empty.example")
    assert is_unavailable(await check(system_mailcheck, f"ann@{name}"))
    assert (await check(system_mailcheck, "ann@good.example")).reason == "not_probed"
    server.add("com", "NS", "a.gtld-servers.net.")
    clock.now += lookup.ERROR_TTL_SECONDS
    assert (await check(system_mailcheck, f"ann@{name}")).result is EmailResult.UNDELIVERABLE


async def test_system_resolver_is_confirmed_once_a_minute(
    server: DnsServer, system_mailcheck: MailCheck, clock: Clock
) -> None:
    server.add("com", "NS", "a.gtld-servers.net.")
    for number in range(5):
        await check(system_mailcheck, f"ann@nowhere{number}.example")
    assert server.asked("com") == 1
    clock.now += lookup.CONFIRMED_SECONDS
    await check(system_mailcheck, "ann@nowhere5.example")
    assert server.asked("com") == 2


async def test_search_list_of_the_system_is_not_tried(server: DnsServer, system_mailcheck: MailCheck) -> None:
    server.add("com", "NS", "a.gtld-servers.net.")
    await check(system_mailcheck, "ann@nowhere.example")
    assert {name for name, _, _ in server.questions} == {"nowhere.example", "com"}


async def test_servers_named_by_the_operator_are_believed(server: DnsServer, mailcheck: MailCheck) -> None:
    assert (await check(mailcheck, "ann@nowhere.example")).reason == "no_such_domain"
    assert server.asked("com") == 0


def use_system_settings(monkeypatch: pytest.MonkeyPatch, path: Path, port: int = 53) -> None:
    """Let dnspython read this file in place of /etc/resolv.conf, which can name no port."""
    reset = dns.resolver.BaseResolver.reset

    def reset_to_port(resolver: dns.resolver.BaseResolver) -> None:
        reset(resolver)
        resolver.port = port

    monkeypatch.setattr(dns.resolver.BaseResolver, "reset", reset_to_port)
    monkeypatch.setattr(dns.resolver.BaseResolver.__init__, "__defaults__", (str(path), True))


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("9.9.9.9", "9.9.9.9", 53),
        (" 127.0.0.1:5353 ", "127.0.0.1", 5353),
        ("2001:DB8::1", "2001:db8::1", 53),
        ("[2001:db8::1]", "2001:db8::1", 53),
        ("[2001:db8::1]:5353", "2001:db8::1", 5353),
    ],
)
def test_server_is_an_address_with_an_optional_port(text: str, address: str, port: int) -> None:
    (server,) = parse_servers([text])
    assert (server.answer_nameserver(), server.answer_port()) == (address, port)


def test_servers_may_stand_in_one_text() -> None:
    servers = parse_servers(["127.0.0.1:5353, 9.9.9.9", "::1"])
    assert [server.answer_nameserver() for server in servers] == ["127.0.0.1", "9.9.9.9", "::1"]


@pytest.mark.parametrize(
    "text",
    ["", ",", "dns.example", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "[::1", "1.2.3", "::1]:53"],
)
def test_server_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|port"):
        make_check(True, [text])


def test_no_server_in_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        make_check(True, [])


def test_every_reason_is_explained() -> None:
    text = (Path(__file__).parents[2] / "docs" / "explanation" / "verdicts.md").read_text(encoding="utf-8")
    assert [reason for reason in Reason if f"`{reason}`" not in text] == []


async def test_verdict_survives_storage(mailcheck: MailCheck) -> None:
    verdict = await check(mailcheck, "ann@good.example")
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=EmailVerdict) == verdict


@given(st.lists(st.one_of(st.emails(), st.text(max_size=30)), max_size=6))
def test_every_address_gets_one_verdict_in_order(emails: list[str]) -> None:
    verdicts = asyncio.run(check_all(make_check(False), emails))
    for email, verdict in zip(emails, verdicts, strict=True):
        try:
            assert verdict.email == email_key(email)
            assert verdict.reason in ("disposable", "role_account", "dns_off")
        except InvalidIdentity:
            assert verdict == told(email, EmailResult.UNDELIVERABLE, "bad_syntax")
