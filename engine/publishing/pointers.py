"""Fields that may lead to a record of any object keep the object's name: they follow when an object is renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.storage.kept_tables import void_everything

if TYPE_CHECKING:
    from engine.publishing.naming import Naming
    from engine.records.compile import Records


def follow_objects(connection: sa.Connection, records: Records, naming: Naming) -> int:
    """Have what leads to records of renamed objects lead to them under today's name; return how many. Harmless when done again."""
    renamed = {before: now for now, before in naming.sources.items() if before != now}
    changed = 0
    for object_name, field in sorted(records.every) if renamed else ():
        compiled = records.objects[object_name]
        name = compiled.table.c[next(iter(compiled.fields[field].columns.values()))]
        for before, now in sorted(renamed.items()):
            if before not in records.objects:
                statement = sa.update(compiled.table).where(name == before).values({name.name: now})
                changed += connection.execute(statement).rowcount
    if changed:
        void_everything(connection)
    return changed
