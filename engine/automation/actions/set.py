"""The action `set`: fields of the subject get new values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.automation.frame import Action
from engine.automation.values import written
from engine.records.commands import Change, update
from metamodel.options import OptionSort, OptionSorts, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.automation.doing import Doing


def _run(doing: Doing, options: Mapping[str, Any], /) -> Mapping[str, Any]:
    subject = doing.about
    values = written(doing, subject.object, options[""])
    update(doing.context, subject.object, [Change(subject.id, values)])
    return {"set": values}


KIND = Action(
    name="set",
    label=Text(zh="填写字段", en="Set fields"),
    help=Text(zh="给当前记录的字段赋值", en="Give fields of the record new values"),
    options=OptionSorts(whole=OptionSort(Takes.VALUES, Text(zh="字段和值", en="Fields and values"), required=True)),
    run=_run,
    examples=("{set: {region: east}}", "{set: {budget: =amount * 2, code: '{name}-1'}}"),
)
