"""What adding leads comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from leadyard_client.results.credits import Cost


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Leads by what became of them."""

    added: int = 0
    duplicate_in_batch: int = 0
    duplicate_in_list: int = 0
    over_capacity: int = 0
    suppressed: int = 0


@dataclass(frozen=True, slots=True)
class Added:
    """What adding leads came to; `addition_ids` are those of the batches, for `get_addition`.

    `replayed` is how many of the leads came with an idempotency key that was used before: they were not
    looked at again, and the answer is that of the time.
    """

    lead_list_id: str
    total: int
    total_added_to_lead_list: int
    addition_ids: tuple[str, ...]
    replayed: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A lead that was not added: its place in the batch, why, and what it is a duplicate of.

    `duplicate_of` is the index of the earlier lead of the batch, or the id of the entry that was there.
    """

    index: int
    outcome: Literal["duplicate_in_batch", "duplicate_in_list", "over_capacity", "suppressed"]
    duplicate_of: int | str | None


@dataclass(frozen=True, slots=True)
class Spent:
    """Credits of one kind that an addition holds now and has spent."""

    held: float
    spent: float


@dataclass(frozen=True, slots=True)
class AdditionCredits:
    """Credits of both kinds."""

    email: Spent
    phone: Spent


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked: the name of the key and the e-mail of its user."""

    key: str | None
    user: str | None


@dataclass(frozen=True, slots=True)
class Addition:
    """One batch of leads, and the fate of every lead of it that was not added."""

    id: str
    lead_list_id: str
    created_at: datetime
    total: int
    total_added_to_lead_list: int
    counts: OutcomeCounts
    credits: AdditionCredits
    caller: Asker
    leads: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What adding leads would come to."""

    total: int
    total_added_to_lead_list: int
    counts: OutcomeCounts
    cost: Cost


@dataclass(frozen=True, slots=True)
class Reopening:
    """How many leads are taken up again, and what that can cost."""

    total: int
    cost: Cost
