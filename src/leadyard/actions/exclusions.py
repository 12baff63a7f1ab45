"""Excluding e-mails and domains, and who is left out of an addition for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadyard.actions.audit import record
from leadyard.actions.pages import require_page
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.audit import AuditAction
from leadyard.domain.clues import kind_and_key
from leadyard.domain.lead_lists import LeadList, NewList
from leadyard.domain.leads import LeadDraft, read_fields
from leadyard.domain.pages import Page, PageRequest
from leadyard.domain.suppression import (
    BY_API,
    Exclusion,
    ExclusionKind,
    ExclusionResult,
    Identity,
    Suppression,
    lead_identity,
)
from leadyard.storage import exclusions as exclusion_rows
from leadyard.storage.database import Tx
from leadyard.storage.suppression import Barriers, find_barriers, find_suppressed

Results = dict[str, ExclusionResult]


async def list_exclusions(
    tx: Tx, caller: Caller, kind: ExclusionKind, request: PageRequest
) -> Page[Exclusion]:
    """A page of the workspace's exclusions of one kind, newest first. Raises Refused for a bad cursor."""
    page = await exclusion_rows.list_exclusions(tx, caller.workspace_id, kind, request)
    return require_page(page, request)


async def add_exclusions(tx: Tx, caller: Caller, kind: ExclusionKind, keys: Mapping[str, str]) -> Results:
    """Excludes; `keys` maps what was sent to its key. Says for each that was sent what became of it.

    Somebody who was erased is kept out already: their address is not stored again.
    """
    wanted = set(keys.values())
    added = await exclusion_rows.add_exclusions(tx, caller.workspace_id, kind, wanted, BY_API)
    if kind is ExclusionKind.EMAIL:
        # Afterwards: an erasure waits for whoever has begun to write, and then sees what is there.
        erased = await _erased_among(tx, caller, sorted(added))
        added -= await exclusion_rows.remove_exclusions(tx, caller.workspace_id, kind, erased)
    if added:
        await record(tx, caller, AuditAction.EXCLUSIONS_ADDED, kind=kind, count=len(added))
    return _results(keys, added, ExclusionResult.DUPLICATED)


async def remove_exclusions(tx: Tx, caller: Caller, kind: ExclusionKind, keys: Mapping[str, str]) -> Results:
    """Ends exclusions, as `add_exclusions` makes them. Raises Forbidden."""
    caller.require(Scope.PRIVACY_ERASE)
    wanted = set(keys.values())
    removed = await exclusion_rows.remove_exclusions(tx, caller.workspace_id, kind, wanted)
    if removed:
        await record(tx, caller, AuditAction.EXCLUSIONS_REMOVED, kind=kind, count=len(removed))
    return _results(keys, removed, ExclusionResult.NOT_FOUND)


async def find_suppressed_places(
    tx: Tx,
    workspace_id: int,
    lead_list: LeadList | NewList,
    drafts: Sequence[LeadDraft],
    barriers: Barriers | None = None,
) -> frozenset[int]:
    """The places of those leads that may not be stored. One small statement where nobody is kept out."""
    if not drafts:
        return frozenset()
    barriers = barriers or await find_barriers(tx, workspace_id)
    identities = (
        lead_identity(
            *kind_and_key(lead_list, draft.key), read_fields(draft.raw), with_profile=barriers.erased
        )
        for draft in drafts
    )
    found = await find_suppressed(tx, workspace_id, identities, barriers)
    return frozenset(drafts[place].place for place in found)


async def _erased_among(tx: Tx, caller: Caller, emails: Sequence[str]) -> set[str]:
    identities = (Identity(emails=(email,)) for email in emails)
    found = await find_suppressed(tx, caller.workspace_id, identities)
    return {emails[place] for place, why in found.items() if why is Suppression.ERASED}


def _results(keys: Mapping[str, str], changed: set[str], otherwise: ExclusionResult) -> Results:
    """The first that was sent of each key has done it."""
    remaining = set(changed)
    results = {}
    for sent, key in keys.items():
        results[sent] = ExclusionResult.SUCCESS if key in remaining else otherwise
        remaining.discard(key)
    return results
