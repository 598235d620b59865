"""The action `transition`: a record moves on, as far as its process lets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.finding import record_of
from engine.automation.frame import Action
from engine.automation.values import value_of, written
from engine.processes.transitions import Move, transition
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    record, name = record_of(doing, options.get("record")), str(options["name"])
    values = written(doing, record.object, options.get("set", {}))
    reason = value_of(doing, options.get("reason"))
    move = Move(record.id, values, str(options.get("target", "")), "" if reason is None else str(reason))
    moved = transition(doing.context, record.object, name, [move])
    found = {"object": record.object, "id": record.id, "transition": name}
    return {**found, "submitted": moved.submitted[record.id]} if record.id in moved.submitted else found


KIND = Action(
    name="transition",
    label=Text(zh="流转", en="Take a transition"),
    help=Text(
        zh="让记录按流程流转；条件不满足时不会执行",
        en="Move a record on in its process; refused where its conditions do not hold",
    ),
    options=OptionSorts(
        {
            "name": OptionSort(Takes.TRANSITION, Text(zh="流转", en="Transition"), required=True),
            "record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record")),
            "target": OptionSort(Takes.STATE, Text(zh="目标状态", en="State to go to")),
            "reason": OptionSort(Takes.VALUE, Text(zh="原因", en="Reason")),
            "set": OptionSort(Takes.VALUES, Text(zh="同时填写", en="Entered on the way")),
        }
    ),
    run=_run,
    examples=("{transition: {name: sleep}}", "{transition: {name: drop, reason: 三十天未跟进}}"),
)
