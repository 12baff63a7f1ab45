"""What the check of an address has come to so far, as one validator after another is asked."""

from __future__ import annotations

from datetime import datetime

import msgspec

from leadyard.domain.emails import EmailVerdict
from leadyard.domain.entries import FREE, Provenance, Step, Visit
from leadyard.domain.waterfall import Blocked


class Verification(msgspec.Struct):
    """The check of one normalized address. `verdict` is the best there is so far, `source` who gave it.

    `may_wait` is whether a validator that is unavailable is waited for, rather than passed over. With
    `is_deferred` one of them wants to be asked again later.
    """

    email: str
    may_wait: bool = True
    verdict: EmailVerdict | None = None
    source: Provenance | None = None
    visits: list[Visit] = msgspec.field(default_factory=list)
    blocked: Blocked | None = None
    must_wait: bool = False
    is_deferred: bool = False
    is_kept_out: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether there is a verdict that needs no other opinion."""
        return self.verdict is not None and self.verdict.is_decisive

    @property
    def is_over(self) -> bool:
        """Whether nobody else is to be asked now."""
        return self.is_decided or self.must_wait or self.is_kept_out or self.blocked is not None

    def take(self, told: EmailVerdict, source: Provenance) -> None:
        """Takes a verdict, unless one that is as good came before: evidence is kept from both."""
        # The address goes into the charge key: it is the one that was asked for, however it is answered.
        verdict = msgspec.structs.replace(told, email=self.email)
        if self.verdict is None:
            self.verdict, self.source = verdict, source
        elif _worth(verdict) > _worth(self.verdict):
            self.verdict, self.source = verdict.with_evidence_of(self.verdict), source

    def note(
        self, name: str, at: datetime, outcome: str, cost: float = FREE, is_cached: bool = False
    ) -> None:
        """Writes down who was asked, and what that came to."""
        self.visits.append(Visit(Step.VALIDATE, name, at, outcome, cost, is_cached))


def _worth(verdict: EmailVerdict) -> tuple[bool, bool]:
    return verdict.is_decisive, verdict.is_complete
