"""Leads: add, preview, read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote

from leadyard_client.chunks import NO_LEADS, Chunk, Lead, split
from leadyard_client.errors import ApiError, LeadyardError, move_leads
from leadyard_client.plans import Pages, Plan, ask, get, paged, post
from leadyard_client.results.accounts import NormalizedLead
from leadyard_client.results.additions import Added, Addition, OutcomeCounts, Preview
from leadyard_client.results.credits import Cost, CostRange
from leadyard_client.results.entries import Entry, EntryDetail
from leadyard_client.results.lead_lists import ListType

OnAdded = Callable[[Added], None]


def add_leads(
    list_id: str,
    type: ListType,
    leads: Iterable[Lead],
    *,
    idempotency_key: str | None = None,
    on_progress: OnAdded | None = None,
) -> Plan[Added]:
    """Adds any number of leads, 10,000 a batch, and tells `on_progress` after each what was added so far.

    Batch n has the idempotency key `{idempotency_key}-{n}`, from 0: the same call made again within 24 hours
    adds and costs nothing more, and tells the same. Where a batch is refused, the error's pointers count all
    leads of the call, and its `partial` tells what was added before.
    """
    begun = Added(list_id, 0, 0, ())
    chunks = split(leads)
    return (yield from add_chunks(begun, type, chunks, idempotency_key, on_progress))


def add_chunks(
    begun: Added,
    list_type: ListType,
    chunks: Iterable[Chunk],
    idempotency_key: str | None,
    on_progress: OnAdded | None,
) -> Plan[Added]:
    """Adds batches after what was added already."""
    added = begun
    for number, chunk in enumerate(chunks):
        key = None if idempotency_key is None else f"{idempotency_key}-{number}"
        try:
            added = yield from _add_chunk(added, list_type, chunk, key)
        except ApiError as error:
            moved = move_leads(error, chunk.offset)
            moved.partial = added
            raise moved from None
        except LeadyardError as error:
            error.partial = added
            raise
        if on_progress is not None:
            on_progress(added)
    return added


def _add_chunk(before: Added, list_type: ListType, chunk: Chunk, key: str | None) -> Plan[Added]:
    path = f"/lead-lists/{quote(before.lead_list_id, safe='')}/leads"
    reply = yield from ask(post(path, chunk.body(type=list_type), idempotency_key=key))
    answered = reply.as_result(_Answered)
    addition_id = reply.headers.get("location", "").rpartition("/")[2]
    return Added(
        before.lead_list_id,
        before.total + answered.total,
        before.total_added_to_lead_list + answered.total_added_to_lead_list,
        (*before.addition_ids, addition_id) if addition_id else before.addition_ids,
        before.replayed + (answered.total if "idempotent-replayed" in reply.headers else 0),
    )


@dataclass(frozen=True, slots=True)
class _Answered:
    total: int
    total_added_to_lead_list: int


def preview_leads(
    list_id: str,
    type: ListType,
    leads: Iterable[Lead],
) -> Plan[Preview]:
    """What adding leads would come to and could cost. Nothing is stored.

    Each 10,000 are looked at by themselves: of more, duplicates of each other and the room of the list are
    counted too well.
    """
    path = f"/lead-lists/{quote(list_id, safe='')}/leads"
    previews = []
    for chunk in split(leads):
        request = post(path, chunk.body(type=type), query={"dry_run": True})
        try:
            previews.append((yield from ask(request)).as_result(Preview))
        except ApiError as error:
            raise move_leads(error, chunk.offset) from None
    if not previews:
        request = post(path, NO_LEADS.body(type=type), query={"dry_run": True})
        previews.append((yield from ask(request)).as_result(Preview))
    return _sum_previews(previews)


def _sum_previews(previews: list[Preview]) -> Preview:
    names = OutcomeCounts.__dataclass_fields__
    return Preview(
        sum(each.total for each in previews),
        sum(each.total_added_to_lead_list for each in previews),
        OutcomeCounts(**{name: sum(getattr(each.counts, name) for each in previews) for name in names}),
        Cost(
            _sum_ranges([each.cost.email for each in previews]),
            _sum_ranges([each.cost.phone for each in previews]),
        ),
    )


def _sum_ranges(ranges: list[CostRange]) -> CostRange:
    """Rounded to the thousandths that credits have."""
    return CostRange(
        round(sum(each.least for each in ranges), 3), round(sum(each.most for each in ranges), 3)
    )


def list_entries(list_id: str, *, page_size: int = 1_000) -> Pages[Entry]:
    """The leads of a list, in the order they were added, with what was found."""
    path = f"/lead-lists/{quote(list_id, safe='')}"
    return paged(path, "leads", Entry, {"page[size]": page_size})


def get_entry(list_id: str, entry_id: str) -> Plan[EntryDetail]:
    """One lead with its outcomes, where each value came from, and who was asked."""
    path = f"/lead-lists/{quote(list_id, safe='')}/entries/{quote(entry_id, safe='')}"
    return (yield from ask(get(path))).as_result(EntryDetail)


def get_addition(list_id: str, addition_id: str) -> Plan[Addition]:
    """One batch of leads that was added, and the fate of each lead of it that was not."""
    path = f"/lead-lists/{quote(list_id, safe='')}/additions/{quote(addition_id, safe='')}"
    return (yield from ask(get(path))).as_result(Addition)


def normalize(
    type: ListType,
    leads: Iterable[Lead],
) -> Plan[list[NormalizedLead]]:
    """The identity of each lead, in the order given, or what is wrong with it. Costs and stores nothing."""
    results: list[NormalizedLead] = []
    for chunk in split(leads):
        reply = yield from ask(post("/normalize", chunk.body(type=type)))
        answered = reply.as_result(_Normalized).results
        results += [replace(each, index=each.index + chunk.offset) for each in answered]
    return results


@dataclass(frozen=True, slots=True)
class _Normalized:
    results: tuple[NormalizedLead, ...]
