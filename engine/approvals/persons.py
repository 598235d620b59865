"""People in their organisation, as approvals ask for them: by log-in, above somebody, in a field of a record. Reading alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.people.actors import ADMIN_ROLE
from engine.people.tables import department, user
from engine.records.judging import evaluate
from engine.records.reading import RecordReader
from engine.storage.tables import user_role
from engine.storage.work_tables import delegation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.context import Context

DEEPEST = 50  # levels of managers or departments


def _among(column: sa.ColumnElement[Any], ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return column == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger)))


def by_login(context: Context, logins: Sequence[str]) -> list[int]:
    """Return the ids of log-ins, in their order."""
    wanted = [login.lower() for login in logins]
    lowered = sa.func.lower(user.c.login)
    asked = sa.select(lowered, user.c.id).where(lowered.in_(wanted), user.c.deleted_at.is_(None))
    found = {row[0]: int(row[1]) for row in context.connection.execute(asked)}
    return [found[login] for login in wanted if login in found]


def working(context: Context, ids: Iterable[int]) -> list[int]:
    """Return those who are there and whose accounts are in use, in the same order, each once."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    in_use = (user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true()))
    kept = set(context.connection.scalars(sa.select(user.c.id).where(_among(user.c.id, wanted), *in_use)))
    return [number for number in wanted if number in kept]


def administrators(context: Context) -> list[int]:
    """Return the administrators whose accounts are in use."""
    asked = (
        sa.select(user.c.id)
        .join(user_role, user_role.c.user_id == user.c.id)
        .where(user_role.c.role == ADMIN_ROLE, user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true()))
        .order_by(user.c.id)
    )
    return list(context.connection.scalars(asked))


def managers_above(context: Context, base: int | None) -> list[int]:
    """Return somebody's managers, the direct one first; circles end, and who is gone is passed over."""
    if base is None:
        return []
    first = sa.select(user.c.manager.label("id"), sa.literal(1).label("level")).where(user.c.id == base)
    above = first.cte("above", recursive=True)
    higher = sa.select(user.c.manager, above.c.level + 1).join(above, user.c.id == above.c.id)
    above = above.union_all(higher.where(above.c.level < DEEPEST))
    asked = sa.select(above.c.id).where(above.c.id.is_not(None)).order_by(above.c.level)
    found = [number for number in dict.fromkeys(context.connection.scalars(asked)) if number != base]
    return working(context, found)


def heads_above(context: Context, base: int | None) -> list[int | None]:
    """Return who leads somebody's department, then those above it; None where nobody does."""
    if base is None:
        return []
    first = sa.select(user.c.department.label("id"), sa.literal(1).label("level")).where(user.c.id == base)
    above = first.cte("above", recursive=True)
    higher = sa.select(department.c.part_of, above.c.level + 1).join(above, department.c.id == above.c.id)
    above = above.union_all(higher.where(above.c.level < DEEPEST))
    asked = sa.select(department.c.head).select_from(department.join(above, above.c.id == department.c.id))
    return list(context.connection.scalars(asked.where(department.c.deleted_at.is_(None)).order_by(above.c.level)))


def at_path(context: Context, machine: ApprovalMachine, record_id: int, text: str) -> list[int]:
    """Return whom an expression over the record gives: one user, or all at a path that leads to several."""
    rows = machine.rows_of_users(text)
    if rows:
        reader = RecordReader(context, machine.object, record_id)
        values = [row.get(("id",)) for row in reader.rows(rows)]
    else:
        found = evaluate(context, machine.object, [record_id], [machine.typed(text)])
        values = list(found.get(record_id, ()))
    return [int(value) for value in values if isinstance(value, int) and not isinstance(value, bool)]


def delegates(context: Context, approval: str) -> dict[int, int]:
    """Return person → who decides for them at this moment, of all who let somebody; of several the one named last."""
    asked = (
        sa.select(delegation.c.user_id, delegation.c.delegate_id)
        .join(user, user.c.id == delegation.c.delegate_id)
        .where(
            delegation.c.begins_at <= context.now,
            delegation.c.ends_at > context.now,
            sa.or_(delegation.c.approvals.is_(None), sa.literal(approval) == sa.any_(delegation.c.approvals)),
            user.c.deleted_at.is_(None),
            user.c.frozen.is_not(sa.true()),
        )
        .order_by(delegation.c.id)
    )
    return {int(row[0]): int(row[1]) for row in context.connection.execute(asked)}
