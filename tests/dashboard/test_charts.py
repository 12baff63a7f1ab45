"""The chart of what was spent by day."""

from __future__ import annotations

from datetime import date, timedelta

from leadyard.dashboard.charts import HEIGHT, TOP, WIDTH, draw_usage
from leadyard.domain.credits import Cost
from leadyard.domain.usage import DayUsage

LABEL_WIDTH = 40


def usage(days: int) -> list[DayUsage]:
    return [
        DayUsage(date(2026, 11, 1) + timedelta(days=day), Cost(email=1_000 * day, phone=500))
        for day in range(days)
    ]


def test_last_day_is_labeled_and_its_label_is_within_the_chart() -> None:
    for days in (7, 30, 90):
        last = draw_usage(usage(days)).bars[-1]
        assert last.label
        assert last.x + last.width / 2 + LABEL_WIDTH / 2 <= WIDTH


def test_parts_of_a_day_stand_on_each_other_and_below_the_top() -> None:
    for bar in draw_usage(usage(30)).bars:
        assert abs(bar.phone_y + bar.phone_height - bar.email_y) < 0.02
        assert TOP <= bar.phone_y <= HEIGHT
