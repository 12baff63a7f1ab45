"""A service that is nobody's, and the template that describes it."""

from __future__ import annotations

from typing import Any

from tests.support.vendors.people import ERASED_EMAIL, KEY, Vendor
from tests.support.vendors.server import Request, Response


def template(url: str) -> dict[str, Any]:
    """The settings for the service at this address."""
    return {
        "url": f"{url}/lookup?by={{email}}",
        "method": "POST",
        "headers": {"X-Secret": "{api_key}"},
        "body": {
            "slug": "{linkedin_slug}",
            "email": "{email}",
            "name": {"first": "{first_name}", "last": "{last_name}"},
            "site": "{company_domain}",
            "job": "{title}",
            "note": "asked for {email}",
        },
        "needs": [
            ["linkedin_slug"],
            ["email"],
            ["first_name", "last_name", "company_domain"],
            ["title", "company_domain"],
        ],
        "found": "$.hits[*]",
        "failed": "$.problem",
        "cost": "$.usage.credits",
        "fields": {
            "id": "$.ref",
            "linkedin_url": "$.links[0]",
            "email": "$.mail[?@.kind == 'work'].address",
            "first_name": "$.given",
            "last_name": "$.family",
            "title": "$.role",
            "company_name": "$.employer.name",
            "company_domain": "$.employer.site",
            "company_founded_year": "$.employer.since",
            "phone_numbers": "$.calls",
        },
        "statuses": {"423": "throttled"},
        "price": 2,
        "check": {"url": f"{url}/me"},
    }


class HttpServiceVendor(Vendor):
    """Two credits a person."""

    name = "http"

    def handle(self, request: Request) -> Response:
        if request.headers.get("x-secret") != KEY:
            return Response(401, {})
        if request.path == "/me":
            return Response(200, {})
        asked = request.json
        if asked.get("email") == ERASED_EMAIL:
            return Response(451, {})
        people = [
            self.by_profile(asked.get("slug")),
            self.by_email(asked.get("email")),
            self.by_name(asked["name"].get("first"), asked["name"].get("last"), asked.get("site")),
        ]
        known = [person for person in people if person][:1]
        if not known and asked.get("job"):
            known = self.by_title(asked["job"], asked["site"])
        if not known:
            return Response(404, {})
        self.sell(known[0], 2)
        hits = [
            {
                "ref": person.key,
                "links": [f"https://{person.profile}"],
                "mail": [{"kind": "private", "address": None}, {"kind": "work", "address": person.email}],
                "given": person.first_name,
                "family": person.last_name,
                "role": person.title,
                "employer": {"name": person.company, "site": person.domain, "since": "1999"},
                "calls": [person.phone],
            }
            for person in known
        ]
        return Response(200, {"hits": hits, "usage": {"credits": "2"}})
