"""Rules whose moment has come: an event for each record that matches, or one for the rule by itself. Who works on them finds them in the
outbox like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.automation.pilot import pilots
from engine.records.matching import matching
from engine.storage.database import dump_json
from engine.storage.outbox import note_events, write_events
from engine.storage.tables import PARTITIONS, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.automation.rules import Rule
    from engine.context import Context

DUE = "rule.due"  # an event of ours: a rule's moment has come, for a record or by itself


def tell_due(context: Context, rule: Rule, moment: datetime) -> None:
    """Leave the events of a rule that is due at ``moment``: one statement, whatever the number of records."""
    key = f"due:{moment.isoformat()}"
    if not rule.object:
        write_events(
            context.connection, at=context.now, event=DUE, entries=[("", None, {"rule": rule.name, "key": key})]
        )
        return
    found = matching(context, rule.object, rule.condition, owners=pilots(context, rule)).subquery("found")
    payload = sa.func.jsonb_build_object(
        sa.literal("rule", sa.Text),
        sa.literal(rule.name, sa.Text),
        sa.literal("key", sa.Text),
        sa.func.concat(sa.literal(f"{key}:", sa.Text), found.c.id),
    )
    chosen = sa.select(
        sa.func.hashtextextended(rule.object, found.c.id).op("&")(PARTITIONS - 1),
        sa.literal(rule.object),
        found.c.id,
        sa.literal(DUE),
        payload,
        sa.literal(context.now, sa.DateTime(timezone=True)),
    ).order_by(found.c.id)
    names = ["partition", "object", "record_id", "event", "payload", "created_at"]
    if context.connection.execute(sa.insert(outbox).from_select(names, chosen)).rowcount:
        note_events(context.connection)


def tell_groups(context: Context, rule: Rule, key: str, groups: Sequence[Mapping[str, Any]]) -> None:
    """Leave an event of a rule for each group of figures."""
    entries = [
        ("", None, {"rule": rule.name, "key": f"{key}:{dump_json(group['group'])}", "cause": dict(group)})
        for group in groups
    ]
    write_events(context.connection, at=context.now, event=DUE, entries=entries)
