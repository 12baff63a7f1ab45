"""The operations on people, companies and batches."""

from __future__ import annotations

from typing import Any

from leadyard.api import person_schemas as shapes
from leadyard.api.estimate_schemas import PreviewView
from leadyard.api.openapi import bodies
from leadyard.api.openapi.operations import (
    CLEAN,
    ESTIMATED,
    REPLAYED,
    SPENDING,
    Operation,
    Success,
    page_parameters,
    path_parameter,
    query_parameter,
)
from leadyard.api.paging import ENTRIES_PAGE_SIZE
from leadyard.api.parameters import MAX_PARAMETER_LENGTH
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import ErrorCode

VALIDATION = "E-mail Validation"
PEOPLE = "People"
COMPANIES = "Companies"

_BATCH_ID = path_parameter("id", "Batch id")
_TEXT: dict[str, Any] = {"maxLength": MAX_PARAMETER_LENGTH, "pattern": CLEAN}
_STARTED = ("Location", "Retry-After", REPLAYED)
_REVEAL = {"type": "boolean", "default": False}
_CLUES = (
    query_parameter("linkedin_url", "The person's profile. It outranks what follows.", **_TEXT),
    query_parameter("email", "An e-mail of the person. It outranks what follows.", **_TEXT),
    query_parameter("name", "The whole name. Needs a company.", **_TEXT),
    query_parameter("first_name", "The first name, in place of `name`.", **_TEXT),
    query_parameter("last_name", "The last name, in place of `name`.", **_TEXT),
    query_parameter("title", "The title. Needs a company.", **_TEXT),
    query_parameter("company_name", "The name of the person's company.", **_TEXT),
    query_parameter("company_domain", "The domain of the person's company.", **_TEXT),
    query_parameter("reveal_email", "Show the person's e-mail, for 1 e-mail credit.", **_REVEAL),
    query_parameter("reveal_phone_numbers", "Show phone numbers, for 1 phone credit.", **_REVEAL),
)

PEOPLE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/email-validations",
        "startEmailValidation",
        Scope.PEOPLE_WRITE,
        "Start a batch of e-mail validations",
        (VALIDATION,),
        {202: Success("The batch, queued", shapes.EmailValidationView, _STARTED), 200: ESTIMATED},
        SPENDING,
        body=bodies.EmailValidationBody,
        errors=(ErrorCode.CONFLICT, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "get",
        "/email-validations/{id}",
        "getEmailValidation",
        Scope.PEOPLE_READ,
        "Read a batch and, once it has ended, a page of its results",
        (VALIDATION,),
        {200: Success("The batch", shapes.EmailValidationView, ("Retry-After",))},
        (_BATCH_ID, *page_parameters(ENTRIES_PAGE_SIZE)),
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "patch",
        "/email-validations/{id}",
        "cancelEmailValidation",
        Scope.PEOPLE_WRITE,
        "Cancel a batch of e-mail validations",
        (VALIDATION,),
        {200: Success("The batch, with what was validated before", shapes.EmailValidationView)},
        (_BATCH_ID, *page_parameters(ENTRIES_PAGE_SIZE)),
        body=bodies.CancelBody,
        errors=(ErrorCode.GONE, ErrorCode.CONFLICT),
    ),
    Operation(
        "get",
        "/people/find",
        "findPerson",
        Scope.PEOPLE_WRITE,
        "Find one person",
        (PEOPLE,),
        {
            200: Success(
                "The person, or with `dry_run=true` what looking for them would come to",
                shapes.PersonView,
                other_shape=PreviewView,
            )
        },
        (*_CLUES, *SPENDING),
        errors=(
            ErrorCode.CONFLICT,
            ErrorCode.MISSING_FIELD,
            ErrorCode.INSUFFICIENT_CREDITS,
            ErrorCode.PERSON_NOT_FOUND,
            ErrorCode.UNAVAILABLE_FOR_LEGAL_REASONS,
        ),
    ),
    Operation(
        "post",
        "/people/enrichment-requests",
        "startEnrichment",
        Scope.PEOPLE_WRITE,
        "Start a batch of person enrichments",
        (PEOPLE,),
        {202: Success("The batch, queued", shapes.EnrichmentRequestView, _STARTED), 200: ESTIMATED},
        SPENDING,
        body=bodies.EnrichmentBody,
        errors=(ErrorCode.CONFLICT, ErrorCode.INSUFFICIENT_CREDITS),
    ),
    Operation(
        "get",
        "/people/enrichment-requests/{id}",
        "getEnrichment",
        Scope.PEOPLE_READ,
        "Read a batch and, once it is completed, a page of its results",
        (PEOPLE,),
        {200: Success("The batch", shapes.EnrichmentRequestView, ("Retry-After",))},
        (_BATCH_ID, *page_parameters(ENTRIES_PAGE_SIZE)),
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "patch",
        "/people/enrichment-requests/{id}",
        "cancelEnrichment",
        Scope.PEOPLE_WRITE,
        "Cancel a batch of person enrichments",
        (PEOPLE,),
        {200: Success("The batch, canceled", shapes.EnrichmentRequestView)},
        (_BATCH_ID,),
        body=bodies.CancelBody,
        errors=(ErrorCode.GONE, ErrorCode.CONFLICT),
    ),
    Operation(
        "get",
        "/companies/find",
        "findCompany",
        Scope.PEOPLE_WRITE,
        "Find one company; costs nothing",
        (COMPANIES,),
        {200: Success("The company", shapes.CompanyView)},
        (
            query_parameter("domain", "The company's domain, or a web address with it.", **_TEXT),
            query_parameter("linkedin_url", "The company's page, in place of the domain.", **_TEXT),
        ),
        errors=(ErrorCode.MISSING_FIELD, ErrorCode.NOT_FOUND),
    ),
)
