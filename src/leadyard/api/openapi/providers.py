"""The operations on providers."""

from __future__ import annotations

from leadyard.api import provider_schemas as shapes
from leadyard.api.openapi.operations import LIST_ID, Operation, Success, path_parameter
from leadyard.domain.errors import ErrorCode

PROVIDERS = "Providers"

_NAME = path_parameter("name", "The provider's name", pattern="^[a-z][a-z0-9_]{0,39}$")
_ADMIN = (ErrorCode.FORBIDDEN,)

PROVIDER_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/providers",
        "listProviders",
        "List providers, with how each does",
        (PROVIDERS,),
        {200: Success("Our own, those that are set up, those that can be", shapes.ProvidersView)},
    ),
    Operation(
        "put",
        "/providers/{name}",
        "putProvider",
        "Set a provider up (admin keys only)",
        (PROVIDERS,),
        {200: Success("The provider, without its key", shapes.ProviderView)},
        (_NAME,),
        body=shapes.ProviderBody,
        errors=_ADMIN,
    ),
    Operation(
        "delete",
        "/providers/{name}",
        "deleteProvider",
        "Forget a provider and its key (admin keys only)",
        (PROVIDERS,),
        {204: Success("Forgotten", media_types=())},
        (_NAME,),
        errors=_ADMIN,
    ),
    Operation(
        "get",
        "/waterfall",
        "getWaterfall",
        "Read the order of providers and their limits",
        (PROVIDERS,),
        {200: Success("The order and the limits", shapes.WaterfallView)},
    ),
    Operation(
        "put",
        "/waterfall",
        "putWaterfall",
        "Set the order of providers, their limits, or both (admin keys only)",
        (PROVIDERS,),
        {200: Success("The order and the limits", shapes.WaterfallView)},
        body=shapes.WaterfallBody,
        errors=_ADMIN,
    ),
    Operation(
        "get",
        "/lead-lists/{id}/waterfall",
        "getLeadListWaterfall",
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
        "Give a list an order of its own (admin keys only)",
        (PROVIDERS,),
        {200: Success("The list's own order", shapes.ListOrderView)},
        (LIST_ID,),
        body=shapes.ListOrderBody,
        errors=(*_ADMIN, ErrorCode.GONE),
    ),
)
