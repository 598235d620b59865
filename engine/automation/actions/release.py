"""The action `release`: the record goes back to the pool, where others may claim it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.finding import record_of
from engine.automation.frame import Action
from engine.records.pool import release
from engine.refusals import Refusal
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    record = record_of(doing, options.get("record"))
    told = {"object": record.object, "id": record.id}
    try:
        release(doing.context, record.object, record.id)
    except Refusal as refusal:
        if refusal.code != "NOT_OWNED":
            raise
        return {**told, "already": True}
    return told


KIND = Action(
    name="release",
    label=Text(zh="退回公海", en="Release"),
    help=Text(
        zh="把记录退回公海，让别人可以领取；已在公海中的不变",
        en="Give the record back to the pool, where others may claim it; one that is there already stays",
    ),
    options=OptionSorts({"record": OptionSort(Takes.RECORD, Text(zh="哪条记录", en="Which record"))}, needs="pool"),
    run=_run,
    examples=("{release: {}}",),
)
