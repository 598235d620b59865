"""Every number opens the records behind it: widgets, filters and viewers drawn at random, the list's count and sum compared with the number."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.insight.asks import Figures, MetricAsk
from engine.insight.boards import answer_board, board_narrowing, find_board
from engine.insight.figures import measure_metrics
from engine.insight.narrowing import Narrowing
from engine.insight.periods import read_period
from engine.insight.widget import records_url
from engine.records.query import Query, read_totals
from tests.insight.conftest import NOW, PEOPLE

if TYPE_CHECKING:
    from tests.insight.conftest import Ground

ADDITIVE = ("won_amount", "deals", "open_amount", "visits", "acts", "mine", "big_clients", "busy")
SPLITS = {
    "deal": (
        "owner",
        "region",
        "client",
        "hot",
        "stage",
        "client.kind",
        "owner.department",
        "due",
        "closed_at",
        "amount",
        "name",
        "created_by",
    ),
    "act": (
        "owner",
        "kind",
        "deal",
        "deal.region",
        "happened_at",
        "minutes",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "hour",
        "weekday",
    ),
}
PERIODS = ("2025", "2026-Q1", "2026-03", "2026-W10", "last_90_days", "today", "2025-12-31..2026-01-15")


def listed(ground: Ground, who: str, url: str, total: str) -> tuple[int, Decimal]:
    """What the list behind an address comes to."""
    parts = urlsplit(url)
    text = parse_qs(parts.query).get("filter", [""])[0]
    wanted = {total: "sum"} if total else {}
    query = Query(parts.path.removeprefix("/o/"), filter=text, count=True, totals=wanted)
    page = ground.app.run(lambda context: read_totals(context, query), who)
    return page.count or 0, page.totals.get(total) or Decimal(0)


def draw(chance: random.Random) -> tuple[str, MetricAsk]:
    name = chance.choice(ADDITIVE)
    about = "act" if name in {"visits", "acts"} else "deal"
    has_time = name in {"won_amount", "visits", "acts"}
    splits = [
        one
        for one in SPLITS[about]
        if has_time or one not in {"day", "week", "month", "quarter", "year", "hour", "weekday"}
    ]
    by = tuple(chance.sample(splits, chance.choice([0, 1, 1, 2])))
    period = read_period(chance.choice(PERIODS), NOW.date()) if chance.random() < 0.5 else None
    values = []
    if chance.random() < 0.5:
        values.append(("region", tuple(chance.sample(["north", "east", "south", "-"], chance.choice([1, 2])))))
    if chance.random() < 0.3:
        values.append(("owner.department", (chance.choice(["1", "2", "-"]),)))
    if chance.random() < 0.2:
        values.append(("rival", ('逗 "号",',)))
    return chance.choice(PEOPLE), MetricAsk(
        name, by, Narrowing(tuple(values), period), top=chance.choice([0, 0, 5]) if by else 0
    )


@pytest.mark.parametrize("seed", range(60))
def test_a_number_is_what_its_list_adds_up_to(still: Ground, seed: int) -> None:
    chance = random.Random(seed)
    who, asked = draw(chance)
    (figures,) = still.app.run(lambda context: measure_metrics(context, [asked]), who)
    assert isinstance(figures, Figures), figures
    part = figures.metric.anatomy.parts[0]
    cells = list(figures.cells)
    for places in chance.sample(cells, min(len(cells), 4)):
        url = records_url(figures.metric.object, figures.conditions(*places))
        count, total = listed(still, who, url, part.field if part.name == "SUM" else "")
        assert (total if part.name == "SUM" else Decimal(count)) == (figures.cells[places] or 0), (asked, url)


def urls_of(data: Any) -> list[tuple[str, str, Any]]:
    """Every address in a widget's data with the value beside it."""
    found = []
    if isinstance(data, dict):
        if isinstance(data.get("url"), str) and data["url"] and "value" in data:
            found.append((data["url"], str(data["value"]), data))
        for value in data.values():
            found += urls_of(value)
    elif isinstance(data, list):
        for value in data:
            found += urls_of(value)
    return found


@pytest.mark.parametrize("who", ["dora", "mara", "rita"])
@pytest.mark.parametrize(
    "given",
    [
        {"period": "all"},
        {"period": "2026-Q1", "region": "east,north"},
        {"period": "this_year", "owner.department": "1"},
    ],
)
@pytest.mark.parametrize("board", ["cockpit", "daily"])
def test_what_boards_link_to(still: Ground, who: str, given: dict[str, str], board: str) -> None:
    def look(context: Any) -> Any:
        found = find_board(context, board)
        return answer_board(context, found, board_narrowing(context, found, given))

    metrics = still.app.runtime.model.metrics
    seen = 0
    for shown in still.app.run(look, who):
        assert shown.data is not None
        name = shown.widget.options.get("metric")
        if name in ADDITIVE:
            part = "amount" if "SUM" in metrics[name].value.text else ""
            for url, value, _ in urls_of(shown.data)[:12]:
                count, total = listed(still, who, url, part)
                assert (total if part else Decimal(count)) == Decimal(value if value != "None" else 0), (
                    shown.widget.name,
                    url,
                )
                seen += 1
        if shown.widget.show == "funnel":
            for state in shown.data["states"]:
                assert listed(still, who, state["url"], "amount") == (state["now"], Decimal(state["value"] or 0))
    assert seen > 3
