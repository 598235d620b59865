"""The action `stop`: the rest of the run is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from engine.automation.doing import Stop
from engine.automation.frame import Action
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> NoReturn:
    doing.trace[-1]["reason"] = str(options[""])
    raise Stop


KIND = Action(
    name="stop",
    label=Text(zh="停止", en="Stop"),
    help=Text(
        zh="不再执行后面的动作，并记下原因；已做的保留", en="Leave out the rest, and note why; what was done stays"
    ),
    options=OptionSorts(whole=OptionSort(Takes.TEXT, Text(zh="原因", en="Why"), required=True)),
    run=_run,
    examples=("{stop: 已有跟进}",),
)
