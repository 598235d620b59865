"""A dashboard's widgets as they lie, and a metric in words; without figures, which belong to whoever looks at the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.builder import resolved
from designer.drawing.automation import option_words, value_words
from designer.problems import PLACES
from metamodel.diff_words import OPTIONS
from metamodel.text import Text

if TYPE_CHECKING:
    from designer.work import Work

ICONS = {
    "number": "number", "gauge": "gauge", "line": "chart-line", "area": "chart-area", "bar": "chart-bar", "stacked_bar": "chart-bar",
    "pie": "chart-pie", "funnel": "filter", "leaderboard": "trophy", "heatmap": "grid-dots", "pivot": "table-column", "table": "table",
    "calendar": "calendar-month", "map": "map-2",
}  # fmt: skip
FILTERS = {"period": Text(zh="期间", en="period")}


def field_words(work: Work, object_name: str, path: str) -> str:
    """Return what a field of an object is called, itself where there is none."""
    return resolved(work, object_name, path)[1] if path else ""


def draw_dashboard(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a dashboard's widgets."""
    board = work.model.dashboards.get(name)
    if board is None:
        return None
    language = work.visit.language
    widgets = []
    for one in board.widgets.values():
        kind = work.candidate.kinds.widgets.get(one.show)
        metric = work.model.metrics.get(str(one.options.get("metric", "")))
        title = one.label(language) or (metric.label(language) if metric else one.name)
        told = [option_words(work, kind, key, value) for key, value in one.options.items()]
        widgets.append(
            {
                "title": title,
                "kind": kind.label(language) if kind else one.show,
                "icon": ICONS.get(one.show, "chart-dots"),
                "told": told,
            }
        )
    return "board", {
        "title": board.label(language) or name,
        "filters": [FILTERS[one](language) if one in FILTERS else one for one in board.filters],
        "widgets": widgets,
    }


def draw_metric(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a metric in words."""
    metric = work.model.metrics.get(name)
    if metric is None:
        return None
    language = work.visit.language
    definition = work.model.objects.get(metric.object)
    facts = [
        (definition.label(language) if definition else metric.object, metric.value.text),
        (PLACES["at"](language), field_words(work, metric.object, metric.at)),
        (PLACES["filter"](language), metric.filter.text if metric.filter else ""),
        (OPTIONS["unit"](language), value_words(metric.unit, language)),
    ]
    return "metric", {"title": metric.label(language) or name, "facts": [one for one in facts if one[1]]}
