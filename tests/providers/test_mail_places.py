"""Several processes ask the same mail hosts, and lines that take turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from tests.support.dns_server import DnsServer, serve_dns
from tests.support.mail_world import probing
from tests.support.smtp_server import MailHosts, Manner, Talk, accept_known, serve_mail
from tests.support.stand_ins import RunningClock
from tests.support.workbench import Workbench, open_workbench

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.fair_queue import FairQueue
from leadyard.domain.providers import Deferred
from leadyard.providers.fair import FairSlots
from leadyard.providers.mailcheck import places as places_module
from leadyard.providers.mailcheck.client import MailCheck
from leadyard.providers.mailcheck.places import Places
from leadyard.settings import Settings
from leadyard.storage.mail_hosts import SharedMailHosts


@pytest.fixture
async def dns() -> AsyncIterator[DnsServer]:
    async with serve_dns() as running:
        yield running


@pytest.fixture
async def hosts() -> AsyncIterator[MailHosts]:
    async with serve_mail() as running:
        yield running


@pytest.fixture
async def bench(settings: Settings) -> AsyncIterator[Workbench]:
    """Leases end by the time of day."""
    async with open_workbench(settings, RunningClock()) as opened:
        yield opened


def open_check(bench: Workbench, dns: DnsServer, hosts: MailHosts) -> MailCheck:
    """The check of a process of its own."""
    asking = replace(probing(hosts.port), places=SharedMailHosts(bench.database))
    return MailCheck(True, [dns.address], probing=asking)


async def reason(check: MailCheck, email: str, line: int = 0) -> str:
    (answer,) = await check.validate_emails([email], line)
    assert isinstance(answer, EmailVerdict)
    return answer.reason


async def test_processes_lead_two_connections_to_a_host_together(
    bench: Workbench, dns: DnsServer, hosts: MailHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_module, "POLL_SECONDS", 0.01)
    host = await hosts.add(Manner(greeting_delay=0.02))
    for number in range(9):
        dns.add(f"d{number}.example", "MX", f"10 mx{number % 3}.example.")
        dns.add(f"mx{number % 3}.example", "A", host.address)
    checks = [open_check(bench, dns, hosts) for _ in range(3)]
    asked = [reason(check, f"known@d{number}.example") for check in checks for number in range(9)]
    assert set(await asyncio.gather(*asked)) == {"accepted"}
    assert (len(host.talks), host.most_open) == (27, 2)
    async with asyncio.timeout(10):
        while await bench.query("SELECT 1 FROM mail_host_places"):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("other", [("mx.example", "192.0.2.9"), ("mx9.example", "192.0.2.1")])
async def test_host_is_counted_by_its_name_and_by_its_address(other: tuple[str, str]) -> None:
    places = Places(None)
    async with places.place("mx.example", "192.0.2.1", 1), places.place("mx.example", "192.0.2.1", 2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05), places.place(*other, 3):
                raise AssertionError
    async with places.place(*other, 3):
        pass


async def test_host_is_asked_once_the_place_of_a_dead_process_has_run_out(
    bench: Workbench, dns: DnsServer, hosts: MailHosts
) -> None:
    host = await hosts.add(Manner())
    dns.add("x.example", "MX", "10 mx.example.")
    dns.add("mx.example", "A", host.address)
    dead = SharedMailHosts(bench.database)
    for _ in range(2):
        await dead.take([host.address], 2, 0.5)
    asking = asyncio.create_task(reason(open_check(bench, dns, hosts), "known@x.example"))
    await asyncio.sleep(0.2)
    assert host.talks == []
    assert await asking == "accepted"


async def test_conversation_whose_place_cannot_be_kept_ends_before_others_have_it(
    bench: Workbench, dns: DnsServer, hosts: MailHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_module, "HELD_SECONDS", 0.6)
    monkeypatch.setattr(places_module, "MARGIN_SECONDS", 0.2)
    monkeypatch.setattr(places_module, "RENEWED_SECONDS", 0.1)
    host = await hosts.add(Manner(greeting_delay=1.0))
    for name in ("x.example", "y.example"):
        dns.add(name, "MX", "10 mx.example.")
    dns.add("mx.example", "A", host.address)
    assert await reason(open_check(bench, dns, hosts), "known@x.example") == "accepted"

    async def lose(self: SharedMailHosts, token: str, seconds: float) -> bool:
        return False

    monkeypatch.setattr(SharedMailHosts, "keep", lose)
    (answer,) = await open_check(bench, dns, hosts).validate_emails(["known@y.example"])
    assert not isinstance(answer, EmailVerdict)
    assert host.open == 0 or len(host.talks) == 2


async def test_line_with_few_addresses_does_not_stand_behind_one_with_many(
    dns: DnsServer, hosts: MailHosts
) -> None:
    asked: list[str] = []

    def note(talk: Talk, recipient: str) -> str:
        asked.append(recipient)
        return accept_known(talk, recipient)

    host = await hosts.add(Manner(decide=note, greeting_delay=0.05))
    dns.add("x.example", "MX", "10 mx.example.")
    dns.add("mx.example", "A", host.address)
    check = MailCheck(True, [dns.address], probing=probing(hosts.port))
    many = [asyncio.create_task(reason(check, f"known{number}@x.example", 1)) for number in range(300)]
    await asyncio.sleep(0)
    few = [asyncio.create_task(reason(check, f"known-few{number}@x.example", 2)) for number in range(5)]
    await asyncio.gather(*few)
    assert len(asked) <= 100
    await asyncio.gather(*many)


def test_lines_of_a_queue_take_turns() -> None:
    queue: FairQueue[str] = FairQueue()
    for item in "abcd":
        queue.add(1, item)
    queue.add(2, "x")
    queue.put_back(2, ["v", "w"])
    assert "".join(queue.take() for _ in range(len(queue))) == "avbwcxd"
    assert (len(queue), queue.lines) == (0, [])


async def _hold(slots: FairSlots, line: int, held: list[int], end: asyncio.Event) -> None:
    async with slots.slot(line):
        held.append(line)
        await end.wait()


async def test_line_leaves_slots_for_those_who_come_later() -> None:
    slots, held, end = FairSlots(8, leaves_room=True), list[int](), asyncio.Event()
    tasks = [asyncio.create_task(_hold(slots, line, held, end)) for line in (1, 2, 3, 4) for _ in range(20)]
    await asyncio.sleep(0.01)
    assert {line: held.count(line) for line in (1, 2, 3, 4)} == {1: 4, 2: 2, 3: 1, 4: 1}
    end.set()
    await asyncio.gather(*tasks)
    assert len(held) == 80


async def test_who_gives_up_waiting_takes_no_slot() -> None:
    slots, held, end = FairSlots(1), list[int](), asyncio.Event()
    first, second, third = [asyncio.create_task(_hold(slots, line, held, end)) for line in (1, 2, 3)]
    await asyncio.sleep(0)
    second.cancel()
    end.set()
    await asyncio.gather(first, third)
    assert held == [1, 3]
    async with slots.slot(4):
        pass


async def test_addresses_are_asked_for_again_after_an_error_of_the_database(
    bench: Workbench, dns: DnsServer, hosts: MailHosts
) -> None:
    host = await hosts.add(Manner())
    dns.add("x.example", "MX", "10 mx.x.example.")
    dns.add("mx.x.example", "A", host.address)
    check = open_check(bench, dns, hosts)
    await bench.write("ALTER TABLE mail_host_places RENAME TO elsewhere")
    (answer,) = await check.validate_emails(["known@x.example"], 0)
    assert isinstance(answer, Deferred)
    assert answer.verdict.reason == "busy"
    await bench.write("ALTER TABLE elsewhere RENAME TO mail_host_places")
    assert await reason(check, "known@x.example") == "accepted"
