"""Metrics, dashboards and reports: figures over fields that there are, widgets over metrics, processes and views that there are, filters that
something on the board understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below, follow, item, roots_of
from metamodel.checks.ground import NO_OBJECT, Ground
from metamodel.checks.named_checks import known_name, known_object, known_role
from metamodel.checks.object_checks import FIELD, check_path
from metamodel.checks.option_checks import check_options
from metamodel.expressions.types import BOOLEAN, NUMBER, SEVERAL, Base, Type
from metamodel.names import SYSTEM_FIELDS, USER
from metamodel.options import OptionSort, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.definitions.insight import DashboardDef, MetricDef, ReportDef, WidgetDef
    from metamodel.faults import Mark
    from metamodel.nodes import Node

MOST_SPLITS = 4  # of a report
PERIOD = "period"  # the filter that every board understands
_ABOUT = OptionSort(Takes.TEXT, Text())  # asks an option map what it is about


def check_metric(checks: Checks, metric: MetricDef) -> None:
    """Check one metric."""
    tree = checks.tree("metric", metric.name)
    if not known_object(checks, metric.object, below(tree, "object").mark):
        return
    roots = roots_of(checks.model, metric.object)
    if metric.value.text:
        checks.expression(metric.value, None, NUMBER, {**roots, "rows": Type(Base.ROWS, (metric.object,))})
    if metric.filter is not None:
        checks.expression(metric.filter, metric.object, BOOLEAN, roots)
    if not metric.at:
        return
    members, mark = checks.schema.members(metric.object) or {}, below(tree, "at").mark
    if metric.at not in members:
        known = [*checks.model.objects[metric.object].fields, *SYSTEM_FIELDS]
        known_name(checks, known, ("UNKNOWN_FIELD", FIELD), metric.at, mark)
    elif members[metric.at].base not in {Base.DATE, Base.DATETIME, Base.ANY}:
        message = Text(zh="at 应是日期字段", en="at must be a date")
        checks.faults.add("WRONG_TYPE", message, mark)


def check_dashboard(checks: Checks, dashboard: DashboardDef) -> None:
    """Check one dashboard."""
    tree = checks.tree("dashboard", dashboard.name)
    objects: set[str] = set()
    unknown = False
    for name, widget in dashboard.widgets.items():
        about = _check_widget(checks, widget, below(tree, "widgets", name))
        unknown = unknown or about is None
        objects |= {about} if about else set()
    _check_titles(checks, dashboard, tree)
    for path in dashboard.filters:
        if path == PERIOD or unknown or any(_leads(checks, name, path) for name in objects):
            continue
        known = [PERIOD, *(field for name in sorted(objects) for field in checks.schema.members(name) or ())]
        checks.unknown(
            "UNKNOWN_FILTER", Text(zh="筛选字段", en="field to filter by"), path, item(tree, "filters", path), known
        )
    for role in dashboard.roles:
        known_role(checks, role, item(tree, "roles", role))


def _check_titles(checks: Checks, dashboard: DashboardDef, tree: Node) -> None:
    """Warn of widgets that are given the same title: what has none of its own is told apart by itself."""
    seen: dict[str, str] = {}
    for name, widget in dashboard.widgets.items():
        if not widget.label:
            continue
        title = widget.label("zh")
        first = seen.setdefault(title, name)
        if first != name:
            message = Text(
                zh=f"部件 {first} 和 {name} 的标题都是「{title}」",
                en=f"{first} and {name} have the same title “{title}”",
            )
            checks.faults.warn("SAME_TITLE", message, below(tree, "widgets", name, "label").mark)


def _leads(checks: Checks, object_name: str, path: str) -> bool:
    type_ = follow(checks.schema, object_name, path)[0]
    return type_ is not None and type_.base not in SEVERAL


def _check_widget(checks: Checks, widget: WidgetDef, node: Node) -> str | None:
    """Check a widget; return the object it is about, "" for none, None where that is not known."""
    sort = checks.kinds.widgets.get(widget.show)
    if sort is None:
        return None
    roots = {"me": Type(Base.LINK, (USER,))} if USER in checks.model.objects else {}
    return check_options(checks, sort.options, widget.options, node, Ground(NO_OBJECT, roots)).about(_ABOUT)


def check_report(checks: Checks, report: ReportDef) -> None:
    """Check one report."""
    tree = checks.tree("report", report.name)
    if not known_object(checks, report.object, below(tree, "object").mark):
        return
    roots = roots_of(checks.model, report.object)
    rows = {**roots, "rows": Type(Base.ROWS, (report.object,))}
    for measure in report.measures.values():
        if measure.value.text:
            checks.expression(measure.value, None, NUMBER, rows)
    if report.filter is not None:
        checks.expression(report.filter, report.object, BOOLEAN, roots)
    for part, splits in (("rows", report.rows), ("columns", report.columns)):
        for split in splits:
            _check_split(checks, report.object, split, item(tree, part, split))
    if len(report.splits) > MOST_SPLITS:
        message = Text(
            zh=f"rows 与 columns 合计最多 {MOST_SPLITS} 项", en=f"rows and columns together are {MOST_SPLITS} at most"
        )
        checks.faults.add("MANY_SPLITS", message, below(tree, "rows").mark)
    for role in report.roles:
        known_role(checks, role, item(tree, "roles", role))


def _check_split(checks: Checks, object_name: str, split: str, mark: Mark) -> None:
    path, _, step = split.partition(":")
    if not check_path(checks, object_name, path, mark):
        return
    type_ = follow(checks.schema, object_name, path)[0]
    if type_ is not None and (type_.base in SEVERAL or (step and type_.base not in {Base.DATE, Base.DATETIME})):
        message = Text(zh=f"不能按 {split} 分组", en=f"nothing can be split by {split}")
        checks.faults.add("WRONG_TYPE", message, mark)
