"""The verb `submit`: a record goes to its approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.submit import submit
from engine.scenarios.verb import Option, Outcome, Takes, Verb
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    submit(context, record.object, record.id, str(options.get("approval") or ""))
    return Outcome(record.object, (record.id,))


KIND = Verb(
    name="submit",
    label=Text(zh="提交审批", en="Submit"),
    help=Text(zh="把记录提交审批；approval 指明哪一个", en="Send a record to its approval; `approval` says which"),
    options={"record": Option(Takes.RECORD, required=True), "approval": Option(Takes.TEXT)},
    run=_run,
    examples=("{submit: {record: =q}}",),
)
