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


def numbers_of(shown: Any) -> list[tuple[str, Decimal]]:
    """Every number of a widget with the address of its records: figures, cells, steps of charts, what a period is compared with."""
    data = shown.data
    found = [(url, Decimal(value)) for url, value, _ in urls_of(data) if value not in {"None", ""}]
    for one in data.get("series", ()):
        urls = one["urls"] or ([] if one["compared"] else [step["url"] for step in data["axis"]])
        found += [(url, Decimal(value)) for url, value in zip(urls, one["values"], strict=False) if value is not None]
    return found


SEEN = {
    "number",
    "gauge",
    "line",
    "area",
    "bar",
    "stacked_bar",
    "pie",
    "leaderboard",
    "heatmap",
    "pivot",
    "funnel",
    "table",
    "calendar",
    "map",
}


def test_numbers_drawn_from_boards_at_random(still: Ground) -> None:
    """Boards, viewers, filters and numbers on them at random; every kind of widget comes up, and so does a period that is compared with."""
    chance = random.Random(11)
    metrics, kinds, compared = still.app.runtime.model.metrics, set[str](), 0
    filters = (
        {"period": "all"},
        {"period": "2026-Q1"},
        {"period": "this_year", "region": "east,-"},
        {"period": "2025", "owner.department": "1,2", "owner": "4,5,6"},
        {"period": "2026-03", "client.kind": "big,-"},
    )
    for turn in range(24):
        board = ("cockpit", "daily", "mixed", "speed")[turn % 4]
        who, given = chance.choice(("dora", "mara", "mo", "rita")), chance.choice(filters)

        def look(context: Any, board: str = board, given: dict[str, str] = given) -> Any:
            found = find_board(context, board)
            asked = {name: value for name, value in given.items() if name in found.filters}
            return answer_board(context, found, board_narrowing(context, found, asked))

        for shown in still.app.run(look, who):
            kind, data = shown.widget.show, shown.data
            if kind == "table" and data is not None:
                text = parse_qs(urlsplit(data["url"]).query).get("filter", [""])[0]
                query = Query("deal", filter=text, view="open", count=True)
                page = still.app.run(lambda context, query=query: read_totals(context, query), who)
                assert page.count == data["count"]
                kinds.add(kind)
            name = shown.widget.options.get("metric")
            if data is None or kind in {"table", "text"} or (name and name not in ADDITIVE):
                continue
            drawn = (
                numbers_of(shown) if kind != "funnel" else [(one["url"], Decimal(one["now"])) for one in data["states"]]
            )
            total = "amount" if name and "SUM" in metrics[name].value.text else ""
            compared += bool(data.get("compare"))
            kinds.update({kind} if drawn else ())
            for url, value in chance.sample(drawn, min(len(drawn), 2)):
                count, sum_ = listed(still, who, url, total)
                assert (sum_ if total else Decimal(count)) == value, (who, board, shown.widget.name, given, url)
    assert kinds == SEEN
    assert compared
