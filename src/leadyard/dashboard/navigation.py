"""The pages that every page links to, and who sees which."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from leadyard.domain.accounts import Caller, Scope


class Entry(msgspec.Struct, frozen=True):
    """A link of the navigation, seen by those who have the scope; `icon` is a symbol of icons.svg."""

    path: str
    title: str
    icon: str
    scope: Scope


class Group(msgspec.Struct, frozen=True):
    """Links that belong together."""

    title: str
    entries: Sequence[Entry]


NAVIGATION = (
    Group(
        "Leads",
        (
            Entry("/lists", "Lists", "list", Scope.LISTS_READ),
            Entry("/import", "Import", "import", Scope.LISTS_READ),
        ),
    ),
    Group(
        "Data",
        (
            Entry("/account/credits", "Credits", "coins", Scope.CREDITS_READ),
            Entry("/account/providers", "Providers", "plug", Scope.PROVIDERS_READ),
            Entry("/account/directory", "Directory", "book", Scope.PROVIDERS_WRITE),
            Entry("/account/exclusions", "Exclusions", "shield", Scope.PRIVACY_READ),
        ),
    ),
    Group(
        "Programs",
        (
            Entry("/account/connect", "Connect", "code", Scope.ACCOUNT_READ),
            Entry("/account/keys", "API keys", "key", Scope.ADMIN),
            Entry("/account/webhooks", "Webhooks", "hook", Scope.WEBHOOKS_READ),
        ),
    ),
    Group(
        "Account",
        (
            Entry("/account/users", "Users", "users", Scope.ADMIN),
            Entry("/account/audit", "Audit log", "log", Scope.AUDIT_READ),
            Entry("/account/settings", "Settings", "gear", Scope.ACCOUNT_READ),
        ),
    ),
)


def visible_groups(caller: Caller) -> list[Group]:
    """What of the navigation a caller can open."""
    groups = [
        Group(group.title, [entry for entry in group.entries if entry.scope in caller.scopes])
        for group in NAVIGATION
    ]
    return [group for group in groups if group.entries]


def is_current(entry: Entry, path: str) -> bool:
    """Whether a page belongs to a link."""
    return path == entry.path or path.startswith(f"{entry.path}/")
