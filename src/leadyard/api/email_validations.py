"""/email-validations: a batch of e-mails, the verdicts on them, canceling."""

from __future__ import annotations

from litestar import Response, get, patch, post
from litestar.params import FromPath

from leadyard.actions import Tx, batches
from leadyard.actions.idempotency import Answer
from leadyard.api.call import Call, answer, decode_members, look_at, open_call, open_call_with_body
from leadyard.api.estimates import estimate_response, open_spending_call, read_dry_run
from leadyard.api.fields import leads, read_fields
from leadyard.api.lead_lists import read_cancel, retry_headers
from leadyard.api.paging import ENTRIES_PAGE_SIZE, page_links, read_page
from leadyard.api.person_schemas import EmailValidationView
from leadyard.api.person_views import validation_path, validation_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.email_batches import MAX_EMAILS, TOO_MANY_EMAILS, draft_emails
from leadyard.domain.lead_lists import LeadList, Purpose
from leadyard.domain.leads import LeadDraft, sent_email
from leadyard.domain.leads import read_fields as read_lead_fields
from leadyard.domain.pages import PageRequest

PURPOSE = Purpose.EMAIL_VALIDATION


@post("/email-validations", status_code=202)
async def start_validation(request: ApiRequest) -> Response[bytes]:
    """Starts a batch of e-mail validations."""
    call = await open_spending_call(request, Scope.PEOPLE_WRITE)
    is_dry_run = read_dry_run(request)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    checks = {"emails": leads(TOO_MANY_EMAILS, MAX_EMAILS)}
    fields = read_fields(decode_members(call.body), checks, ("emails",))
    drafts: list[LeadDraft] = []
    if "emails" in fields.values:
        drafts, faults = await look_at(call.body, draft_emails, fields.values["emails"])
        fields.report("emails", *faults)
    fields.require_sound()
    if is_dry_run:
        async with call.services.database.read() as tx:
            preview = await batches.preview_validation(tx, call.rules, call.caller, drafts)
        return estimate_response(call, preview)

    async def act(tx: Tx) -> Answer:
        batch = await batches.start_validation(tx, call.rules, call.caller, drafts)
        headers = {"Location": validation_path(batch), **retry_headers(batch)}
        return answer(validation_view(batch), 202, headers)

    return await call.perform(act)


@get("/email-validations/{validation_id:str}")
async def get_validation(request: ApiRequest, validation_id: FromPath[str]) -> Response[bytes]:
    """A batch and, once it has ended, a page of its results."""
    call = await open_call(request, Scope.PEOPLE_READ)
    page_request = read_page(request, ENTRIES_PAGE_SIZE)
    async with call.services.database.read() as tx:
        batch = await batches.get_batch(tx, call.caller, PURPOSE, validation_id)
        view = await _read_results(tx, batch, page_request)
    return json_response(request, view, headers=retry_headers(batch))


@patch("/email-validations/{validation_id:str}")
async def cancel_validation(request: ApiRequest, validation_id: FromPath[str]) -> Response[bytes]:
    """Cancels a batch; what was validated before is in the answer."""
    call = await open_call_with_body(request, Scope.PEOPLE_WRITE)
    members = decode_members(call.body)
    await _require_batch(call, validation_id)
    read_cancel(members)
    page_request = read_page(request, ENTRIES_PAGE_SIZE)

    async def act(tx: Tx) -> Answer:
        batch = await batches.cancel_batch(tx, call.caller, PURPOSE, validation_id)
        return answer(await _read_results(tx, batch, page_request))

    return await call.perform(act)


async def _require_batch(call: Call, validation_id: str) -> None:
    async with call.services.database.read() as tx:
        await batches.get_batch(tx, call.caller, PURPOSE, validation_id)


async def _read_results(tx: Tx, batch: LeadList, page_request: PageRequest) -> EmailValidationView:
    page = await batches.list_validated(tx, batch, page_request)
    if not page.items:
        return validation_view(batch)
    cursors = [sent_email(read_lead_fields(entry.raw).email) or "" for entry in page.items]
    links = page_links(validation_path(batch), page_request, page, cursors)
    return validation_view(batch, page.items, links)
