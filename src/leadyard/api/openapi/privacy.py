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
from leadyard.domain.accounts import Scope
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
        Scope.PRIVACY_READ,
        "List excluded e-mails, newest first",
        _TAGS,
        {200: Success("A page of excluded e-mails", exclusion_schemas.ExcludedEmailsView)},
        _PAGE,
    ),
    Operation(
        "post",
        "/excluded-emails",
        "excludeEmails",
        Scope.PRIVACY_WRITE,
        "Exclude e-mails",
        _TAGS,
        {200: Success(_EXCLUDED, headers=(REPLAYED,))},
        body=exclusion_schemas.ExcludedEmailsBody,
    ),
    Operation(
        "delete",
        "/excluded-emails",
        "includeEmails",
        Scope.PRIVACY_ERASE,
        "Exclude e-mails no more",
        _TAGS,
        {200: Success(_INCLUDED)},
        body=exclusion_schemas.ExcludedEmailsBody,
    ),
    Operation(
        "get",
        "/excluded-domains",
        "listExcludedDomains",
        Scope.PRIVACY_READ,
        "List excluded domains, newest first",
        _TAGS,
        {200: Success("A page of excluded domains", exclusion_schemas.ExcludedDomainsView)},
        _PAGE,
    ),
    Operation(
        "post",
        "/excluded-domains",
        "excludeDomains",
        Scope.PRIVACY_WRITE,
        "Exclude domains and their subdomains",
        _TAGS,
        {200: Success(_EXCLUDED, headers=(REPLAYED,))},
        body=exclusion_schemas.ExcludedDomainsBody,
    ),
    Operation(
        "delete",
        "/excluded-domains",
        "includeDomains",
        Scope.PRIVACY_ERASE,
        "Exclude domains no more",
        _TAGS,
        {200: Success(_INCLUDED)},
        body=exclusion_schemas.ExcludedDomainsBody,
    ),
    Operation(
        "post",
        "/erasures",
        "erasePerson",
        Scope.PRIVACY_ERASE,
        "Erase a person for good",
        _TAGS,
        {200: Success("The record; it does not tell who", erasure_schemas.ErasureView, (REPLAYED,))},
        body=erasure_schemas.ErasureBody,
        errors=(ErrorCode.MISSING_FIELD,),
    ),
    Operation(
        "get",
        "/erasures",
        "listErasures",
        Scope.PRIVACY_READ,
        "List erasures, newest first",
        _TAGS,
        {200: Success("A page of erasures", erasure_schemas.ErasuresView)},
        _PAGE,
    ),
    Operation(
        "get",
        "/people/{id}/export",
        "exportPerson",
        Scope.PRIVACY_ERASE,
        "Read everything that is stored of a person",
        _TAGS,
        {200: Success("All of it", erasure_schemas.PersonExportView)},
        (path_parameter("id", "The `person_id` of a lead"),),
    ),
)
