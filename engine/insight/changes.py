"""Whether anything has changed that a board looks at: a mark an object, cheap enough to be asked for every second by everybody who has a
board open. It is made of the events of the last minute, so that what commits late is not missed; once those are old the mark changes again,
which makes a board look once more and costs no more than that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.records.compile import Records
from engine.storage.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.context import Context

WINDOW = timedelta(seconds=60)
LOOKED_AT = 2000  # events, the latest ones


def marks_of(context: Context, objects: Sequence[str]) -> dict[str, str]:
    """Return object → its mark. What an object's records are computed from counts as well."""
    sources = {name: sources_of(context.runtime.part(Records), name) for name in objects}
    wanted = sorted({one for found in sources.values() for one in found})
    newest = sa.select(sa.func.max(outbox.c.id)).scalar_subquery()
    asked = (
        sa.select(outbox.c.object, sa.func.max(outbox.c.id), sa.func.count(), sa.func.sum(outbox.c.id))
        .where(
            outbox.c.id > newest - LOOKED_AT,
            outbox.c.created_at > context.now - WINDOW,
            outbox.c.object == sa.any_(sa.literal(wanted, sa.ARRAY(sa.Text))),
        )
        .group_by(outbox.c.object)
    )
    found = {row[0]: f"{row[1]}.{row[2]}.{row[3]}" for row in context.connection.execute(asked)}
    return {name: "-".join(found[one] for one in sources[name] if one in found) for name in objects}


def sources_of(records: Records, object_name: str) -> tuple[str, ...]:
    """Return the objects whose changes may show in an object's records: itself, what it sums up, what its links name."""
    return records.memory.get(("sources", object_name), lambda: tuple(sorted(_sources(records, object_name))))


def _sources(records: Records, object_name: str) -> Iterable[str]:
    found, waiting = {object_name}, [object_name]
    while waiting:
        here = waiting.pop()
        for child, above in records.dependents.above.items():
            if child not in found and any(one.object == here and one.name for one in above):
                found.add(child)
                waiting.append(child)
    links = records.objects[object_name].fields.values()
    return found | {target for one in links for target in one.targets if target in records.objects}
