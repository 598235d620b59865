"""Reads metrics, dashboards and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.common import Expression
from metamodel.definitions.insight import DashboardDef, MeasureDef, MetricDef, ReportDef, WidgetDef
from metamodel.names import label_of
from metamodel.reading.actions import read_named
from metamodel.reading.common import EMPTY, expression, frozen, label, maps, names, text

if TYPE_CHECKING:
    from metamodel.kinds import Kinds
    from metamodel.nodes import Node
    from metamodel.text import Text

UNITS = ("percent", "money", "days")  # anything else is a label


def read_metric(name: str, node: Node, pack: str) -> MetricDef:
    """Return the metric that ``node`` defines."""
    get = node.map.get
    return MetricDef(
        name,
        label(get("label"), label_of(name)),
        text(get("object")),
        expression(get("value")) or Expression("", node.mark),
        text(get("at")),
        _unit(get("unit")),
        expression(get("filter")),
        text(get("better"), "up"),
        text(get("target")),
        label(get("help")),
        pack,
        node.mark,
    )


def _unit(node: Node | None) -> str | Text:
    said = text(node)
    return said if node is None or said in UNITS else label(node)


def read_dashboard(name: str, node: Node, pack: str, kinds: Kinds) -> DashboardDef:
    """Return the dashboard that ``node`` defines."""
    get = node.map.get
    return DashboardDef(
        name,
        label(get("label"), label_of(name)),
        frozen({key: _widget(key, child, kinds) for key, child in maps(get("widgets")).items()}),
        names(get("filters")),
        text(get("refresh")),
        names(get("roles")),
        pack,
        node.mark,
    )


def _widget(name: str, node: Node, kinds: Kinds) -> WidgetDef:
    show = text(node.map.get("show"))
    sort = kinds.widgets.get(show)
    options = read_named(sort.options.named, node, kinds) if sort is not None else EMPTY
    return WidgetDef(name, show, label(node.map.get("label")), options, node.key_mark)


def read_report(name: str, node: Node, pack: str) -> ReportDef:
    """Return the report that ``node`` defines."""
    get = node.map.get
    return ReportDef(
        name,
        label(get("label"), label_of(name)),
        text(get("object")),
        frozen({key: _measure(key, child) for key, child in get("measures", node).map.items()})
        if get("measures")
        else EMPTY,
        names(get("rows")),
        names(get("columns")),
        expression(get("filter")),
        text(get("chart")),
        names(get("roles")),
        label(get("help")),
        pack,
        node.mark,
    )


def _measure(name: str, node: Node) -> MeasureDef:
    inner = node.map if isinstance(node.value, dict) else {"value": node}
    value = expression(inner.get("value")) or Expression("", node.mark)
    return MeasureDef(name, label(inner.get("label"), label_of(name)), value, text(inner.get("unit")), node.key_mark)
