"""The verb `delete`: a record goes to the recycle bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records import commands
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    commands.delete(context, record.object, [(record.id, options.get("version"))])
    return Outcome(record.object, (record.id,))


KIND = Verb(
    name="delete",
    label=Text(zh="删除", en="Delete"),
    help=Text(zh="把记录移入回收站", en="Move a record to the recycle bin"),
    options={"record": Option(Takes.RECORD, required=True), "version": Option(Takes.NUMBER)},
    run=_run,
    examples=("{delete: {record: =acme}}",),
)
