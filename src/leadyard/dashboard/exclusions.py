"""/account/exclusions and /account/erasures: who is kept out, and who was erased."""

from __future__ import annotations

from collections.abc import Callable

from litestar import Response, get, post

from leadyard.actions import erasures as erasure_actions
from leadyard.actions import exclusions as exclusion_actions
from leadyard.api.errors import STATUSES
from leadyard.api.paging import read_page
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, open_form, open_page
from leadyard.dashboard.forms import Form, fault_at, faults_by_field
from leadyard.domain.accounts import Scope
from leadyard.domain.erasure import Traces
from leadyard.domain.errors import Refused
from leadyard.domain.identity import InvalidIdentity, domain_key, email_key, linkedin_key
from leadyard.domain.suppression import ExclusionKind, ExclusionResult

PATH = "/account/exclusions"
ERASURES = "/account/erasures"
PAGE_SIZE = 50
MAX_LINES = 10_000
MAX_BAD_LINES_TOLD = 5
KINDS = {kind.value: kind for kind in ExclusionKind}
KEYS: dict[ExclusionKind, Callable[[str], str]] = {
    ExclusionKind.EMAIL: email_key,
    ExclusionKind.DOMAIN: domain_key,
}


@get(PATH)
async def get_exclusions(request: ApiRequest) -> Response[str]:
    """Excluded e-mails, or domains, newest first."""
    call = await open_page(request, Scope.PRIVACY_READ)
    return await _exclusions_page(call, _read_kind(request.query_params.get("kind", "")))


@post(PATH, status_code=200)
async def exclude(request: ApiRequest) -> Response[str]:
    """Excludes the e-mails or domains of some lines."""
    call = await open_form(request, Scope.PRIVACY_WRITE)
    kind = _read_kind(call.form.get("kind"))
    try:
        keys = _read_lines(call.form, kind)
        async with call.services.database.write() as tx:
            results = await exclusion_actions.add_exclusions(tx, call.caller, kind, keys)
    except Refused as error:
        return await _exclusions_page(call, kind, error)
    added = list(results.values()).count(ExclusionResult.SUCCESS)
    known = len(results) - added
    text = f"{added:,} excluded{f', {known:,} were before' if known else ''}."
    return call.go(f"{PATH}?kind={kind}", text)


@post(f"{PATH}/remove", status_code=200)
async def include(request: ApiRequest) -> Response[str]:
    """Takes one exclusion back."""
    call = await open_form(request, Scope.PRIVACY_ERASE)
    kind, value = _read_kind(call.form.get("kind")), call.form.text("value", "The value")
    async with call.services.database.write() as tx:
        await exclusion_actions.remove_exclusions(tx, call.caller, kind, {value: value})
    return call.go(f"{PATH}?kind={kind}", f"{value} is not excluded any more.")


@get(ERASURES)
async def get_erasures(request: ApiRequest) -> Response[str]:
    """The records of erasures, newest first. They do not tell who."""
    return await _erasures_page(await open_page(request, Scope.PRIVACY_READ))


@post(ERASURES, status_code=200)
async def erase(request: ApiRequest) -> Response[str]:
    """Erases a person for good."""
    call = await open_form(request, Scope.PRIVACY_ERASE)
    try:
        asked = _read_person(call.form)
        counts = await erasure_actions.erase_person(call.services.database, call.caller, asked)
        async with call.services.database.write() as tx:
            await erasure_actions.record_erasure(tx, call.caller, counts)
    except Refused as error:
        return await _erasures_page(call, error)
    text = f"Erased from {counts.entries:,} leads, and kept out from now on."
    return call.go(ERASURES, text)


async def _exclusions_page(
    call: PageCall, kind: ExclusionKind, error: Refused | None = None
) -> Response[str]:
    page_request = read_page(call.request, PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await exclusion_actions.list_exclusions(tx, call.caller, kind, page_request)
    return call.page(
        "exclusions.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        kind=kind,
        page=page,
    )


async def _erasures_page(call: PageCall, error: Refused | None = None) -> Response[str]:
    page_request = read_page(call.request, PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await erasure_actions.list_erasures(tx, call.caller, page_request)
    return call.page(
        "erasures.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        page=page,
    )


def _read_kind(word: str) -> ExclusionKind:
    return KINDS.get(word, ExclusionKind.EMAIL)


def _read_lines(form: Form, kind: ExclusionKind) -> dict[str, str]:
    """What each line is, with its key. Raises Refused if there are none, too many, or bad ones, by number."""
    lines = [line.strip(" \t,;") for line in form.raw("lines").splitlines()]
    keys, bad = {}, []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            keys[line] = KEYS[kind](line)
        except InvalidIdentity:
            bad.append(number)
    if bad:
        told = ", ".join(map(str, bad[:MAX_BAD_LINES_TOLD])) + (
            ", …" if len(bad) > MAX_BAD_LINES_TOLD else ""
        )
        what = "e-mail" if kind is ExclusionKind.EMAIL else "domain"
        raise fault_at("lines", f"No {what} that can be used in line {told}. Nothing was excluded.")
    if not keys or len(keys) > MAX_LINES:
        raise fault_at("lines", f"Write one in each line, {MAX_LINES:,} at most.")
    return keys


def _read_person(form: Form) -> Traces:
    """Who is to be erased. Raises Refused."""
    email, profile = form.get("email"), form.get("linkedin_url")
    if not email and not profile:
        raise fault_at("email", "Give an e-mail, a LinkedIn address, or both.")
    if not form.has("sure"):
        raise fault_at("sure", "Check the box: it cannot be undone.")
    try:
        emails = frozenset((email_key(email),) if email else ())
    except InvalidIdentity:
        raise fault_at("email", "This is no e-mail that can be used.") from None
    try:
        return Traces(emails, frozenset((linkedin_key(profile),) if profile else ()))
    except InvalidIdentity:
        raise fault_at("linkedin_url", "This is no address of a person on LinkedIn.") from None
