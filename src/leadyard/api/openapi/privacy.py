"""The operations on exclusions, erasures and exports."""

from __future__ import annotations

from leadyard.api import erasure_schemas, exclusion_schemas
from leadyard.api.openapi.operations import (
    REPLAYED,
    Operation,
    Success,
    page_parameters,
    path_parameter,
)
from leadyard.api.paging import COLLECTION_PAGE_SIZE
from leadyard.domain.errors import ErrorCode

_TAGS = ("Privacy",)
_EXCLUDED = "What became of each, by what was sent: `success` or `duplicated`"
_INCLUDED = "What became of each, by what was sent: `success` or `not_found`"
_PAGE = page_parameters(COLLECTION_PAGE_SIZE)

PRIVACY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/excluded-emails",
        "listExcludedEmails",
        "List excluded e-mails, newest first",
        _TAGS,
        {200: Success("A page of excluded e-mails", exclusion_schemas.ExcludedEmailsView)},
        _PAGE,
    ),
    Operation(
        "post",
        "/excluded-emails",
        "excludeEmails",
        "Exclude e-mails",
        _TAGS,
        {200: Success(_EXCLUDED, headers=(REPLAYED,))},
        body=exclusion_schemas.ExcludedEmailsBody,
    ),
    Operation(
        "delete",
        "/excluded-emails",
        "includeEmails",
        "Exclude e-mails no more (admin keys only)",
        _TAGS,
        {200: Success(_INCLUDED)},
        body=exclusion_schemas.ExcludedEmailsBody,
        errors=(ErrorCode.FORBIDDEN,),
    ),
    Operation(
        "get",
        "/excluded-domains",
        "listExcludedDomains",
        "List excluded domains, newest first",
        _TAGS,
        {200: Success("A page of excluded domains", exclusion_schemas.ExcludedDomainsView)},
        _PAGE,
    ),
    Operation(
        "post",
        "/excluded-domains",
        "excludeDomains",
        "Exclude domains and their subdomains",
        _TAGS,
        {200: Success(_EXCLUDED, headers=(REPLAYED,))},
        body=exclusion_schemas.ExcludedDomainsBody,
    ),
    Operation(
        "delete",
        "/excluded-domains",
        "includeDomains",
        "Exclude domains no more (admin keys only)",
        _TAGS,
        {200: Success(_INCLUDED)},
        body=exclusion_schemas.ExcludedDomainsBody,
        errors=(ErrorCode.FORBIDDEN,),
    ),
    Operation(
        "post",
        "/erasures",
        "erasePerson",
        "Erase a person for good (admin keys only)",
        _TAGS,
        {200: Success("The record; it does not tell who", erasure_schemas.ErasureView, (REPLAYED,))},
        body=erasure_schemas.ErasureBody,
        errors=(ErrorCode.FORBIDDEN, ErrorCode.MISSING_FIELD),
    ),
    Operation(
        "get",
        "/erasures",
        "listErasures",
        "List erasures, newest first",
        _TAGS,
        {200: Success("A page of erasures", erasure_schemas.ErasuresView)},
        _PAGE,
    ),
    Operation(
        "get",
        "/people/{id}/export",
        "exportPerson",
        "Read everything that is stored of a person (admin keys only)",
        _TAGS,
        {200: Success("All of it", erasure_schemas.PersonExportView)},
        (path_parameter("id", "The `person_id` of a lead"),),
        errors=(ErrorCode.FORBIDDEN,),
    ),
)
