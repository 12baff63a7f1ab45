"""What a worker looks at before it begins a chunk and before it writes results, each sent in one go."""

from __future__ import annotations

from leadyard.domain.lead_lists import Chunk, LeadList
from leadyard.storage.additions import ChunkTerms, chunk_terms_statement, read_chunk_terms
from leadyard.storage.database import Tx
from leadyard.storage.lead_lists import get_statement, to_list
from leadyard.storage.suppression import BARRIERS, Barriers, read_barriers


async def lock_for_work(tx: Tx, chunk: Chunk) -> tuple[LeadList, ChunkTerms]:
    """The list of a chunk, and by what its leads are processed and charged; these are locked."""
    locks = tx.dialect.lock_leads_statements(chunk.list_id)
    statements = [*locks, get_statement(chunk.list_id), chunk_terms_statement(chunk)]
    *_, found, terms = await tx.run_each(statements)
    return to_list(found.rows[0]), read_chunk_terms(terms.rows)


async def lock_for_results(tx: Tx, lead_list: LeadList) -> Barriers:
    """Locks the leads of a list until the commit; whether anybody is kept out of its workspace by then."""
    barriers = (BARRIERS, {"workspace_id": lead_list.workspace_id})
    locks = tx.dialect.lock_leads_statements(lead_list.row_id)
    *_, found = await tx.run_each([*locks, barriers])
    return read_barriers(found.rows[0])
