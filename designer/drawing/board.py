"""A dashboard's widgets as they lie, and a metric in words; without figures, which belong to whoever looks at the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.drawing.values import chosen_words, field_words, option_words
from designer.problems import PLACES
from engine.insight.boards import filter_label
from metamodel.diff_words import OPTIONS
from metamodel.text import Text

if TYPE_CHECKING:
    from designer.work import Work
    from metamodel.definitions.insight import WidgetDef

ICONS = {
    "number": "number", "gauge": "gauge", "line": "chart-line", "area": "chart-area", "bar": "chart-bar", "stacked_bar": "chart-bar",
    "pie": "chart-pie", "funnel": "filter", "leaderboard": "trophy", "heatmap": "grid-dots", "pivot": "table-column", "table": "table",
    "calendar": "calendar-month", "map": "map-2",
}  # fmt: skip
FILTERS = {"period": Text(zh="期间", en="period")}


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
        about = _about(work, one)
        told = [option_words(work, kind, key, value, about) for key, value in one.options.items()]
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
        "filters": [
            FILTERS[one](language) if one in FILTERS else filter_label(work.shown.records, board, one, language)
            for one in board.filters
        ],
        "widgets": widgets,
    }


def _about(work: Work, widget: WidgetDef) -> str:
    """Return the object whose fields a widget's options speak of, "" where they speak of none."""
    for name, held in (("metric", work.model.metrics), ("process", work.model.processes)):
        found = held.get(str(widget.options.get(name, "")))
        if found is not None:
            return str(found.object)
    return str(widget.options.get("object", ""))


def _unit(unit: str | Text, language: str) -> str:
    return chosen_words(unit, language) if isinstance(unit, str) else unit(language)


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
        (OPTIONS["unit"](language), _unit(metric.unit, language)),
    ]
    return "metric", {"title": metric.label(language) or name, "facts": [one for one in facts if one[1]]}
