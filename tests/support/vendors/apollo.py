"""Apollo: POST /api/v1/people/bulk_match and /api/v1/mixed_people/api_search, GET /api/v1/auth/health."""

from __future__ import annotations

from typing import Any

from tests.support.vendors.people import KEY, Somebody, Vendor
from tests.support.vendors.server import Request, Response


class ApolloVendor(Vendor):
    """A credit for each match; searches are free and hide last names and addresses."""

    name = "apollo"
    base_path = "/api/v1"

    def handle(self, request: Request) -> Response:
        """Answers a request as the service's documentation has it."""
        if request.headers.get("x-api-key") != KEY:
            return Response(401, {"error": "Invalid access credentials.", "error_code": "INVALID_API_KEY"})
        match request.method, request.path:
            case "GET", "/api/v1/auth/health":
                return Response(200, {"healthy": True, "is_logged_in": True})
            case "GET", "/api/v1/organizations/enrich":
                return self._organization(self.of_company(request.params["domain"]))
            case "POST", "/api/v1/people/bulk_match":
                return self._match(request)
            case "POST", "/api/v1/mixed_people/api_search":
                return self._search(request.json)
        return Response(404, b"<html>no such page</html>")

    def _organization(self, person: Somebody | None) -> Response:
        if person is None:
            return Response(200, {"organization": None})
        self.sell_company(person, 1)
        return Response(200, {"organization": organization_of(person)})

    def _match(self, request: Request) -> Response:
        details = request.json["details"]
        assert 1 <= len(details) <= 10
        assert request.params["reveal_phone_number"] == "false"
        before = self.sold
        matches = [self._one(detail) for detail in details]
        return Response(
            200,
            {
                "status": "success",
                "error_code": None,
                "error_message": None,
                "total_requested_enrichments": len(details),
                "unique_enriched_records": len(list(filter(None, matches))),
                "missing_records": matches.count(None),
                "credits_consumed": self.sold - before,
                "matches": matches,
            },
        )

    def _one(self, detail: dict[str, str]) -> dict[str, Any] | None:
        person = (
            self._first(person for person in self.people if person.key == detail.get("id"))
            or self.by_profile(detail.get("linkedin_url"))
            or self.by_email(detail.get("email"))
            or self.by_name(detail.get("first_name"), detail.get("last_name"), detail.get("domain"))
        )
        if person is None:
            return None
        self.sell(person, 1)
        return match_of(person)

    def _search(self, body: Any) -> Response:
        company = (body.get("q_organization_domains_list") or [body.get("q_keywords")])[0]
        fitting = self.by_title(body["person_titles"][0], company)
        return Response(
            200,
            {
                "total_entries": len(fitting),
                "people": [
                    {
                        "id": person.key,
                        "first_name": person.first_name,
                        "last_name_obfuscated": f"{person.last_name[:2]}***{person.last_name[-1]}",
                        "title": person.title,
                        "has_email": person.has_email,
                        "has_direct_phone": "Maybe: please request direct dial",
                        "organization": {"name": person.company, "has_industry": True},
                    }
                    for person in fitting[: body["per_page"]]
                ],
            },
        )


def match_of(person: Somebody) -> dict[str, Any]:
    """Somebody as bulk_match tells of them; an address that is not known is a placeholder."""
    return {
        "id": person.key,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "name": f"{person.first_name} {person.last_name}",
        "linkedin_url": f"http://www.{person.profile}",
        "title": person.title,
        "email_status": "verified" if person.email else None,
        "email": person.email or "email_not_unlocked@domain.com",
        "headline": None,
        "city": "Austin",
        "state": "Texas",
        "country": "United States",
        "employment_history": [None, {"title": None}],
        "organization": organization_of(person),
    }


def organization_of(person: Somebody) -> dict[str, Any]:
    """Where somebody works."""
    return {
        "name": person.company,
        "website_url": f"http://www.{person.domain}",
        "primary_domain": person.domain,
        "linkedin_url": f"http://www.linkedin.com/company/{person.company.lower()}",
        "industry": "machinery",
        "estimated_num_employees": "1,200",
        "founded_year": 1999,
        "technology_names": None,
    }
