"""/account/providers: which services are asked, in which order, what they may cost. Keys are not shown."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from leadyard.actions.providers import NewProvider, ProviderReport
from leadyard.api.errors import STATUSES
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, open_form, open_page
from leadyard.dashboard.forms import Form, fault_at, faults_by_field
from leadyard.domain.accounts import Mode, Scope
from leadyard.domain.errors import Forbidden, LeadyardError, Refused
from leadyard.domain.providers import VERIFICATION, Group
from leadyard.domain.waterfall import Plan

PATH = "/account/providers"
GROUPS = {
    Group.PERSON.value: "Person",
    Group.EMAIL.value: "E-mail",
    Group.PHONE.value: "Phone",
    Group.COMPANY.value: "Company",
    VERIFICATION: "E-mail check",
}
OWN_TITLES = {"directory": "Your directory", "mailcheck": "Own check of e-mails", "sandbox": "Sandbox"}
MAX_AMOUNT = 1_000_000_000
_NAME = re.compile("[a-z][a-z0-9_]{0,39}")


@get(PATH)
async def get_providers(request: ApiRequest) -> Response[str]:
    """Every provider, the order, and the limits."""
    return await _providers_page(await open_page(request, Scope.PROVIDERS_READ))


@post(PATH, status_code=200)
async def put_provider(request: ApiRequest) -> Response[str]:
    """Sets a provider up, or changes how it is; without a key the one that is there stays."""
    call = await open_form(request, Scope.PROVIDERS_WRITE)
    try:
        new = _read_provider(call.form)
        async with call.services.database.write() as tx:
            report = await call.services.office.put_provider(tx, call.caller, new)
    except (Refused, Forbidden) as error:
        return await _providers_page(call, error)
    text = f"{title_of(report)} is set up. It is asked once it stands in an order below."
    return call.go(PATH, text)


@post(f"{PATH}/{{name:str}}/remove", status_code=200)
async def delete_provider(request: ApiRequest, name: FromPath[str]) -> Response[str]:
    """Forgets a provider and its key."""
    call = await open_form(request, Scope.PROVIDERS_WRITE)
    async with call.services.database.write() as tx:
        await call.services.office.delete_provider(tx, call.caller, name)
    return call.go(PATH, "The provider and its key are removed.")


@post(f"{PATH}/order", status_code=200)
async def change_order(request: ApiRequest) -> Response[str]:
    """Sets the order of one group: as it was dragged, with one moved, added or removed."""
    call = await open_form(request, Scope.PROVIDERS_WRITE)
    group = call.form.choice("group", "The group", list(GROUPS))
    try:
        names = reorder(call.form.all("names"), call.form.get("move"), call.form.get("add"))
        async with call.services.database.write() as tx:
            plan = await call.services.office.get_plan(tx, call.caller)
            order = msgspec.structs.replace(plan.order, **{group: tuple(names)})
            await call.services.office.put_plan(tx, call.caller, Plan(order, plan.limits))
    except (Refused, Forbidden) as error:
        return await _providers_page(call, error)
    return call.go(f"{PATH}#order-{group}", f"The order for {GROUPS[group].lower()} is saved.")


@post(f"{PATH}/limits", status_code=200)
async def change_limits(request: ApiRequest) -> Response[str]:
    """Sets what providers may cost in a day and for a list; other limits stay."""
    call = await open_form(request, Scope.PROVIDERS_WRITE)
    try:
        day, most = _read_limit(call.form, "day"), _read_limit(call.form, "list")
        async with call.services.database.write() as tx:
            plan = await call.services.office.get_plan(tx, call.caller)
            limits = msgspec.structs.replace(plan.limits, day=day, list=most)
            await call.services.office.put_plan(tx, call.caller, Plan(plan.order, limits))
    except (Refused, Forbidden) as error:
        return await _providers_page(call, error)
    return call.go(PATH, "The limits are saved.")


def reorder(names: Any, move: str, added: str) -> list[str]:
    """The names with one moved up or down, removed, or added at the end. Raises Refused for a stranger."""
    changed = list(names)
    deed, _, name = move.partition(":")
    if deed and name not in changed:
        raise fault_at("move", "This provider does not stand in the order any more. Reload the page.")
    place = changed.index(name) if deed else 0
    if deed == "remove":
        changed.pop(place)
    elif deed in ("up", "down"):
        other = place + (-1 if deed == "up" else 1)
        if 0 <= other < len(changed):
            changed[place], changed[other] = changed[other], changed[place]
    elif added:
        changed.append(added)
    return changed


def title_of(report: ProviderReport) -> str:
    """What people call it."""
    return report.kind.title if report.kind is not None else OWN_TITLES.get(report.name, report.name)


async def _providers_page(call: PageCall, error: LeadyardError | None = None) -> Response[str]:
    async with call.services.database.read() as tx:
        reports = await call.services.office.list_providers(tx, call.caller)
        plan = await call.services.office.get_plan(tx, call.caller)
    set_up = [each for each in reports if each.settings is not None or each.kind is None]
    titles = {each.name: title_of(each) for each in set_up}
    able = {
        group: [
            each.name
            for each in set_up
            if (each.can_verify if group == VERIFICATION else Group(group) in each.groups)
        ]
        for group in GROUPS
    }
    may_change = call.may(Scope.PROVIDERS_WRITE) and call.caller.mode is Mode.LIVE
    return call.page(
        "providers.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        set_up=set_up,
        others=[each for each in reports if each.settings is None and each.kind is not None],
        titles=titles,
        able=able,
        groups=GROUPS,
        order={group: getattr(plan.order, group) for group in GROUPS},
        limits=plan.limits,
        may_change=may_change,
        options_of=_write_options,
    )


def _write_options(report: ProviderReport) -> str:
    options = {} if report.settings is None else report.settings.options
    return msgspec.json.format(msgspec.json.encode(options)).decode() if options else ""


def _read_provider(form: Form) -> NewProvider:
    """Raises Refused for what cannot be."""
    kind = form.text("kind", "The kind", 40)
    name = form.get("name") or kind
    if not _NAME.fullmatch(name):
        raise fault_at("name", "The name begins with a letter and has small letters, digits and _ only.")
    try:
        options = msgspec.json.decode(form.raw("options").strip() or "{}", type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        raise fault_at("options", "The options must be a JSON object.") from None
    price = _read_amount(form, "credit_price", "What a credit costs")
    key = form.get("api_key")
    return NewProvider(name, kind, key or None, options, 1.0 if price is None else price)


def _read_limit(form: Form, name: str) -> float | None:
    return _read_amount(form, name, "A limit")


def _read_amount(form: Form, name: str, label: str) -> float | None:
    told = form.get(name).replace(",", "")
    if not told:
        return None
    if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,6})?", told) or float(told) > MAX_AMOUNT:
        raise fault_at(name, f"{label} must be a number from 0 to {MAX_AMOUNT:,}.")
    return float(told)
