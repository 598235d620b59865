"""The verb `read`: what somebody sees, of one record or of an object's records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records import query
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options

MOST = 1000


def _run(context: Context, options: Options) -> Outcome:
    name = options.get("object")
    if name is None:
        record = options.record("record")
        query.read_one(context, record.object, record.id)
        return Outcome(record.object, (record.id,))
    asked = query.Query(name, ("id",), filter=options.get("where") or "", sort=("id",), limit=MOST)
    return Outcome(name, tuple(row["id"] for row in query.read_page(context, asked).items))


KIND = Verb(
    name="read",
    label=Text(zh="查看", en="Read"),
    help=Text(
        zh="查看一条记录，或按条件列出某对象的记录（最多 1000 条）；看不到即 NOT_FOUND",
        en="Read one record, or list an object's records that meet a condition (1,000 at most); unseen is NOT_FOUND",
    ),
    options={
        "record": Option(Takes.RECORD),
        "object": Option(Takes.OBJECT),
        "where": Option(Takes.CONDITION),
    },
    one_of=("record", "object"),
    run=_run,
    examples=("{read: {record: =acme}}", "{read: {object: customer, where: 'level = \"a\"'}}"),
)
