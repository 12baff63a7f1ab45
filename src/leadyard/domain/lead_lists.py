"""A lead list, its settings, its capacity and how far its processing is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from leadyard.domain.accounts import Caller
from leadyard.domain.leads import ListType

CHUNK_SIZE = 250
"""Entries in one job. Its turns at the database take as long for few as for many (docs/decisions/jobs.md)."""
TAGS_A_ROUND = 256
"""More than a chunk has leads."""
SMALL_CHUNK = 25
"""Entries of a chunk that is not worth a job of its own while its list has others to do."""
JOINING_TIME = timedelta(milliseconds=250)
"""How long, at least, the job of a small chunk waits for others to join it, if its list has leads to do."""


class Purpose(StrEnum):
    """What a list is for. Callers see the first kind as lists; the others answer other resources."""

    LIST = "list"
    EMAIL_VALIDATION = "email_validation"
    PERSON_ENRICHMENT = "person_enrichment"
    PERSON_SEARCH = "person_search"


class ListStatus(StrEnum):
    """queued → processing → completed, and back to queued when leads are added; canceled is final."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more happens unless leads are added."""
        return self in (ListStatus.COMPLETED, ListStatus.CANCELED)


ONE_KIND = (Purpose.LIST, Purpose.EMAIL_VALIDATION)
"""The lists whose leads are all identified by the same; in others a key begins with the kind of its lead."""


class ListOptions(msgspec.Struct, frozen=True):
    """The paid steps that the leads of a list go through.

    Enrichment shows, and charges for, an e-mail that the caller had not sent unless `reveal_email` is false.
    """

    reveal_phone_numbers: bool = False
    validate_email: bool = False
    enrich: bool = False
    reveal_email: bool = True


NO_STEPS = ListOptions()
"""Leads are only kept."""


class Progress(msgspec.Struct, frozen=True):
    """Entries of a list by state. Canceled ones are the rest of the total."""

    total: int = 0
    queued: int = 0
    processing: int = 0
    done: int = 0
    failed: int = 0


class PauseReason(StrEnum):
    """Why a list does not go on."""

    REQUESTED = "requested"
    SPENDING_LIMIT = "spending_limit"
    PROVIDER_UNAVAILABLE = "provider_unavailable"


class PauseCause(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a list waits for: that a provider takes calls again, or room for what it is to be asked next.

    `failure` is why the provider takes none. `limit` names the limit without room; what is asked next can
    cost `needs`, in thousandths, and counts under `groups`.
    """

    provider: str
    failure: str | None = None
    limit: str | None = None
    groups: tuple[str, ...] = ()
    needs: int = 0


class Pause(msgspec.Struct, frozen=True):
    """Since when a list does not go on, and why; `until` is when it is looked at again, if that is known.

    Without causes it is looked at at once: something that it may have waited for has changed.
    """

    reason: PauseReason
    since: datetime
    causes: tuple[PauseCause, ...] = ()
    until: datetime | None = None


class LeadList(msgspec.Struct, frozen=True):
    """A lead list as stored. `row_id` and `owner_id` are internal, `id` is the UUIDv7 that callers see.

    `revision` moves whenever entries that had ended are changed.
    `wanted_events` are those that its workspace is to be told of (see domain/events.py).
    `is_emptied`: it was deleted long enough ago that its leads are gone too.
    """

    row_id: int
    id: str
    workspace_id: int
    name: str
    type: ListType
    status: ListStatus
    shared: bool
    visible: bool
    owner_id: int
    owner_email: str
    options: ListOptions
    progress: Progress
    last_sequence: int
    created_at: datetime
    updated_at: datetime
    is_deleted: bool
    pause: Pause | None = None
    purpose: Purpose = Purpose.LIST
    revision: int = 0
    wanted_events: frozenset[str] = frozenset()
    is_emptied: bool = False

    def wants(self, event: str) -> bool:
        """Whether somebody is to be told of such an event of this list; of batches nobody is."""
        return self.purpose is Purpose.LIST and event in self.wanted_events

    def is_of(self, caller: Caller) -> bool:
        """Whether the caller acts for the owner, or is an admin."""
        return caller.viewer_id in (None, self.owner_id)

    def is_visible_to(self, caller: Caller) -> bool:
        """Whether the caller may know of the list: one that is not shared is its owner's and the admins'."""
        return self.shared or self.is_of(caller)

    def with_leads(self, added: int) -> LeadList:
        """The list with so many leads more."""
        progress = replace(self.progress, total=self.progress.total + added)
        return replace(self, progress=progress, last_sequence=self.last_sequence + added)


class NewList(msgspec.Struct, frozen=True):
    """What a list is created with."""

    name: str
    type: ListType
    shared: bool
    visible: bool
    options: ListOptions
    purpose: Purpose = Purpose.LIST


class Chunk(msgspec.Struct, frozen=True):
    """The work of one job: the entries of a list between two sequences, both included.

    They came with one addition, or with several that have the same terms; `addition_id` is the first.
    """

    list_id: int
    addition_id: int
    first_sequence: int
    last_sequence: int

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self.last_sequence - self.first_sequence + 1

    @property
    def is_small(self) -> bool:
        """Whether it has so few entries that it rather joins another."""
        return self.size <= SMALL_CHUNK


def split_into_chunks(list_id: int, addition_id: int, first: int, last: int) -> list[Chunk]:
    """The sequences `first` to `last` in chunks of CHUNK_SIZE; one empty chunk where there are none.

    The empty chunk lets a worker complete a list created without leads, as any other.
    """
    starts = range(first, max(last, first) + 1, CHUNK_SIZE)
    return [Chunk(list_id, addition_id, start, min(start + CHUNK_SIZE - 1, last)) for start in starts]


def join_chunks(chunks: Iterable[tuple[Chunk, object]]) -> list[Chunk]:
    """Chunks of a list in their order, of which those are one that follow each other and have the same terms.

    None gets larger than CHUNK_SIZE. Each comes with its terms, which may be anything that can be compared.
    """
    joined: list[Chunk] = []
    last_terms: object = None
    for chunk, terms in chunks:
        last = joined[-1] if joined else None
        if (
            last is not None
            and terms == last_terms
            and last.last_sequence + 1 == chunk.first_sequence
            and last.size + chunk.size <= CHUNK_SIZE
        ):
            joined[-1] = replace(last, last_sequence=chunk.last_sequence)
        else:
            joined.append(chunk)
        last_terms = terms
    return joined


def tag_chunks(chunks: Sequence[Chunk], pending: int, clock: int = 0) -> list[int]:
    """The tags that chunks of one list wait by, lowest first, behind the `pending` ones that it has waiting.

    Start-time fair queueing: in each round every list has a chunk, and a new list begins in the round that
    the `clock`, the lowest tag that could be begun now, is in. In a round the smallest come first: who has
    few leads does not wait until everybody has had a turn.
    """
    now = clock - clock % TAGS_A_ROUND
    sizes = (min(chunk.size, TAGS_A_ROUND - 1) for chunk in chunks)
    return [now + turn * TAGS_A_ROUND + size for turn, size in enumerate(sizes, pending)]


def entry_id(list_id: str, sequence: int) -> str:
    """The public id of an entry: the list's id with the sequence in its last 32 bits.

    Nothing is stored or indexed for it, and it sorts in the order of the list.
    """
    return f"{list_id[:28]}{sequence:08x}"


def entry_sequence(list_id: str, entry: str) -> int | None:
    """The sequence that an entry id of this list stands for; None for any other text."""
    if len(entry) != len(list_id) or not entry.startswith(list_id[:28]):
        return None
    digits = entry[28:]
    if any(digit not in "0123456789abcdef" for digit in digits):
        return None
    return int(digits, 16)


_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(text: str) -> bool:
    """Whether a text has the form of a public id."""
    return _ID.fullmatch(text) is not None
