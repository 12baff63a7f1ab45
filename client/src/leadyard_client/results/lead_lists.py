"""Lead lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

ListType: TypeAlias = Literal["linkedin", "email", "titles_and_company"]
ListStatus: TypeAlias = Literal["queued", "processing", "completed", "canceled"]


@dataclass(frozen=True, slots=True)
class ListOptions:
    """The paid steps that the leads of a list go through."""

    enrich: bool = False
    validate_email: bool = False
    reveal_phone_numbers: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """Leads of a list by state; `total` has canceled ones too."""

    total: int
    queued: int
    processing: int
    done: int
    failed: int

    @property
    def finished(self) -> int:
        """Leads to which nothing more happens, but for canceled ones."""
        return self.done + self.failed


@dataclass(frozen=True, slots=True)
class Pause:
    """Why and since when a list does not go on: `requested`, `spending_limit` or `provider_unavailable`."""

    reason: str
    since: datetime
    provider: str | None = None
    failure: str | None = None
    limit: str | None = None
    needs: float | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeadList:
    """A lead list, without its leads: `list_entries` has those."""

    id: str
    name: str
    status: ListStatus
    type: ListType
    shared: bool
    visible: bool
    owner: str
    options: ListOptions
    progress: Progress
    url: str
    created_at: datetime
    updated_at: datetime
    paused: Pause | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.status in ("completed", "canceled")
