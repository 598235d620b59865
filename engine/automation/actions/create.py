"""The action `create`: a new record, with lines copied from the subject's where asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.copying import copied_lines
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
    made = str(options["object"])
    values = written(doing, made, options.get("set", {}))
    for field, source in options.get("copy", {}).items():
        values[field] = copied_lines(doing.context, doing.about, source, made, field)
    number = create(doing.context, made, [values])[0].id
    if "as" in options:
        doing.names[str(options["as"])] = Bound(made, number)
    return {"object": made, "id": number}


KIND = Action(
    name="create",
    label=Text(zh="新建记录", en="Create a record"),
    help=Text(
        zh="新建一条记录；as 给它一个名字，后面的动作可用；copy 把当前记录的明细复制过去",
        en="Make a record; `as` names it for the actions after; `copy` takes over lines of the present record",
    ),
    options=OptionSorts(
        {
            "object": OptionSort(Takes.OBJECT, Text(zh="对象", en="Object"), required=True),
            "as": OptionSort(Takes.NEW_NAME, Text(zh="称为", en="Called")),
            "set": OptionSort(Takes.VALUES, Text(zh="字段和值", en="Fields and values"), of="object"),
            "copy": OptionSort(Takes.COPIES, Text(zh="复制明细", en="Copy lines"), of="object"),
        }
    ),
    run=_run,
    examples=("{create: {object: task, as: task, set: {about: =record, subject: '唤醒 {name}', due: =NOW() + 2d}}}",),
)
