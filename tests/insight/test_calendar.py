"""The widget `calendar`: which months it shows, what its days add up to, and that it shows nobody what they may not see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.insight.boards import answer_board, board_narrowing, find_board
from engine.insight.narrowing import Narrowing
from engine.insight.periods import read_period
from engine.insight.widgets.calendar import MOST_MONTHS, sheets_of
from engine.refusals import Refusal
from tests.insight.test_behind import listed

if TYPE_CHECKING:
    from tests.insight.conftest import Ground

TODAY = date(2026, 3, 18)


@pytest.mark.parametrize(
    ("period", "first", "last", "cut"),
    [
        ("this_quarter", "2026-01-01", "2026-03-31", False),
        ("2026-03-10..2026-04-02", "2026-03-10", "2026-04-02", False),
        ("last_12_months", "2025-04-01", "2026-03-31", False),
        ("2024-01-01..2030-01-01", "2025-09-01", "2026-09-30", True),
        ("2020-01-05..2022-02-02", "2021-02-01", "2022-02-02", True),
        ("2026-02-10..2031-01-01", "2026-02-10", "2027-02-28", True),
        ("2028-02-10..2031-01-01", "2028-02-10", "2029-02-28", True),
        (None, "2025-09-01", "2026-09-30", True),
    ],
)
def test_long_periods_are_cut_around_today(period: str | None, first: str, last: str, cut: bool) -> None:
    found = sheets_of(read_period(period, TODAY) if period else None, TODAY)
    assert (str(found.first), str(found.after - timedelta(days=1)), found.cut) == (first, last, cut)
    assert len(found.months) <= MOST_MONTHS


def widgets(ground: Ground, who: str, period: str) -> dict[str, Any]:
    def look(context: Any) -> Any:
        board = find_board(context, "mixed")
        return answer_board(context, board, board_narrowing(context, board, {"period": period}))

    return {one.widget.name: one for one in ground.app.run(look, who)}


def refusal_of(ground: Ground, name: str, options: dict[str, str]) -> Refusal:
    """Return why a widget of the board shows nothing with other options."""

    def look(context: Any) -> Any:
        board = find_board(context, "mixed")
        other = replace(board, widgets={name: replace(board.widgets[name], options=options)})
        return answer_board(context, other, Narrowing())

    (shown,) = ground.app.run(look, "dora")
    assert shown.data is None
    assert isinstance(shown.refusal, Refusal)
    return shown.refusal


@pytest.mark.parametrize("who", ["dora", "rita"])
def test_days_add_up_to_their_month_and_open_their_records(still: Ground, who: str) -> None:
    seen = 0
    for name, part in (("days", ""), ("dues", "amount")):
        data = widgets(still, who, "2026-02-10..2026-04-05")[name].data
        assert [month["key"] for month in data["months"]] == ["2026-02", "2026-03", "2026-04"]
        assert [month["here"] for month in data["months"]] == [False, True, False]
        for month in data["months"]:
            cells = [one for week in month["weeks"] for one in week if one is not None]
            assert len({one["day"] for one in cells}) == len(cells)
            inside = [one for one in cells if "value" in one]
            assert all("2026-02-10" <= one["day"] <= "2026-04-05" for one in inside)
            whole = Decimal(month["total"]["value"])
            assert sum(Decimal(one["value"]) for one in inside) == whole
            count, total = listed(still, who, month["total"]["url"], part)
            assert (total if part else Decimal(count)) == whole
            for one in [one for one in inside if one["url"]][:2]:
                count, total = listed(still, who, one["url"], part)
                assert (total if part else Decimal(count)) == Decimal(one["value"])
                seen += 1
    assert seen > 4


def test_what_a_viewer_may_not_see_is_no_calendar(still: Ground) -> None:
    assert widgets(still, "dora", "2026-Q1")["costdays"].data["months"]
    hidden = widgets(still, "rita", "2026-Q1")["costdays"]
    assert hidden.data is None
    assert (hidden.refusal.status, hidden.refusal.code) == (403, "NOT_VISIBLE")
    assert refusal_of(still, "days", {"metric": "deals"}).errors[0].code == "NO_TIME"
