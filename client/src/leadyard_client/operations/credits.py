"""Credits: balances, the ledger, grants."""

from __future__ import annotations

from leadyard_client.plans import Pages, Plan, ask, get, paged, post
from leadyard_client.results.credits import CreditEntry, CreditKind, Credits


def get_credits() -> Plan[Credits]:
    """Both balances."""
    return (yield from ask(get("/credits"))).as_result(Credits)


def list_credit_entries(*, page_size: int = 1_000) -> Pages[CreditEntry]:
    """The ledger, newest first."""
    return paged("/credits/entries", "entries", CreditEntry, {"page[size]": page_size})


def grant_credits(
    kind: CreditKind, amount: float, reason: str, *, idempotency_key: str | None = None
) -> Plan[CreditEntry]:
    """Adds credits to a balance; the key needs the scope `credits:grant`."""
    body = {"kind": kind, "amount": amount, "reason": reason}
    request = post("/credits/grants", body, idempotency_key=idempotency_key)
    return (yield from ask(request)).as_result(CreditEntry)
