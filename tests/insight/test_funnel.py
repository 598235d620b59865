"""The funnel against the stays gone through in Python: who came, who went on, how long it took, where it is tightest."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from engine.insight.asks import StateFigures, StaysAsk
from engine.insight.narrowing import Narrowing
from engine.insight.periods import read_period
from engine.insight.stays import read_stays
from engine.insight.widgets.funnel import bottleneck
from tests.insight.conftest import NOW, STAGES

if TYPE_CHECKING:
    from engine.insight.asks import StaysFigures
    from tests.insight.conftest import Ground

HOME = ZoneInfo("Asia/Shanghai")


def read(ground: Ground, who: str, narrowing: Narrowing) -> StaysFigures:
    found: StaysFigures = ground.app.run(
        lambda context: read_stays(context, StaysAsk("deal_stages", narrowing, amount=True)), who
    )
    return found


@pytest.mark.parametrize("who", ["dora", "mara", "rita"])
@pytest.mark.parametrize("text", ["", "2025", "2025-Q4", "2026-03"])
@pytest.mark.parametrize("region", ["", "east"])
def test_a_funnel_is_what_the_stays_say(still: Ground, who: str, text: str, region: str) -> None:
    period = read_period(text, NOW.date()) if text else None
    deals = {
        row["id"]: row
        for row in still.deals
        if not row["deleted"] and still.sees(who, row) and (not region or row["region"] == region)
    }
    found = read(still, who, Narrowing((("region", (region,)),) if region else (), period))

    def within(at: Any) -> bool:
        return at is not None and (period is None or period.first <= at.astimezone(HOME).date() < period.after)

    by_deal: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for stay in still.stays:
        if stay["record"] in deals and not stay["backfilled"]:
            by_deal[stay["record"]].append(stay)
    for place, state in enumerate(STAGES):
        entered = moved = 0
        took = []
        for stays in by_deal.values():
            first = next(
                (n for n, stay in enumerate(stays) if stay["state"] == state and within(stay["entered"])), None
            )
            if first is not None:
                entered += 1
                moved += any(stay["state"] in STAGES[place + 1 : 4] for stay in stays[first + 1 :])
            took += [
                (stay["left"] - stay["entered"]).total_seconds() / 86400
                for stay in stays
                if stay["state"] == state and within(stay["left"])
            ]
        one = found.states[place]
        assert (one.state, one.entered, one.moved_on, one.left) == (state, entered, moved, len(took))
        assert one.now == sum(1 for row in deals.values() if row["stage"] == state)
        worth = sum(
            (
                Decimal(str(row["amount"] or 0)).quantize(Decimal("0.01"))
                for row in deals.values()
                if row["stage"] == state
            ),
            Decimal(0),
        )
        assert (found.worth.get(state) or 0) == worth
        if took:
            assert float(one.median or 0) == pytest.approx(median(took), abs=1e-5)
            assert float(one.average or 0) == pytest.approx(sum(took) / len(took), abs=1e-5)


def test_the_bottleneck_is_farthest_below_its_baseline(still: Ground) -> None:
    states = still.app.runtime.model.processes["deal_stages"].states

    def tight(*passed: tuple[str, int, int]) -> str:
        return bottleneck(states, [StateFigures(name, entered=entered, moved_on=on) for name, entered, on in passed])

    assert tight(("contact", 100, 55), ("needs", 100, 30), ("talks", 100, 65)) == "needs"
    assert tight(("contact", 100, 60), ("needs", 100, 50), ("talks", 100, 70)) == ""
    assert tight(("contact", 0, 0), ("needs", 0, 0), ("talks", 0, 0)) == ""


def test_a_funnel_takes_few_statements(still: Ground, statements: Any) -> None:
    with statements(still.app.engine) as seen:
        read(still, "mara", Narrowing())
    assert len([text for text in seen if "app.deal" in text]) == 3
