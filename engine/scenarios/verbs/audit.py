"""The verb `audit`: what the audit keeps of a record's sensitive acts, the oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.scenarios.verb import Option, Outcome, Takes, Verb
from engine.storage.work_tables import audit
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.context import Context
    from engine.scenarios.verb import Options


def _run(context: Context, options: Options) -> Outcome:
    record = options.record("record")
    asked = sa.select(audit.c.action, audit.c.actor, audit.c.details).where(
        audit.c.object == record.object, audit.c.record_id == record.id
    )
    rows = context.connection.execute(asked.order_by(audit.c.id)).all()
    shown: dict[str, object] = {"count": len(rows)}
    for place, row in enumerate(rows):
        shown |= {f"{place}.{name}": value for name, value in dict(row.details).items()}
        shown |= {f"{place}.action": row.action, f"{place}.actor": row.actor}
    return Outcome(record.object, (record.id,), shown)


KIND = Verb(
    name="audit",
    label=Text(zh="查审计", en="Audit"),
    help=Text(zh="某条记录的敏感操作审计", en="What the audit keeps of a record"),
    options={"record": Option(Takes.RECORD, required=True)},
    run=_run,
    examples=("{audit: {record: =deal}}",),
)
