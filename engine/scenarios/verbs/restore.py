"""The verb `restore`: a record comes back from the recycle bin."""

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
    commands.restore(context, record.object, [record.id])
    return Outcome(record.object, (record.id,))


KIND = Verb(
    name="restore",
    label=Text(zh="恢复", en="Restore"),
    help=Text(zh="从回收站恢复记录", en="Bring a record back from the recycle bin"),
    options={"record": Option(Takes.RECORD, required=True)},
    run=_run,
    examples=("{restore: {record: =acme}}",),
)
