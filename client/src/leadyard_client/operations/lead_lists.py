"""Lead lists: make, find, read, change, pause, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any
from urllib.parse import quote

from leadyard_client.chunks import NO_LEADS, Lead, split
from leadyard_client.errors import Gone, LeadyardError
from leadyard_client.operations.accounts import list_users
from leadyard_client.operations.leads import add_chunks
from leadyard_client.plans import Pages, Plan, ask, change, fetch, get, paged, post, without_none
from leadyard_client.results.additions import Added, Reopening
from leadyard_client.results.lead_lists import LeadList, ListStatus, ListType

OnAdded = Callable[[Added], None]


def path_of(list_id: str, *more: str) -> str:
    """The path of a list, or of something below it."""
    return "/".join(["/lead-lists", *(quote(part, safe="") for part in (list_id, *more))])


def create_list(
    type: ListType,
    leads: Iterable[Lead] = (),
    *,
    name: str | None = None,
    owner: str | None = None,
    shared: bool = True,
    visible: bool | None = None,
    enrich: bool = False,
    validate_email: bool = False,
    reveal_phone_numbers: bool = False,
    idempotency_key: str | None = None,
    on_progress: OnAdded | None = None,
) -> Plan[LeadList]:
    """Makes a list, with any number of leads: it is made with the first 10,000, and the others are added.

    `owner` is the e-mail of a user, the first active admin unless given. Where adding the others fails, the
    error's `partial` tells the list's id and what was added.
    """
    chunks = split(leads)
    first = next(chunks, NO_LEADS)
    members = without_none(
        type=type,
        name=name,
        shared=shared,
        visible=visible,
        owner=owner or (yield from _find_owner()),
        options={
            "enrich": enrich,
            "validate_email": validate_email,
            "reveal_phone_numbers": reveal_phone_numbers,
        },
    )
    request = post("/lead-lists", first.body(**members), idempotency_key=idempotency_key)
    created = (yield from ask(request)).as_result(LeadList)
    second = next(chunks, None)
    if second is None:
        return created
    begun = Added(created.id, first.count, created.progress.total, ())
    rest = chain([second], chunks)
    yield from add_chunks(begun, type, rest, request.idempotency_key, on_progress)
    return (yield from get_list(created.id))


def _find_owner() -> Plan[str]:
    pages: Pages[Any] | None = list_users()
    while pages is not None:
        users, pages = yield from fetch(pages)
        for user in users:
            if user.role == "admin" and user.status == "active":
                return str(user.email)
    raise LeadyardError("The account has no active admin to own the list: name an owner.")


def list_lists(
    *,
    status: ListStatus | None = None,
    type: ListType | None = None,
    owner_email: str | None = None,
    name: str | None = None,
    shared: bool | None = None,
    page_size: int = 100,
) -> Pages[LeadList]:
    """The lists that the key may see, newest first; `name` is a part of the name, in any letter case."""
    query = {
        "status": status,
        "type": type,
        "owner_email": owner_email,
        "name": name,
        "shared": shared,
        "page[size]": page_size,
    }
    return paged("/lead-lists", "lead_lists", LeadList, query)


def get_list(list_id: str) -> Plan[LeadList]:
    """One list, without its leads."""
    return (yield from ask(get(path_of(list_id), {"page[size]": 1}))).as_result(LeadList)


def update_list(
    list_id: str,
    *,
    name: str | None = None,
    shared: bool | None = None,
    visible: bool | None = None,
    owner: str | None = None,
    enrich: bool | None = None,
    validate_email: bool | None = None,
    reveal_phone_numbers: bool | None = None,
) -> Plan[LeadList]:
    """Changes what is given. New options are for leads that are added from now on."""
    options = without_none(
        enrich=enrich, validate_email=validate_email, reveal_phone_numbers=reveal_phone_numbers
    )
    body = without_none(name=name, shared=shared, visible=visible, owner=owner, options=options or None)
    return (yield from ask(change("PATCH", path_of(list_id), body))).as_result(LeadList)


def cancel_list(list_id: str) -> Plan[LeadList]:
    """Stops what has not begun, for good. Nothing is charged afterwards."""
    body = {"status": "canceled"}
    return (yield from ask(change("PATCH", path_of(list_id), body))).as_result(LeadList)


def delete_list(list_id: str) -> Plan[None]:
    """Deletes a list; every later call on it raises Gone."""
    try:
        yield from ask(change("DELETE", path_of(list_id)))
    except Gone as error:
        if error.attempts == 1:
            raise
        # The answer to the attempt before was lost, but the list was deleted by it.


def pause_list(list_id: str) -> Plan[LeadList]:
    """Begins nothing more of a list; leads under way are finished."""
    return (yield from ask(post(path_of(list_id, "pause")))).as_result(LeadList)


def resume_list(list_id: str) -> Plan[LeadList]:
    """Goes on with a paused list."""
    return (yield from ask(post(path_of(list_id, "resume")))).as_result(LeadList)


def retry_list(list_id: str, *, dry_run: bool = False) -> Plan[Reopening]:
    """Takes up again the leads that failed, and the steps whose provider was unavailable."""
    return (yield from _reopen(list_id, "retry", {}, dry_run=dry_run))


def refresh_list(
    list_id: str, *, older_than_days: int | None = None, dry_run: bool = False
) -> Plan[Reopening]:
    """Enriches again the leads about whom nothing was heard for so long; 90 days unless given."""
    body = without_none(older_than_days=older_than_days)
    return (yield from _reopen(list_id, "refresh", body, dry_run=dry_run))


def _reopen(list_id: str, how: str, body: dict[str, Any], *, dry_run: bool) -> Plan[Reopening]:
    query = {"dry_run": True if dry_run else None}
    request = post(path_of(list_id, how), body, query=query)
    return (yield from ask(request)).as_result(Reopening)
