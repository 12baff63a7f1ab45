"""Hunter: GET /v2/email-finder, people/find, combined/find, companies/find, email-verifier and account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.support.vendors.people import ERASED_EMAIL, KEY, Somebody, Vendor
from tests.support.vendors.server import Request, Response


def error(status: int, kind: str) -> Response:
    """An error as Hunter words it."""
    return Response(status, {"errors": [{"id": kind, "code": status, "details": kind}]})


class HunterVendor(Vendor):
    """A credit for an address found, a fifth for a person behind one, half for a verification."""

    name = "hunter"
    base_path = "/v2"

    def handle(self, request: Request) -> Response:
        """Answers a request as the service's documentation has it."""
        if request.headers.get("x-api-key") != KEY or request.method != "GET":
            return error(401, "authentication_failed")
        params = request.params
        if params.get("email") == ERASED_EMAIL:
            return error(451, "claimed_email")
        answers: dict[str, Callable[[], Response]] = {
            "/v2/account": self._tell_account,
            "/v2/email-finder": partial(self._find, params),
            "/v2/people/find": partial(self._enrich, self.by_profile(params.get("linkedin_handle"))),
            "/v2/combined/find": partial(self._enrich, self.by_email(params.get("email")), is_combined=True),
            "/v2/companies/find": partial(self._enrich_company, self.of_company(params.get("domain"))),
            "/v2/email-verifier": partial(self._verify, params.get("email", "")),
        }
        answer = answers.get(request.path)
        return answer() if answer else Response(404, b"<html>no such page</html>")

    def _tell_account(self) -> Response:
        usage = {"used": 10, "available": 50}
        return Response(200, {"data": {"requests": {"searches": usage, "verifications": usage}}})

    def _find(self, params: dict[str, str]) -> Response:
        person = self.by_profile(params.get("linkedin_handle")) or self.by_name(
            params.get("first_name"), params.get("last_name"), params.get("domain") or params.get("company")
        )
        if person is None or not person.email:
            names = {"first_name": None, "last_name": None}
            return Response(200, {"data": {**names, "email": None, "score": None}, "meta": {}})
        self.sell(person, 1)
        data = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "score": 97,
            "domain": person.domain,
            "accept_all": person.is_catch_all,
            "position": person.title,
            "twitter": None,
            "linkedin_url": f"https://www.{person.profile}",
            "phone_number": None,
            "company": person.company,
            "sources": [],
            "verification": {"date": None, "status": None},
        }
        return Response(200, {"data": data, "meta": {"params": params}})

    def _enrich(self, person: Somebody | None, *, is_combined: bool = False) -> Response:
        if person is None:
            return error(404, "not_found")
        self.sell(person, 0.2)
        told: dict[str, Any] = {
            "id": f"uuid-{person.slug}",
            "name": {"givenName": person.first_name, "familyName": person.last_name},
            "email": person.email,
            "location": None,
            "geo": {"city": "Austin", "state": "Texas", "country": "United States"},
            "employment": {"domain": person.domain, "name": person.company, "title": person.title},
            "linkedin": {"handle": person.slug},
            "phone": None,
        }
        return Response(
            200, {"data": {"person": told, "company": company_of(person)} if is_combined else told}
        )

    def _enrich_company(self, person: Somebody | None) -> Response:
        if person is None:
            return error(404, "not_found")
        self.sell_company(person, 0.2)
        return Response(200, {"data": company_of(person), "meta": {"domain": person.domain}})

    def _verify(self, address: str) -> Response:
        person = self.by_email(address)
        self.sold += 0.5
        status = "invalid" if person is None else "accept_all" if person.is_catch_all else "valid"
        return Response(200, {"data": {"status": status, "email": address, "score": 90, "result": "risky"}})


def company_of(person: Somebody) -> dict[str, Any]:
    """The company that somebody works for."""
    return {
        "name": person.company,
        "domain": person.domain,
        "foundedYear": 1999,
        "category": {"industry": "machinery"},
        "linkedin": {"handle": f"company/{person.company.lower()}"},
        "metrics": {"employees": None, "employeesRange": "51-200"},
        "tech": ["cloudflare", None],
    }
