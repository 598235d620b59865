"""What a widget asks for and says is what can be read: a map of heat shows no more days than have room, a change no more percent than mean
something."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from engine.insight.narrowing import Narrowing
from engine.insight.periods import Period
from engine.insight.series import relation
from engine.insight.units import Unit
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


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [
        ("45", "25", "+80.0%"),
        ("39.9", "4", "+897.5%"),
        ("0", "4", "-100.0%"),
        ("5002", "4", "×1,250"),
        ("30000", "-4", "+3万"),
        ("-5000", "4", "-5,004"),
    ],
)
def test_a_change_beyond_all_measure_is_not_said_in_percent(now: str, before: str, shown: str) -> None:
    assert relation(Decimal(now), Decimal(before), Unit(""), "zh") == shown
