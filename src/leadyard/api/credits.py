"""/credits: balances, the ledger, grants."""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation

import msgspec
from litestar import Response, get, post

from leadyard.actions import Tx
from leadyard.actions import credits as credit_actions
from leadyard.actions.idempotency import Answer
from leadyard.api.call import answer, decode_members, open_call, open_call_with_body
from leadyard.api.fields import FieldFault, one_of, read_fields, text
from leadyard.api.paging import COLLECTION_PAGE_SIZE, page_links, read_page
from leadyard.api.schemas import CreditEntriesView
from leadyard.api.views import credit_entry_view, credits_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.credits import MILLI, CreditKind
from leadyard.domain.errors import unsupported_field

MAX_GRANT = 1_000_000_000
_EXACTLY = Context(traps=[InvalidOperation, Inexact])


@get("/credits")
async def get_credits(request: ApiRequest) -> Response[bytes]:
    """Both balances."""
    call = await open_call(request, Scope.CREDITS_READ)
    async with call.services.database.read() as tx:
        balances = await credit_actions.get_balances(tx, call.caller)
    return json_response(request, credits_view(balances))


@get("/credits/entries")
async def list_credit_entries(request: ApiRequest) -> Response[bytes]:
    """The ledger, newest first."""
    call = await open_call(request, Scope.CREDITS_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await credit_actions.list_credit_entries(tx, call.caller, page_request)
    entries = [credit_entry_view(entry) for entry in page.items]
    links = page_links("/credits/entries", page_request, page, [entry.id for entry in entries])
    return json_response(request, CreditEntriesView(entries, links))


@post("/credits/grants", status_code=201)
async def grant_credits(request: ApiRequest) -> Response[bytes]:
    """Adds credits to a balance."""
    call = await open_call_with_body(request, Scope.CREDITS_GRANT)
    replay = await call.find_replay()
    if replay is not None:
        return replay
    checks = {
        "kind": one_of(tuple(kind.value for kind in CreditKind)),
        "amount": _amount,
        "reason": text,
    }
    fields = read_fields(decode_members(call.body), checks, ("kind", "amount", "reason"))
    fields.require_sound()
    values = fields.values

    async def act(tx: Tx) -> Answer:
        entry = await credit_actions.grant_credits(
            tx, call.caller, CreditKind(values["kind"]), values["amount"], values["reason"]
        )
        return answer(credit_entry_view(entry), 201)

    return await call.perform(act)


def _amount(name: str, raw: msgspec.Raw) -> int:
    """A check: credits above zero with at most three decimals; in milli-credits."""
    try:
        milli = _EXACTLY.multiply(Decimal(str(raw, "utf-8")), MILLI)
    except DecimalException:
        raise FieldFault(unsupported_field(name)) from None
    if not 0 < milli <= MAX_GRANT * MILLI or milli != int(milli):
        raise FieldFault(unsupported_field(name))
    return int(milli)
