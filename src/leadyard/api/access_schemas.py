"""The shapes of API keys and of the audit log on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.schemas import Id, Links, Moment
from leadyard.domain.accounts import Scope
from leadyard.domain.audit import AuditAction

MAX_DAYS = 3_650
MAX_OVERLAP_HOURS = 24 * 90
OVERLAP_HOURS = 24

RoleWord = Literal["admin", "member", "read_only"]
ScopeWord = Annotated[str, Meta(extra_json_schema={"enum": [scope.value for scope in Scope]})]
_Name = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NewApiKeyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A key to make, on the data that the calling key is for."""

    name: Annotated[_Name, Meta(description="What to tell the key by.")]
    user: (
        Annotated[str, Meta(description="E-mail of the user it is for; the caller's by default.")] | None
    ) = None
    role: Annotated[RoleWord, Meta(description="The user's own by default, and never more.")] | None = None
    scopes: (
        Annotated[list[ScopeWord], Meta(min_length=1, description="All those of the role by default.")] | None
    ) = None
    expires_in_days: Annotated[int, Meta(ge=1, le=MAX_DAYS, description="Never by default.")] | None = None


class RotateApiKeyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old key goes on beside the new one."""

    overlap_hours: Annotated[int, Meta(ge=0, le=MAX_OVERLAP_HOURS)] | None = OVERLAP_HOURS


class ApiKeyView(Struct, frozen=True, kw_only=True):
    """A key, which itself is not kept: only its last characters are."""

    id: Annotated[Id, Meta(description="Also the cursor of the page parameters.")]
    object: Literal["api_key"] = "api_key"
    name: str
    user: Annotated[str, Meta(description="E-mail of the user it acts for.")]
    role: RoleWord
    scopes: Annotated[list[ScopeWord], Meta(description="What it may do.")]
    last_four: str
    status: Literal["active", "expired", "revoked"]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Annotated[Moment, Meta(description="To the minute.")] | None
    rotated_at: Moment | None
    revoked_at: Moment | None


class NewApiKeyView(ApiKeyView, frozen=True, kw_only=True):
    """A key that was just made. The key itself is shown once: a repeated answer has null."""

    key: str | None


class ApiKeysView(Struct, frozen=True):
    """A page of keys, newest first."""

    api_keys: list[ApiKeyView]
    links: Links = field(name="_links")


class AuditKeyView(Struct, frozen=True):
    """The key that something was done with."""

    id: Id
    name: str


class AuditEntryView(Struct, frozen=True, kw_only=True):
    """Who did what to what, when and from where. It holds no personal data of leads."""

    id: Annotated[str, Meta(description="Also the cursor of the page parameters.")]
    object: Literal["audit_entry"] = "audit_entry"
    action: Annotated[str, Meta(extra_json_schema={"enum": [action.value for action in AuditAction]})]
    subject: Annotated[str, Meta(description="The id or name of what it was done to.")] | None
    detail: dict[str, Any]
    via: Annotated[str, Meta(extra_json_schema={"enum": ["api", "command_line", "dashboard"]})]
    user: Annotated[str, Meta(description="E-mail of the user.")] | None
    api_key: AuditKeyView | None
    address: Annotated[str, Meta(description="The IP address that the request came from.")] | None
    request_id: str | None
    created_at: Moment


class AuditEntriesView(Struct, frozen=True):
    """A page of the audit log, newest first."""

    audit_entries: list[AuditEntryView]
    links: Links = field(name="_links")
