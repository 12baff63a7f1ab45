"""The words of the document: what holds for all operations, tags, headers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leadyard.api.errors import STATUSES
from leadyard.api.wire import JSON, VENDOR_JSON
from leadyard.domain.errors import Fault

TAGS = {
    "Lead List": "Lists, their settings and how far their processing is.",
    "Leads": "Adding leads to a list, and what became of each.",
    "Imports": "Files of leads on their way into a list.",
    "E-mail Validation": "Whether mail to some addresses arrives.",
    "People": "Finding people, one or many.",
    "Companies": "Finding companies.",
    "Identity": "When two leads are the same.",
    "Privacy": "Whom to keep out, whom to forget, and what is known of somebody.",
    "Credits": "Balances and the ledger.",
    "Webhooks": "Being told of what happens.",
    "Account": "The account and its users.",
    "API Keys": "Keys of the workspace, and what each may do.",
    "Audit Log": "Who changed what. Nobody can change it.",
    "Service": "For whoever runs the service. No key needed.",
}

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names the request in the logs: the caller's own `X-Request-Id` if that was sane.",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "Requests left (`r`) and seconds until the count begins anew (`t`), for this key.",
        "schema": {"type": "string"},
        "example": '"default";r=499;t=60',
    },
    "RateLimit-Policy": {
        "description": "Requests (`q`) in a window of some seconds (`w`).",
        "schema": {"type": "string"},
        "example": '"default";q=500;w=60',
    },
    "Location": {
        "description": "Path of what was made.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "In how many seconds it is worth asking again.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "Idempotent-Replayed": {
        "description": "`true` when this is the answer that the Idempotency-Key got before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {
        "description": "The scheme that a key is sent by.",
        "schema": {"type": "string", "enum": ["Bearer"]},
    },
    "Content-Disposition": {
        "description": "Names the file after the list.",
        "schema": {"type": "string"},
        "example": "attachment; filename=\"Q3 outbound.csv\"; filename*=UTF-8''Q3%20outbound.csv",
    },
    "Allow": {"description": "The methods that there are.", "schema": {"type": "string"}},
}

COMPRESSION = "May be compressed, with `Content-Encoding: gzip` or `zstd`."

_INTRODUCTION = """\
Add leads to lists; drop what is there already; enrich, validate and reveal; pay once for what is found.

**Keys.** Send `Authorization: Bearer <key>`. A key that begins with `ly_test_` works on test data only, and
nothing it starts leaves the machine, but for messages to webhooks that were made with it. Each operation
needs one scope, which it names; a key that lacks it gets 403, before anything else is looked at.

**Bodies** are JSON in UTF-8, of type `{json}` or `{vendor_json}`. Answers are `{json}` unless `Accept` names
the other alone. A member that is not documented is refused, except in leads. Query parameters that are not
documented are ignored. A body has at most {max_body_bytes:,} bytes, before and
after decompression.

**Errors.** Every answer that is not 2xx is a `response_errors_object`. What is wrong comes in the order of
the request, up to 100 errors. The key is checked first, then its requests of this minute and its scope,
then type, size and form of the body, then whether there is such a resource, then the members of the body,
then room in the list, then credits. A request that is refused has changed nothing.

| Code | Status | Title |
|---|---|---|
{codes}

`method_not_allowed` answers a method that a path does not have; it carries `Allow`.

**Pages.** `page[size]`, and `page[after]` or `page[before]` with the id of an item, which is not on the page
itself. `_links.next` and `_links.prev` are there when there is more.

**Repeating.** A POST with an `Idempotency-Key` happens once: the same request gets the same answer for 24
hours, with `Idempotent-Replayed: true`. Another request with that key gets 422, one that comes while the
first still runs gets 409.

**Rate.** Requests are counted for each key and minute; over the limit, 429 and `Retry-After`.
"""


def introduction(faults: Iterable[Fault], max_body_bytes: int) -> str:
    """The description of the whole, in Markdown, with the table of error codes."""
    known = {fault.code: fault for fault in faults}
    rows = [
        f"| `{code}` | {status} | {known[code].title} |" for code, status in STATUSES.items() if code in known
    ]
    return _INTRODUCTION.format(
        json=JSON, vendor_json=VENDOR_JSON, max_body_bytes=max_body_bytes, codes="\n".join(rows)
    )
