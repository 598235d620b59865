"""The verb `update`: fields of a record change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records import commands
from engine.scenarios.likely import warned
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    change = commands.Change(record.id, options.get("set"), options.get("version"))
    commands.update(context, record.object, [change])
    told = warned(context, record.object, [record.id], frozenset(change.values))
    return Outcome(record.object, (record.id,), warned=told)


KIND = Verb(
    name="update",
    label=Text(zh="修改", en="Update"),
    help=Text(
        zh="修改记录的字段；version 是写的人所见的版本，过时即被拒绝",
        en="Change a record's fields; `version` is the one that the writer saw: refused when the record has moved on",
    ),
    options={
        "record": Option(Takes.RECORD, required=True),
        "set": Option(Takes.VALUES, required=True),
        "version": Option(Takes.NUMBER),
    },
    run=_run,
    examples=("{update: {record: =acme, set: {phone: 010-1234}}}",),
)
