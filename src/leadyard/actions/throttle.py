"""Slowing down who guesses passwords: by address, by e-mail, and by both; for all processes together."""

from __future__ import annotations

from leadyard.domain.sign_in import KNOWN_FOR, TooManyTries, count_by
from leadyard.storage import sign_in_tries as rows
from leadyard.storage.database import Tx


async def require_allowed(tx: Tx, email: str, address: str | None) -> None:
    """Counts a try. Raises TooManyTries; then the transaction is not to commit, and nothing is counted."""
    await rows.forget_old_tries(tx)
    tries = count_by(email, address)
    is_known = await rows.is_remembered(tx, tries.known)
    waits = [await rows.take_try(tx, *limit) for limit in tries.limits(is_known=is_known)]
    if max(waits) > 0:
        raise TooManyTries(max(waits) // 1000 + 1)


async def note_success(tx: Tx, email: str, address: str | None) -> None:
    """The password was right: what was counted for this address and e-mail is forgotten."""
    tries = count_by(email, address)
    await rows.forget_tries(tx, tries.pair)
    await rows.remember(tx, tries.known, KNOWN_FOR)
