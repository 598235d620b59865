"""What holds for people's own records by whatever door they change: the last administrator is neither frozen nor thrown away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.context import SYSTEM
from engine.records.rights import ADMIN
from engine.records.shape import USER
from engine.records.stages import Stage
from engine.refusals import Refusal
from engine.storage.tables import user_role
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context
    from engine.records.stages import Act, Staged
    from metamodel.definitions.model import Model

FROZEN = "frozen"
LAST = Text(zh="这是最后一位管理员。", en="This is the last administrator.")


def people_stages(model: Model) -> tuple[Stage, ...]:
    """Return the stage over people; none where nobody can be frozen."""
    if USER not in model.objects or FROZEN not in model.objects[USER].fields:
        return ()
    return (Stage("people", frozenset({USER}), before=_before),)


def _before(context: Context, _object: str, act: Act, rows: Sequence[Staged]) -> None:
    leaving = {
        row.id
        for row in rows
        if not row.is_new and (act.kind == "delete" or (FROZEN in row.changed and row.new.get(FROZEN) is True))
    }
    if not leaving:
        return
    # The rows are locked, so that two administrators can't freeze each other at the same moment.
    held = sa.select(user_role.c.user_id).where(user_role.c.role == ADMIN).order_by(user_role.c.user_id)
    admins = set(context.connection.scalars(held.with_for_update()))
    if leaving & admins and not _able(context, admins - leaving):
        raise Refusal(409, "LAST_ADMIN", LAST)


def _able(context: Context, ids: set[int]) -> bool:
    """Whether one of these people is there and not frozen."""
    from engine.records.query import Query, read_page  # the reading door stands on the stages, as compiled records

    asked = Query(USER, ("id",), filter=f"{FROZEN} <> TRUE", ids=tuple(ids), limit=1)
    return bool(ids) and bool(read_page(replace(context, actor=SYSTEM), asked).items)
