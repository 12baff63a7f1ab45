"""Whatever happens, and in whatever order: each thing found is paid exactly once, and nothing else is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.support.stand_ins import Known, StandIn
from tests.support.workbench import PLENTY, Workbench, make_desk

from leadyard.domain.accounts import Caller
from leadyard.domain.credits import CreditKind, Reason
from leadyard.domain.entries import EntryStatus, Outcome, Step
from leadyard.domain.errors import LeadyardError
from leadyard.domain.lead_lists import Chunk, LeadList, ListOptions
from leadyard.worker.reconciliation import Reconciliation

PEOPLE = {
    "ann": Known("p-ann", "ann@found.example", ("+12125550100",)),
    "ann-too": Known("p-ann", "ann@found.example", ("+12125550100",)),
    "bob": Known("p-bob", "bob@found.example"),
    "cat": Known("p-cat", None, ("+12125550101", "+12125550102")),
    "dan": Known("p-dan"),
    "eve": Known("p-eve", "not an address", ("+12125550103",)),
    "fay": Known("p-fay", "ann@found.example"),
}
KNOWN_PERSON = Known("p-all", "all@found.example", ("+12125550104",))
SLUGS = [*PEOPLE, "gus", "hal"]
SENT = {"email": "ann@found.example"}

HAPPENINGS = "create add run run_all run_both cancel delete grant break_down come_back wait wait_long"

ROUNDS = st.lists(
    st.tuples(
        st.sampled_from(("create add run " * 2 + HAPPENINGS).split()),
        st.integers(0, 7),
        st.lists(st.tuples(st.sampled_from(SLUGS), st.booleans()), min_size=1, max_size=6),
        st.lists(st.booleans(), min_size=3, max_size=3),
    ),
    min_size=6,
    max_size=18,
)


@dataclass(slots=True)
class Story:
    """What a round of the test has made, and what it must come to."""

    bench: Workbench
    caller: Caller
    lists: list[LeadList] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    granted: Counter[CreditKind] = field(default_factory=Counter)
    due: Counter[Reason] = field(default_factory=Counter)
    settled: set[tuple[int, int]] = field(default_factory=set)
    found_at: dict[str, datetime] = field(default_factory=dict)
    paid_for: set[tuple[object, ...]] = field(default_factory=set)

    async def act(self, what: str, number: int, leads: Sequence[tuple[str, bool]], flags: list[bool]) -> None:
        """One thing that happens; nothing if what it needs is not there."""
        if what == "create":
            await self.create(_told(leads), ListOptions(*flags))
        elif what == "add" and self.lists:
            await self.add(self.lists[number % len(self.lists)], _told(leads))
        elif what in ("cancel", "delete") and self.lists:
            with suppress(LeadyardError):
                await getattr(self.bench, what)(self.lists[number % len(self.lists)], self.caller)
        elif what.startswith("run"):
            await self.run(what, number)
        elif what == "grant":
            await self.grant(list(CreditKind)[number % 2], 500 * (number + 1))
        else:
            self.let(what, number)

    def let(self, what: str, number: int) -> None:
        """One thing that happens outside."""
        if what == "break_down":
            self.bench.service.down.add(list(Step)[number % 3])
        elif what == "come_back":
            self.bench.service.down.clear()
        elif what == "wait":
            self.bench.clock.advance(seconds=number)
        elif what == "wait_long":
            self.bench.clock.advance(hours=5 * number)

    async def create(self, told: list[dict[str, str]], options: ListOptions) -> None:
        """A new list, if there are credits for it."""
        with suppress(LeadyardError):
            self.lists.append(await self.bench.create(told, options, caller=self.caller))
            self.chunks += await self.bench.chunks(self.lists[-1])

    async def add(self, made: LeadList, told: list[dict[str, str]]) -> None:
        """More leads, if there are credits for them and the list is open."""
        with suppress(LeadyardError):
            await self.bench.add(made, told, self.caller)
            self.chunks += [chunk for chunk in await self.bench.chunks(made) if chunk not in self.chunks]

    async def run(self, what: str, number: int) -> None:
        """One chunk, one chunk twice at once, or all at once; whether they are finished or not."""
        chosen = self.chunks if what == "run_all" else self.chunks[number % (len(self.chunks) or 1) :][:1]
        await asyncio.gather(*map(self.bench.run, chosen * 2 if what == "run_both" else chosen))

    async def grant(self, kind: CreditKind, amount: int) -> None:
        """More credits."""
        await self.bench.grant(kind, amount, self.caller)
        self.granted[kind] += amount

    async def finish(self) -> None:
        """The providers are back, and every chunk is run until it needs no more."""
        self.bench.service.down.clear()
        for chunk in self.chunks:
            while (run_at := await self.bench.run(chunk)) is not None:
                await self.check()
                self.bench.clock.now = max(self.bench.clock.now, run_at)
            await self.check()

    async def check(self) -> None:
        """What must be true at every moment."""
        entries = await self.bench.query(
            "SELECT e.list_id, e.sequence, e.key, e.lead, e.status, e.findings, a.enrich, a.validate_email, "
            "a.reveal_phone_numbers, a.id AS addition_id FROM lead_lists l "
            "JOIN additions a ON a.list_id = l.id JOIN lead_list_entries e ON e.list_id = l.id "
            "AND e.sequence >= a.first_sequence AND e.sequence < a.first_sequence + a.added "
            "WHERE l.workspace_id = :id ORDER BY e.list_id, e.sequence",
            id=self.caller.workspace_id,
        )
        for row in entries:
            if row.status == EntryStatus.DONE and (row.list_id, row.sequence) not in self.settled:
                self.settled.add((row.list_id, row.sequence))
                self._price(row)
        await self._check_holds(entries)
        await self._check_balances()
        await self._check_counters(entries)

    async def _check_balances(self) -> None:
        paid = Counter(dict.fromkeys(CreditKind, 0))
        for reason, amount in await self.bench.charges(self.caller):
            paid[CreditKind.PHONE if reason is Reason.PHONE_REVEALED else CreditKind.EMAIL] += amount
        for kind, balance in (await self.bench.balances(self.caller)).items():
            assert balance.balance == self.granted[kind] - paid[kind]
            assert 0 <= balance.held <= balance.balance

    async def _check_holds(self, entries: Sequence[Any]) -> None:
        """The most that unfinished leads can cost, as the contract prices them, is held for them."""
        email: Counter[int] = Counter()
        phone: Counter[int] = Counter()
        for row in entries:
            if row.status in ("queued", "processing"):
                has_email = "email" in row.lead
                email[row.addition_id] += 500 + (0 if has_email else 1000) if row.enrich else 0
                is_checked = row.validate_email and (has_email or row.enrich)
                email[row.addition_id] += 1000 if is_checked else 0
                phone[row.addition_id] += 1000 if row.reveal_phone_numbers else 0
        for row in await self.bench.query(
            "SELECT a.id, a.email_held, a.phone_held FROM additions a JOIN lead_lists l ON l.id = a.list_id "
            "WHERE l.workspace_id = :id",
            id=self.caller.workspace_id,
        ):
            assert (row.email_held, row.phone_held) == (email[row.id], phone[row.id])
        balances = await self.bench.balances(self.caller)
        held = [balances[kind].held for kind in (CreditKind.EMAIL, CreditKind.PHONE)]
        assert held == [email.total(), phone.total()]

    async def _check_counters(self, entries: Sequence[Any]) -> None:
        """Each list counts the entries that it has, by state."""
        statuses = Counter((row.list_id, row.status) for row in entries)
        for row in await self.bench.query(
            "SELECT * FROM lead_lists WHERE workspace_id = :id", id=self.caller.workspace_id
        ):
            for name in ("queued", "processing", "done", "failed"):
                assert getattr(row, name) == statuses[row.id, name]
            assert row.entry_count == row.last_sequence
            assert row.entry_count == sum(statuses[row.id, status] for status in EntryStatus)
            if row.status in ("completed", "canceled"):
                assert row.queued == row.processing == 0

    def _price(self, row: Any) -> None:
        """Notes what a lead costs that has just been finished, by what the outside knows of it."""
        known = PEOPLE.get(row.key)
        sent = SENT["email"] if "email" in row.lead else None
        unavailable = {step for step in Step if f'"{step}":"{Outcome.UNAVAILABLE}"' in row.findings}
        is_found = row.enrich and known is not None and Step.ENRICH not in unavailable
        email = sent
        if is_found and known is not None:
            self._pay_for_person(known.person_id)
            if email is None and known.email is not None and known.email.endswith("found.example"):
                email = known.email
                self._pay_once(Reason.EMAIL_REVEALED, known.person_id)
        if row.validate_email and email is not None and Step.VALIDATE not in unavailable:
            self._pay_once(Reason.EMAIL_VALIDATED, row.list_id, email)
        is_refuted = row.enrich and not is_found and Step.ENRICH not in unavailable
        is_asked = row.reveal_phone_numbers and not is_refuted and Step.REVEAL not in unavailable
        if is_asked and known is not None and known.phones:
            self._pay_once(Reason.PHONE_REVEALED, known.person_id)

    def _pay_for_person(self, person_id: str) -> None:
        last = self.found_at.get(person_id)
        if last is None or self.bench.clock.now - last >= timedelta(hours=24):
            self.found_at[person_id] = self.bench.clock.now
            self.due[Reason.PERSON_FOUND] += 500

    def _pay_once(self, reason: Reason, *what: object) -> None:
        if (reason, *what) not in self.paid_for:
            self.paid_for.add((reason, *what))
            self.due[reason] += 1000


def _told(leads: Sequence[tuple[str, bool]]) -> list[dict[str, str]]:
    """The leads as they are sent: a profile, and an e-mail or none."""
    return [{"linkedin_url": f"linkedin.com/in/{slug}", **(SENT if sent else {})} for slug, sent in leads]


async def new_story(bench: Workbench, email: int, phone: int) -> Story:
    """A new account with so many milli-credits, and a service that knows PEOPLE."""
    bench.service.knows = dict(PEOPLE)
    bench.service.down.clear()
    caller = await bench.open_account(email=email, phone=phone)
    return Story(bench, caller, granted=Counter({CreditKind.EMAIL: email, CreditKind.PHONE: phone}))


@settings(
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rounds=ROUNDS, email=st.sampled_from([3_000, 20_000, 200_000]), phone=st.sampled_from([1_000, 90_000]))
async def test_each_thing_found_is_paid_exactly_once(
    bench: Workbench, rounds: list[tuple[Any, ...]], email: int, phone: int
) -> None:
    story = await new_story(bench, email, phone)
    for what, number, leads, flags in rounds:
        await story.act(what, number, leads, flags)
        await story.check()
    await story.finish()

    paid: Counter[Reason] = Counter()
    for reason, amount in await bench.charges(story.caller):
        paid[reason] += amount
    assert paid == story.due
    for balance in (await bench.balances(story.caller)).values():
        assert balance.held == 0
    for made in story.lists:
        (row,) = await bench.query("SELECT status FROM lead_lists WHERE id = :id", id=made.row_id)
        assert row.status in ("completed", "canceled")
    await require_sound(bench)


async def prove(bench: Workbench, turn: int) -> None:
    if turn % 8 == 0:
        await require_sound(bench)


async def require_sound(bench: Workbench) -> None:
    """Everything that is counted adds up, also while others are at work."""
    report = await Reconciliation(bench.database, bench.installation.dispatcher).run()
    assert report.is_sound, report


async def test_chunk_run_by_six_workers_at_once_is_paid_once(bench: Workbench) -> None:
    slugs = [f"lead-{number}" for number in range(100)]
    bench.service = StandIn(batch_size=7, concurrency=50, knows={slug: Known(f"p-{slug}") for slug in slugs})
    desk = make_desk(bench.database, bench.service, bench.clock)
    bench.pipeline = replace(bench.pipeline, desk=desk)
    leads = [{"linkedin_url": f"linkedin.com/in/{slug}"} for slug in slugs]
    made = await bench.create(leads, ListOptions(enrich=True))
    (chunk,) = await bench.chunks(made)
    ends = await asyncio.gather(*(bench.run(chunk) for _ in range(6)))
    for _ in range(5):
        if any(end is not None for end in ends):
            ends = [await bench.run(chunk)]
    assert (await bench.read(made)).progress.done == 100
    assert await bench.charges() == [(Reason.PERSON_FOUND, 500)] * 100
    assert (await bench.balances())[CreditKind.EMAIL].held == 0


async def test_everything_at_once_neither_deadlocks_nor_drifts(bench: Workbench) -> None:
    """Adding, working, canceling and granting lock lists and balances in one order, whoever comes first."""
    story = await new_story(bench, PLENTY, PLENTY)
    bench.caller = story.caller
    bench.service.knows = {f"lead-{number}": KNOWN_PERSON for number in range(0, 4_000, 3)}
    bench.service.concurrency = 50
    lists = [await bench.create(options=ListOptions(True, True, True)) for _ in range(6)]

    async def add(turn: int) -> None:
        leads = [{"linkedin_url": f"linkedin.com/in/lead-{turn * 60 + number}"} for number in range(90)]
        with suppress(LeadyardError):
            await bench.add(lists[turn % 6], leads)

    async def work(turn: int) -> None:
        for chunk in (await bench.chunks(lists[turn % 6]))[-2:]:
            await bench.run(chunk)

    async def end(turn: int) -> None:
        await story.grant(list(CreditKind)[turn % 2], 1_000)
        if turn > 18 and turn % 6 > 2:
            with suppress(LeadyardError):  # A list that has just completed cannot be canceled.
                await bench.cancel(lists[turn % 6])

    async def repeat(act: Callable[[int], Awaitable[None]], offset: int) -> None:
        for turn in range(24):
            await act(turn + offset)

    async with asyncio.timeout(60):
        crowd: list[tuple[Callable[[int], Awaitable[None]], int]] = [
            (add, 0),
            (add, 3),
            (work, 0),
            (work, 1),
            (work, 3),
            (work, 4),
            (end, 2),
            (end, 4),
            (partial(prove, bench), 0),
        ]
        await asyncio.gather(*(repeat(act, offset) for act, offset in crowd))
    for made in lists:
        await bench.finish(made)
    await story.check()
    await require_sound(bench)
    for balance in (await bench.balances()).values():
        assert balance.held == 0
