"""GET /companies/find: one company, while the caller waits."""

from __future__ import annotations

from litestar import Response, get

from leadyard.actions.companies import find_company as find
from leadyard.api.call import open_call
from leadyard.api.parameters import read_texts
from leadyard.api.person_views import company_view
from leadyard.api.wire import ApiRequest, json_response
from leadyard.domain.companies import find_company_slug
from leadyard.domain.errors import Refused, missing_parameter, unsupported_parameter
from leadyard.domain.identity import InvalidIdentity, registrable_domain
from leadyard.domain.providers import CompanyQuery


@get("/companies/find")
async def find_company(request: ApiRequest) -> Response[bytes]:
    """The company with a domain or a LinkedIn page; costs nothing."""
    call = await open_call(request)
    query = _read_query(read_texts(request, ("domain", "linkedin_url")))
    company = await find(call.services.companies[call.caller.mode], query)
    return json_response(request, company_view(company))


def _read_query(given: dict[str, str]) -> CompanyQuery:
    """Raises Refused, at the parameter that is missing or cannot be used."""
    if not given:
        raise Refused(missing_parameter("domain"))
    domain = slug = None
    if "domain" in given:
        try:
            domain = registrable_domain(given["domain"])
        except InvalidIdentity:
            raise Refused(unsupported_parameter("domain")) from None
    if "linkedin_url" in given:
        slug = find_company_slug(given["linkedin_url"])
        if slug is None:
            raise Refused(unsupported_parameter("linkedin_url"))
    return CompanyQuery(domain=domain, linkedin_url=slug)
