"""Bars of a chart, in the units of its drawing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from leadyard.domain.credits import MILLI
from leadyard.domain.usage import DayUsage

WIDTH = 960
HEIGHT = 220
LEFT = 52
RIGHT = 16
TOP = 10
BOTTOM = 24
LABELS = 8
_STEPS = (4, 6, 8, 10, 12, 16, 20, 30, 40)


class Bar(msgspec.Struct, frozen=True):
    """One day: where its bar is, and the tops and heights of its two parts."""

    x: float
    width: float
    email_y: float
    email_height: float
    phone_y: float
    phone_height: float
    usage: DayUsage
    label: str | None


class Line(msgspec.Struct, frozen=True):
    """A line of the grid, with the credits that it stands for."""

    y: float
    credits: float


class Chart(msgspec.Struct, frozen=True):
    """What was spent by day, e-mail credits below, phone credits on top."""

    bars: Sequence[Bar]
    lines: Sequence[Line]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def draw_usage(days: Sequence[DayUsage]) -> Chart:
    """The chart of some days. Its scale ends at a round number."""
    most = max((day.spent.email + day.spent.phone for day in days), default=0) / MILLI
    top = round_up(most)
    inner = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT - RIGHT) / max(len(days), 1)
    every = max(1, len(days) // LABELS)
    bars = []
    for place, day in enumerate(days):
        email = day.spent.email / MILLI / top * inner
        phone = day.spent.phone / MILLI / top * inner
        base = TOP + inner
        is_labeled = (len(days) - 1 - place) % every == 0
        bars.append(
            Bar(
                x=round(LEFT + place * slot + slot * 0.15, 2),
                width=round(slot * 0.7, 2),
                email_y=round(base - email, 2),
                email_height=round(email, 2),
                phone_y=round(base - email - phone, 2),
                phone_height=round(phone, 2),
                usage=day,
                label=f"{day.day:%b} {day.day.day}" if is_labeled else None,
            )
        )
    lines = [Line(round(TOP + inner * (1 - part / 4), 2), top * part / 4) for part in range(5)]
    return Chart(bars, lines)


def round_up(most: float) -> float:
    """The next round number that four parts of a scale can have."""
    scale = 1.0
    while most > scale * _STEPS[-1]:
        scale *= 10
    return next(scale * step for step in _STEPS if scale * step >= most)
