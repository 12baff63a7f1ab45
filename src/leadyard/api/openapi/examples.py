"""The examples of the document. Errors are made by the code that raises them, so they read as sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from leadyard.api.errors import STATUSES, error_item
from leadyard.api.rate_limit import TooManyRequests
from leadyard.api.schemas import AddedView, Errors
from leadyard.api.wire import JSON, VENDOR_JSON, PayloadTooLarge, UnsupportedMediaType
from leadyard.domain.accounts import Scope, lacks_scope
from leadyard.domain.capacity import Limits
from leadyard.domain.errors import (
    Conflict,
    DatabaseAway,
    ErrorCode,
    Fault,
    Gone,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InsufficientCredits,
    LeadyardError,
    NotFound,
    PersonErased,
    PersonNotFound,
    Unauthorized,
    missing_field,
    unsupported_field,
)
from leadyard.domain.leads import LeadFault

Examples = dict[str, dict[str, Any]]

SOME_RATE_LIMIT = 500

_ADDED = {
    "Lead List type: linkedin": AddedView(1, 1),
    "Lead List type: email": AddedView(1, 1),
    "Partial import due to reaching the total limit per list": AddedView(3, 2),
    "Partial import due to duplicates in the batch": AddedView(3, 2),
    "No import due to duplicates in the list": AddedView(2, 0),
}
_LEADS = {
    "linkedin": {"linkedin_url": "https://www.linkedin.com/in/jane-doe", "campaign": "spring"},
    "email": {"email": "jane@example.com", "first_name": "Jane"},
    "titles_and_company": {"title": "Head of Sales", "company_domain": "example.com"},
}
_WITHOUT_BODY = (
    "pauseLeadList",
    "resumeLeadList",
    "retryLeads",
    "rotateWebhookSecret",
    "pingWebhook",
    "replayWebhookDelivery",
    "startImport",
    "undoImport",
)
_PEOPLE = [
    {"linkedin_url": "https://www.linkedin.com/in/jane-doe"},
    {"name": "Joe Roe", "company_domain": "example.com"},
]


def body_examples() -> dict[str, Examples]:
    """Bodies to try, by operation."""
    add = {kind: {"type": kind, "leads": [lead]} for kind, lead in _LEADS.items()}
    new = {"name": "Spring", "shared": True, "owner": "admin@leadyard.example"}
    options = {"enrich": True, "validate_email": True, "reveal_phone_numbers": False}
    create = {kind: {**new, **body, "options": options} for kind, body in add.items()}
    emails = {"email": {"excluded_emails": [{"email": "jane@example.com"}]}}
    domains = {"domain": {"excluded_domains": [{"domain": "example.com"}]}}
    return {
        "addLeads": _named(add),
        "createLeadList": _named(create),
        "normalizeLeads": _named(add),
        "updateLeadList": _named({"rename": {"name": "Summer"}, "cancel": {"status": "canceled"}}),
        **dict.fromkeys(_WITHOUT_BODY, _named({"nothing": {}})),
        "addWebhook": _named(
            {"lists": {"url": "https://hooks.example.com/leads", "events": ["list.completed", "list.paused"]}}
        ),
        "updateWebhook": _named({"disable": {"enabled": False}, "events": {"events": ["credits.low"]}}),
        "putProvider": _named(
            {"Apollo": {"kind": "apollo", "api_key": "an-example-of-a-key", "credit_price": 0.02}}
        ),
        "putWaterfall": _named(
            {"both": {"order": {"email": ["directory", "hunter"]}, "limits": {"day": 50}}}
        ),
        "putLeadListWaterfall": _named({"phones only from here": {"phone": ["directory"]}}),
        "updateImport": _named(
            {
                "as guessed": {},
                "columns": {"columns": ["email", "full_name", "data"], "type": "email"},
                "cancel": {"status": "canceled"},
            }
        ),
        "mendImportRow": _named(
            {"mend": {"cells": {"Work email": "jane@example.com"}}, "leave out": {"left_out": True}}
        ),
        "refreshLeads": _named({"older than a month": {"older_than_days": 30}}),
        "startEmailValidation": _named(
            {"two": {"emails": [{"email": "jane@example.com"}, "joe@example.com"]}}
        ),
        "cancelEmailValidation": _named({"cancel": {"status": "canceled"}}),
        "startEnrichment": _named({"mixed": {"leads": _PEOPLE, "reveal_email": True}}),
        "cancelEnrichment": _named({"cancel": {"status": "canceled"}}),
        "excludeEmails": _named(emails),
        "includeEmails": _named(emails),
        "excludeDomains": _named(domains),
        "includeDomains": _named(domains),
        "erasePerson": _named(
            {
                "email": {"email": "jane@example.com"},
                "linkedin": {"linkedin_url": "https://www.linkedin.com/in/jane-doe"},
            }
        ),
        "createApiKey": _named({"for a form": {"name": "Sign-up form", "scopes": ["lists:write"]}}),
        "rotateApiKey": _named({"at once": {"overlap_hours": 0}}),
        "grantCredits": _named({"grant": {"kind": "email", "amount": 250.5, "reason": "Invoice 1042"}}),
    }


def added_examples() -> Examples:
    """The documented successful answers to adding leads."""
    return _named(_ADDED)


def add_leads_faults(limits: Limits) -> dict[int, dict[str, Fault]]:
    """The documented errors of adding leads, by status and name; the limits are those in force."""
    foo = Fault(ErrorCode.UNSUPPORTED_VALUE, "'foo' is not a supported type.", "/type")
    lead = "Unsupported value (lead with {} for {} list)"
    return {
        400: {
            "Missing field (type)": missing_field("type"),
            "Unsupported value (type)": foo,
            "Missing field (leads)": missing_field("leads"),
            "Unsupported value (leads over limit per leads batch)": limits.too_many_leads(),
            lead.format("no LinkedIn URL", "linkedin"): LeadFault("linkedin_url", is_missing=True).at(1),
            lead.format("invalid LinkedIn URL", "linkedin"): LeadFault("linkedin_url").at(1),
            lead.format("no email", "email"): LeadFault("email", is_missing=True).at(1),
            lead.format("invalid email", "email"): LeadFault("email").at(1),
        },
        402: {"Insufficient credits": _fault(InsufficientCredits())},
        404: {"Not found": _fault(NotFound("lead list"))},
        409: {"Unsupported value (leads over limit per lead list)": _fault(limits.list_is_full())},
        410: {"Gone": _fault(Gone())},
        500: {"Internal server error": SERVER_FAULT},
    }


def code_faults(max_body_bytes: int) -> dict[ErrorCode, Fault]:
    """One fault for each code that this release answers with."""
    faults = (
        missing_field("type"),
        unsupported_field("name"),
        _fault(Unauthorized()),
        _fault(InsufficientCredits()),
        _fault(lacks_scope(Scope.CREDITS_GRANT)),
        _fault(NotFound("lead list")),
        _fault(PersonNotFound()),
        Fault(ErrorCode.METHOD_NOT_ALLOWED, "This resource does not support the method."),
        _fault(Conflict("Lead list is canceled.")),
        _fault(Gone()),
        _fault(PayloadTooLarge(max_body_bytes)),
        _fault(UnsupportedMediaType(f"Content-Type must be {JSON} or {VENDOR_JSON}.")),
        _fault(IdempotencyKeyInUse()),
        _fault(IdempotencyKeyReused()),
        _fault(TooManyRequests(SOME_RATE_LIMIT, 1)),
        _fault(PersonErased()),
        SERVER_FAULT,
        _fault(DatabaseAway()),
    )
    return {fault.code: fault for fault in faults}


def error_examples(faults: Mapping[str, Fault]) -> Examples:
    """Error bodies by name."""
    return _named({name: Errors([error_item(fault)]) for name, fault in faults.items()})


def group_by_status(codes: set[ErrorCode]) -> dict[int, list[ErrorCode]]:
    """Codes by status, both in order."""
    ordered = [code for code in STATUSES if code in codes]
    statuses = sorted({STATUSES[code] for code in ordered})
    return {status: [code for code in ordered if STATUSES[code] == status] for status in statuses}


SERVER_FAULT = Fault(ErrorCode.INTERNAL_SERVER_ERROR, "Something went wrong.")


def _fault(error: LeadyardError) -> Fault:
    return error.faults[0]


def _named(values: Mapping[str, Any]) -> Examples:
    return {name: {"value": msgspec.to_builtins(value)} for name, value in values.items()}
