"""Everything that buys, at once, with workers that die at random: charges and costs agree to the unit."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.support.crashes import CrashChild
from tests.support.vendors.server import Request
from tests.support.workbench import linkedin_leads
from tests.worker.test_paid_crashes import (
    HUNTER,
    OPTIONS,
    ORDER,
    PEOPLE,
    SLUGS,
    Market,
    child,
    market,
    run,
)

from leadyard.actions import batches, list_control
from leadyard.app import build
from leadyard.domain.clues import draft_people, read_clues
from leadyard.domain.drafting import split_leads
from leadyard.domain.email_batches import draft_emails
from leadyard.domain.entries import Entry, EntryStatus, Outcome
from leadyard.domain.lead_lists import LeadList, ListOptions, Purpose
from leadyard.domain.leads import sent_email
from leadyard.domain.providers import CompanyQuery, FoundCompany
from leadyard.domain.waterfall import Plan
from leadyard.settings import Settings
from leadyard.storage import provider_settings as settings_rows

__all__ = ["child", "market"]

EMAILS = [person.email for person in PEOPLE[:5]] + ["nobody@acme.com", "FIRST1.last1@acme.com"]
CLUES: list[dict[str, Any]] = [
    {"linkedin_url": "linkedin.com/in/lead-1"},
    {"email": PEOPLE[2].email},
    {"name": "First3 Last3", "company_domain": "acme.com"},
    {"linkedin_url": "linkedin.com/in/lead-1", "email": PEOPLE[1].email},
    {"linkedin_url": "linkedin.com/in/lead-8"},
    {"linkedin_url": "linkedin.com/in/nobody-1"},
    {"name": "First3 Last3", "company_domain": "acme.com"},
]
MOST_DEATHS = 12


async def add_batches(market: Market) -> list[LeadList]:
    """An e-mail validation, an enrichment request and a second list, for the people of the first list."""
    bench = market.bench
    emails, faults = draft_emails(split_leads(msgspec.Raw(msgspec.json.encode(EMAILS))))
    people, more_faults = draft_people(split_leads(msgspec.Raw(msgspec.json.encode(CLUES))))
    assert not faults + more_faults
    options = ListOptions(enrich=True, reveal_email=True, reveal_phone_numbers=True)
    async with bench.database.write() as tx:
        plan = Plan(msgspec.structs.replace(ORDER, verification=(HUNTER,)))
        await settings_rows.put_plan(tx, bench.caller.workspace_id, plan)
        validation = await batches.start_validation(tx, bench.rules, bench.caller, emails)
        request = await batches.start_enrichment(tx, bench.rules, bench.caller, options, people)
    every_step = ListOptions(enrich=True, validate_email=True, reveal_phone_numbers=True)
    other = await bench.create(linkedin_leads(*SLUGS[::-1]), every_step)
    return [validation, request, other]


def bought(request: Request) -> Iterator[str]:
    """The single questions of a request that can buy; each may come once."""
    if request.path.endswith("/person/bulk"):
        yield from (str(sorted(each["params"].items())) for each in request.json["requests"])
    elif request.path.endswith("/contact/enrich/bulk"):
        yield from (str({**each, "custom": None}) for each in request.json["data"])
    elif request.method == "GET" and "order-" not in request.path:
        yield f"{request.path} {sorted(request.params.items())}"


async def expected_charges(market: Market, lists: list[LeadList]) -> Counter[str]:
    """What the account has to pay for what its leads show: persons and reveals once, verdicts each."""
    found: set[str] = set()
    emails: set[str] = set()
    phones: set[str] = set()
    verdicts = 0
    for made in lists:
        for entry in await market.bench.entries(made):
            assert entry.status is EntryStatus.DONE
            verdicts += entry.findings.validate is Outcome.FOUND
            person = entry.findings.person
            if person is None:
                continue
            if entry.findings.enrich is Outcome.FOUND:
                found.add(person.id)
                if person.email and not _sent(made, entry):
                    emails.add(person.id)
            if entry.findings.reveal is Outcome.FOUND:
                phones.add(person.id)
    charges = {"email": 500 * len(found) + 1_000 * (len(emails) + verdicts), "phone": 1_000 * len(phones)}
    return Counter(charges)


def _sent(made: LeadList, entry: Entry) -> str | None:
    return sent_email(read_clues(entry.raw).email) if made.purpose is Purpose.PERSON_ENRICHMENT else None


async def require_agreement(market: Market, lists: list[LeadList]) -> None:
    """Charges are what the leads show, costs are what the services sold, and nothing is held."""
    bench = market.bench
    rows = await bench.query(
        "SELECT kind, -sum(amount) AS spent FROM credit_entries WHERE amount < 0 GROUP BY kind"
    )
    assert Counter({row.kind: int(row.spent) for row in rows}) == await expected_charges(market, lists)
    assert [balance.held for balance in (await bench.balances()).values()] == [0, 0]
    held = await bench.query("SELECT sum(email_held) AS email, sum(phone_held) AS phone FROM additions")
    assert tuple(map(int, held[0])) == (0, 0)
    for name, vendor in market.vendors.items():
        questions = Counter(
            question for request in market.servers[name].requests for question in bought(request)
        )
        assert max(questions.values(), default=0) <= 1, questions.most_common(1)
        rows = await bench.query(
            "SELECT state, sum(cost) AS cost FROM provider_calls WHERE provider = :name GROUP BY state",
            name=name,
        )
        costs = {row.state: int(row.cost) for row in rows}
        assert costs.keys() <= {"settled", "lost"}
        sold, known = round(vendor.sold * 1000), costs.get("settled", 0)
        assert known <= sold <= known + costs.get("lost", 0)
        assert "lost" in costs or known == sold


@pytest.mark.parametrize("seed", [None, 1, 2])
async def test_everything_at_once_costs_and_charges_to_the_unit(
    market: Market, child: CrashChild, seed: int | None
) -> None:
    lists = [market.made, *await add_batches(market)]
    assert market.made.options == OPTIONS
    deaths = 0
    if seed is not None:
        chance = random.Random(seed)
        while deaths < MOST_DEATHS:
            status = await run(child, market, point="any", number=chance.randint(1, 9))
            if status == 0:
                break
            assert status == -signal.SIGKILL
            deaths += 1
    assert await run(child, market) == 0
    assert seed is None or deaths > 3
    await require_agreement(market, lists)


async def test_what_was_done_is_not_paid_for_again_by_searches_after_a_restart(
    market: Market, child: CrashChild, settings: Settings
) -> None:
    assert await run(child, market, point="any", number=6) == -signal.SIGKILL
    assert await run(child, market) == 0
    sold = {name: vendor.sold for name, vendor in market.vendors.items()}
    before = await market.bench.charges()
    bench, list_id = market.bench, market.made.id
    async with bench.database.read() as tx:
        prepared = await list_control.prepare_retry(tx, bench.caller, list_id)
    async with bench.database.write() as tx:
        await list_control.reopen_prepared(tx, bench.caller, list_id, prepared)
    installation = build(msgspec.structs.replace(settings, allowed_hosts="127.0.0.0/8"))
    try:
        find = installation.companies.find
        answers = [
            await find(market.bench.caller.workspace_id, CompanyQuery(domain=domain))
            for domain in ("acme.com", "acme.com", "nowhere.com", "nowhere.com")
        ]
    finally:
        await installation.close()
    assert [isinstance(answer, FoundCompany) for answer in answers] == [True, True, False, False]
    assert await market.bench.charges() == before
    for name, vendor in market.vendors.items():
        assert vendor.sold - sold[name] == (1 if name == "people_data_labs" else 0)
