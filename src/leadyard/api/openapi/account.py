"""The operations on what belongs to the account as a whole."""

from __future__ import annotations

from leadyard.api import schemas
from leadyard.api.openapi import bodies
from leadyard.api.openapi.operations import (
    REPLAYED,
    Operation,
    Success,
    page_parameters,
)
from leadyard.api.paging import COLLECTION_PAGE_SIZE
from leadyard.domain.accounts import Scope

ACCOUNT_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/normalize",
        "normalizeLeads",
        Scope.LISTS_READ,
        "Ask for the identity of leads before adding them",
        ("Identity",),
        {200: Success("One result a lead, in the order sent", schemas.NormalizedView, (REPLAYED,))},
        body=bodies.NormalizeBody,
    ),
    Operation(
        "get",
        "/credits",
        "getCredits",
        Scope.CREDITS_READ,
        "Read both balances",
        ("Credits",),
        {200: Success("Both balances", schemas.CreditsView)},
    ),
    Operation(
        "get",
        "/credits/entries",
        "listCreditEntries",
        Scope.CREDITS_READ,
        "Read the ledger, newest first",
        ("Credits",),
        {200: Success("A page of the ledger", schemas.CreditEntriesView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
    Operation(
        "post",
        "/credits/grants",
        "grantCredits",
        Scope.CREDITS_GRANT,
        "Add credits to a balance",
        ("Credits",),
        {201: Success("The entry in the ledger", schemas.CreditEntryView, (REPLAYED,))},
        body=bodies.GrantBody,
    ),
    Operation(
        "get",
        "/account-info",
        "getAccount",
        Scope.ACCOUNT_READ,
        "Read the account that the key is of",
        ("Account",),
        {200: Success("The account", schemas.AccountView)},
    ),
    Operation(
        "get",
        "/users",
        "listUsers",
        Scope.ACCOUNT_READ,
        "List the users of the account, oldest first",
        ("Account",),
        {200: Success("A page of users", schemas.UsersView)},
        page_parameters(COLLECTION_PAGE_SIZE),
    ),
)
