"""The action `update`: the same values for every record that matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.finding import found_by
from engine.automation.frame import Action
from engine.automation.values import written
from engine.records.commands import Change, update
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    changed = str(options["object"])
    values = written(doing, changed, options["set"])
    ids = found_by(doing, changed, options.get("where"))
    update(doing.context, changed, [Change(number, values) for number in ids])
    return {"object": changed, "count": len(ids), "set": values}


KIND = Action(
    name="update",
    label=Text(zh="批量修改", en="Update records"),
    help=Text(
        zh="修改所有符合条件的记录；条件里的字段是它们的，record. 是当前记录",
        en="Change every record that matches; names in the condition are theirs, `record.` is the present record",
    ),
    options=OptionSorts(
        {
            "object": OptionSort(Takes.OBJECT, Text(zh="对象", en="Object"), required=True),
            "where": OptionSort(Takes.CONDITION, Text(zh="条件", en="Condition"), of="object"),
            "set": OptionSort(Takes.VALUES, Text(zh="字段和值", en="Fields and values"), required=True, of="object"),
        }
    ),
    run=_run,
    examples=("{update: {object: task, where: about = record.id, set: {subject: 已取消}}}",),
)
