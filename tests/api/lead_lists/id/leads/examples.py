"""The example answers of the documented API's page on adding leads, by status and name, to the letter."""

from typing import Any


def _error(code: str, title: str, detail: str, pointer: str | None = None) -> dict[str, Any]:
    item: dict[str, Any] = {"code": code, "title": title, "detail": detail}
    if pointer is not None:
        item["source"] = {"pointer": pointer}
    return {"_errors": [item], "object": "error"}


def _unsupported(detail: str, pointer: str) -> dict[str, Any]:
    return _error("unsupported_value", "Unsupported Value", detail, pointer)


EXAMPLES: dict[str, dict[str, dict[str, Any]]] = {
    "202": {
        "Lead List type: linkedin": {"total": 1, "total_added_to_lead_list": 1},
        "Lead List type: email": {"total": 1, "total_added_to_lead_list": 1},
        "Partial import due to reaching the total limit per list": {
            "total": 3,
            "total_added_to_lead_list": 2,
        },
        "Partial import due to duplicates in the batch": {"total": 3, "total_added_to_lead_list": 2},
        "No import due to duplicates in the list": {"total": 2, "total_added_to_lead_list": 0},
    },
    "400": {
        "Missing field (type)": _error(
            "missing_field", "Missing Field", "Missing field from request: type", "/type"
        ),
        "Unsupported value (type)": _unsupported("'foo' is not a supported type.", "/type"),
        "Missing field (leads)": _error(
            "missing_field", "Missing Field", "Missing field from request: leads", "/leads"
        ),
        "Unsupported value (leads over limit per leads batch)": _unsupported(
            "Number of leads exceeds 10,000 limit.", "/leads"
        ),
        "Unsupported value (lead with no LinkedIn URL for linkedin list)": _unsupported(
            "Missing field from request: leads[1].linkedin_url", "/leads/1/linkedin_url"
        ),
        "Unsupported value (lead with invalid LinkedIn URL for linkedin list)": _unsupported(
            "Unsupported value provided for field: leads[1].linkedin_url", "/leads/1/linkedin_url"
        ),
        "Unsupported value (lead with no email for email list)": _unsupported(
            "Missing field from request: leads[1].email", "/leads/1/email"
        ),
        "Unsupported value (lead with invalid email for email list)": _unsupported(
            "Unsupported value provided for field: leads[1].email", "/leads/1/email"
        ),
    },
    "402": {
        "Insufficient credits": _error(
            "insufficient_credits",
            "Insufficient Credits",
            "You do not have enough credits to perform this operation.",
        ),
    },
    "404": {"Not found": _error("not_found", "Not Found", "Could not find lead list.")},
    "409": {
        "Unsupported value (leads over limit per lead list)": _error(
            "conflict", "Conflict", "The maximum of 60,000 leads per list has been reached.", "/leads"
        ),
    },
    "410": {"Gone": _error("gone", "Gone", "Lead list is no longer available.")},
    "500": {
        "Internal server error": _error(
            "internal_server_error", "Internal Server Error", "Something went wrong."
        ),
    },
}
