"""How much fits: the two limits of the contract (contract §2, decision 8)."""

from __future__ import annotations

import msgspec

from leadyard.domain.errors import Conflict, ErrorCode, Fault


class Limits(msgspec.Struct, frozen=True):
    """Leads that one request may carry and one list may hold."""

    leads_per_request: int = 10_000
    leads_per_list: int = 60_000

    def too_many_leads(self) -> Fault:
        """The fault of a request over the limit, with the number in force."""
        detail = f"Number of leads exceeds {self.leads_per_request:,} limit."
        return Fault(ErrorCode.UNSUPPORTED_VALUE, detail, "/leads")

    def list_is_full(self) -> Conflict:
        """The error of adding to a full list, with the number in force."""
        detail = f"The maximum of {self.leads_per_list:,} leads per list has been reached."
        return Conflict(detail, "/leads")
