"""What tests of pages share: browsers with a session, and reading HTML."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.api.support import add_user
from tests.support.installation import Client, Service

from leadyard.domain.accounts import Mode, Role
from leadyard.storage import accounts as account_rows
from leadyard.storage import sessions as session_rows
from leadyard.storage import users as user_rows
from leadyard.storage.sessions import NewSession

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery"


@asynccontextmanager
async def open_browser(
    service: Service, email: str | None = None, *, mode: Mode = Mode.TEST, role: Role | None = None
) -> AsyncIterator[Client]:
    """A client that sends what browsers send with forms; signed in if there is an e-mail.

    With a role the user is made first.
    """
    async with service.client(None) as browser:
        browser.headers.update(OWN_PAGE)
        if email is not None:
            browser.cookies.set("leadyard_session", await begin_session(service, email, mode, role))
        yield browser


async def begin_session(
    service: Service, email: str, mode: Mode = Mode.TEST, role: Role | None = None
) -> str:
    """The token of a session, without a password."""
    token = secrets.token_urlsafe(32)
    digest = service.installation.digest(token)
    async with service.installation.database.write() as tx:
        account = await account_rows.find_first_account(tx)
        assert account is not None
        if role is None:
            user = await user_rows.find_user(tx, account.row_id, email)
        else:
            user = await add_user(tx, email, role)
        assert user is not None
        await session_rows.add_session(tx, NewSession(user.row_id, digest, mode, None, "tests"))
    return token
