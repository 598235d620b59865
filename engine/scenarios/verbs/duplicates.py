"""The verb `duplicates`: what somebody is told of records that may be the same as one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.duplicates import likely_duplicates
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    found = likely_duplicates(context, record.object, [record.id])
    known = tuple(one.id for one in found if one.id is not None)
    shown = {
        "hidden": sum(one.id is None for one in found),
        **{one.rule.name: str(one.score) for one in reversed(found)},
    }
    return Outcome(record.object, known, shown)


KIND = Verb(
    name="duplicates",
    label=Text(zh="查重", en="Duplicates"),
    help=Text(
        zh="可能与此记录重复的记录：records 是看得到的，shows 里 hidden 是看不到的条数，规则名是相似度",
        en="Records that may be the same as this one: `records` those one may read, in `shows` `hidden` how many others, a rule its likeness",
    ),
    options={"record": Option(Takes.RECORD, required=True)},
    run=_run,
    examples=("{duplicates: {record: =acme}}",),
)
