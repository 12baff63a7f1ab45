"""/erasures, and /people/{id}/export."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from leadyard.actions import Tx
from leadyard.actions import erasures as erasure_actions
from leadyard.actions.idempotency import Answer
from leadyard.actions.person_export import PersonExport, export_person
from leadyard.api.call import answer, decode_members, open_call, open_call_with_body
from leadyard.api.erasure_schemas import (
    ErasuresView,
    ErasureView,
    ExportedLeadView,
    ExportedListView,
    HeldAnswerView,
    PersonExportView,
)
from leadyard.api.exclusion_schemas import ExcludedEmailView
from leadyard.api.fields import Check, FieldFault, read_fields, text
from leadyard.api.paging import COLLECTION_PAGE_SIZE, page_links, read_page, self_link
from leadyard.api.views import credit_entry_view
from leadyard.api.wire import ApiRequest, Body, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.erasure import Erasure, FoundEntry, Traces
from leadyard.domain.errors import Refused, missing_field, unsupported_field
from leadyard.domain.identity import InvalidIdentity, email_key, linkedin_key
from leadyard.domain.lead_lists import entry_id
from leadyard.domain.suppression import SOURCE


@post("/erasures", status_code=200)
async def erase_person(request: ApiRequest) -> Response[bytes]:
    """Erases a person from everything that the key reaches."""
    call = await open_call_with_body(request, Scope.PRIVACY_ERASE)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    asked = _read_person(call.body)
    counts = await erasure_actions.erase_person(call.services.database, call.caller, asked)

    async def act(tx: Tx) -> Answer:
        return answer(erasure_view(await erasure_actions.record_erasure(tx, call.caller, counts)))

    return await call.perform(act)


@get("/erasures")
async def list_erasures(request: ApiRequest) -> Response[bytes]:
    """The erasures that keys of this workspace asked for, newest first."""
    call = await open_call(request, Scope.PRIVACY_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await erasure_actions.list_erasures(tx, call.caller, page_request)
    views = [erasure_view(erasure) for erasure in page.items]
    links = page_links("/erasures", page_request, page, [view.id for view in views])
    return json_response(request, ErasuresView(views, links))


@get("/people/{person_id:str}/export")
async def get_person_export(request: ApiRequest, person_id: FromPath[str]) -> Response[bytes]:
    """Everything that is stored of a person."""
    call = await open_call(request, Scope.PRIVACY_ERASE)
    export = await export_person(call.services.database, call.caller, person_id)
    return json_response(request, export_view(export))


def erasure_view(erasure: Erasure) -> ErasureView:
    """The record of an erasure."""
    counts = erasure.counts
    return ErasureView(
        id=erasure.id,
        created_at=erasure.created_at,
        entries=counts.entries,
        directory_people=counts.directory_people,
        exclusions=counts.exclusions,
        credit_entries=counts.credit_entries,
    )


def export_view(export: PersonExport) -> PersonExportView:
    """All that is stored of a person."""
    return PersonExportView(
        person_id=export.person_id,
        emails=sorted(export.traces.emails),
        linkedin_keys=sorted(export.traces.profiles),
        leads=[exported_lead_view(found) for found in export.entries],
        directory=[msgspec.Raw(msgspec.json.encode(known.person)) for known in export.directory],
        excluded_emails=[
            ExcludedEmailView(item.value, SOURCE, item.added_at, item.reason) for item in export.exclusions
        ],
        credit_entries=[credit_entry_view(entry) for entry in export.charges],
        provider_answers=[
            HeldAnswerView(held.provider, held.state.value, held.fetched_at) for held in export.answers
        ],
        is_complete=export.is_complete,
        links=self_link(f"/people/{export.person_id}/export"),
    )


def exported_lead_view(found: FoundEntry) -> ExportedLeadView:
    """A lead as it is stored."""
    lead_list, lead = found.lead_list, found.lead
    return ExportedLeadView(
        lead_list=ExportedListView(lead_list.id, lead_list.name, lead_list.is_deleted),
        entry_id=entry_id(lead_list.id, lead.sequence),
        status=lead.status.value,
        lead=msgspec.Raw(lead.raw.encode()),
        found=msgspec.Raw(msgspec.json.encode(lead.findings)),
    )


def _read_person(body: Body) -> Traces:
    """Who is to be erased. Raises Refused."""
    checks = {"email": _keyed_by(email_key), "linkedin_url": _keyed_by(linkedin_key)}
    fields = read_fields(decode_members(body), checks, ())
    fields.require_sound()
    if not fields.values:
        raise Refused(missing_field("email"))
    email, profile = fields.values.get("email"), fields.values.get("linkedin_url")
    return Traces(frozenset((email,) if email else ()), frozenset((profile,) if profile else ()))


def _keyed_by(to_key: Callable[[str], str]) -> Check:
    """A check: a text that identifies a person; its key."""

    def check(name: str, raw: msgspec.Raw) -> str:
        try:
            return to_key(text(name, raw))
        except InvalidIdentity:
            raise FieldFault(unsupported_field(name)) from None

    return check
