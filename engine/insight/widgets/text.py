"""The widget `text`: words of the board's own."""

from __future__ import annotations

from engine.insight.widget import Asking, Data, Drawing, WidgetKind
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text


def _title(_asking: Asking) -> Text:
    return Text()


def _data(drawing: Drawing) -> Data:
    return {"text": drawing.options["text"](drawing.language)}


KIND = WidgetKind(
    name="text",
    label=Text(zh="文字", en="Text"),
    help=Text(zh="看板上的说明文字", en="Words of the board's own"),
    icon="align-left",
    options=OptionSorts({"text": OptionSort(Takes.LABEL, Text(zh="文字", en="Text"), required=True)}),
    plan=lambda _asking: (),
    data=_data,
    title=_title,
    width=12,
)
