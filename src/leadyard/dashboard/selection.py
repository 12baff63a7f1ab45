"""What people do with the leads they selected: each is told what it costs before it happens."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Stream

from leadyard.actions import Tx, list_control, moving, selection
from leadyard.actions import lead_lists as list_actions
from leadyard.actions.credits import get_balances
from leadyard.actions.list_control import Reopening
from leadyard.actions.list_view import list_targets
from leadyard.actions.moving import Moved
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, is_part, open_form
from leadyard.dashboard.leads import stream_file
from leadyard.dashboard.queries import FILTERS, Query, entry_filter, read_query
from leadyard.domain.accounts import Scope
from leadyard.domain.additions import LeftOut
from leadyard.domain.credits import Cost, CreditKind
from leadyard.domain.entries import Step
from leadyard.domain.errors import Conflict, InsufficientCredits, NotFound
from leadyard.domain.list_view import Selection

STEPS = {"enrich": Step.ENRICH, "validate": Step.VALIDATE, "reveal": Step.REVEAL}
TITLES = {
    "enrich": ("Enrich leads", "Enrich"),
    "validate": ("Check e-mails", "Check"),
    "reveal": ("Find phone numbers", "Find"),
    "move": ("Move leads", "Move"),
    "export": ("Export leads", "Download"),
    "remove": ("Remove leads", "Remove"),
}
STAYED = {
    LeftOut.DUPLICATE_IN_LIST: "were there already",
    LeftOut.DUPLICATE_IN_BATCH: "were there already",
    LeftOut.OVER_CAPACITY: "had no room",
    LeftOut.SUPPRESSED: "are excluded",
}


@post("/lists/{list_id:str}/selection", status_code=200)
async def ask_action(request: ApiRequest, list_id: FromPath[str]) -> Response[str]:
    """What an action with the selected leads would do and cost; nothing is done yet."""
    call = await open_form(request, Scope.LISTS_WRITE)
    action = call.form.choice("action", "The action", tuple(TITLES))
    query = read_query(f"/lists/{list_id}", request.query_params)
    return await _ask(call, list_id, query, _read_selection(call, query), action)


@post("/lists/{list_id:str}/do/{action:str}", status_code=200)
async def do_action(
    request: ApiRequest, list_id: FromPath[str], action: FromPath[str]
) -> Response[str] | Stream:
    """Does it."""
    call = await open_form(request, Scope.LISTS_WRITE)
    given = {name: call.form.get(name) for name in (*FILTERS, "sort", "dir")}
    query = read_query(f"/lists/{list_id}", given)
    chosen = _read_selection(call, query)
    if action in STEPS:
        return await _take_step(call, list_id, query, chosen, action)
    if action == "move":
        target = call.form.text("target", "The list")
        moved = await moving.move_leads(
            call.services.database, call.services.rules, call.caller, list_id, target, chosen
        )
        return call.go(query.url(), _told_moved(moved))
    if action == "remove":
        count = await selection.remove_leads(call.services.database, call.caller, list_id, chosen)
        return call.go(query.url(), f"Removed {_count(count)}.")
    if action == "export":
        async with call.services.database.read() as tx:
            found = await list_actions.get_list(tx, call.caller, list_id)
        return await stream_file(call, found, query, call.form.get("format"), sequences=chosen.sequences)
    raise NotFound("this action")


async def _ask(
    call: PageCall, list_id: str, query: Query, chosen: Selection, action: str, fault: str = ""
) -> Response[str]:
    context: dict[str, Any] = {"told": None, "available": None, "targets": []}
    async with call.services.database.read() as tx:
        found = await list_actions.get_list(tx, call.caller, list_id)
        selected = len(await selection.list_selected(tx, found, chosen))
        if action == "move":
            targets = await list_targets(tx, call.caller, found)
            context["targets"] = [(each.id, each.name) for each in targets]
        if action in STEPS:
            try:
                context["told"] = await _estimate(
                    call, tx, list_id, chosen, STEPS[action], is_exact=bool(fault)
                )
            except Conflict as error:
                fault, selected = error.faults[0].detail, 0
            balances = await get_balances(tx, call.caller)
            context["available"] = Cost(
                balances[CreditKind.EMAIL].available, balances[CreditKind.PHONE].available
            )
    title, button = TITLES[action]
    return call.page(
        "lists/action_dialog.html" if is_part(call.request) else "lists/action_page.html",
        list=found,
        query=query,
        selection=chosen,
        selected=selected,
        action=action,
        title=title,
        button=button,
        fault=fault,
        is_part=is_part(call.request),
        **context,
    )


async def _estimate(
    call: PageCall, tx: Tx, list_id: str, chosen: Selection, step: Step, *, is_exact: bool
) -> Reopening:
    """What a step comes to. All leads of a filter are not read one by one, unless that told too little."""
    if chosen.sequences is None and not is_exact:
        return await selection.estimate_step(tx, call.caller, list_id, chosen.wanted, step)
    return (await selection.prepare_step(tx, call.caller, list_id, chosen, step)).reopening


async def _take_step(
    call: PageCall, list_id: str, query: Query, chosen: Selection, action: str
) -> Response[str]:
    """Takes a step, unless it would cost more by now than was told."""
    step, database = STEPS[action], call.services.database
    async with database.read() as tx:
        prepared = await selection.prepare_step(tx, call.caller, list_id, chosen, step)
    seen = Cost(
        call.form.number("most_email", "The cost", 0, 10**11),
        call.form.number("most_phone", "The cost", 0, 10**11),
    )
    most = prepared.reopening.most
    if most.email > seen.email or most.phone > seen.phone:
        fault = "What this costs has changed meanwhile. Look at it again."
        return await _ask(call, list_id, query, chosen, action, fault)
    try:
        async with database.write() as tx:
            told = await list_control.reopen_prepared(tx, call.caller, list_id, prepared, at_most=seen)
    except (Conflict, InsufficientCredits) as error:
        return await _ask(call, list_id, query, chosen, action, error.faults[0].detail)
    return call.go(query.url(), _told_begun(told))


def _read_selection(call: PageCall, query: Query) -> Selection:
    """The leads that are checked, or all that the filters leave."""
    if call.form.has("all"):
        return Selection(entry_filter(query))
    told = call.form.get("leads").split(".") if call.form.has("leads") else call.form.all("lead")
    numbers = (each for each in told if each.isascii() and each.isdigit() and len(each) < 9)
    return Selection(sequences=frozenset(map(int, numbers)))


def _told_begun(told: Reopening) -> str:
    return f"{_count(told.total).capitalize()} taken up. The table shows how it goes."


def _told_moved(moved: Moved) -> str:
    stayed = [f"{count:,} {STAYED[reason]}" for reason, count in moved.left_out.items() if count]
    if moved.unfinished:
        stayed.append(f"{moved.unfinished:,} are still under way")
    return f"Moved {_count(moved.count)}.{' Stayed here: ' + ', '.join(stayed) + '.' if stayed else ''}"


def _count(number: int) -> str:
    return f"{number:,} lead{'' if number == 1 else 's'}"
