"""Erasures beside others who write at the same time, and what looking for the erased costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import pytest
from msgspec.structs import replace
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection
from tests.api.support import ALL_OPTIONS
from tests.support.installation import Client, Service, create_list
from tests.support.workbench import Workbench, drafts_of, linkedin_leads

from leadyard.actions import lead_lists as list_actions
from leadyard.actions import leads as lead_actions
from leadyard.actions.erasures import erase_person
from leadyard.actions.exclusions import add_exclusions
from leadyard.domain.accounts import Mode
from leadyard.domain.directory import read_person
from leadyard.domain.erasure import ErasureCounts, Traces
from leadyard.domain.imports import NewListPlan
from leadyard.domain.lead_lists import NO_STEPS, NewList
from leadyard.domain.leads import ListType
from leadyard.domain.suppression import ExclusionKind, Identity
from leadyard.storage import accounts as account_rows
from leadyard.storage import imports as import_rows
from leadyard.storage import users as user_rows
from leadyard.storage.dialects import Dialect
from leadyard.storage.dialects.results import Result, Statement
from leadyard.storage.directory_loading import upsert_people
from leadyard.storage.directory_people import lock_for_loading
from leadyard.storage.suppression import find_erased_anywhere, find_suppressed, is_erased

ANN = Traces(profiles=frozenset(("ann",)))
MOMENT_SECONDS = 0.2


class Noting:
    """A dialect that notes the statements which are run past SQLAlchemy."""

    def __init__(self, dialect: Dialect, note: Callable[[str], None]) -> None:
        self._dialect = dialect
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dialect, name)

    async def run_each(self, conn: AsyncConnection, statements: Sequence[Statement]) -> list[Result]:
        for statement, _ in statements:
            self._note(statement)
        return await self._dialect.run_each(conn, statements)


@contextmanager
def looking(bench: Workbench) -> Iterator[list[str]]:
    """The statements, while it lasts, that look for who is excluded or erased."""
    seen: list[str] = []

    def note(statement: str) -> None:
        if "exclusions" in statement or "tombstones" in statement:
            seen.append(statement)

    def note_execution(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        note(statement)

    database, engine = bench.database, bench.database.writer.sync_engine
    dialect = database.dialect
    event.listen(engine, "before_cursor_execute", note_execution)
    database.dialect = cast(Dialect, Noting(dialect, note))
    yield seen
    database.dialect = dialect
    event.remove(engine, "before_cursor_execute", note_execution)


async def test_adding_costs_one_statement_where_nobody_is_kept_out(bench: Workbench) -> None:
    made = await bench.create()
    with looking(bench) as seen:
        await bench.add(made, linkedin_leads("ann", "ben"))
    assert len(seen) == 1


async def test_adding_costs_one_look_up_more_for_each_kind_that_there_is(bench: Workbench) -> None:
    made = await bench.create()
    async with bench.database.write() as tx:
        await add_exclusions(tx, bench.caller, ExclusionKind.DOMAIN, {"acme.example": "acme.example"})
    with looking(bench) as seen:
        await bench.add(made, linkedin_leads("ann", "ben"))
    assert len(seen) == 2
    await erase_person(bench.database, bench.caller, ANN)
    with looking(bench) as seen:
        await bench.add(made, linkedin_leads("cat", "dan"))
    assert len(seen) == 3


async def test_erasure_waits_for_a_list_that_is_being_made(bench: Workbench) -> None:
    """Whoever makes the list has looked already who was erased."""
    new = NewList("List", ListType.LINKEDIN, shared=True, visible=True, options=NO_STEPS)
    async with bench.database.write() as tx:
        owner = await user_rows.get_admin(tx, bench.caller.account_id)
        made = await list_actions.create_list(tx, bench.caller, owner.email, new, 10)
        drafts = drafts_of(ListType.LINKEDIN, linkedin_leads("ann", "ben"))
        await lead_actions.add_to_locked_list(tx, bench.rules, bench.caller, made, drafts)
        erasing = asyncio.create_task(erase_person(bench.database, bench.caller, ANN))
        await asyncio.wait([erasing], timeout=MOMENT_SECONDS)
    assert await erasing == ErasureCounts(entries=1)
    assert (await bench.entries(made))[0].raw == "{}"


async def test_erasure_waits_for_leads_that_are_being_added(bench: Workbench) -> None:
    made = await bench.create(options=NO_STEPS)
    drafts = drafts_of(ListType.LINKEDIN, linkedin_leads("ann", "ben"))
    async with bench.database.write() as tx:
        await lead_actions.add_leads(tx, bench.rules, bench.caller, made.id, made.type, drafts)
        erasing = asyncio.create_task(erase_person(bench.database, bench.caller, ANN))
        await asyncio.wait([erasing], timeout=MOMENT_SECONDS)
    assert await erasing == ErasureCounts(entries=1)


async def test_erasure_and_an_import_that_begins_do_not_wait_for_each_other(bench: Workbench) -> None:
    """The import makes its list, and the erasure waits for makers of lists and of imports."""
    new = NewList("List", ListType.LINKEDIN, shared=True, visible=True, options=NO_STEPS)
    async with bench.database.write() as tx:
        owner = await user_rows.get_admin(tx, bench.caller.account_id)
        plan = NewListPlan("List", owner.email)
        row_id, _ = await import_rows.add_import(tx, bench.caller, "leads.csv", plan)
    async with bench.database.write() as tx:
        await import_rows.lock_import(tx, row_id)
        erasing = asyncio.create_task(erase_person(bench.database, bench.caller, ANN))
        await asyncio.wait([erasing], timeout=MOMENT_SECONDS)
        await list_actions.create_list(tx, bench.caller, owner.email, new, 10)
    assert await erasing == ErasureCounts()


async def test_erasures_of_one_person_at_once_count_each_entry_once(bench: Workbench) -> None:
    for _ in range(3):
        await bench.create(linkedin_leads("ann", "ben"))
    done = await asyncio.gather(*(erase_person(bench.database, bench.caller, ANN) for _ in range(4)))
    assert sum(counts.entries for counts in done) == 3
    statuses = await bench.query("SELECT queued, processing, done, failed FROM lead_lists")
    assert {tuple(row) for row in statuses} == {(1, 0, 0, 0)}


async def test_batches_are_read_through_to_the_end(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadyard.actions.person_records.BATCH_ENTRIES", 3)
    monkeypatch.setattr("leadyard.actions.erasures.BATCH_ERASED", 2)
    leads = [
        {"title": f"Title {number}", "company_name": "Acme", "email": "ann@acme.example"}
        for number in range(7)
    ]
    made = await bench.create(leads, list_type=ListType.TITLES_AND_COMPANY)
    asked = Traces(emails=frozenset(("ann@acme.example",)))
    assert (await erase_person(bench.database, bench.caller, asked)).entries == 7
    assert {entry.raw for entry in await bench.entries(made)} == {"{}"}
    assert {balance.held for balance in (await bench.balances()).values()} == {0}


SPELLINGS = [
    '"email":"ANN@Acme.Example"',
    r'''"email":"\u0061nn@acme.example"''',
    '"email":"ÄNNCHEN@acme.example"',
    '"linkedin_url":"https://LinkedIn.com/in/%61nn"',
    r'''"linkedin_url":"https:\/\/linkedin.com\/in\/Ann"''',
    '"linkedin_url":"linkedin.com/pub/Ann-Lee/1a/2B"',
    '"linkedin_url":"linkedin.com/sales/lead/ACwAnn,NAME_SEARCH"',
]
"""Of one person, in the words of leads."""


async def test_person_is_found_however_a_lead_spells_them(bench: Workbench) -> None:
    count = len(SPELLINGS)
    leads = [{"title": f"T {number}", "company_name": "Acme"} for number in range(count + 3)]
    made = await bench.create(leads, NO_STEPS, ListType.TITLES_AND_COMPANY)
    change = "UPDATE lead_list_entries SET lead = :lead, findings = :findings WHERE sequence = :sequence"
    for place, told in enumerate(SPELLINGS):
        lead = f'{{"title":"T {place}","company_name":"Acme",{told}}}'
        findings = '{"person":{"id":"P-Ann"}}' if place == 0 else None
        await bench.write(change, lead=lead, findings=findings, sequence=place + 1)
    found = '{"person":{"id":"P-Ann","headline":"Leads"}}'
    await bench.write(change, lead='{"title":"T","company_name":"Acme"}', findings=found, sequence=count + 1)
    emails = frozenset(("ann@acme.example", "ännchen@acme.example"))
    asked = Traces(emails, frozenset(("ann", "ann-lee/1a/2b", "sales:ACwAnn")))
    assert (await erase_person(bench.database, bench.caller, asked)).entries == count + 1
    assert [entry.raw == "{}" for entry in await bench.entries(made)] == [True] * (count + 1) + [False] * 2


async def test_lists_end_whole_while_their_leads_are_erased(client: Client, service: Service) -> None:
    emails = [f"p{number}@acme.example" for number in range(250)]
    made = await create_list(client, "email", [{"email": email} for email in emails], options=ALL_OPTIONS)
    await service.work()
    for email in emails[::25]:
        assert (await client.post("/erasures", json={"email": email})).json()["entries"] == 1
    found = await service.until_completed(client, made["id"])
    assert found["progress"] == {"total": 250, "queued": 0, "processing": 0, "done": 240, "failed": 0}
    statuses = [lead["status"] for lead in found["leads"]]
    assert (statuses.count("canceled"), statuses.count("done")) == (10, 240)
    await service.require_sound_ledger()


async def test_erased_are_known_by_either_identity_in_their_workspace_only(bench: Workbench) -> None:
    asked = Traces(emails=frozenset(("ann@acme.example",)), profiles=frozenset(("ann",)))
    await erase_person(bench.database, bench.caller, asked)
    here, elsewhere = bench.caller.workspace_id, (await bench.open_account()).workspace_id
    async with bench.database.read() as tx:
        assert await is_erased(tx, here, email_key="ann@acme.example")
        assert await is_erased(tx, here, linkedin_key="ann")
        assert not await is_erased(tx, here, email_key="ann", linkedin_key="ann@acme.example")
        assert not await is_erased(tx, here)
        assert not await is_erased(tx, elsewhere, linkedin_key="ann")
        ben, ann = Identity(profiles=("ben",)), Identity(profiles=("ann",))
        assert await find_suppressed(tx, here, [ben, ann]) == {1: "erased"}
        # Test data has nothing to do with the directory.
        assert await find_erased_anywhere(tx, [ann]) == []


async def test_erasure_waits_for_a_load_that_has_looked_already(bench: Workbench) -> None:
    cells = {"linkedin_url": "linkedin.com/in/ann", "first_name": "Ann"}
    async with bench.database.read() as tx:
        live = await account_rows.get_workspace_id(tx, bench.caller.account_id, Mode.LIVE)
    caller = replace(bench.caller, mode=Mode.LIVE, workspace_id=live)
    async with bench.database.write() as tx:
        await lock_for_loading(tx)
        assert await find_erased_anywhere(tx, [ANN.identity]) == []
        erasing = asyncio.create_task(erase_person(bench.database, caller, ANN))
        await asyncio.wait([erasing], timeout=MOMENT_SECONDS)
        await upsert_people(tx, [read_person(cells)], 1_000)
    assert await erasing == ErasureCounts(directory_people=1)
    assert await bench.query("SELECT id FROM directory_people") == []
