"""The action `share`: people are taken into the team of the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.finding import record_of
from engine.automation.frame import Action
from engine.automation.people import people_of
from engine.records.sharing import share
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    record, part = record_of(doing, options.get("record")), str(options["as"])
    new = [
        one for one in people_of(doing, options["with"]) if share(doing.context, record.object, record.id, one, part)
    ]
    return {"object": record.object, "id": record.id, "with": new, "as": part}


KIND = Action(
    name="share",
    label=Text(zh="加入团队", en="Share"),
    help=Text(
        zh="让一人或多人以某个角色加入记录的团队；停用的账号不参与",
        en="Take people into the team of the record, in one of its parts; frozen accounts are passed over",
    ),
    options=OptionSorts(
        {
            "with": OptionSort(Takes.PEOPLE, Text(zh="与谁", en="With whom"), required=True),
            "as": OptionSort(Takes.PART, Text(zh="团队角色", en="In which part"), required=True),
            "record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record")),
        },
        needs="team",
    ),
    run=_run,
    examples=("{share: {with: =service_rep, as: presales}}",),
)
