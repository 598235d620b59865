"""What the widgets of a board are called: as they say, or what they show is. Titles that nobody wrote and that read alike are told apart
by what their figures are split by, or else by the sort of widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.insight.compile import Insight, label_at
from engine.insight.figures import today_of
from engine.insight.narrowing import Narrowing
from engine.insight.widget import STEPS, Asking, WidgetKind
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from metamodel.definitions.insight import DashboardDef, WidgetDef

_SPLITS = ("by", "split", "rows", "columns")
_STEPS: Mapping[str, Text] = dict(
    zip(
        STEPS,
        (
            Text(zh="时段", en="hour"),
            Text(zh="日", en="day"),
            Text(zh="星期", en="day of the week"),
            Text(zh="周", en="week"),
            Text(zh="月", en="month"),
            Text(zh="季度", en="quarter"),
            Text(zh="年", en="year"),
        ),
        strict=True,
    )
)


def label_of(context: Context, board: DashboardDef, widget: WidgetDef) -> str:
    """Return what a widget of a board is called."""
    insight = context.runtime.part(Insight)
    title = _title(context, insight, widget)
    alike = [
        one for one in board.widgets.values() if one.name != widget.name and _title(context, insight, one) == title
    ]
    if widget.label or not alike:
        return title
    own = _apart(insight, widget, context.language)
    for place, word in enumerate(own):
        if word and all(one.label or _apart(insight, one, context.language)[place] != word for one in alike):
            return f"{title} · {word}"
    return " · ".join(word for word in (title, *own) if word)


def _title(context: Context, insight: Insight, widget: WidgetDef) -> str:
    asking = Asking(widget, insight, Narrowing(), today_of(context))
    return (widget.label or kind_of(insight, widget).title(asking))(context.language)


def kind_of(insight: Insight, widget: WidgetDef) -> WidgetKind:
    """Return the kind of a widget."""
    found = insight.records.kinds.widgets[widget.show]
    assert isinstance(found, WidgetKind)  # noqa: S101 - the composition root gives these
    return found


def _apart(insight: Insight, widget: WidgetDef, language: str) -> tuple[str, str]:
    """Return what sets a widget apart: what it is split by, and what sort it is."""
    metric = insight.metrics.get(str(widget.options.get("metric", "")))
    paths = [str(widget.options[name]) for name in _SPLITS if widget.options.get(name)]
    words = []
    for path in paths:
        field, _, step = path.partition(":")
        if path in _STEPS:
            words.append(_STEPS[path](language))
        elif metric is not None:
            words.append(label_at(metric.compiled, field, language))
        if step in _STEPS:
            words.append(_STEPS[step](language))
    kind = kind_of(insight, widget).label(language)
    if not words:
        return "", kind
    return (f"按{'、'.join(words)}" if language == "zh" else f"by {', '.join(words).lower()}"), kind
