"""/excluded-emails and /excluded-domains."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from litestar import Response, delete, get, post

from leadyard.actions import Tx
from leadyard.actions import exclusions as exclusion_actions
from leadyard.actions.exclusions import Results
from leadyard.actions.idempotency import Answer
from leadyard.api.call import Call, answer, decode_members, look_at, open_call, open_call_with_body
from leadyard.api.exclusion_schemas import (
    MAX_ITEMS,
    ExcludedDomainsView,
    ExcludedDomainView,
    ExcludedEmailsView,
    ExcludedEmailView,
)
from leadyard.api.fields import MAX_TEXT_LENGTH, FieldFault, read_fields
from leadyard.api.paging import COLLECTION_PAGE_SIZE, page_links, read_page
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Caller, Scope
from leadyard.domain.errors import ErrorCode, Fault, Refused, pointer_token, unsupported_field
from leadyard.domain.identity import InvalidIdentity, domain_key, email_key
from leadyard.domain.suppression import SOURCE, Exclusion, ExclusionKind

Change = Callable[[Tx, Caller, ExclusionKind, Mapping[str, str]], Awaitable[Results]]


class _Resource(NamedTuple):
    """One of the two: its path, the names in its bodies, and what makes a key of what was sent."""

    kind: ExclusionKind
    path: str
    collection: str
    member: str
    to_key: Callable[[str], str]


_EMAILS = _Resource(ExclusionKind.EMAIL, "/excluded-emails", "excluded_emails", "email", email_key)
_DOMAINS = _Resource(ExclusionKind.DOMAIN, "/excluded-domains", "excluded_domains", "domain", domain_key)


@get("/excluded-emails")
async def list_excluded_emails(request: ApiRequest) -> Response[bytes]:
    """The excluded e-mails of the workspace, newest first."""
    return await _list(request, _EMAILS, ExcludedEmailView, ExcludedEmailsView)


@post("/excluded-emails", status_code=200)
async def exclude_emails(request: ApiRequest) -> Response[bytes]:
    """Excludes e-mails."""
    return await _change(
        await open_call_with_body(request, Scope.PRIVACY_WRITE), _EMAILS, exclusion_actions.add_exclusions
    )


@delete("/excluded-emails", status_code=200)
async def include_emails(request: ApiRequest) -> Response[bytes]:
    """Excludes e-mails no more."""
    return await _include(request, _EMAILS)


@get("/excluded-domains")
async def list_excluded_domains(request: ApiRequest) -> Response[bytes]:
    """The excluded domains of the workspace, newest first."""
    return await _list(request, _DOMAINS, ExcludedDomainView, ExcludedDomainsView)


@post("/excluded-domains", status_code=200)
async def exclude_domains(request: ApiRequest) -> Response[bytes]:
    """Excludes domains."""
    return await _change(
        await open_call_with_body(request, Scope.PRIVACY_WRITE), _DOMAINS, exclusion_actions.add_exclusions
    )


@delete("/excluded-domains", status_code=200)
async def include_domains(request: ApiRequest) -> Response[bytes]:
    """Excludes domains no more."""
    return await _include(request, _DOMAINS)


async def _list(
    request: ApiRequest,
    resource: _Resource,
    to_view: Callable[..., Any],
    to_page: Callable[..., Any],
) -> Response[bytes]:
    call = await open_call(request, Scope.PRIVACY_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await exclusion_actions.list_exclusions(tx, call.caller, resource.kind, page_request)

    def view(exclusion: Exclusion) -> Any:
        return to_view(exclusion.value, SOURCE, exclusion.added_at, exclusion.reason)

    links = page_links(resource.path, page_request, page, [item.value for item in page.items])
    return json_response(request, to_page(list(map(view, page.items)), links))


async def _include(request: ApiRequest, resource: _Resource) -> Response[bytes]:
    call = await open_call_with_body(request, Scope.PRIVACY_ERASE)
    return await _change(call, resource, exclusion_actions.remove_exclusions)


async def _change(call: Call, resource: _Resource, change: Change) -> Response[bytes]:
    replay = await call.find_replay()
    if replay is not None:
        return replay
    checks = {resource.collection: _read_keys(resource)}
    fields = await look_at(call.body, read_fields, decode_members(call.body), checks, (resource.collection,))
    fields.require_sound()
    keys = fields.values[resource.collection]

    async def act(tx: Tx) -> Answer:
        results = await change(tx, call.caller, resource.kind, keys)
        return answer(results, tells_persons=resource.kind is ExclusionKind.EMAIL)

    return await call.perform(act)


def _read_keys(resource: _Resource) -> Callable[[str, msgspec.Raw], dict[str, str]]:
    """A check: an array of objects with one member, or of its texts; what was sent, with its key."""

    def check(name: str, raw: msgspec.Raw) -> dict[str, str]:
        try:
            items = msgspec.json.decode(raw, type=list[msgspec.Raw])
        except msgspec.ValidationError:
            raise FieldFault(unsupported_field(name)) from None
        if len(items) > MAX_ITEMS:
            detail = f"Number of {name} exceeds {MAX_ITEMS} limit"
            raise Refused(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, f"/{name}"))
        keys: dict[str, str] = {}
        faults: list[Fault] = []
        for place, item in enumerate(items):
            try:
                sent = _read_item(resource, place, item)
                keys[sent] = resource.to_key(sent)
            except InvalidIdentity:
                faults.append(_fault_at(resource, place, resource.member))
            except FieldFault as error:
                faults.extend(error.faults)
        if faults:
            raise FieldFault(*faults)
        return keys

    return check


def _read_item(resource: _Resource, place: int, item: msgspec.Raw) -> str:
    """The text of one item. Raises FieldFault."""
    whole = f"{resource.collection}[{place}]"
    try:
        value = msgspec.json.decode(item, type=str | dict[str, msgspec.Raw])
        if isinstance(value, str):
            return _require_short(value, unsupported_field(whole, f"/{resource.collection}/{place}"))
        unknown = [_fault_at(resource, place, name) for name in value if name != resource.member]
        if unknown:
            raise FieldFault(*unknown)
        if resource.member not in value:
            detail = f"Missing field from request: {whole}.{resource.member}"
            pointer = f"/{resource.collection}/{place}/{resource.member}"
            raise FieldFault(Fault(ErrorCode.UNSUPPORTED_VALUE, detail, pointer))
    except msgspec.ValidationError:
        raise FieldFault(unsupported_field(whole, f"/{resource.collection}/{place}")) from None
    fault = _fault_at(resource, place, resource.member)
    try:
        return _require_short(msgspec.json.decode(value[resource.member], type=str), fault)
    except msgspec.ValidationError:
        raise FieldFault(fault) from None


def _require_short(text: str, fault: Fault) -> str:
    if len(text) > MAX_TEXT_LENGTH:
        raise FieldFault(fault)
    return text


def _fault_at(resource: _Resource, place: int, member: str) -> Fault:
    pointer = f"/{resource.collection}/{place}/{pointer_token(member)}"
    return unsupported_field(f"{resource.collection}[{place}].{member}", pointer)
