"""What is written down of whoever changes something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class AuditAction(StrEnum):
    """What was done. Adding leads is not among them: each addition says itself who asked."""

    ACCOUNT_CREATED = "account.created"
    BATCH_CANCELED = "batch.canceled"
    CREDITS_GRANTED = "credits.granted"
    DIRECTORY_LOADED = "directory.loaded"
    ERASURE_BEGUN = "erasure.begun"
    ERASURE_DONE = "erasure.done"
    EXCLUSIONS_ADDED = "exclusions.added"
    EXCLUSIONS_REMOVED = "exclusions.removed"
    IMPORT_UPLOADED = "import.uploaded"
    IMPORT_STARTED = "import.started"
    IMPORT_CANCELED = "import.canceled"
    IMPORT_UNDONE = "import.undone"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    LEADS_ENRICHED = "leads.enriched"
    LEADS_MOVED = "leads.moved"
    LEADS_REMOVED = "leads.removed"
    LEADS_REVEALED = "leads.revealed"
    LEADS_VALIDATED = "leads.validated"
    LEDGER_REPAIRED = "ledger.repaired"
    LIST_COPIED = "list.copied"
    LIST_EXPORTED = "list.exported"
    LIST_CREATED = "list.created"
    LIST_CHANGED = "list.changed"
    LIST_CANCELED = "list.canceled"
    LIST_DELETED = "list.deleted"
    LIST_PAUSED = "list.paused"
    LIST_RESTORED = "list.restored"
    LIST_RESUMED = "list.resumed"
    LIST_RETRIED = "list.retried"
    LIST_REFRESHED = "list.refreshed"
    LIST_WATERFALL_CHANGED = "list.waterfall_changed"
    PERSON_EXPORTED = "person.exported"
    PROVIDER_SET = "provider.set"
    PROVIDER_REMOVED = "provider.removed"
    SESSION_ENDED = "session.ended"
    USER_ADDED = "user.added"
    USER_CHANGED = "user.changed"
    USER_INVITED = "user.invited"
    USER_LINK_MADE = "user.link_made"
    USER_PASSWORD_SET = "user.password_set"  # noqa: S105
    USER_SIGNED_IN = "user.signed_in"
    USER_SIGNED_OUT = "user.signed_out"
    USER_SIGN_IN_FAILED = "user.sign_in_failed"
    WATERFALL_CHANGED = "waterfall.changed"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_PINGED = "webhook.pinged"
    WEBHOOK_REMOVED = "webhook.removed"
    WEBHOOK_REPLAYED = "webhook.replayed"
    WEBHOOK_ROTATED = "webhook.rotated"


class AuditEntry(msgspec.Struct, frozen=True):
    """Who did what to what, when and from where.

    Without a key it was done on a page, and without a request either on the command line.

    `detail` holds no personal data: names of fields, counts, words of the service.
    """

    id: int
    action: AuditAction
    subject: str | None
    detail: Mapping[str, Any]
    user_email: str | None
    key_id: str | None
    key_name: str | None
    address: str | None
    request_id: str | None
    created_at: datetime

    @property
    def via(self) -> str:
        """How it was done: api, dashboard or command_line."""
        if self.key_id is not None:
            return "api"
        return "command_line" if self.request_id is None else "dashboard"
