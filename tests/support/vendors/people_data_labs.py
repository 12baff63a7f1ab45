"""People Data Labs, v5: POST person/bulk and person/search, GET company/enrich and autocomplete."""

from __future__ import annotations

from typing import Any

from tests.support.vendors.people import ERASED_EMAIL, KEY, Somebody, Vendor
from tests.support.vendors.server import Request, Response


def _error(status: int, kind: str) -> dict[str, Any]:
    return {"status": status, "error": {"type": [kind], "message": kind}}


class PeopleDataLabsVendor(Vendor):
    """A credit for each entry of status 200, and for each record that a search returns."""

    name = "people_data_labs"
    base_path = "/v5"

    def handle(self, request: Request) -> Response:
        """Answers a request as the service's documentation has it."""
        if request.headers.get("x-api-key") != KEY:
            return Response(401, _error(401, "authentication_error"))
        match request.method, request.path:
            case "GET", "/v5/autocomplete":
                return Response(200, {"data": []}, {"x-totallimit-remaining": f"{self.credits:g}"})
            case "POST", "/v5/person/bulk":
                return self._bulk(request.json)
            case "POST", "/v5/person/search":
                return self._search(request.json)
            case "GET", "/v5/company/enrich":
                return self._company(request.params)
        return Response(404, b"<html>no such page</html>")

    def _bulk(self, body: Any) -> Response:
        before = self.sold
        assert 1 <= len(body["requests"]) <= 100
        entries = [self._entry(each) for each in body["requests"]]
        return Response(200, entries, {"x-call-credits-spent": f"{self.sold - before:g}"})

    def _entry(self, each: Any) -> dict[str, Any]:
        params = each["params"]
        entry: dict[str, Any] = {"metadata": each["metadata"]} if "metadata" in each else {}
        if ERASED_EMAIL in params.get("email", []):
            return {**entry, **_error(451, "unavailable_for_legal_reasons")}
        known = [self.by_profile(address) for address in params.get("profile", [])]
        known += [self.by_email(address) for address in params.get("email", [])]
        if "first_name" in params:
            known.append(self.by_name(params["first_name"][0], params["last_name"][0], params["company"][0]))
        person = next(filter(None, known), None)
        if person is None or not self._has(person, params.get("required", "")):
            return {**entry, **_error(404, "not_found")}
        self.sell(person, 1)
        return {**entry, "status": 200, "likelihood": 9, "data": record(person)}

    def _company(self, params: dict[str, str]) -> Response:
        person = self.of_company(params.get("website"), params.get("profile"))
        if person is None:
            return Response(404, _error(404, "not_found"))
        self.sell_company(person, 1)
        name = person.company.lower()
        body = {
            "status": 200,
            "likelihood": 6,
            "id": f"id-{name}",
            "name": name,
            "display_name": person.company,
            "website": person.domain,
            "linkedin_url": f"linkedin.com/company/{name}",
            "industry": "machinery",
            "size": "51-200",
            "employee_count": 73,
            "founded": 1999,
            "location": {"name": "austin, texas, united states", "geo": None},
            "inferred_revenue": "$10M-$25M",
            "tags": None,
        }
        return Response(200, body, {"x-call-credits-spent": "1"})

    @staticmethod
    def _has(person: Somebody, required: str) -> bool:
        has = {"work_email": person.email, "mobile_phone": person.phone}
        return not required or any(has.get(name) for name in required.split(" OR "))

    def _search(self, body: Any) -> Response:
        clauses = {name: value for each in body["query"]["bool"]["must"] for name, value in _terms(each)}
        company = clauses.get("job_company_website") or clauses["job_company_name"]
        fitting = self.by_title(clauses["job_title"], company)
        shown = fitting[: body["size"]]
        if not shown:
            return Response(404, _error(404, "not_found"))
        for person in shown:
            self.sell(person, 1)
        return Response(
            200, {"status": 200, "data": [record(person) for person in shown], "total": len(fitting)}
        )


def _terms(clause: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    return [pair for terms in clause.values() for pair in terms.items()]


def record(person: Somebody) -> dict[str, Any]:
    """A record, in lower case as they are, with nulls and fields that nobody asked for."""
    return {
        "id": person.key,
        "full_name": f"{person.first_name} {person.last_name}".lower(),
        "first_name": person.first_name.lower(),
        "last_name": person.last_name.lower(),
        "linkedin_url": person.profile,
        "profiles": [
            {"network": "linkedin", "url": person.profile},
            {"network": "github", "url": None},
            None,
        ],
        "work_email": person.email,
        "personal_emails": [],
        "emails": None,
        "mobile_phone": person.phone,
        "phone_numbers": [person.phone, None] if person.phone else [],
        "job_title": person.title.lower(),
        "headline": None,
        "location_name": "austin, texas, united states",
        "job_company_name": person.company.lower(),
        "job_company_website": person.domain,
        "job_company_industry": "machinery",
        "job_company_size": "51-200",
        "job_company_founded": "1999",
        "job_company_linkedin_url": f"linkedin.com/company/{person.company.lower()}",
        "inferred_salary": None,
        "dataset_version": "31.0",
    }
