"""An installation taken apart: accounts made at will, chunks run by hand, with a clock and stand-ins."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import text
from tests.support.stand_ins import Clock, StandIn

from leadyard.actions import lead_lists as list_actions
from leadyard.actions import leads as lead_actions
from leadyard.actions.lead_lists import ListChanges
from leadyard.actions.leads import AddedLeads
from leadyard.actions.rules import Rules
from leadyard.app import Leadyard, build
from leadyard.domain.accounts import Caller, Mode, Role
from leadyard.domain.credits import Balance, CreditKind, Reason
from leadyard.domain.drafting import draft_leads, split_leads
from leadyard.domain.entries import Entry
from leadyard.domain.lead_lists import Chunk, LeadList, ListOptions, NewList
from leadyard.domain.leads import LeadDraft, ListType
from leadyard.domain.pages import PageRequest
from leadyard.domain.providers import MeteredProvider, MeteredValidator
from leadyard.pipeline.identities import Identities
from leadyard.pipeline.process_leads import Pipeline, process_leads
from leadyard.pipeline.provider_desk import MakeProvider, MakeValidator, ProviderDesk
from leadyard.settings import Settings
from leadyard.storage import accounts as account_rows
from leadyard.storage import api_keys as key_rows
from leadyard.storage import credits as ledger
from leadyard.storage import leads as lead_rows
from leadyard.storage import users as user_rows
from leadyard.storage.api_keys import NewKey
from leadyard.storage.credits import Asker
from leadyard.storage.database import Database
from leadyard.storage.sealing import Sealer
from leadyard.worker.upkeep import resume_paused

ALL_STEPS = ListOptions(reveal_phone_numbers=True, validate_email=True, enrich=True)
PLENTY = 1_000_000_000
"""Milli-credits that no test uses up."""

_numbers = count(1)


def drafts_of(list_type: ListType, leads: Sequence[Mapping[str, Any]]) -> list[LeadDraft]:
    """Leads as the API hands them over, once they are checked."""
    drafts, faults = draft_leads(list_type, split_leads(msgspec.Raw(json.dumps(list(leads)).encode())))
    assert faults == []
    return drafts


def linkedin_leads(*slugs: str, **more: str) -> list[dict[str, str]]:
    """Leads that are known by their profile."""
    return [{"linkedin_url": f"linkedin.com/in/{slug}", **more} for slug in slugs]


def _make_nothing(kind: str, key: str, options: Mapping[str, Any]) -> MeteredProvider:
    raise ValueError(kind)


def _make_no_validator(kind: str, key: str, options: Mapping[str, Any]) -> MeteredValidator:
    raise ValueError(kind)


def make_desk(
    database: Database,
    service: StandIn,
    clock: Callable[[], datetime],
    make: MakeProvider = _make_nothing,
    make_validator: MakeValidator = _make_no_validator,
) -> ProviderDesk:
    """The desk of an installation whose own providers are the stand-in."""
    own = {mode: service.providers() for mode in Mode}
    identities = Identities(database)
    return ProviderDesk(database, identities, own, make, make_validator, Sealer(b"secret"), clock=clock)


class Workbench(msgspec.Struct):
    """The parts of one installation, and an account to work for."""

    installation: Leadyard
    database: Database
    pipeline: Pipeline
    rules: Rules
    caller: Caller
    clock: Clock
    service: StandIn
    stop: asyncio.Event = msgspec.field(default_factory=asyncio.Event)

    async def open_account(self, *, email: int = PLENTY, phone: int = PLENTY) -> Caller:
        """A new account, whom its admin calls for; the amounts are milli-credits of test data."""
        number = next(_numbers)
        async with self.database.write() as tx:
            account, workspaces = await account_rows.create_account(tx, f"Account {number}")
            address = f"admin-{number}@account.example"
            admin = await user_rows.add_user(tx, account.row_id, "Admin", address, Role.ADMIN)
            assert admin is not None
            workspace_id = workspaces[Mode.TEST]
            await ledger.open_balances(tx, workspace_id)
            for kind, amount in ((CreditKind.EMAIL, email), (CreditKind.PHONE, phone)):
                if amount:
                    await ledger.grant_credits(tx, Asker(workspace_id), kind, amount, Reason.GRANT, None)
            digest = self.installation.digest(f"ly_test_{number}_{address}")
            await key_rows.add_api_key(
                tx, workspace_id, admin.row_id, NewKey("key", Role.ADMIN, digest, "0000")
            )
            found = await key_rows.find_caller(tx, digest)
            assert found is not None
            return found[1]

    async def live(self) -> None:
        """From now on the caller works on the live data of their account."""
        if self.caller.mode is Mode.LIVE:
            return
        async with self.database.write() as tx:
            workspace_id = await account_rows.get_workspace_id(tx, self.caller.account_id, Mode.LIVE)
            await ledger.open_balances(tx, workspace_id)
            for kind in CreditKind:
                await ledger.grant_credits(tx, Asker(workspace_id), kind, PLENTY, Reason.GRANT, None)
        self.caller = replace(self.caller, workspace_id=workspace_id, mode=Mode.LIVE)

    async def resume_paused(self) -> int:
        """Goes on with lists that have room again, as the worker's upkeep does."""
        return await resume_paused(self.database)

    async def create(
        self,
        leads: Sequence[Mapping[str, Any]] = (),
        options: ListOptions = ALL_STEPS,
        list_type: ListType = ListType.LINKEDIN,
        caller: Caller | None = None,
    ) -> LeadList:
        """A new list with these leads, as POST /lead-lists makes it."""
        caller = caller or self.caller
        new = NewList("List", list_type, shared=True, visible=True, options=options)
        drafts = drafts_of(list_type, leads)
        async with self.database.write() as tx:
            users = await user_rows.list_users(tx, caller.account_id, PageRequest(1))
            assert users is not None
            capacity = self.rules.limits.leads_per_list
            made = await list_actions.create_list(tx, caller, users.items[0].email, new, capacity)
            await lead_actions.add_to_locked_list(tx, self.rules, caller, made, drafts)
        return await self.read(made, caller)

    async def add(
        self, lead_list: LeadList, leads: Sequence[Mapping[str, Any]], caller: Caller | None = None
    ) -> AddedLeads:
        """Adds leads, as POST /lead-lists/{id}/leads does."""
        drafts = drafts_of(lead_list.type, leads)
        async with self.database.write() as tx:
            return await lead_actions.add_leads(
                tx, self.rules, caller or self.caller, lead_list.id, lead_list.type, drafts
            )

    async def cancel(self, lead_list: LeadList, caller: Caller | None = None) -> None:
        """Cancels a list, as PATCH does."""
        async with self.database.write() as tx:
            changes = ListChanges(cancel=True)
            await list_actions.update_list(tx, caller or self.caller, lead_list.id, changes)

    async def delete(self, lead_list: LeadList, caller: Caller | None = None) -> None:
        """Deletes a list."""
        async with self.database.write() as tx:
            await list_actions.delete_list(tx, caller or self.caller, lead_list.id)

    async def grant(self, kind: CreditKind, amount: int, caller: Caller | None = None) -> None:
        """Adds milli-credits."""
        asker = Asker((caller or self.caller).workspace_id)
        async with self.database.write() as tx:
            await ledger.grant_credits(tx, asker, kind, amount, Reason.GRANT, None)

    async def read(self, lead_list: LeadList, caller: Caller | None = None) -> LeadList:
        """The list as it is now."""
        async with self.database.read() as tx:
            return await list_actions.get_list(tx, caller or self.caller, lead_list.id)

    async def entries(self, lead_list: LeadList) -> list[Entry]:
        """The list's first 1,000 entries, with all their findings."""
        async with self.database.read() as tx:
            found = await lead_rows.list_some_entries(tx, lead_list.row_id, set(range(1, 1001)))
        return [found[sequence] for sequence in sorted(found)]

    async def balances(self, caller: Caller | None = None) -> dict[CreditKind, Balance]:
        """Both balances."""
        async with self.database.read() as tx:
            return await ledger.list_balances(tx, (caller or self.caller).workspace_id)

    async def charges(self, caller: Caller | None = None) -> list[tuple[Reason, int]]:
        """Reason and amount of every charge, in the order they were made."""
        rows = await self.query(
            "SELECT reason, amount FROM credit_entries WHERE workspace_id = :id AND amount < 0 ORDER BY id",
            id=(caller or self.caller).workspace_id,
        )
        return [(Reason(row.reason), -row.amount) for row in rows]

    async def chunks(self, lead_list: LeadList) -> list[Chunk]:
        """The chunks of a list that wait for a worker, first the one whose turn it is."""
        if self.database.is_sqlite:
            statement = (
                "SELECT list_id, addition_id, first_sequence, last_sequence FROM chunks "
                "WHERE list_id = :id ORDER BY tag, id"
            )
        else:
            columns = ("list_id", "addition_id", "first_sequence", "last_sequence")
            values = ", ".join(f"CAST(args ->> '{name}' AS bigint)" for name in columns)
            statement = (
                f"SELECT {values} FROM procrastinate_jobs "
                "WHERE CAST(args ->> 'list_id' AS bigint) = :id ORDER BY priority DESC, id"
            )
        return [Chunk(*row) for row in await self.query(statement, id=lead_list.row_id)]

    async def run(self, chunk: Chunk) -> datetime | None:
        """Runs a chunk once, as a worker does."""
        return await process_leads(self.pipeline, chunk, self.stop)

    async def finish(self, lead_list: LeadList) -> int:
        """Runs every chunk of a list, moving the clock on when it waits; how often chunks were begun."""
        runs = 0
        for chunk in await self.chunks(lead_list):
            run_at: datetime | None = self.clock.now
            while run_at is not None:
                self.clock.now = max(self.clock.now, run_at)
                run_at = await self.run(chunk)
                runs += 1
        return runs

    async def query(self, statement: str, **parameters: Any) -> list[Any]:
        """Rows from the database."""
        async with self.database.read() as tx:
            return list((await tx.conn.execute(text(statement), parameters)).all())

    async def write(self, statement: str, **parameters: Any) -> None:
        """Changes the database behind the service's back."""
        async with self.database.write() as tx:
            await tx.conn.execute(text(statement), parameters)


@asynccontextmanager
async def open_workbench(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Workbench]:
    """A workbench over an installation that is set up, closed in the end. Its time stands still by itself."""
    clock, service = clock or Clock(), StandIn()
    built = build(settings)
    await built.database.close()
    database = Database(settings.url, built.dispatcher, clock, built.digest)
    pipeline = Pipeline(database, make_desk(database, service, clock), clock)
    rules = Rules(settings.limits, settings.prices)
    nobody = Caller(0, 0, Mode.TEST, 0, 0, Role.ADMIN)
    bench = Workbench(replace(built, database=database), database, pipeline, rules, nobody, clock, service)
    bench.caller = await bench.open_account()
    try:
        yield bench
    finally:
        await database.close()
