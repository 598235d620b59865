"""The verb `merge`: a record goes into another, which stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.merge import Merging, merge_records
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record, into = options.record("record"), options.record("into")
    merge_records(context, Merging(record.object, into.id, (record.id,), options.get("set") or {}, {}))
    return Outcome(into.object, (into.id,))


KIND = Verb(
    name="merge",
    label=Text(zh="合并", en="Merge"),
    help=Text(
        zh="把一条记录并入另一条：关联都转过去，set 是为保留的记录选定的值",
        en="Put a record into another one: what links to it follows; `set` are values chosen for the one that stays",
    ),
    options={
        "record": Option(Takes.RECORD, required=True),
        "into": Option(Takes.RECORD, required=True),
        "set": Option(Takes.VALUES),
    },
    run=_run,
    examples=("{merge: {record: =acme, into: =deal.customer, set: {phone: 010-1234}}}",),
)
