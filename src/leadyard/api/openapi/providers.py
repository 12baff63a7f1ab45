"""The operations on providers."""

from __future__ import annotations

from leadyard.api import provider_schemas as shapes
from leadyard.api.openapi.operations import LIST_ID, Operation, Success, path_parameter
from leadyard.domain.accounts import Scope
from leadyard.domain.errors import ErrorCode

PROVIDERS = "Providers"

_NAME = path_parameter("name", "The provider's name", pattern="^[a-z][a-z0-9_]{0,39}$")

PROVIDER_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/providers",
        "listProviders",
        Scope.PROVIDERS_READ,
        "List providers, with how each does",
        (PROVIDERS,),
        {200: Success("Our own, those that are set up, those that can be", shapes.ProvidersView)},
    ),
    Operation(
        "put",
        "/providers/{name}",
        "putProvider",
        Scope.PROVIDERS_WRITE,
        "Set a provider up",
        (PROVIDERS,),
        {200: Success("The provider, without its key", shapes.ProviderView)},
        (_NAME,),
        body=shapes.ProviderBody,
    ),
    Operation(
        "delete",
        "/providers/{name}",
        "deleteProvider",
        Scope.PROVIDERS_WRITE,
        "Forget a provider and its key",
        (PROVIDERS,),
        {204: Success("Forgotten", media_types=())},
        (_NAME,),
    ),
    Operation(
        "get",
        "/waterfall",
        "getWaterfall",
        Scope.PROVIDERS_READ,
        "Read the order of providers and their limits",
        (PROVIDERS,),
        {200: Success("The order and the limits", shapes.WaterfallView)},
    ),
    Operation(
        "put",
        "/waterfall",
        "putWaterfall",
        Scope.PROVIDERS_WRITE,
        "Set the order of providers, their limits, or both",
        (PROVIDERS,),
        {200: Success("The order and the limits", shapes.WaterfallView)},
        body=shapes.WaterfallBody,
    ),
    Operation(
        "get",
        "/lead-lists/{id}/waterfall",
        "getLeadListWaterfall",
        Scope.PROVIDERS_READ,
        "Read what a list has otherwise than its account",
        (PROVIDERS,),
        {200: Success("The list's own order", shapes.ListOrderView)},
        (LIST_ID,),
        errors=(ErrorCode.GONE,),
    ),
    Operation(
        "put",
        "/lead-lists/{id}/waterfall",
        "putLeadListWaterfall",
        Scope.PROVIDERS_WRITE,
        "Give a list an order of its own",
        (PROVIDERS,),
        {200: Success("The list's own order", shapes.ListOrderView)},
        (LIST_ID,),
        body=shapes.ListOrderBody,
        errors=(ErrorCode.GONE,),
    ),
)
