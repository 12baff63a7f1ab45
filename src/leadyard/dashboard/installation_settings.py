"""/account/settings: the account, and the settings that the service runs by."""

from __future__ import annotations

from itertools import groupby

from litestar import Response, get

from leadyard.actions.accounts import get_account
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import installation_of, open_page
from leadyard.domain.accounts import Scope


@get("/account/settings")
async def get_settings(request: ApiRequest) -> Response[str]:
    """Settings are variables of the environment, so they are shown here and changed there."""
    call = await open_page(request, Scope.ACCOUNT_READ)
    async with call.services.database.read() as tx:
        account = await get_account(tx, call.caller)
    facts = installation_of(request).facts
    groups = [(group, list(found)) for group, found in groupby(facts, key=lambda fact: fact.group)]
    return call.page("settings.html", account=account, settings=groups)
