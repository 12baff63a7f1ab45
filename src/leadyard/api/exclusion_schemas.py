"""The shapes of exclusions on the wire; `schemas.py` has the others."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from leadyard.api.fields import MAX_TEXT_LENGTH
from leadyard.api.schemas import Links, Moment

MAX_ITEMS = 10_000

SourceWord = Annotated[str, Meta(description="Where the exclusion was made.")]
ReasonWord = Annotated[str, Meta(description="`api`: a caller asked for it.")]


class ExcludedEmailView(Struct, frozen=True):
    """An e-mail that no lead may have."""

    email: Annotated[str, Meta(description="Normalized. Also the cursor of the page parameters.")]
    source: SourceWord
    date_added: Moment
    excluded_reason: ReasonWord


class ExcludedEmailsView(Struct, frozen=True):
    """A page of excluded e-mails, newest first."""

    excluded_emails: list[ExcludedEmailView]
    links: Links = field(name="_links")


class ExcludedDomainView(Struct, frozen=True):
    """A domain that no lead may have; neither one of its subdomains."""

    domain: Annotated[str, Meta(description="Normalized. Also the cursor of the page parameters.")]
    source: SourceWord
    date_added: Moment
    excluded_reason: ReasonWord


class ExcludedDomainsView(Struct, frozen=True):
    """A page of excluded domains, newest first."""

    excluded_domains: list[ExcludedDomainView]
    links: Links = field(name="_links")


class ExcludedEmailBody(Struct, frozen=True, forbid_unknown_fields=True):
    """An e-mail to exclude, or to exclude no more."""

    email: Annotated[
        str, Meta(min_length=1, max_length=MAX_TEXT_LENGTH, extra_json_schema={"format": "email"})
    ]


class ExcludedEmailsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """E-mails. One that stands there as a string is taken too."""

    excluded_emails: Annotated[list[ExcludedEmailBody | str], Meta(max_length=MAX_ITEMS)]


class ExcludedDomainBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A domain to exclude, or to exclude no more; of a web address its host."""

    domain: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_LENGTH)]


class ExcludedDomainsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Domains. One that stands there as a string is taken too."""

    excluded_domains: Annotated[list[ExcludedDomainBody | str], Meta(max_length=MAX_ITEMS)]
