"""/account/users: who belongs to the account, inviting others, links to set a password."""

from __future__ import annotations

from litestar import Response, get, post

from leadyard.actions import accounts as account_actions
from leadyard.actions import members as member_actions
from leadyard.api.errors import STATUSES
from leadyard.api.wire import ApiRequest
from leadyard.dashboard.call import PageCall, base_url, open_form, open_page
from leadyard.dashboard.forms import Form, fault_at, faults_by_field
from leadyard.domain.accounts import Role, Scope, User, UserStatus
from leadyard.domain.errors import Conflict, LeadyardError, Refused
from leadyard.domain.identity import InvalidIdentity, email_key
from leadyard.domain.sign_in import Invitation

PATH = "/account/users"
ROLES = [role.value for role in Role]
STATES = [status.value for status in UserStatus]


@get(PATH)
async def get_users(request: ApiRequest) -> Response[str]:
    """The users of the account, oldest first."""
    return await _users_page(await open_page(request, Scope.ADMIN))


@post(PATH, status_code=200)
async def invite(request: ApiRequest) -> Response[str]:
    """Makes a user, and a link that is shown once."""
    call = await open_form(request, Scope.ADMIN)
    form = call.form
    try:
        email = _read_email(form)
        name = form.get("name")[:100] or email.partition("@")[0]
        wanted = Invitation(email, name, Role(form.choice("role", "The role", ROLES)))
        async with call.services.database.write() as tx:
            user, token = await member_actions.invite(tx, call.services.digest, call.caller, wanted)
    except (Refused, Conflict) as error:
        return await _users_page(call, error=error)
    return await _users_page(call, link=(user, token))


@post(f"{PATH}/link", status_code=200)
async def make_link(request: ApiRequest) -> Response[str]:
    """Makes a link by which a user sets a password, and shows it once."""
    call = await open_form(request, Scope.ADMIN)
    email = _read_email(call.form)
    try:
        async with call.services.database.write() as tx:
            user, token = await member_actions.make_link(tx, call.services.digest, call.caller, email)
    except Conflict as error:
        return await _users_page(call, error=error)
    return await _users_page(call, link=(user, token))


@post(f"{PATH}/change", status_code=200)
async def change_user(request: ApiRequest) -> Response[str]:
    """Gives a user another role or status."""
    call = await open_form(request, Scope.ADMIN)
    form = call.form
    email = _read_email(form)
    role = Role(form.choice("role", "The role", ROLES)) if form.has("role") else None
    status = UserStatus(form.choice("status", "The status", STATES)) if form.has("status") else None
    try:
        async with call.services.database.write() as tx:
            changed = await account_actions.change_user(tx, call.caller, email, role, status)
    except Conflict as error:
        return await _users_page(call, error=error)
    return call.go(PATH, f"{changed.email} is {changed.role.replace('_', ' ')}, {changed.status}.")


async def _users_page(
    call: PageCall, *, link: tuple[User, str] | None = None, error: LeadyardError | None = None
) -> Response[str]:
    async with call.services.database.read() as tx:
        members = await member_actions.list_members(tx, call.caller)
    made = None if link is None else (link[0], f"{base_url(call.request)}/welcome/{link[1]}")
    return call.page(
        "users.html",
        status=200 if error is None else STATUSES[error.faults[0].code],
        faults=None if error is None else faults_by_field(error),
        members=members,
        link=made,
        roles=ROLES,
    )


def _read_email(form: Form) -> str:
    try:
        return email_key(form.get("email"))
    except InvalidIdentity:
        raise fault_at("email", "This is no e-mail that can be used.") from None
