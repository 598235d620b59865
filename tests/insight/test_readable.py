"""What a widget asks for is what can be read: a map of heat shows no more days than have room."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from engine.insight.narrowing import Narrowing
from engine.insight.periods import Period
from engine.insight.widgets.heatmap import KIND


@pytest.mark.parametrize(
    ("first", "after", "columns", "asked"),
    [
        (date(2026, 1, 1), date(2026, 2, 1), "day", "day"),
        (date(2026, 1, 1), date(2026, 4, 1), "day", "week"),
        (date(2026, 1, 1), date(2026, 4, 1), "month", "month"),
        (None, None, "day", "day"),
    ],
)
def test_days_of_a_long_period_are_shown_by_weeks(
    first: date | None, after: date | None, columns: str, asked: str
) -> None:
    period = Period("", first, after) if first and after else None
    options = {"metric": "visits", "rows": "owner", "columns": columns}
    asking = SimpleNamespace(options=options, narrowing=Narrowing(period=period))
    (found,) = KIND.plan(asking)
    assert found.by == ("owner", asked)
