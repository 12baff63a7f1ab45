"""Workers that die by SIGKILL while they buy: what providers sold is what the ledger says, and sold once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.crashes import CrashChild
from tests.support.paid_crash_child import PaidTask, Point
from tests.support.vendors.people import KEY, Somebody, Vendor
from tests.support.vendors.rigs import VENDORS, options_for
from tests.support.vendors.server import VendorServer, hang, serve_vendor
from tests.support.workbench import Workbench, linkedin_leads, open_workbench

from leadyard.domain.entries import EntryStatus, Outcome
from leadyard.domain.lead_lists import LeadList, ListOptions, ListStatus
from leadyard.domain.waterfall import Order, Plan
from leadyard.settings import Settings
from leadyard.storage import provider_settings as settings_rows
from leadyard.storage.provider_settings import ProviderSettings
from leadyard.storage.sealing import Sealer

PDL, HUNTER, FULLENRICH = "people_data_labs", "hunter", "fullenrich"
ORDER = Order(person=(PDL,), email=(HUNTER, FULLENRICH), phone=(FULLENRICH,), company=(PDL,))
OPTIONS = ListOptions(enrich=True, reveal_phone_numbers=True)
PEOPLE = tuple(
    Somebody(
        f"lead-{number}", f"First{number}", f"Last{number}", "CTO", "Acme", "acme.com", phone="+14155550123"
    )
    for number in range(9)
)
SLUGS = [*(person.slug for person in PEOPLE), "nobody-1", "nobody-2"]
MOST_SALES = {PDL: 1, HUNTER: 1, FULLENRICH: 2}
"""How often a person can be sold: FullEnrich sells the e-mail and the phone number, each once."""


@dataclass(frozen=True, slots=True)
class Market:
    """A list to do, and the services that sell what it wants."""

    bench: Workbench
    made: LeadList
    vendors: dict[str, Vendor]
    servers: dict[str, VendorServer]
    environment: dict[str, str]


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashChild]:
    """One child for all these tests: what takes it long is to import."""
    log_path = tmp_path_factory.mktemp("child") / "child.log"
    started = CrashChild(log_path, "tests.support.paid_crash_child")
    yield started
    started.close()


@pytest.fixture
async def market(settings: Settings) -> AsyncIterator[Market]:
    """Three services, of which each knows some of the people, and a list of all of them."""
    vendors = {name: VENDORS[name]() for name in (PDL, HUNTER, FULLENRICH)}
    vendors[PDL].people, vendors[HUNTER].people, vendors[FULLENRICH].people = (
        PEOPLE[:8],
        PEOPLE[:5],
        PEOPLE[3:],
    )
    async with AsyncExitStack() as stack:
        servers = {
            name: await stack.enter_async_context(serve_vendor(vendor.handle))
            for name, vendor in vendors.items()
        }
        bench = await stack.enter_async_context(open_workbench(settings))
        await bench.live()
        sealer = Sealer(settings.secret())
        workspace_id = bench.caller.workspace_id
        async with bench.database.write() as tx:
            for name, vendor in vendors.items():
                options = {**options_for(vendor, servers[name].url), "rate": 200.0}
                key = sealer.seal(KEY, workspace_id, name)
                new = ProviderSettings(name, name, key, KEY[-4:], options, 1.0, bench.clock.now)
                await settings_rows.put_provider(tx, workspace_id, new)
            await settings_rows.put_plan(tx, workspace_id, Plan(ORDER))
        made = await bench.create(linkedin_leads(*SLUGS), OPTIONS)
        environment = {
            "LEADYARD_DATA_DIR": str(settings.data_path),
            "LEADYARD_SECRET_KEY": settings.secret_key or "",
            "LEADYARD_ALLOWED_HOSTS": "127.0.0.0/8",
        }
        if not settings.is_sqlite:
            environment["LEADYARD_DATABASE_URL"] = settings.url
        yield Market(bench, made, vendors, servers, environment)


async def run(
    child: CrashChild, market: Market, provider: str = "", point: Point = "never", number: int = 1
) -> int:
    """Runs a worker until it dies, or nothing is left to do; its exit status."""
    task = PaidTask(market.environment, provider, point, number)
    return await asyncio.to_thread(child.run, task)


async def require_ledger_agrees(market: Market) -> None:
    """Requires that costs are what was sold, or more by what was reserved for calls that are lost."""
    for name, vendor in market.vendors.items():
        assert max(Counter(vendor.tellings).values(), default=0) <= MOST_SALES[name]
        rows = await market.bench.query(
            "SELECT state, sum(cost) AS cost FROM provider_calls WHERE provider = :name GROUP BY state",
            name=name,
        )
        costs = {row.state: int(row.cost) for row in rows}
        assert costs.keys() <= {"settled", "lost", "failed"}
        sold = round(vendor.sold * 1000)
        known = costs.get("settled", 0)
        assert costs.get("failed", 0) == 0
        assert known <= sold <= known + costs.get("lost", 0)
        assert "lost" in costs or known == sold


async def lost_calls(market: Market) -> dict[str, int]:
    """How many calls of each provider are lost."""
    rows = await market.bench.query(
        "SELECT provider, count(*) AS calls FROM provider_calls WHERE state = 'lost' GROUP BY provider"
    )
    return {row.provider: row.calls for row in rows}


async def require_all_done_and_paid_as_shown(market: Market) -> None:
    """Requires that every lead is done, that nothing is held, and that charges are what the leads show."""
    bench = market.bench
    made = await bench.read(market.made)
    assert (made.status, made.progress.done) == (ListStatus.COMPLETED, len(SLUGS))
    email = phone = 0
    for entry in await bench.entries(made):
        assert entry.status is EntryStatus.DONE
        findings = entry.findings
        if findings.enrich is Outcome.FOUND:
            assert findings.person is not None
            email += 500 + (1000 if findings.person.email else 0)
        if findings.reveal is Outcome.FOUND:
            assert findings.person is not None
            assert findings.person.phone_numbers
            phone += 1000
    rows = await bench.query(
        "SELECT kind, -sum(amount) AS spent FROM credit_entries WHERE amount < 0 GROUP BY kind"
    )
    assert {row.kind: int(row.spent) for row in rows} == {"email": email, "phone": phone}
    assert [balance.held for balance in (await bench.balances()).values()] == [0, 0]
    (addition,) = await bench.query("SELECT email_held, phone_held FROM additions")
    assert tuple(addition) == (0, 0)


async def test_undisturbed_worker_spends_what_was_sold(market: Market, child: CrashChild) -> None:
    assert await run(child, market) == 0
    assert await lost_calls(market) == {}
    await require_ledger_agrees(market)
    await require_all_done_and_paid_as_shown(market)
    assert market.vendors[PDL].sold == 8
    assert market.vendors[HUNTER].sold == 5


@pytest.mark.parametrize(
    ("provider", "point", "is_lost"),
    [
        (PDL, "reserved", True),
        (PDL, "answered", True),
        (PDL, "settled", False),
        (HUNTER, "asked", True),
        (FULLENRICH, "answered", True),
        (FULLENRICH, "kept", False),
        (FULLENRICH, "polled", False),
    ],
)
async def test_killed_worker_buys_nothing_twice(
    market: Market, child: CrashChild, provider: str, point: Point, is_lost: bool
) -> None:
    if point == "asked":
        market.servers[provider].faults.append(hang)
    assert await run(child, market, provider, point) == -signal.SIGKILL
    assert await run(child, market) == 0
    lost = await lost_calls(market)
    # Hunter is asked for one person a call: others were under way.
    assert lost.keys() == ({provider} if is_lost else set())
    assert provider == HUNTER or lost == ({provider: 1} if is_lost else {})
    await require_ledger_agrees(market)
    await require_all_done_and_paid_as_shown(market)


async def test_two_workers_on_overlapping_lists_buy_nothing_twice(
    market: Market, child: CrashChild, tmp_path: Path
) -> None:
    if market.bench.database.is_sqlite:
        pytest.skip("one process has the file")
    other = await market.bench.create(linkedin_leads(*SLUGS[::-1], "nobody-3"), OPTIONS)
    second = CrashChild(tmp_path / "second.log", "tests.support.paid_crash_child")
    try:
        statuses = await asyncio.gather(run(child, market), run(second, market))
        assert set(statuses) == {0}
    finally:
        second.close()
    assert await lost_calls(market) == {}
    await require_ledger_agrees(market)
    for made in (market.made, other):
        done = await market.bench.read(made)
        assert done.progress.done == done.progress.total


async def test_worker_killed_again_and_again_buys_nothing_twice(market: Market, child: CrashChild) -> None:
    deaths: list[tuple[str, Point, int]] = [
        (PDL, "settled", 1),
        (HUNTER, "answered", 3),
        (HUNTER, "settled", 2),
        (FULLENRICH, "kept", 1),
        (FULLENRICH, "polled", 1),
    ]
    for provider, point, number in deaths:
        await run(child, market, provider, point, number)
    assert await run(child, market) == 0
    assert (await lost_calls(market)).keys() <= {HUNTER}
    await require_ledger_agrees(market)
    await require_all_done_and_paid_as_shown(market)
