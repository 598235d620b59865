"""The frame for widgets: the record ``WidgetKind`` that each widget's file fills in, and what its functions are given. No widget is named
here; how a page looks is the screens' affair."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from engine.context import Context
    from engine.insight.asks import Answer, Ask
    from engine.insight.compile import Insight
    from engine.insight.narrowing import Narrowing
    from metamodel.definitions.insight import WidgetDef

METRIC = OptionSort(Takes.METRIC, Text(zh="指标", en="Metric"), required=True)
STEPS = ("hour", "day", "weekday", "week", "month", "quarter", "year")


def by(label: Text, *, required: bool = False) -> OptionSort:
    """Return the option of what a widget splits by: a path, or a step of the metric's time."""
    return OptionSort(Takes.PATH, label, required, choices=STEPS)


@dataclass(frozen=True, slots=True)
class Asking:
    """What a widget is asked for: its options, what the board is narrowed to, and the day."""

    widget: WidgetDef
    insight: Insight
    narrowing: Narrowing
    today: date

    @property
    def options(self) -> Mapping[str, Any]:
        """Return the options given."""
        return self.widget.options


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a widget is made of: what it asked, the answers in order, and whose eyes it is for."""

    asking: Asking
    context: Context
    asks: Sequence[Ask]
    answers: Sequence[Answer]

    @property
    def options(self) -> Mapping[str, Any]:
        """Return the options given."""
        return self.asking.options

    @property
    def language(self) -> str:
        """Return the viewer's language."""
        return self.context.language


Data = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WidgetKind:
    """Everything about one kind of widget.

    ``plan`` says what must be measured, ``data`` makes the JSON that the API gives and the template shows; ``label`` of a widget without
    one comes from ``title``. ``width``: columns of twelve; ``script``: a script piece of the same stem draws it in the browser, from that
    very JSON; ``template``: the stem of its template where it shares another's; ``area``: the area of the screens whose script and style it
    wants.
    """

    name: str
    label: Text
    help: Text
    icon: str
    options: OptionSorts
    plan: Callable[[Asking], Sequence[Ask]]
    data: Callable[[Drawing], Data]
    title: Callable[[Asking], Text]
    width: int = 6
    script: bool = False
    template: str = ""
    area: str = ""
    small: bool = False  # a tile: several stand side by side, two on a phone
    examples: tuple[Mapping[str, Any], ...] = field(default=())


def metric_title(asking: Asking) -> Text:
    """Return the label of the widget's metric."""
    return asking.insight.metrics[str(asking.options["metric"])].definition.label


def records_url(object_name: str, conditions: Sequence[str]) -> str:
    """Return the address of the list of the records that meet all conditions."""
    found = [one for one in dict.fromkeys(conditions) if one]
    text = found[0] if len(found) == 1 else " and ".join(f"({one})" for one in found)
    return f"/o/{object_name}" + (f"?{urlencode({'filter': text})}" if text else "")
