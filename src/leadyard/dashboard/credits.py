"""/account/credits: balances, what was spent on what, the ledger, grants."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from decimal import Decimal, DecimalException
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.response import Stream

from leadyard.actions import credits as credit_actions
from leadyard.api.errors import STATUSES
from leadyard.api.paging import read_page
from leadyard.api.parameters import read_texts
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PAGE_HEADERS, PageCall, installation_of, open_form, open_page
from leadyard.dashboard.charts import draw_usage
from leadyard.dashboard.forms import fault_at, faults_by_field
from leadyard.domain.accounts import Scope
from leadyard.domain.credits import MILLI, CreditEntry, CreditKind, Reason
from leadyard.domain.errors import Refused
from leadyard.domain.export_columns import defuse
from leadyard.domain.pages import PageRequest

PATH = "/account/credits"
PAGE_SIZE = 25
FILE_PAGE_SIZE = 1_000
PERIODS = (7, 30, 90)
MAX_GRANT = 1_000_000_000
FILTERS = ("kind", "reason", "user", "list")
COLUMNS = ("id", "time", "kind", "credits", "reason", "note", "user", "list", "entry")


@get(PATH)
async def get_credits(request: ApiRequest) -> Response[str]:
    """Everything about credits on one page."""
    return await _credits_page(await open_page(request, Scope.CREDITS_READ))


@get(f"{PATH}/ledger.csv")
async def get_ledger_file(request: ApiRequest) -> Stream:
    """The ledger, filtered as on the page, as CSV; written while it is read."""
    call = await open_page(request, Scope.CREDITS_READ)
    filters = _read_filters(request)
    headers = {
        **PAGE_HEADERS,
        "Content-Disposition": f'attachment; filename="leadyard-ledger-{call.now:%Y-%m-%d}.csv"',
    }
    return Stream(_write_ledger(call, filters), headers=headers, media_type="text/csv")


@post(f"{PATH}/grants", status_code=200)
async def grant_credits(request: ApiRequest) -> Response[str]:
    """Adds credits to a balance."""
    call = await open_form(request, Scope.CREDITS_GRANT)
    form = call.form
    try:
        kind = CreditKind(form.choice("kind", "The balance", [kind.value for kind in CreditKind]))
        amount = _read_amount(form.get("amount"))
        reason = form.text("reason", "The reason", 200)
        async with call.services.database.write() as tx:
            await credit_actions.grant_credits(tx, call.caller, kind, amount, reason)
    except Refused as error:
        return await _credits_page(call, error)
    return call.go(PATH, f"{Decimal(amount) / MILLI:,f} {kind} credits are granted.")


async def _credits_page(call: PageCall, error: Refused | None = None) -> Response[str]:
    request = call.request
    filters = _read_filters(request)
    days = _read_period(request)
    page_request = read_page(request, PAGE_SIZE)
    async with call.services.database.read() as tx:
        balances = await credit_actions.get_balances(tx, call.caller)
        usage = await credit_actions.get_usage(tx, call.caller, days)
        page = await credit_actions.list_credit_entries(tx, call.caller, page_request, filters)
        providers = await call.services.office.list_providers(tx, call.caller)
    return call.page(
        "credits.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        balances=balances,
        low=installation_of(request).low_credits,
        usage=usage,
        chart=draw_usage(usage.days),
        days=days,
        periods=PERIODS,
        entries=page,
        filters={name: filters.get(name, "") for name in FILTERS},
        query=urlencode({"days": days, **filters}),
        providers=[each for each in providers if each.statistics is not None],
        kinds=list(CreditKind),
        reasons=list(Reason),
    )


def _read_filters(request: ApiRequest) -> dict[str, str]:
    """Raises Refused for values that cannot be."""
    return read_texts(request, FILTERS) if request.method == "GET" else {}


def _read_period(request: ApiRequest) -> int:
    told = request.query_params.get("days", "")
    return int(told) if told in {str(period) for period in PERIODS} else 30


def _read_amount(text: str) -> int:
    """Milli-credits. Raises Refused for what is no amount with three decimals at most."""
    try:
        milli = Decimal(text.replace(",", "")) * MILLI
        if 0 < milli <= MAX_GRANT * MILLI and milli == int(milli):
            return int(milli)
    except DecimalException:
        pass
    raise fault_at("amount", f"The amount must be more than 0, and {MAX_GRANT:,} at most.")


async def _write_ledger(call: PageCall, filters: dict[str, str]) -> AsyncIterator[str]:
    yield _to_csv([COLUMNS])
    after: str | None = None
    while True:
        request = PageRequest(FILE_PAGE_SIZE, after)
        async with call.services.database.read() as tx:
            page = await credit_actions.list_credit_entries(tx, call.caller, request, filters)
        yield _to_csv([_row_of(entry) for entry in page.items])
        if not page.has_next:
            return
        after = str(page.items[-1].id)


def _row_of(entry: CreditEntry) -> tuple[Any, ...]:
    return (
        entry.id,
        entry.created_at.isoformat(),
        entry.kind,
        f"{Decimal(entry.amount) / MILLI:f}",
        entry.reason,
        defuse(entry.note or ""),
        defuse(entry.user_email or ""),
        entry.list_id or "",
        entry.entry_id or "",
    )


def _to_csv(rows: Any) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
