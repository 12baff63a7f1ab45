"""Finding one person, or one company."""

from __future__ import annotations

from leadyard_client.plans import Plan, ask, get
from leadyard_client.results.people import Company, Person


def find_person(
    *,
    linkedin_url: str | None = None,
    email: str | None = None,
    name: str | None = None,
    first_name: str | None = None,
    last_name: str | None = None,
    title: str | None = None,
    company_name: str | None = None,
    company_domain: str | None = None,
    reveal_email: bool = False,
    reveal_phone_numbers: bool = False,
) -> Plan[Person]:
    """Finds one person: by a profile, by an e-mail, or by a name or title with a company.

    Raises PersonNotFound for nobody, or for several who fit equally well; that costs nothing.
    """
    query = {
        "linkedin_url": linkedin_url,
        "email": email,
        "name": name,
        "first_name": first_name,
        "last_name": last_name,
        "title": title,
        "company_name": company_name,
        "company_domain": company_domain,
        "reveal_email": reveal_email,
        "reveal_phone_numbers": reveal_phone_numbers,
    }
    return (yield from ask(get("/people/find", query))).as_result(Person)


def find_company(*, domain: str | None = None, linkedin_url: str | None = None) -> Plan[Company]:
    """Finds one company by its domain or its page. Costs no credits. Raises NotFound for none."""
    query = {"domain": domain, "linkedin_url": linkedin_url}
    return (yield from ask(get("/companies/find", query))).as_result(Company)
