"""Metrics against the same worked out row by row in Python: values, splits, periods, comparisons, for every viewer."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from engine.insight.asks import Figures, MetricAsk
from engine.insight.figures import measure_metrics
from engine.insight.narrowing import Narrowing
from engine.insight.periods import key_of, read_period, start_of
from engine.records.measure import Measure, measure
from tests.insight.conftest import NOW, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.refusals import Refusal
    from tests.insight.conftest import Ground

HOME = ZoneInfo("Asia/Shanghai")
TODAY = NOW.astimezone(HOME).date()
CLOSED = {"won", "lost"}


def money(row: dict[str, Any], name: str = "amount") -> Decimal:
    return Decimal(str(row[name] or 0)).quantize(Decimal("0.01"))


def rate(rows: list[dict[str, Any]]) -> Decimal | None:
    closed = [row for row in rows if row["stage"] in CLOSED]
    won = sum(1 for row in closed if row["stage"] == "won")
    return (Decimal(won) / len(closed)).quantize(Decimal("1e-12"), rounding="ROUND_HALF_UP") if closed else None


def total(rows: list[dict[str, Any]]) -> Decimal:
    return sum((money(row) for row in rows if row["stage"] == "won"), Decimal(0))


METRICS: dict[str, tuple[str, str, Callable[[list[dict[str, Any]]], Decimal | None]]] = {
    "won_amount": ("deals", "closed_at", total),
    "win_rate": ("deals", "closed_at", rate),
    "deals": ("deals", "", lambda rows: Decimal(len(rows))),
    "open_amount": ("deals", "", lambda rows: sum((money(r) for r in rows if r["stage"] not in CLOSED), Decimal(0))),
    "biggest": ("deals", "", lambda rows: max((money(r) for r in rows if r["amount"]), default=None)),
    "busy": ("deals", "", lambda rows: Decimal(sum(1 for row in rows if row["seen_acts"] > 1))),
    "visits": ("acts", "happened_at", lambda rows: Decimal(sum(1 for row in rows if row["kind"] == "visit"))),
}


def seen(ground: Ground, who: str, name: str) -> list[dict[str, Any]]:
    """The records of a metric that somebody may read. A nested count sees the viewer's own records alone."""
    rows = [row for row in getattr(ground, METRICS[name][0]) if not row["deleted"] and ground.sees(who, row)]
    if name != "busy":
        return rows
    acts = [act for act in ground.acts if not act["deleted"] and ground.sees(who, act)]
    return [{**row, "seen_acts": sum(1 for act in acts if act["deal"] == row["id"])} for row in rows]


def ask(ground: Ground, who: str, *asks: MetricAsk) -> list[Figures | Refusal]:
    found: list[Figures | Refusal] = ground.app.run(lambda context: measure_metrics(context, asks), who)
    return found


def one(ground: Ground, who: str, asked: MetricAsk) -> Figures:
    (found,) = ask(ground, who, asked)
    assert isinstance(found, Figures), found
    return found


def period(text: str) -> Narrowing:
    return Narrowing(period=read_period(text, TODAY))


def within(row: dict[str, Any], at: str, text: str) -> bool:
    span = read_period(text, TODAY)
    return row[at] is not None and span.first <= row[at].astimezone(HOME).date() < span.after


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("name", METRICS)
def test_a_value_is_what_the_viewers_records_come_to(still: Ground, who: str, name: str) -> None:
    rows = seen(still, who, name)
    assert one(still, who, MetricAsk(name)).value == METRICS[name][2](rows)


@pytest.mark.parametrize("who", ["dora", "mara", "rita"])
@pytest.mark.parametrize(
    "text",
    ["2025", "2026-Q1", "2026-03", "last_month", "2026-W11", "2026-03-18", "2025-12-31..2026-01-02", "last_90_days"],
)
def test_a_period_is_in_the_organisations_zone(still: Ground, who: str, text: str) -> None:
    for name in ("won_amount", "win_rate", "visits"):
        _, at, work = METRICS[name]
        rows = [row for row in seen(still, who, name) if within(row, at, text)]
        assert one(still, who, MetricAsk(name, narrowing=period(text))).value == work(rows), name


@pytest.mark.parametrize("name", ["won_amount", "win_rate", "visits"])
@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_split_by_time(still: Ground, name: str, unit: str) -> None:
    _, at, work = METRICS[name]
    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in seen(still, "mara", name):
        groups[None if row[at] is None else key_of(start_of(row[at].astimezone(HOME).date(), unit), unit)].append(row)
    found = one(still, "mara", MetricAsk(name, (unit,)))
    cells = {found.axes[0][place].key: value for (place,), value in found.cells.items()}
    if name == "won_amount":  # the metric's own filter leaves groups out altogether
        groups = {key: rows for key, rows in groups.items() if any(row["stage"] == "won" for row in rows)}
    assert cells == {key: work(rows) for key, rows in groups.items()}
    starts = [bucket.value for bucket in found.axes[0] if bucket.value is not None]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    "by", ["owner", "region", "client", "hot", "rival", "client.kind", "owner.department", "stage"]
)
def test_split_by_what_a_record_says(still: Ground, by: str) -> None:
    clients = {one["id"]: one for one in still.clients}

    def key(row: dict[str, Any]) -> Any:
        if by == "client.kind":
            return clients[row["client"]]["kind"] if row["client"] else None
        return row["department" if by == "owner.department" else by]

    groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in seen(still, "dora", "deals"):
        groups[key(row)].append(row)
    found = one(still, "dora", MetricAsk("deals", (by,)))
    cells = {found.axes[0][place].value: value for (place,), value in found.cells.items()}
    assert cells == {one: len(rows) for one, rows in groups.items()}
    assert all(bucket.label for bucket in found.axes[0])


def test_two_splits_and_the_whole_agree(still: Ground) -> None:
    found = one(still, "dora", MetricAsk("won_amount", ("owner", "month")))
    assert sum(value or 0 for value in found.cells.values()) == one(still, "dora", MetricAsk("won_amount")).value
    rows, columns = found.axes
    for (row, column), value in found.cells.items():
        mine = [
            deal
            for deal in seen(still, "dora", "won_amount")
            if deal["owner"] == rows[row].value
            and deal["stage"] == "won"
            and deal["closed_at"].astimezone(HOME).date().replace(day=1) == columns[column].value
        ]
        assert value == total(mine)


def test_hours_and_weekdays(still: Ground) -> None:
    found = one(still, "dora", MetricAsk("acts", ("weekday", "hour")))
    for (day, hour), value in found.cells.items():
        rows = [
            act
            for act in still.acts
            if not act["deleted"]
            and (at := act["happened_at"].astimezone(HOME)).isoweekday() == found.axes[0][day].value
            and at.hour == found.axes[1][hour].value
        ]
        assert value == len(rows)
    assert sum(found.cells.values()) == sum(1 for act in still.acts if not act["deleted"])


def test_the_largest_first(still: Ground) -> None:
    found = one(still, "dora", MetricAsk("won_amount", ("owner",), top=3))
    everybody = one(still, "dora", MetricAsk("won_amount", ("owner",)))
    best = sorted((value for value in everybody.cells.values()), reverse=True)[:3]
    assert [found.cells[place,] for place in range(3)] == best
    assert found.more


def test_compared_with_the_period_before_and_the_year_before(still: Ground) -> None:
    for text, before, year in (
        ("2026-02", "2026-01", "2025-02"),
        ("2026-Q1", "2025-Q4", "2025-Q1"),
        ("2026-W10", "2026-W09", "2025-W10"),
        ("2026-02-10..2026-02-14", "2026-02-05..2026-02-09", "2025-02-10..2025-02-14"),
    ):
        for compare, other in (("previous_period", before), ("same_period_last_year", year), ("previous_year", year)):
            found = one(still, "dora", MetricAsk("won_amount", narrowing=period(text), compare=compare))
            assert found.period is not None
            assert found.period.key == other
            assert found.value == one(still, "dora", MetricAsk("won_amount", narrowing=period(other))).value


def test_narrowed_to_values_of_paths(still: Ground) -> None:
    east = still.app.people["rita"].department
    rows = seen(still, "dora", "won_amount")
    for values, holds in (
        ((("region", ("north", "-")),), lambda row: row["region"] in {"north", None}),
        ((("owner.department", (str(east),)),), lambda row: row["department"] == east),
        ((("hot", ("true",)), ("region", ("east",))), lambda row: row["hot"] and row["region"] == "east"),
        ((("rival", ("Kestrel",)),), lambda row: row["rival"] == "Kestrel"),
        (
            (("due", ("2026-02",)),),
            lambda row: row["due"] is not None and (row["due"].year, row["due"].month) == (2026, 2),
        ),
        ((("owner", ("me",)),), lambda row: row["owner"] == still.app.people["dora"].id),
    ):
        found = one(still, "dora", MetricAsk("won_amount", narrowing=Narrowing(values)))
        assert found.value == total([row for row in rows if holds(row)]), values
    assert one(still, "dora", MetricAsk("visits", narrowing=Narrowing((("region", ("east",)),)))).missing == ("region",)


def test_of_the_viewer(still: Ground) -> None:
    for who in PEOPLE:
        mine = [row for row in seen(still, who, "deals") if row["owner"] == still.app.people[who].id]
        assert one(still, who, MetricAsk("mine")).value == len(mine)


@pytest.mark.parametrize(
    ("measure_text", "work"),
    [
        ('COUNT(rows, stage = "won") / COUNT(rows)', lambda won, all_: (won / all_).quantize(Decimal("1e-12"))),
        ("COUNT(rows) * 2", lambda _, all_: all_ * 2),
        ("MOD(COUNT(rows), 7)", lambda _, all_: all_ % 7),
        ("ROUND(COUNT(rows) / 3, 2)", lambda _, all_: (all_ / 3).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")),
        ("COUNT(rows, TRUE) + COUNT(rows)", lambda _, all_: all_ * 2),
        ('IF(COUNT(rows) > 1, COUNT(rows, stage = "won") - COUNT(rows), 0)', lambda won, all_: won - all_),
    ],
)
def test_the_number_of_records_is_one_number_within_arithmetic_too(
    still: Ground, measure_text: str, work: Callable[[Decimal, Decimal], Decimal]
) -> None:
    rows = seen(still, "dora", "deals")
    found = still.app.run(lambda context: measure(context, Measure("deal", (measure_text,))), "dora")
    ((_, (value,)),) = found.groups
    assert value == work(Decimal(sum(1 for row in rows if row["stage"] == "won")), Decimal(len(rows)))


def test_metrics_over_the_same_records_are_one_statement(still: Ground, statements: Any) -> None:
    names = ("won_amount", "win_rate", "deals", "open_amount", "biggest", "mine", "busy", "margin")
    with statements(still.app.engine) as seen_statements:
        ask(still, "dora", *(MetricAsk(name) for name in names))
    assert len([text for text in seen_statements if "app.deal" in text]) == 2  # one has a filter of its own


def test_nothing_is_none_and_not_zero_divided(still: Ground) -> None:
    narrowing = period("1999-01-01")
    rate_then, amount_then = ask(
        still, "dora", MetricAsk("win_rate", narrowing=narrowing), MetricAsk("won_amount", narrowing=narrowing)
    )
    assert isinstance(rate_then, Figures)
    assert isinstance(amount_then, Figures)
    assert (rate_then.value, amount_then.value) == (None, 0)


def test_a_moment_just_before_midnight_at_home_is_that_day(ground: Ground) -> None:
    ground.app.run(lambda context: context.connection.exec_driver_sql("DELETE FROM app.act"))
    last = NOW.astimezone(HOME).replace(month=2, day=28, hour=23, minute=59, second=59)
    for at in (last, last + timedelta(seconds=1)):
        ground.app.create("act", {"subject": "x", "kind": "visit", "happened_at": at.isoformat()})
    values = [one(ground, "dora", MetricAsk("visits", narrowing=period(text))).value for text in ("2026-02", "2026-03")]
    assert values == [1, 1]
