"""Excluded e-mails and domains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from leadyard_client.plans import Pages, Plan, Request, ask, change, paged, post
from leadyard_client.results.exclusions import ExcludedDomain, ExcludedEmail

MAX_ITEMS = 10_000


def list_excluded_emails(*, page_size: int = 1_000) -> Pages[ExcludedEmail]:
    """The excluded e-mails, newest first."""
    return paged("/excluded-emails", "excluded_emails", ExcludedEmail, {"page[size]": page_size})


def exclude_emails(emails: Iterable[str]) -> Plan[dict[str, str]]:
    """Keeps e-mails out of all lists; tells of each `success` or `duplicated`."""
    return (yield from _add("/excluded-emails", "excluded_emails", "email", emails))


def include_emails(emails: Iterable[str]) -> Plan[dict[str, str]]:
    """Keeps e-mails out no more; tells of each `success` or `not_found`."""
    return (yield from _remove("/excluded-emails", "excluded_emails", "email", emails))


def list_excluded_domains(*, page_size: int = 1_000) -> Pages[ExcludedDomain]:
    """The excluded domains, newest first."""
    return paged("/excluded-domains", "excluded_domains", ExcludedDomain, {"page[size]": page_size})


def exclude_domains(domains: Iterable[str]) -> Plan[dict[str, str]]:
    """Keeps domains, and what is below them, out of all lists; tells of each `success` or `duplicated`."""
    return (yield from _add("/excluded-domains", "excluded_domains", "domain", domains))


def include_domains(domains: Iterable[str]) -> Plan[dict[str, str]]:
    """Keeps domains out no more; tells of each `success` or `not_found`."""
    return (yield from _remove("/excluded-domains", "excluded_domains", "domain", domains))


def _add(path: str, collection: str, member: str, values: Iterable[str]) -> Plan[dict[str, str]]:
    requests = (post(path, body) for body in _bodies(collection, member, values))
    return (yield from _ask_all(requests))


def _remove(path: str, collection: str, member: str, values: Iterable[str]) -> Plan[dict[str, str]]:
    requests = (change("DELETE", path, body) for body in _bodies(collection, member, values))
    return (yield from _ask_all(requests))


def _bodies(collection: str, member: str, values: Iterable[str]) -> Iterator[dict[str, list[dict[str, str]]]]:
    remaining = iter(values)
    while items := [{member: value} for value in islice(remaining, MAX_ITEMS)]:
        yield {collection: items}


def _ask_all(requests: Iterable[Request]) -> Plan[dict[str, str]]:
    told: dict[str, str] = {}
    for request in requests:
        told.update((yield from ask(request)).json())
    return told
