"""Signing a browser in to a served installation."""

from __future__ import annotations

import re

from playwright.async_api import BrowserContext
from tests.support.served import Served

Form = dict[str, str | float | bool]

PASSWORD = "correct horse battery"
_WELCOME = re.compile(r"/welcome/[\w-]+")
_with_password: set[str] = set()
"""The installations whose admin has one by now."""


async def sign_in(context: BrowserContext, served: Served, email: str, mode: str = "test") -> None:
    """Signs the admin in, on the test or the live data; the first time with the link that `serve` printed."""
    ours = {"Origin": served.url}
    if served.url in _with_password:
        form: Form = {"email": email, "password": PASSWORD}
        answer = await context.request.post(f"{served.url}/sign-in", form=form, headers=ours)
    else:
        link = _WELCOME.findall(served.process.log())[-1]
        form = {"password": PASSWORD, "again": PASSWORD}
        answer = await context.request.post(f"{served.url}{link}", form=form, headers=ours)
        _with_password.add(served.url)
    assert answer.ok, await answer.text()
    turned: Form = {"mode": mode, "back": "/lists"}
    assert (await context.request.post(f"{served.url}/account/mode", form=turned, headers=ours)).ok
