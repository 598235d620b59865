"""Whose turn it is: dealing records out among people, fairly also where many are dealt at once. One lock a deal makes them queue up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.automation.people import active
from engine.automation.values import ids_in
from engine.records.compile import Records
from engine.records.matching import loads
from engine.records.reading import RecordReader
from engine.storage.work_tables import turn
from metamodel.expressions.types import BOOLEAN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.automation.doing import Doing
    from engine.context import Context
    from engine.records.effects import Bound
    from metamodel.expressions.typed import TypedExpression


def in_turn(context: Context, key: str, object_name: str, field: str, people: Sequence[int]) -> int:
    """Return who comes after the one who was last: each as often as any other."""
    del object_name, field
    last = _held(context, key)
    chosen = next((one for one in sorted(people) if one > last), min(people))
    return _taken(context, key, chosen)


def least_loaded(context: Context, key: str, object_name: str, field: str, people: Sequence[int]) -> int:
    """Return who has the fewest records that are still open; among equals whoever's turn it is."""
    last = _held(context, key)
    found = loads(context, object_name, field, people, _still_open(context, object_name))
    fewest = min(found.values())
    equals = sorted(one for one in people if found[one] == fewest)
    return _taken(context, key, next((one for one in equals if one > last), equals[0]))


def managers_of(doing: Doing, record: Bound, field: str) -> list[int]:
    """Return the manager of whoever has the record now; nobody where it is nobody's, or they have none."""
    found = RecordReader(doing.context, record.object, record.id).get((field, "manager"))
    return active(doing, ids_in([found]))


def _still_open(context: Context, object_name: str) -> TypedExpression | None:
    """Return the condition that a record is in no final state of any process."""
    records = context.runtime.part(Records)
    parts = []
    for process in records.model.processes.values():
        final = [f'"{name}"' for name, state in process.states.items() if state.final]
        if process.object == object_name and final:
            parts.append(f"{process.field} not in ({', '.join(final)})")
    if not parts:
        return None
    return records.shapes.check(" and ".join(parts), records.shapes.scope(object_name), BOOLEAN)


def _held(context: Context, key: str) -> int:
    """Take the turn until this transaction ends; return who had it last, 0 for nobody."""
    first = insert(turn).values(key=key, last=0).on_conflict_do_nothing()
    context.connection.execute(first)
    asked = sa.select(turn.c.last).where(turn.c.key == key).with_for_update()
    return int(context.connection.scalar(asked) or 0)


def _taken(context: Context, key: str, chosen: int) -> int:
    context.connection.execute(sa.update(turn).where(turn.c.key == key).values(last=chosen))
    return chosen
