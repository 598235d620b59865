"""The widget `table`: the first records of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.insight.asks import ListAsk, ListFigures
from engine.insight.series import TOP
from engine.insight.widget import Asking, Data, Drawing, WidgetKind
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, MOST = 8, 100


def _plan(asking: Asking) -> Sequence[ListAsk]:
    name, _, view = str(asking.options["view"]).partition(".")
    top = min(int(asking.options.get("top") or FIRST), MOST)
    return [ListAsk(name, view, asking.narrowing, top)]


def _data(drawing: Drawing) -> Data:
    ask, found = drawing.asks[0], drawing.answers[0]
    assert isinstance(ask, ListAsk)  # noqa: S101 - what was planned
    assert isinstance(found, ListFigures)  # noqa: S101
    return {
        "object": ask.object,
        "view": ask.view,
        "columns": list(found.columns),
        "items": found.page.items,
        "count": found.page.count,
        "url": found.url,
        "nothing": not found.page.items,
    }


def _title(asking: Asking) -> Text:
    name, _, view = str(asking.options["view"]).partition(".")
    return asking.insight.records.model.objects[name].views[view].label


KIND = WidgetKind(
    name="table",
    label=Text(zh="列表", en="Table"),
    help=Text(zh="一个视图的前几条记录", en="The first records of a view"),
    icon="table",
    options=OptionSorts({"view": OptionSort(Takes.VIEW, Text(zh="视图", en="View"), required=True), "top": TOP}),
    plan=_plan,
    data=_data,
    title=_title,
)
