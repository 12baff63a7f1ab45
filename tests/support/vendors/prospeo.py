"""Prospeo: POST /bulk-enrich-person and /search-person, GET /account-information."""

from __future__ import annotations

from typing import Any

from tests.support.vendors.people import KEY, Somebody, Vendor
from tests.support.vendors.server import Request, Response


def error(code: str) -> Response:
    """An error as Prospeo words it, nobody found among them."""
    return Response(400, {"error": True, "error_code": code})


class ProspeoVendor(Vendor):
    """A credit for a match, ten with a mobile number; one for a search that finds anybody."""

    name = "prospeo"

    def handle(self, request: Request) -> Response:
        """Answers a request as the service's documentation has it."""
        if request.headers.get("x-key") != KEY:
            return error("INVALID_API_KEY")
        match request.method, request.path:
            case "GET", "/account-information":
                account = {"current_plan": "STARTER", "remaining_credits": self.credits}
                return Response(200, {"error": False, "response": account})
            case "POST", "/enrich-company":
                return self._company(request.json["data"])
            case "POST", "/bulk-enrich-person":
                return self._bulk(request.json)
            case "POST", "/search-person":
                return self._search(request.json)
        return Response(404, b"<html>no such page</html>")

    def _company(self, sent: dict[str, str]) -> Response:
        person = self.of_company(sent.get("company_website"), sent.get("company_linkedin_url"))
        if person is None:
            return error("NO_MATCH")
        is_free = person.domain in self.tellings
        self.sell_company(person, 0 if is_free else 1)
        return Response(200, {"error": False, "free_enrichment": is_free, "company": company_of(person)})

    def _bulk(self, body: Any) -> Response:
        assert 1 <= len(body["data"]) <= 50
        before = self.sold
        matched, not_matched = [], []
        for sent in body["data"]:
            person = (
                self._first(person for person in self.people if person.key == sent.get("person_id"))
                or self.by_profile(sent.get("linkedin_url"))
                or self.by_email(sent.get("email"))
                or self.by_name(sent.get("first_name"), sent.get("last_name"), sent.get("company_website"))
            )
            if person is None or not _has_required(person, body):
                not_matched.append(sent["identifier"])
            else:
                has_mobile = body["enrich_mobile"] and person.phone is not None
                self.sell(person, 10 if has_mobile else 1)
                matched.append({"identifier": sent["identifier"], **told(person, has_mobile=has_mobile)})
        return Response(
            200,
            {
                "error": False,
                "total_cost": self.sold - before,
                "matched": matched,
                "not_matched": not_matched,
                "invalid_datapoints": [],
            },
        )

    def _search(self, body: Any) -> Response:
        filters = body["filters"]
        company = next(iter(filters["company"].values()))["include"][0]
        fitting = self.by_title(filters["person_job_title"]["include"][0], company)
        if not fitting:
            return error("NO_RESULTS")
        self.sold += 1
        results = []
        for person in fitting:
            result = told(person, has_mobile=False)
            result["person"]["email"] = {
                "status": "VERIFIED",
                "revealed": False,
                "email": f"{person.slug[0]}***@{person.domain}",
            }
            results.append(result)
        return Response(200, {"error": False, "free": False, "results": results, "pagination": {}})


def _has_required(person: Somebody, body: Any) -> bool:
    has_email = person.email is not None or not body["only_verified_email"]
    return has_email and (person.phone is not None or not body["only_verified_mobile"])


def told(person: Somebody, *, has_mobile: bool) -> dict[str, Any]:
    """Somebody and their company; numbers that were not bought are masked."""
    return {
        "person": {
            "person_id": person.key,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "linkedin_url": f"https://www.{person.profile}",
            "current_job_title": person.title,
            "headline": None,
            "job_history": [],
            "mobile": {
                "status": "VERIFIED" if person.phone else None,
                "revealed": has_mobile,
                "mobile": person.phone if has_mobile else "+1 415-***-****",
                "mobile_international": person.phone if has_mobile else None,
            },
            "email": {"status": "VERIFIED", "revealed": True, "email": person.email},
            "location": {"city": "Austin", "state": "Texas", "country": "United States"},
            "skills": [],
        },
        "company": company_of(person),
    }


def company_of(person: Somebody) -> dict[str, Any]:
    """The company that somebody works for."""
    return {
        "company_id": f"company-{person.company}",
        "name": person.company,
        "website": f"https://{person.domain}",
        "domain": person.domain,
        "industry": "machinery",
        "employee_count": 120,
        "employee_range": "51-200",
        "founded": 1999,
        "linkedin_url": f"https://www.linkedin.com/company/{person.company.lower()}",
        "location": None,
        "technology": {"count": 1, "technology_names": ["Node.js"]},
    }
