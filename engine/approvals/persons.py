"""People in their organisation, as approvals ask for them: by log-in, above somebody, in a field of a record. Reading alone."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.people.actors import ADMIN_ROLE
from engine.people.tables import department, user
from engine.records.judging import evaluate
from engine.records.reading import RecordReader
from engine.records.statement import prepare
from engine.storage.tables import user_role
from engine.storage.work_tables import delegation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.approvals.assignee import Question
    from engine.context import Context

DEEPEST = 50  # levels of managers or departments


_IN_USE = (user.c.deleted_at.is_(None), user.c.frozen.is_not(sa.true()))
_IDS = sa.bindparam("ids", type_=sa.ARRAY(sa.BigInteger))
_NOW = sa.bindparam("now", type_=sa.DateTime(timezone=True))
_APPROVAL = sa.bindparam("approval", type_=sa.Text)
_STAND_IN = user.alias("stand_in")
_STANDS_IN = (
    sa.select(delegation.c.delegate_id)
    .join(_STAND_IN, _STAND_IN.c.id == delegation.c.delegate_id)
    .where(
        delegation.c.user_id == user.c.id,
        delegation.c.begins_at <= _NOW,
        delegation.c.ends_at > _NOW,
        sa.or_(delegation.c.approvals.is_(None), sa.any_(delegation.c.approvals) == _APPROVAL),
        _STAND_IN.c.deleted_at.is_(None),
        _STAND_IN.c.frozen.is_not(sa.true()),
    )
    .order_by(delegation.c.id.desc())
    .limit(1)
    .correlate(user)
    .scalar_subquery()
)
_WORKING = prepare(sa.select(user.c.id, _STANDS_IN).where(user.c.id == sa.any_(_IDS), *_IN_USE))
_ADMINISTRATORS = (
    sa.select(user.c.id)
    .join(user_role, user_role.c.user_id == user.c.id)
    .where(user_role.c.role == ADMIN_ROLE, *_IN_USE)
    .order_by(user.c.id)
)


def by_login(context: Context, logins: Sequence[str]) -> list[int]:
    """Return the ids of log-ins, in their order."""
    wanted = [login.lower() for login in logins]
    lowered = sa.func.lower(user.c.login)
    asked = sa.select(lowered, user.c.id).where(lowered.in_(wanted), user.c.deleted_at.is_(None))
    found = {row[0]: int(row[1]) for row in context.connection.execute(asked)}
    return [found[login] for login in wanted if login in found]


def standing(context: Context, approval: str, ids: Iterable[int]) -> dict[int, int | None]:
    """Return person → who decides for them at this moment (of several the one named last), None for themselves: of those of ``ids`` who are
    there and whose accounts are in use, in the same order. One statement."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    rows = _WORKING.rows(context.connection, ids=wanted, now=context.now, approval=approval)
    found = {int(row[0]): row[1] for row in rows}
    return {number: found[number] for number in wanted if number in found}


def working(context: Context, ids: Iterable[int]) -> list[int]:
    """Return those who are there and whose accounts are in use, in the same order, each once."""
    return list(standing(context, "", ids))


def administrators(context: Context) -> list[int]:
    """Return the administrators whose accounts are in use."""
    return list(context.connection.scalars(_ADMINISTRATORS))


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


def at_path(question: Question, text: str) -> list[int]:
    """Return whom an expression over the record gives: one user, or all at a path that leads to several."""
    context, machine, record_id = question.context, question.machine, question.record_id
    rows = machine.rows_of_users(text)
    if rows:
        reader = RecordReader(context, machine.object, record_id)
        values = [row.get(("id",)) for row in reader.rows(rows)]
    elif text in question.known:
        values = [question.known[text]]
    else:
        found = evaluate(context, machine.object, [record_id], [machine.typed(text)])
        values = list(found.get(record_id, ()))
    return [int(value) for value in values if isinstance(value, int | Decimal) and not isinstance(value, bool)]
