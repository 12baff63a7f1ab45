"""FastAPI, pydantic and SQLAlchemy as their documentation has it: models, a session a request, one upsert."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import JSON, Engine, UniqueConstraint, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ["PEER_DATABASE_URL"]


class Lead(BaseModel):
    """A lead with its known fields; others are kept."""

    model_config = ConfigDict(extra="allow")

    email: EmailStr
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


class Base(DeclarativeBase):
    """What the models have in common."""


class Entry(Base):
    """A stored lead."""

    __tablename__ = "entries"
    __table_args__ = (UniqueConstraint("list_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int]
    key: Mapped[str]
    lead: Mapped[dict[str, Any]] = mapped_column(JSON)


def make_engine(url: str) -> Engine:
    """The engine; SQLite as durable as the service has it."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")

    return engine


engine = make_engine(DATABASE_URL)
Base.metadata.create_all(engine)
insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
app = FastAPI()


def get_session() -> Iterator[Session]:
    """A session for a request."""
    with Session(engine) as session:
        yield session


@app.post("/lists/{list_id}/leads", status_code=202)
def add_leads(list_id: int, body: NewLeads, session: Annotated[Session, Depends(get_session)]) -> Added:
    """Adds what is new."""
    rows = [
        {"list_id": list_id, "key": lead.email.lower(), "lead": lead.model_dump(mode="json")}
        for lead in body.leads
    ]
    statement = insert(Entry).on_conflict_do_nothing(index_elements=["list_id", "key"]).returning(Entry.id)
    added = session.scalars(statement, rows).all()
    session.commit()
    return Added(total=len(rows), added=len(added))
