"""/account-info and /users."""

from __future__ import annotations

from litestar import Response, get

from leadyard.actions import accounts as account_actions
from leadyard.api.call import open_call
from leadyard.api.paging import COLLECTION_PAGE_SIZE, page_links, read_page
from leadyard.api.schemas import AccountView, UsersView
from leadyard.api.views import user_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.accounts import Scope


@get("/account-info")
async def get_account(request: ApiRequest) -> Response[bytes]:
    """The caller's account."""
    call = await open_call(request, Scope.ACCOUNT_READ)
    async with call.services.database.read() as tx:
        account = await account_actions.get_account(tx, call.caller)
    return json_response(request, AccountView(account.id, account.name))


@get("/users")
async def list_users(request: ApiRequest) -> Response[bytes]:
    """The users of the account, oldest first."""
    call = await open_call(request, Scope.ACCOUNT_READ)
    page_request = read_page(request, COLLECTION_PAGE_SIZE)
    async with call.services.database.read() as tx:
        page = await account_actions.list_users(tx, call.caller, page_request)
    users = [user_view(user) for user in page.items]
    links = page_links("/users", page_request, page, [user.id for user in users])
    return json_response(request, UsersView(users, links))
