"""The kinds of paid providers, as those see them who set one up."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from leadyard.domain.errors import ErrorCode, Fault, pointer_token
from leadyard.domain.provider_kinds import ProviderKind
from leadyard.providers import catalog


def _find_fault(name: str, api_key: str | None, options: Mapping[str, Any]) -> Fault | None:
    try:
        catalog.require_options(name, options)
        if api_key is not None:
            catalog.require_key(api_key)
    except catalog.InvalidOptions as error:
        place = error.place.replace("[", ".").replace("]", "")
        steps = ["options", *filter(None, place.split("."))] if place != "api_key" else ["api_key"]
        pointer = "".join(f"/{pointer_token(step)}" for step in steps)
        return Fault(ErrorCode.UNSUPPORTED_VALUE, f"{'.'.join(steps)}: {error.why}", pointer)
    return None


PROVIDER_KINDS = {
    listing.name: ProviderKind(
        listing.name,
        listing.title,
        listing.key_page,
        listing.groups,
        listing.make_validator is not None,
        listing.price,
        partial(_find_fault, listing.name),
    )
    for listing in catalog.CATALOG.values()
}
"""The paid providers that accounts can set up."""
