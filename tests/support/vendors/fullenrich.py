"""FullEnrich: POST /api/v2/contact/enrich/bulk, GET /api/v2/contact/enrich/bulk/{id} and /account/credits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.vendors.people import KEY, Somebody, Vendor
from tests.support.vendors.server import Request, Response

_BULK = "/api/v2/contact/enrich/bulk"


def error(status: int, code: str) -> Response:
    """An error as FullEnrich words it."""
    return Response(status, {"code": code, "message": code})


@dataclass(slots=True)
class FullEnrichVendor(Vendor):
    """A credit for a work e-mail, ten for a phone number. An order says `statuses` before its `ending`."""

    statuses: list[str] = field(default_factory=list)
    ending: str = "FINISHED"
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)

    name = "fullenrich"
    base_path = "/api/v2"

    def handle(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return error(401, "error.api.key")
        if request.path == "/api/v2/account/credits":
            return Response(200, {"balance": self.credits})
        if (request.method, request.path) == ("POST", _BULK):
            return self._order(request.json)
        return self._collect(request.path.removeprefix(f"{_BULK}/"))

    def _collect(self, number: str) -> Response:
        order = self.orders.get(number)
        if order is None:
            return error(404, "error.enrichment.not_found")
        if self.statuses:
            status = self.statuses.pop(0)
            if status == "400":
                return error(400, "error.enrichment.in_progress")
            return Response(200, {**order, "status": status, "cost": {"credits": 0}, "data": []})
        return Response(402 if self.ending == "CREDITS_INSUFFICIENT" else 200, order)

    def _order(self, body: Any) -> Response:
        assert body["name"]
        assert 1 <= len(body["data"]) <= 100
        before = self.sold
        data = [self._contact(each) for each in body["data"]]
        number = f"order-{len(self.orders)}"
        cost = {"credits": self.sold - before}
        self.orders[number] = {"id": number, "status": self.ending, "cost": cost, "data": data}
        return Response(200, {"enrichment_id": number})

    def _contact(self, sent: Any) -> dict[str, Any]:
        assert sent["enrich_fields"]
        assert all(isinstance(value, str) for value in sent["custom"].values())
        person = self.by_profile(sent.get("linkedin_url")) or self.by_name(
            sent.get("first_name"), sent.get("last_name"), sent.get("domain")
        )
        told: dict[str, Any] = {"input": {}, "custom": sent["custom"], "contact_info": None, "profile": None}
        if person is None:
            return told
        info: dict[str, Any] = {"work_emails": [], "personal_emails": None, "phones": []}
        if "contact.work_emails" in sent["enrich_fields"] and person.email:
            self.sell(person, 1)
            status = "CATCH_ALL" if person.is_catch_all else "DELIVERABLE"
            info["most_probable_work_email"] = {"email": person.email, "status": status}
            info["work_emails"] = [{"email": person.email, "status": status}, None]
        if "contact.phones" in sent["enrich_fields"] and person.phone:
            self.sell(person, 10)
            info["most_probable_phone"] = {"number": "(415) 555-0123", "region": "US"}
            info["phones"] = [{"number": person.phone, "region": "US"}]
        return {**told, "contact_info": info, "profile": profile(person)}


def profile(person: Somebody) -> dict[str, Any]:
    """Somebody's profile."""
    job = {
        "title": person.title,
        "is_current": True,
        "company": {
            "name": person.company,
            "domain": person.domain,
            "year_founded": 1999,
            "headcount": "250",
            "industry": {"main_industry": "machinery"},
            "locations": {"headquarters": {"city": "Austin", "country": "United States"}},
            "social_profiles": {"professional_network": {"url": "https://www.linkedin.com/company/x"}},
        },
    }
    return {
        "id": f"uuid-{person.slug}",
        "full_name": f"{person.first_name} {person.last_name}",
        "first_name": person.first_name,
        "last_name": person.last_name,
        "headline": None,
        "location": {"city": "Austin", "region": "Texas", "country": "United States"},
        "social_profiles": {"professional_network": {"url": f"https://www.{person.profile}", "id": 7}},
        "employment": {"current": job, "all": [job]},
    }
