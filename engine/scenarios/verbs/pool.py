"""The verbs `claim`, `release`, `transfer`, `lock` and `unlock`: records of a pool, records given to somebody, records being edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records import locks, pool
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.context import Context
    from engine.scenarios.verb import Options

    Work = Callable[[Context, str, int], object]

_RECORD = {"record": Option(Takes.RECORD, required=True)}


def _verb(name: str, label: Text, help_: Text, work: Work) -> Verb:
    def run(context: Context, options: Options) -> Outcome:
        record = options.record("record")
        work(context, record.object, record.id)
        return Outcome(record.object, (record.id,))

    return Verb(
        name=name, label=label, help=help_, options=_RECORD, run=run, examples=(f"{{{name}: {{record: =acme}}}}",)
    )


def _transfer(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    pool.transfer(context, record.object, [record.id], options.record("to").id)
    return Outcome(record.object, (record.id,))


KINDS = (
    Verb(
        name="transfer",
        label=Text(zh="移交", en="Transfer"),
        help=Text(zh="把记录交给另一个人", en="Give a record to another owner"),
        options={**_RECORD, "to": Option(Takes.RECORD, required=True)},
        run=_transfer,
        examples=("{transfer: {record: =acme, to: dora}}",),
    ),
    _verb(
        "claim", Text(zh="领取", en="Claim"), Text(zh="从公海领取记录", en="Claim a record from the pool"), pool.claim
    ),
    _verb(
        "release",
        Text(zh="退回公海", en="Release"),
        Text(zh="把记录退回公海", en="Give a record back to the pool"),
        pool.release,
    ),
    _verb("lock", Text(zh="锁定", en="Lock"), Text(zh="开始编辑记录", en="Begin to edit a record"), locks.lock),
    _verb("unlock", Text(zh="解锁", en="Unlock"), Text(zh="结束编辑记录", en="Stop editing a record"), locks.unlock),
)
