"""The verb `press`: somebody presses a button on a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.automation.buttons import press_button
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    press_button(context, record.object, record.id, str(options.get("button")))
    return Outcome(record.object, (record.id,))


KIND = Verb(
    name="press",
    label=Text(zh="按按钮", en="Press"),
    help=Text(
        zh="按下记录页上的按钮，即触发方式为 button 的规则",
        en="Press a button of the record's page: a rule whose trigger is `button`",
    ),
    options={"button": Option(Takes.TEXT, required=True), "record": Option(Takes.RECORD, required=True)},
    run=_run,
    examples=("{press: {button: wake, record: =acme}}",),
)
