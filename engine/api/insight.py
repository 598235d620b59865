"""Metrics, dashboards, targets and ad-hoc reports over the API: arguments in, figures out. What they come to is engine/insight's."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import orjson

from engine.api.arguments import MetricArguments, Nothing, TargetArguments, read_arguments, read_named
from engine.api.bodies import read_object
from engine.api.dumping import dump_record, dump_value
from engine.api.records import query_text
from engine.api.service import Answer
from engine.insight.asks import COMPARES, Figures, MetricAsk
from engine.insight.boards import answer_board, board_narrowing, find_board, visible_boards
from engine.insight.compile import Insight
from engine.insight.figures import find_metric, measure_metrics, today_of
from engine.insight.narrowing import Narrowing
from engine.insight.periods import read_period
from engine.insight.reports import Report, run_report
from engine.insight.targets import Whose, list_targets, set_target, target_names
from engine.insight.units import Unit
from engine.records.measure import labels_of
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.api.service import Call
    from engine.insight.boards import Shown
    from engine.insight.compile import Metric

MOST_GROUPS = 1000
_REPORT_KEYS = frozenset({"object", "rows", "columns", "measures", "filter", "limit"})
_TARGET_KEYS = frozenset({"target", "period", "user", "department", "value"})


def list_metrics(call: Call) -> Answer:
    """Answer the metrics that there are: names and labels alone, figures are asked for one by one."""
    read_arguments(Nothing, query_text(call))
    language = call.context.language
    items = [
        {
            "name": one.name,
            "label": one.definition.label(language),
            "object": one.object,
            "unit": one.unit.name(language),
            "at": one.definition.at or None,
        }
        for one in call.context.runtime.part(Insight).metrics.values()
        if call.rights.grants(one.object, "read")
    ]
    return _answer({"items": items})


def read_metric(call: Call, metric_name: str) -> Answer:
    """Answer a metric: ``{value, unit, period}``, or with ``by`` its items."""
    given = read_arguments(MetricArguments, query_text(call))
    metric = find_metric(call.context, metric_name)
    compare = given["compare"]
    if compare and compare not in COMPARES:
        raise _bad("compare", Text(zh=f"应为 {'、'.join(COMPARES)}", en=f"must be one of {', '.join(COMPARES)}"), 400)
    period = read_period(given["period"], today_of(call.context)) if given["period"] else None
    splits = tuple(one for one in (given["by"], given["split"]) if one)
    filters = (given["filter"],) if given["filter"].strip() else ()
    ask = MetricAsk(metric_name, splits, Narrowing(period=period), filters, top=given["limit"] or 0)
    asks = [ask]
    if compare:
        asks.append(MetricAsk(metric_name, splits, Narrowing(period=period), filters, compare=compare))
    found = []
    for one in measure_metrics(call.context, asks):
        if isinstance(one, Refusal):
            raise one
        found.append(one)
    body = _figures(metric, found[0], call.context.language)
    if compare:
        body["compare"] = _figures(metric, found[1], call.context.language)
    return _answer(body)


def _figures(metric: Metric, found: Figures, language: str) -> dict[str, Any]:
    period = found.period.key if found.period else None
    if not found.axes:
        return {"value": metric.unit.json(found.value), "unit": metric.unit.name(language), "period": period}
    items: list[dict[str, Any]] = []
    for places, value in sorted(found.cells.items()):
        bucket = found.axes[0][places[0]]
        item = {"key": bucket.key, "label": bucket.label, "value": metric.unit.json(value)}
        if len(places) > 1:
            split = found.axes[1][places[1]]
            item |= {"split": split.key, "split_label": split.label}
        items.append(item)
    return {"items": items, "unit": metric.unit.name(language), "period": period, "more": found.more}


def list_dashboards(call: Call) -> Answer:
    """Answer the dashboards of the caller."""
    read_arguments(Nothing, query_text(call))
    boards = visible_boards(call.records, call.rights, call.context.actor)
    language = call.context.language
    items = [{"name": name, "label": one.label(language), "filters": list(one.filters)} for name, one in boards.items()]
    return _answer({"items": items})


def read_dashboard(call: Call, dashboard_name: str) -> Answer:
    """Answer a dashboard: the data of every widget, or why it has none."""
    try:
        board = find_board(call.context, dashboard_name)
    except Refusal:
        read_arguments(Nothing, query_text(call))  # a board that is not there takes no arguments either
        raise
    given = read_named(frozenset(board.filters), query_text(call))
    narrowing = board_narrowing(call.context, board, given)
    shown = answer_board(call.context, board, narrowing)
    return _answer(
        {
            "name": board.name,
            "label": board.label(call.context.language),
            "period": narrowing.period.key if narrowing.period else None,
            "widgets": [_widget(call, one) for one in shown],
        }
    )


def _widget(call: Call, shown: Shown) -> dict[str, Any]:
    found: dict[str, Any] = {"name": shown.widget.name, "show": shown.widget.show, "label": shown.label}
    if shown.refusal is not None:
        error = {"code": shown.refusal.code, "detail": shown.refusal.message(call.context.language)}
        return found | {"data": None, "error": error}
    data = dict(shown.data or {})
    if shown.widget.show == "table":
        data["items"] = [dump_record(call.records, data["object"], row) for row in data["items"]]
    return found | {"data": data, "missing": list(shown.missing)}


def read_targets(call: Call) -> Answer:
    """Answer the targets that the caller may see."""
    given = read_arguments(TargetArguments, query_text(call))
    found = list_targets(call.context, given["target"])
    people, departments = (
        labels_of(call.context, name, [one[f"{name}_id"] for one in found if one[f"{name}_id"] is not None])
        for name in ("user", "department")
    )
    items = [
        {
            "target": one["metric"],
            "period": one["period"],
            "user": _linked(one["user_id"], people),
            "department": _linked(one["department_id"], departments),
            **_worth(call, one["metric"], one["value"]),
        }
        for one in found
    ]
    return _answer({"items": items})


def _worth(call: Call, name: str, value: Decimal | None) -> dict[str, Any]:
    """Return a target's value as a figure of its metric is given, with the unit; as plain text where no metric is held against it any more."""
    metric = target_names(call.context.runtime.part(Insight)).get(name)
    unit = metric.unit if metric is not None else Unit()
    return {"value": unit.json(value), "unit": unit.name(call.context.language)}


def _linked(number: int | None, labels: Mapping[int, str]) -> dict[str, Any] | None:
    return None if number is None else {"id": number, "label": labels.get(number, f"#{number}")}


def write_target(call: Call) -> Answer:
    """Set a target; with the value null take it away."""
    read_arguments(Nothing, query_text(call))
    body = _known(read_object(call.request), _TARGET_KEYS)
    who = Whose(_id(body, "user"), _id(body, "department"))
    value = _decimal(body.get("value"))
    set_target(call.context, _said(body, "target"), _said(body, "period"), who, value)
    return _answer(
        {
            "target": body["target"],
            "period": body["period"],
            "user": who.user,
            "department": who.department,
            **_worth(call, body["target"], value),
        }
    )


def _decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | str | float):
            raise InvalidOperation
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise _bad("value", Text(zh="应为数字", en="must be a number"))
    return found


def make_report(call: Call) -> Answer:
    """Answer an ad-hoc report: ``{object, rows, columns, measures, filter}``."""
    read_arguments(Nothing, query_text(call))
    body = _known(read_object(call.request), _REPORT_KEYS)
    splits = [(one, f"{name}[{place}]") for name in ("rows", "columns") for place, one in _list(body, name)]
    measures = body.get("measures")
    if not isinstance(measures, dict) or not all(isinstance(one, str) for one in measures.values()):
        raise _bad("measures", Text(zh="应为 名称: 表达式 的对象", en="must be an object of names and expressions"))
    limit = body.get("limit", MOST_GROUPS)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_GROUPS:
        raise _bad("limit", Text(zh=f"应为 1 到 {MOST_GROUPS}", en=f"must be from 1 to {MOST_GROUPS}"))
    text = body.get("filter", "")
    if not isinstance(text, str):
        raise _bad("filter", Text(zh="应为文本", en="must be a text"))
    names, sent = tuple(name for name, _ in splits), tuple(place for _, place in splits)
    found = run_report(call.context, Report(_said(body, "object"), names, measures, text, limit, sent))
    items = [
        {
            "keys": {name: one.key for name, one in zip(names, group.buckets, strict=True)},
            "labels": {name: one.label for name, one in zip(names, group.buckets, strict=True)},
            "values": {name: found.units[name].json(value) for name, value in group.values.items()},
        }
        for group in found.groups
    ]
    return _answer({"items": items, "more": found.more})


def _known(body: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    wrong = sorted(set(body) - names)
    if wrong:
        raise _bad(wrong[0][:100], Text(zh="没有这一项", en="there is no such entry"))
    return body


def _said(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found or len(found) > 200 or "\0" in found:
        raise _bad(name, Text(zh="应为文本", en="must be a text"))
    return found


def _id(body: Mapping[str, Any], name: str) -> int | None:
    found = body.get(name)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 2**63:
        raise _bad(name, Text(zh="应为编号", en="must be an id"))
    return found


def _list(body: Mapping[str, Any], name: str) -> list[tuple[int, str]]:
    """Return the different texts of a list, each with the place where it stood."""
    found = body.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and len(one) <= 200 for one in found):
        raise _bad(name, Text(zh="应为字段的列表", en="must be a list of fields"))
    return [(found.index(one), one) for one in dict.fromkeys(found)]


def _bad(part: str, message: Text, status: int = 422) -> Refusal:
    return Refusal(status, "INVALID", message, (FieldError(part, "INVALID", message),))


def _answer(body: Any) -> Answer:
    return Answer(orjson.dumps(body, default=dump_value))
