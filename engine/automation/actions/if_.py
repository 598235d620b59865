"""The action `if`: one thing or another, by a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.doing import Pause
from engine.automation.frame import Action
from engine.automation.values import holds
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any] | None:
    frame, entry = doing.frame(), doing.trace[-1]
    branch = str(frame["branch"]) if frame is not None else "then" if holds(doing, options["when"]) else "else"
    entry["branch"] = branch
    if branch in options:
        try:
            doing.within(options[branch], "if", branch)
        except Pause as pause:
            pause.note["branch"] = branch
            raise
    return None


KIND = Action(
    name="if",
    label=Text(zh="如果", en="If"),
    help=Text(zh="条件成立执行 then，否则执行 else", en="Do `then` where the condition holds, else `else`"),
    options=OptionSorts(
        {
            "when": OptionSort(Takes.CONDITION, Text(zh="条件", en="Condition"), required=True),
            "then": OptionSort(Takes.ACTIONS, Text(zh="成立时", en="Then"), required=True),
            "else": OptionSort(Takes.ACTIONS, Text(zh="否则", en="Else")),
        }
    ),
    run=_run,
    examples=("{if: {when: budget > 0, then: {mark: {set: {code: A}}}, else: {mark: {set: {code: B}}}}}",),
)
