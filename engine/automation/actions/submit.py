"""The action `submit`: a record goes to its approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.approvals.submit import submit
from engine.automation.finding import record_of
from engine.automation.frame import Action
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    record = record_of(doing, options.get("record"))
    held = submit(doing.context, record.object, record.id, str(options.get("approval", "")))
    return {"object": record.object, "id": record.id, "instance": held.id}


KIND = Action(
    name="submit",
    label=Text(zh="提交审批", en="Submit"),
    help=Text(
        zh="把记录提交审批；不写 approval 时按条件选择",
        en="Send a record to its approval; which one, its conditions say",
    ),
    options=OptionSorts(
        {
            "record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record")),
            "approval": OptionSort(Takes.APPROVAL, Text(zh="哪个审批", en="Which approval")),
        }
    ),
    run=_run,
    examples=("{submit: {record: =request}}",),
)
