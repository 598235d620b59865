"""A dashboard's widgets as they lie, and a metric in words; without figures, which belong to whoever looks at the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.drawing.automation import value_words

if TYPE_CHECKING:
    from designer.work import Work

ICONS = {
    "number": "number", "gauge": "gauge", "line": "chart-line", "area": "chart-area", "bar": "chart-bar", "stacked_bar": "chart-bar",
    "pie": "chart-pie", "funnel": "filter", "leaderboard": "trophy", "heatmap": "grid-dots", "pivot": "table-column", "table": "table",
}  # fmt: skip


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
        told = [f"{key}: {value_words(value, language)}" for key, value in one.options.items()]
        widgets.append(
            {
                "title": title,
                "kind": kind.label(language) if kind else one.show,
                "icon": ICONS.get(one.show, "chart-dots"),
                "told": told,
            }
        )
    return "board", {"title": board.label(language) or name, "filters": board.filters, "widgets": widgets}


def draw_metric(work: Work, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return a metric in words."""
    metric = work.model.metrics.get(name)
    if metric is None:
        return None
    language = work.visit.language
    definition = work.model.objects.get(metric.object)
    facts = [
        (definition.label(language) if definition else metric.object, metric.value.text),
        ("at", metric.at),
        ("filter", metric.filter.text if metric.filter else ""),
        ("unit", value_words(metric.unit, language)),
    ]
    return "metric", {"title": metric.label(language) or name, "facts": [one for one in facts if one[1]]}
