"""The action `copy`: a new record like another one, lines included. Numbers, states and what is computed start afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.copying import copied_values
from engine.automation.finding import record_of
from engine.automation.frame import Action
from engine.automation.values import written
from engine.records.commands import create
from engine.records.effects import Bound
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    source = record_of(doing, options.get("record"))
    values = {**copied_values(doing.context, source), **written(doing, source.object, options.get("set", {}))}
    number = create(doing.context, source.object, [values])[0].id
    if "as" in options:
        doing.names[str(options["as"])] = Bound(source.object, number)
    return {"object": source.object, "id": number, "from": source.id}


KIND = Action(
    name="copy",
    label=Text(zh="复制记录", en="Copy a record"),
    help=Text(
        zh="复制一条记录和它的明细；编号、状态、唯一字段重新开始",
        en="Copy a record with its lines; numbers, states and unique fields start afresh",
    ),
    options=OptionSorts(
        {
            "record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record")),
            "as": OptionSort(Takes.NEW_NAME, Text(zh="称为", en="Called")),
            "set": OptionSort(Takes.VALUES, Text(zh="另外填写", en="What is different")),
        }
    ),
    run=_run,
    examples=("{copy: {as: again, set: {name: '{name} 2'}}}",),
)
