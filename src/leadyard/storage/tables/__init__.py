"""The schema, once, for both databases. Migrations make it; a test compares the two."""

from leadyard.storage.tables import (
    accounts,
    audit,
    directory,
    imports,
    lead_lists,
    ledger,
    mail_hosts,
    privacy,
    providers,
    request_windows,
    webhooks,
)
from leadyard.storage.tables.metadata import metadata

__all__ = [
    "accounts",
    "audit",
    "directory",
    "imports",
    "lead_lists",
    "ledger",
    "mail_hosts",
    "metadata",
    "privacy",
    "providers",
    "request_windows",
    "webhooks",
]
