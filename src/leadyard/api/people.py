"""GET /people/find: one person, while the caller waits."""

from __future__ import annotations

from litestar import Response, get

from leadyard.api.call import open_call
from leadyard.api.estimates import estimate_response, open_spending_call, read_dry_run
from leadyard.api.parameters import read_flag, read_texts
from leadyard.api.person_views import person_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope
from leadyard.domain.clues import CLUE_NAMES, PersonClues, clues_key, read_clues
from leadyard.domain.errors import Refused, missing_parameter, unsupported_parameter
from leadyard.domain.identity import InvalidIdentity
from leadyard.domain.lead_lists import ListOptions
from leadyard.domain.leads import UnusableLead


@get("/people/find")
async def find_person(request: ApiRequest) -> Response[bytes]:
    """The person that the clues lead to."""
    call = await open_spending_call(request, Scope.PEOPLE_WRITE, open_call)
    is_dry_run = read_dry_run(request)
    clues = PersonClues(**read_texts(request, CLUE_NAMES))
    options = ListOptions(
        enrich=True,
        reveal_email=read_flag(request, "reveal_email"),
        reveal_phone_numbers=read_flag(request, "reveal_phone_numbers"),
    )
    _require_usable(clues)
    if is_dry_run:
        return estimate_response(call, await call.services.people.preview(call.caller, clues, options))
    entry = await call.services.people.find(call.caller, clues, options, call.at_most)
    assert entry.findings.person is not None
    view = person_view(entry.findings.person, read_clues(entry.raw), reveals_email=options.reveal_email)
    return json_response(request, view)


def _require_usable(clues: PersonClues) -> None:
    """Raises Refused, at the parameter that is missing or cannot be used."""
    try:
        clues_key(clues)
    except UnusableLead as error:
        raise Refused(*(missing_parameter(fault.field) for fault in error.faults)) from None
    except InvalidIdentity as error:
        raise Refused(unsupported_parameter(error.field)) from None
