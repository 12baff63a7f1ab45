"""The shapes of what something would cost, and of what came of it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from leadyard.api.schemas import CreditNumber, Moment, OutcomeCounts


class CostRange(Struct, frozen=True):
    """The least and the most that something can cost."""

    least: CreditNumber
    most: CreditNumber


class CostRanges(Struct, frozen=True):
    """Costs in both kinds of credits."""

    email: CostRange
    phone: CostRange


class ReopeningView(Struct, frozen=True):
    """How many leads are taken up again, and the least and most that it can cost."""

    total: int
    cost: CostRanges


class EstimateView(Struct, frozen=True):
    """A promise: the same request with this token in `Estimate-Token` costs no more than `cost` says."""

    token: str
    expires_at: Moment


class WorkEstimateView(Struct, frozen=True):
    """How many leads a request would take up, and the least and most it can cost."""

    total: int
    cost: CostRanges
    estimate: EstimateView


class PreviewView(Struct, frozen=True):
    """What a request would come to: what would become of its leads, and the least and most it can cost."""

    total: int
    total_added_to_lead_list: int
    counts: OutcomeCounts
    cost: CostRanges
    estimate: EstimateView
    object: Literal["addition_preview"] = "addition_preview"
