"""What kinds of paid providers there are, as far as an account has to know to set one up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from leadyard.domain.errors import Fault
from leadyard.domain.providers import Group

DIRECTORY = "directory"
MAILCHECK = "mailcheck"
SANDBOX = "sandbox"
OWN_NAMES = frozenset({DIRECTORY, MAILCHECK, SANDBOX})
"""Names that no paid provider can have."""


class ProviderKind(msgspec.Struct, frozen=True):
    """A kind of provider: what it finds, whether it verifies e-mails, and where a key is to be had.

    `price` says in words what it charges for. `find_fault` tells what is wrong with a
    key (None is the one that is there) and options, if anything is.
    """

    name: str
    title: str
    key_page: str
    groups: frozenset[Group]
    can_verify: bool
    price: str
    find_fault: Callable[[str | None, Mapping[str, Any]], Fault | None]
