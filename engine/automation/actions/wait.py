"""The action `wait`: the rest of the run goes on later."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.automation.doing import Pause
from engine.automation.frame import Action
from engine.automation.values import typed_in, values_of
from engine.records.compile import Records
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    if doing.frame() is not None:
        return {"waited": str(options[""])}
    scope = doing.context.runtime.part(Records).shapes.scope(doing.subject.object if doing.subject else None)
    until = values_of(doing, [typed_in(doing, f"NOW() + {options['']}", scope)])[0]
    if not isinstance(until, datetime):
        raise TypeError(f"{options['']} is no duration")
    raise Pause(until)


KIND = Action(
    name="wait",
    label=Text(zh="等待", en="Wait"),
    help=Text(zh="过一段时间再继续后面的动作", en="Go on with the actions after it some time later"),
    options=OptionSorts(whole=OptionSort(Takes.DURATION, Text(zh="多久", en="How long"), required=True)),
    run=_run,
    examples=("{wait: 2d}", "{wait: 3wd}"),
)
