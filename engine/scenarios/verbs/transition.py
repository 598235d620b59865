"""The verb `transition`: a record moves on in its process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.processes.transitions import Move, transition
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    values, reason, target = options.get("set") or {}, options.get("reason") or "", options.get("target") or ""
    move = Move(record.id, values, str(target), str(reason), options.get("version"))
    transition(context, record.object, str(options.get("name")), [move])
    return Outcome(record.object, (record.id,))


KIND = Verb(
    name="transition",
    label=Text(zh="流转", en="Transition"),
    help=Text(
        zh="记录按流转 name 进入下一状态；set 填写这一步要求的字段，reason 写原因，target 选择要进入的状态",
        en="A record moves by the transition `name`; `set` fills in what it asks for, `reason` and `target` say why and where to",
    ),
    options={
        "name": Option(Takes.TRANSITION, required=True),
        "record": Option(Takes.RECORD, required=True),
        "set": Option(Takes.VALUES),
        "reason": Option(Takes.TEXT),
        "target": Option(Takes.TEXT),
        "version": Option(Takes.NUMBER),
    },
    run=_run,
    examples=("{transition: {name: win, record: =deal}}",),
)
