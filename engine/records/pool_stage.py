"""What a pool adds to every command over its object: a claim takes only what nobody owns, and each change of owner leaves a move, which
limits and cooling-off are counted by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.records.stages import Act, Stage
from engine.refusals import Refusal
from engine.storage.sharing_tables import pool_move, pool_notice
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.records.stages import Staged
    from metamodel.definitions.model import Model

CLAIM, RELEASE, RETURN = Act("update", "claim"), Act("update", "release"), Act("update", "return")
ASSIGN, GIVE = Act("update", "assign"), Act("update", "give")
HANDOVER = Act("update", "handover")  # of everything somebody had: no lock of anybody stands in its way
LOST_RACE = Text(zh="手慢了，这条记录刚刚被别人领取。", en="Too late: somebody else has just claimed this record.")
_GAINED = {"claim": "claimed", "assign": "assigned"}  # how somebody came to a record; else it was given to them
_LOST = {"return": "returned"}  # how somebody lost it to the pool; else they released it


def lost_race() -> Refusal:
    """Return the refusal of whoever was not the first."""
    return Refusal(409, "LOST_RACE", LOST_RACE)


def pool_stages(model: Model) -> tuple[Stage, ...]:
    """Return the share of pools in the commands of a model; none where no object has one."""
    owners = {name: one.owner for name, one in model.objects.items() if one.pool is not None and one.owner}
    if not owners:
        return ()

    def before(_context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
        """Refuse a claim, or a deal, of what has an owner already: the rows are locked and read under the lock."""
        owner = owners[object_name]
        if act.name in {"claim", "assign"} and any(
            row.old.get(owner) not in {None, row.new.get(owner)} for row in rows
        ):
            raise lost_race()

    def after(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
        """Keep who gained and who lost a record."""
        owner = owners[object_name]
        moved = [row for row in rows if owner in row.changed]
        entries = []
        for row in moved:
            old, new = row.old.get(owner), row.new.get(owner)
            kind = _GAINED.get(act.name, "given") if new is not None else _LOST.get(act.name, "released")
            entries.append(
                {
                    "object": object_name,
                    "record_id": row.id,
                    "user_id": new if new is not None else old,
                    "kind": kind,
                    "at": context.now,
                }
            )
        if entries:
            context.connection.execute(sa.insert(pool_move), entries)
        left = [row.id for row in moved if not row.is_new]
        if left:
            context.connection.execute(
                sa.delete(pool_notice).where(pool_notice.c.object == object_name, pool_notice.c.record_id.in_(left))
            )

    return (Stage("pool", frozenset(owners), before, after),)
