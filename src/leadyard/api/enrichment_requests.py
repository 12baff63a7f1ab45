"""/people/enrichment-requests: a batch of people to find, what was found, canceling."""

from __future__ import annotations

from litestar import Response, get, patch, post
from litestar.params import FromPath

from leadyard.actions import Tx, batches
from leadyard.actions.idempotency import Answer
from leadyard.api.call import answer, decode_members, look_at, open_call, open_call_with_body
from leadyard.api.estimates import estimate_response, open_spending_call, read_dry_run
from leadyard.api.fields import boolean, leads, read_fields
from leadyard.api.lead_lists import read_cancel, retry_headers
from leadyard.api.paging import ENTRIES_PAGE_SIZE, page_links, read_page
from leadyard.api.person_schemas import EnrichmentRequestView
from leadyard.api.person_views import enrichment_path, enrichment_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.clues import draft_people
from leadyard.domain.lead_lists import LeadList, ListOptions, Purpose
from leadyard.domain.leads import LeadDraft
from leadyard.domain.pages import PageRequest

PURPOSE = Purpose.PERSON_ENRICHMENT


@post("/people/enrichment-requests", status_code=202)
async def start_enrichment(request: ApiRequest) -> Response[bytes]:
    """Starts a batch of person enrichments."""
    call = await open_spending_call(request, Scope.PEOPLE_WRITE)
    is_dry_run = read_dry_run(request)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    limits = call.services.rules.limits
    checks = {
        "leads": leads(limits.too_many_leads(), limits.leads_per_request),
        "reveal_email": boolean,
        "reveal_phone_numbers": boolean,
    }
    fields = read_fields(decode_members(call.body), checks, ("leads",))
    drafts: list[LeadDraft] = []
    if "leads" in fields.values:
        drafts, faults = await look_at(call.body, draft_people, fields.values["leads"])
        fields.report("leads", *faults)
    fields.require_sound()
    options = ListOptions(
        enrich=True,
        reveal_email=fields.values.get("reveal_email", False),
        reveal_phone_numbers=fields.values.get("reveal_phone_numbers", False),
    )
    if is_dry_run:
        async with call.services.database.read() as tx:
            preview = await batches.preview_enrichment(tx, call.rules, call.caller, options, drafts)
        return estimate_response(call, preview)

    async def act(tx: Tx) -> Answer:
        batch = await batches.start_enrichment(tx, call.rules, call.caller, options, drafts)
        headers = {"Location": enrichment_path(batch), **retry_headers(batch)}
        return answer(enrichment_view(batch), 202, headers)

    return await call.perform(act)


@get("/people/enrichment-requests/{request_id:str}")
async def get_enrichment(request: ApiRequest, request_id: FromPath[str]) -> Response[bytes]:
    """A batch and, once it is completed, a page of its results."""
    call = await open_call(request, Scope.PEOPLE_READ)
    page_request = read_page(request, ENTRIES_PAGE_SIZE)
    async with call.services.database.read() as tx:
        batch = await batches.get_batch(tx, call.caller, PURPOSE, request_id)
        view = await _read_results(tx, batch, page_request)
    return json_response(request, view, headers=retry_headers(batch))


@patch("/people/enrichment-requests/{request_id:str}")
async def cancel_enrichment(request: ApiRequest, request_id: FromPath[str]) -> Response[bytes]:
    """Cancels a batch."""
    call = await open_call_with_body(request, Scope.PEOPLE_WRITE)
    members = decode_members(call.body)
    async with call.services.database.read() as tx:
        await batches.get_batch(tx, call.caller, PURPOSE, request_id)
    read_cancel(members)

    async def act(tx: Tx) -> Answer:
        batch = await batches.cancel_batch(tx, call.caller, PURPOSE, request_id)
        return answer(enrichment_view(batch))

    return await call.perform(act)


async def _read_results(tx: Tx, batch: LeadList, page_request: PageRequest) -> EnrichmentRequestView:
    page, first_place = await batches.list_enriched(tx, batch, page_request)
    if not page.items:
        return enrichment_view(batch)
    places = [str(place) for place in range(first_place, first_place + len(page.items))]
    links = page_links(enrichment_path(batch), page_request, page, places)
    return enrichment_view(batch, page.items, links)
