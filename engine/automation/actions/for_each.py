"""The action `for_each`: actions for every record that matches, or for those alone that lead in a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.doing import Given, Pause
from engine.automation.finding import found_by
from engine.automation.frame import Action
from engine.automation.leading import ALL, FIRST, PERIOD, TOP, leaders
from engine.automation.values import link_to
from engine.records.effects import Bound
from engine.records.reading import RecordReader
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any] | None:
    each, frame, entry = str(options["object"]), doing.frame(), doing.trace[-1]
    ids = list(frame["left"]) if frame is not None else _chosen(doing, each, options)
    entry |= {"object": each, "count": len(ids)}
    for place, number in enumerate(ids):
        try:
            _one(doing, options, Bound(each, number))
        except Pause as pause:
            pause.note["left"] = ids[place:]
            raise
    return None


def _chosen(doing: Doing, each: str, options: Mapping[str, Any]) -> list[int]:
    """Return the records, those that lead in the order in which they do."""
    matching = found_by(doing, each, options["where"]) if "where" in options or "best" not in options else None
    if "best" not in options:
        return matching or []
    asked = (
        {**options, "top": ALL} if matching is not None else options
    )  # of those who match as many as were asked for lead
    best = leaders(doing, str(options["best"]), str(options.get("by", "")), asked)
    ids = [one.id for one in best if one.id is not None and one.object == each and one.value]
    among = ids if matching is None else [number for number in ids if number in set(matching)]
    return among[: int(options.get("top") or FIRST)]


def _one(doing: Doing, options: Mapping[str, Any], record: Bound) -> None:
    """Run the actions for one record: under the name it is given, or as their subject, with the one above as ``parent``."""
    if "as" in options:
        doing.within(options["do"], "for_each", "do", names={**doing.names, str(options["as"]): record})
        return
    given = {name: one for name, one in doing.given.items() if name != "old"}
    above = doing.subject
    if above is not None:
        given["parent"] = Given(link_to(above.object), RecordReader(doing.context, above.object, above.id))
    doing.within(options["do"], "for_each", "do", subject=record, given=given, names={**doing.names})


KIND = Action(
    name="for_each",
    label=Text(zh="逐条执行", en="For each"),
    help=Text(
        zh="对每条符合条件的记录执行动作；动作里的字段是它们的，或用 as 给它们一个名字；best、by、period、top：只对指标领先的几条，从第一名起",
        en="Do actions for every record that matches; names in them are that record's, or give it a name by `as`; `best`, `by`, `period`, `top`: only for those that lead in a metric, the first first",
    ),
    options=OptionSorts(
        {
            "object": OptionSort(Takes.OBJECT, Text(zh="对象", en="Object"), required=True),
            "where": OptionSort(Takes.CONDITION, Text(zh="条件", en="Condition"), of="object"),
            "best": OptionSort(Takes.METRIC, Text(zh="按指标最高的", en="Best by a metric")),
            "by": OptionSort(Takes.PATH, Text(zh="指标按谁", en="Whose figures"), of="best"),
            "period": PERIOD,
            "top": TOP,
            "as": OptionSort(Takes.NEW_NAME, Text(zh="称为", en="Called")),
            "do": OptionSort(Takes.ACTIONS, Text(zh="动作", en="Actions"), required=True),
        }
    ),
    run=_run,
    examples=(
        "{for_each: {object: task, where: about = record.id, do: {late: {set: {subject: '逾期 {subject}'}}}}}",
        "{for_each: {object: user, as: star, best: new_leads, by: owner, period: last_month, top: 3, do: {badge: {award: {to: =star, badge: star}}}}}",
    ),
)
