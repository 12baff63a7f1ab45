"""An addition: one POST of leads, and what became of each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from leadyard.domain.credits import Cost, Prices, SpentLine, cost_of_lines, total_cost
from leadyard.domain.leads import LeadDraft


class LeftOut(StrEnum):
    """Why a lead was not added (contract §2)."""

    DUPLICATE_IN_BATCH = "duplicate_in_batch"
    DUPLICATE_IN_LIST = "duplicate_in_list"
    OVER_CAPACITY = "over_capacity"
    SUPPRESSED = "suppressed"


class Fate(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What became of a lead that was not added.

    `place` is its index in the request. `duplicate_of` is the index of the first lead of the request
    with the same key, or the sequence of the entry that the list had already.
    """

    place: int
    outcome: LeftOut
    duplicate_of: int | None = None


class Selection(msgspec.Struct, frozen=True):
    """The leads of a request that a list takes, in the order sent, and the fate of the others."""

    accepted: list[LeadDraft]
    left_out: list[Fate]


class SourceRequest(msgspec.Struct, frozen=True):
    """The request that something is done for: its id, and its place in a trace (W3C Trace Context)."""

    request_id: str | None = None
    traceparent: str | None = None


class Addition(msgspec.Struct, frozen=True):
    """The record of one addition. Amounts are milli-credits; `held` is what is still held."""

    row_id: int
    id: str
    list_id: str
    total: int
    first_sequence: int
    added: int
    left_out: Sequence[Fate]
    held: Cost
    spent: Cost
    key_name: str | None
    user_email: str | None
    created_at: datetime


class FewLeads(msgspec.Struct, frozen=True):
    """So few leads for a list that they may join the job of others, and by what they would be charged.

    `latest` is when such a job has to be due.
    """

    list_public_id: str
    count: int
    prices: Prices
    key_id: int | None
    user_id: int | None
    latest: datetime


class HoldSettlement(msgspec.Struct, frozen=True):
    """What finished leads of an addition take out of its hold, and what they cost."""

    released: Cost
    spent: Cost

    def release_at_most(self, held: Cost) -> HoldSettlement:
        """The same, but that no more is released than is held."""
        released = Cost(min(self.released.email, held.email), min(self.released.phone, held.phone))
        return replace(self, released=released)


def settle_each(
    additions: Sequence[tuple[int, int]], released: Mapping[int, Cost], spent: Sequence[SpentLine]
) -> dict[int, HoldSettlement]:
    """What leads come to for each of the additions that they came with.

    `additions` are in order, each with its first sequence and its row id. `released` is by sequence.
    """
    firsts = [first for first, _ in additions]

    def row_id_of(sequence: int) -> int:
        return additions[bisect_right(firsts, sequence) - 1][1]

    releases: defaultdict[int, list[Cost]] = defaultdict(list)
    lines: defaultdict[int, list[SpentLine]] = defaultdict(list)
    for sequence, cost in released.items():
        releases[row_id_of(sequence)].append(cost)
    for line in spent:
        lines[row_id_of(line.sequence)].append(line)
    return {
        row_id: HoldSettlement(total_cost(costs), cost_of_lines(lines[row_id]))
        for row_id, costs in releases.items()
    }


def select_leads(
    drafts: Sequence[LeadDraft],
    existing: dict[str, int],
    room: int,
    suppressed: Collection[int] = frozenset(),
) -> Selection:
    """Which drafts a list takes: the first of each key that it does not have, while there is room.

    `existing` maps those keys of the request that are in the list already to their sequence there.
    `suppressed` are the places of leads that may not be stored, whatever else holds for them.
    """
    selector = Selector(existing, room, suppressed)
    selector.take(drafts)
    return selector.selection


class Selector:
    """As `select_leads`, for leads that come some at a time; `selection` is what those so far came to."""

    def __init__(
        self, existing: dict[str, int], room: int, suppressed: Collection[int] = frozenset()
    ) -> None:
        self.selection = Selection([], [])
        self._existing = existing
        self._room = room
        self._suppressed = suppressed
        self._first_place: dict[str, int] = {}

    def take(self, drafts: Sequence[LeadDraft]) -> Sequence[LeadDraft]:
        """Those of the next drafts that the list takes."""
        taken = drafts if self._are_all_new(drafts) else self._take_each(drafts)
        self.selection.accepted.extend(taken)
        self._room -= len(taken)
        return taken

    def _are_all_new(self, drafts: Sequence[LeadDraft]) -> bool:
        """Whether nothing keeps any of them out, by one look at all of them; then their keys are noted.

        Where some were left out there are most often more, and the look is in vain.
        """
        if self._existing or self._suppressed or self.selection.left_out or len(drafts) > self._room:
            return False
        places = {draft.key: draft.place for draft in drafts}
        if len(places) < len(drafts) or not self._first_place.keys().isdisjoint(places):
            return False
        self._first_place.update(places)
        return True

    def _take_each(self, drafts: Sequence[LeadDraft]) -> list[LeadDraft]:
        accepted: list[LeadDraft] = []
        left_out, existing, suppressed = self.selection.left_out, self._existing, self._suppressed
        first_place, room = self._first_place, self._room
        for draft in drafts:
            key, place = draft.key, draft.place
            if place in suppressed:
                left_out.append(Fate(place, LeftOut.SUPPRESSED))
                continue
            earlier = first_place.setdefault(key, place)
            if earlier != place:
                left_out.append(Fate(place, LeftOut.DUPLICATE_IN_BATCH, earlier))
            elif (sequence := existing.get(key)) is not None:
                left_out.append(Fate(place, LeftOut.DUPLICATE_IN_LIST, sequence))
            elif len(accepted) < room:
                accepted.append(draft)
            else:
                left_out.append(Fate(place, LeftOut.OVER_CAPACITY))
        return accepted


def sequences_by_place(total: int, first_sequence: int, left_out: Sequence[Fate]) -> list[int | None]:
    """The sequence of each lead sent, by its place in the request.

    A duplicate within the request has that of the lead it repeats; None is a lead that was not stored.
    """
    fates = {fate.place: fate for fate in left_out}
    sequences: list[int | None] = []
    next_sequence = first_sequence
    for place in range(total):
        fate = fates.get(place)
        if fate is None:
            sequences.append(next_sequence)
            next_sequence += 1
        elif fate.outcome is LeftOut.DUPLICATE_IN_BATCH and fate.duplicate_of is not None:
            sequences.append(sequences[fate.duplicate_of])
        else:
            sequences.append(None)
    return sequences


def count_outcomes(left_out: Sequence[Fate]) -> dict[LeftOut, int]:
    """How many leads were left out, by reason; every reason is named."""
    counts = dict.fromkeys(LeftOut, 0)
    for fate in left_out:
        counts[fate.outcome] += 1
    return counts


def split_by_email(drafts: Sequence[LeadDraft]) -> tuple[int, int]:
    """How many of the drafts came with a usable e-mail, and how many without."""
    with_email = [draft.has_email for draft in drafts].count(True)
    return with_email, len(drafts) - with_email
