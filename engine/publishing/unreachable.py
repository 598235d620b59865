"""What becomes of the records of objects that a publication takes out: nothing, but nobody comes to them. How many, for whoever decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from metamodel.diff import diff
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.publishing.plan import Base
    from metamodel.definitions.model import Model


def unreachable(engine: sa.Engine, base: Base, new: Model) -> dict[str, int]:
    """Return object → its records out of the bin, of objects that have records and are not in ``new`` under any name."""
    gone = [one.name for one in diff(base.model, new) if (one.act, one.kind) == ("removed", "object")]
    found: dict[str, int] = {}
    if gone:
        with engine.connect() as connection:
            for name in gone:
                table = base.records.objects[name].table
                living = sa.select(sa.func.count()).select_from(table).where(table.c.deleted_at.is_(None))
                found[name] = connection.execute(living).scalar_one()
    return {name: count for name, count in found.items() if count}


def told(base: Base, name: str, count: int) -> Text:
    """Return what is said of one object's records."""
    label = base.model.objects[name].label
    return Text(
        zh=f"「{label('zh')}」的 {count:,} 条记录将无法访问：数据保留在库中，定义装回后即恢复",
        en=f"{count:,} {'record' if count == 1 else 'records'} of {label('en')} will be out of reach: kept in the database, and there again"
        " with the definition",
    )
