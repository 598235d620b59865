"""The action `assign`: somebody out of several gets the record, in turn, or whoever has least to do, or the owner's manager."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.dealing import in_turn, least_loaded, managers_of
from engine.automation.finding import record_of
from engine.automation.frame import Action
from engine.automation.people import people_of
from engine.records.commands import Change, update
from engine.records.compile import Records
from engine.refusals import Refusal
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing

NOBODY = Text(zh="没有可分配的人", en="there is nobody to give it to")


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    record, way = record_of(doing, options.get("record")), str(options.get("by", "round_robin"))
    compiled = doing.context.runtime.part(Records).objects[record.object]
    field = str(options.get("field") or compiled.owner)
    if not field:
        raise Refusal(422, "NO_OWNER", Text(zh=f"{record.object} 没有负责人字段", en=f"{record.object} has no owner"))
    people = people_of(doing, options.get("among", ()))
    if way == "manager":
        people = managers_of(doing, record, field)
    if not people:
        raise Refusal(409, "NOBODY", NOBODY)
    deal = {"least_loaded": least_loaded, "round_robin": in_turn}.get(way)
    key = f"{doing.rule}/{doing.path}"
    chosen = people[0] if deal is None else deal(doing.context, key, record.object, field, people)
    update(doing.context, record.object, [Change(record.id, {field: chosen})])
    return {"object": record.object, "id": record.id, "to": chosen, "by": way}


KIND = Action(
    name="assign",
    label=Text(zh="分配", en="Assign"),
    help=Text(
        zh="把记录分配给一人：轮流、给手上最少的人，或负责人的上级；停用的账号不参与",
        en="Give the record to one of several: in turn, to whoever has least, or to the owner's manager; frozen accounts are passed over",
    ),
    options=OptionSorts(
        {
            "by": OptionSort(
                Takes.CHOICE, Text(zh="方式", en="How"), choices=("round_robin", "least_loaded", "manager")
            ),
            "among": OptionSort(Takes.PEOPLE, Text(zh="在谁之中", en="Among whom")),
            "record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record")),
            "field": OptionSort(Takes.FIELD, Text(zh="哪个用户字段", en="Which user field")),
        }
    ),
    run=_run,
    examples=("{assign: {by: round_robin, among: {role: rep, where: user.region = record.region}}}",),
)
