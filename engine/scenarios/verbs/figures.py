"""The verbs `measure` and `board`: a figure, and a widget of a dashboard, as somebody sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.insight.asks import MetricAsk
from engine.insight.boards import answer_board, board_narrowing, find_board
from engine.insight.figures import measure_metrics, today_of
from engine.insight.narrowing import PERIOD, read_narrowing
from engine.refusals import Refusal
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from engine.scenarios.verb import Options

_OWN = ("id", "state", "key", "name")  # by which of its entries an item of a list is called


def _measure(context: Context, options: Options) -> Outcome:
    name, by, given = str(options.get("metric")), options.get("by"), _filters(options)
    narrowing = read_narrowing(given, tuple(given), today_of(context))
    found = measure_metrics(context, [MetricAsk(name, (str(by),) if by else (), narrowing)])[0]
    if isinstance(found, Refusal):
        raise found
    if not by:
        return Outcome(found.metric.object, shown={"value": found.value})
    keys = [bucket.key for bucket in found.axes[0]]
    return Outcome(found.metric.object, shown={f"{key}": found.cells.get((place,)) for place, key in enumerate(keys)})


def _board(context: Context, options: Options) -> Outcome:
    board, name = find_board(context, str(options.get("name"))), str(options.get("widget") or "")
    if not name:
        return Outcome("", shown=dict.fromkeys(board.widgets, True))
    if name not in board.widgets:
        said = Text(zh=f"看板上没有部件 {name}", en=f"the board has no widget {name}")
        raise Refusal(404, "UNKNOWN_WIDGET", Text(zh=f"{said.zh} {near_miss(name, board.widgets).zh}", en=said.en))
    given = _filters(options)
    for path in given:
        if path not in board.filters:
            raise Refusal(400, "UNKNOWN_FILTER", Text(zh=f"看板没有筛选 {path}", en=f"the board has no filter {path}"))
    shown = answer_board(context, board, board_narrowing(context, board, given), (name,))[0]
    if shown.refusal is not None or shown.data is None:
        raise shown.refusal or Refusal(404, "NOT_FOUND", Text(zh="看不到", en="it is not to be seen"))
    found = shown.data.get("items") if "view" in shown.data else ()
    return Outcome(str(shown.data.get("object") or ""), tuple(row["id"] for row in found or ()), flat(shown.data))


def _filters(options: Options) -> dict[str, str]:
    period = options.get("period")
    given = {path: str(value) for path, value in (options.get("filters") or {}).items()}
    return {PERIOD: str(period), **given} if period else given


def flat(found: object, path: str = "") -> dict[str, object]:
    """Return nested data as path → value; items of a list go by what they are called, else by their place."""
    if isinstance(found, dict):
        entries: Mapping[Any, object] = found
    elif isinstance(found, list | tuple):
        entries = {_called(item, place): item for place, item in enumerate(found)}
    else:
        return {path: found}
    all_: dict[str, object] = {}
    for name, value in entries.items():
        all_ |= flat(value, f"{path}.{name}" if path else str(name))
    return all_


def _called(item: object, place: int) -> object:
    if isinstance(item, dict):
        return next((item[name] for name in _OWN if item.get(name) not in {None, ""}), place)
    return place


_NARROWED = {"period": Option(Takes.TEXT), "filters": Option(Takes.FILTERS)}
KINDS = (
    Verb(
        name="measure",
        label=Text(zh="取数", en="Measure"),
        help=Text(
            zh="一个指标的值；by 按字段分组，period 为期间，filters 再筛选；只算这个人看得到的",
            en="The figure of a metric: `by` splits it, `period` says when, `filters` narrow it; of what the person may see",
        ),
        options={"metric": Option(Takes.METRIC, required=True), "by": Option(Takes.TEXT), **_NARROWED},
        run=_measure,
        examples=("{measure: {metric: won_amount, by: owner, period: this_month}}",),
    ),
    Verb(
        name="board",
        label=Text(zh="看板", en="Board"),
        help=Text(
            zh="打开看板上的一个部件；period 和 filters 同页面上的筛选；没有 widget 则只看能否打开",
            en="Open a widget of a dashboard; `period` and `filters` as on the page; without `widget` only whether it opens",
        ),
        options={"name": Option(Takes.DASHBOARD, required=True), "widget": Option(Takes.TEXT), **_NARROWED},
        run=_board,
        examples=("{board: {name: funnel, widget: flow, period: this_month}}",),
    ),
)
