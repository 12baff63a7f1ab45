"""FastAPI and pydantic in front of Leadyard's own actions: the same storing, requests read in another way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import msgspec
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from leadyard.actions.lead_lists import create_list
from leadyard.actions.leads import add_leads
from leadyard.app import build
from leadyard.domain.accounts import Caller
from leadyard.domain.identity import InvalidIdentity, email_keys
from leadyard.domain.lead_lists import ListOptions, NewList
from leadyard.domain.leads import LeadDraft, ListType
from leadyard.settings import load_settings

settings = load_settings()
installation = build(settings)
services = installation.services()


class Lead(BaseModel):
    """A lead with its known fields; others are kept."""

    model_config = ConfigDict(extra="allow")

    email: str
    linkedin_url: str | None = None
    title: str | None = None
    company_name: str | None = None
    company_domain: str | None = None


class NewLeads(BaseModel):
    """The body of a request."""

    type: Literal["email"]
    leads: Annotated[list[Lead], Field(max_length=10_000)]


class Added(BaseModel):
    """The answer."""

    total: int
    added: int


class Made(BaseModel):
    """A new list."""

    id: str


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Migrates, and closes the database in the end."""
    await installation.prepare()
    yield
    await installation.close()


app = FastAPI(lifespan=lifespan)


async def _admit(authorization: str) -> Caller:
    return await services.doorkeeper.admit(authorization.removeprefix("Bearer "))


@app.post("/lists", status_code=202)
async def make_list(authorization: Annotated[str, Header()]) -> Made:
    """A new, empty list without steps."""
    caller = await _admit(authorization)
    new = NewList("benchmark", ListType.EMAIL, True, True, ListOptions())
    async with services.database.write() as tx:
        capacity = services.rules.limits.leads_per_list
        made = await create_list(tx, caller, settings.admin_email, new, capacity)
    return Made(id=made.id)


@app.post("/lists/{list_id}/leads", status_code=202)
async def add(list_id: str, body: NewLeads, authorization: Annotated[str, Header()]) -> Added:
    """Adds what is new."""
    caller = await _admit(authorization)
    try:
        keys = email_keys([lead.email for lead in body.leads])
    except InvalidIdentity as error:
        raise HTTPException(422, error.field) from None
    drafts = [
        LeadDraft(place, key, msgspec.Raw(lead.model_dump_json(exclude_unset=True).encode()), True)
        for place, (key, lead) in enumerate(zip(keys, body.leads, strict=True))
    ]
    async with services.database.write() as tx:
        added = await add_leads(tx, services.rules, caller, list_id, ListType.EMAIL, drafts)
    return Added(total=added.total, added=added.added)
