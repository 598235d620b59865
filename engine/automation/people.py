"""Who is meant by an option of people: users that expressions give, all users that a path leads to, holders of a role that a condition
narrows. Frozen accounts are left out: nothing reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.automation.values import ids_in, link_to, roots_of, scope_of, typed_in, values_of
from engine.people.roles import holders
from engine.records.compile import Records
from engine.records.matching import matching_one
from engine.records.moments import moment_of
from engine.records.reading import RecordReader
from metamodel.definitions.common import Expression
from metamodel.expressions.types import BOOLEAN, SEVERAL, Base
from metamodel.names import USER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.automation.doing import Doing
    from engine.expressions.values import Reader


def people_of(doing: Doing, given: Sequence[Any]) -> list[int]:
    """Return the ids of those who are meant, each once, in the order they are named."""
    found: list[int] = []
    for one in given:
        if isinstance(one, Expression):
            found += _by_expression(doing, one)
        elif isinstance(one, Mapping):
            found += _by_role(doing, str(one["role"]), one.get("where"))
    return active(doing, list(dict.fromkeys(found)))


def active(doing: Doing, ids: Sequence[int]) -> list[int]:
    """Return those of ``ids`` whose accounts are in use, in the same order."""
    if not ids:
        return []
    records = doing.context.runtime.part(Records)
    condition = typed_in(doing, "not frozen", records.shapes.scope(USER), BOOLEAN)
    kept = set(matching_one(doing.context, USER, condition, among=ids))
    return [number for number in ids if number in kept]


def _by_expression(doing: Doing, given: Expression) -> list[int]:
    scope = scope_of(doing)
    several = _users_at(doing, given.text)
    if several is not None:
        return several
    return ids_in(values_of(doing, [typed_in(doing, given.text, scope)]))


def _users_at(doing: Doing, text: str) -> list[int] | None:
    """Return the users at the end of a path that leads to several (a field of several users, the other side of a link to users); None
    where it is no such path."""
    steps = tuple(text.strip().split("."))
    if not all(step.isidentifier() for step in steps):
        return None
    start: Reader | None = None
    objects = doing.context.runtime.part(Records).objects
    if steps[0] in doing.names:
        bound = doing.names[steps[0]]
        start, here, steps = RecordReader(doing.context, bound.object, bound.id), bound.object, steps[1:]
    elif doing.subject is not None:
        steps = steps[1:] if steps[0] == "record" else steps
        start, here = RecordReader(doing.context, doing.subject.object, doing.subject.id), doing.subject.object
    if start is None or not steps:
        return None
    for step in steps[:-1]:
        type_ = objects[here].shape.members.get(step)
        if type_ is None or type_.base is not Base.LINK or len(type_.objects) != 1:
            return None
        here = type_.objects[0]
    last = objects[here].shape.members.get(steps[-1])
    if last is None or last.base not in SEVERAL or last.objects != (USER,):
        return None
    return ids_in(row.get(("id",)) for row in start.rows(steps))


def _by_role(doing: Doing, role: str, where: Expression | None) -> list[int]:
    found = holders(doing.context.connection, role)
    if where is None or not found:
        return found
    extra = {"user": link_to(USER)}
    scope = scope_of(doing, **extra)
    condition = typed_in(doing, where.text, scope, BOOLEAN)
    context = doing.seen_by
    roots = roots_of(doing, context)
    if doing.subject is not None:
        record = RecordReader(context, doing.subject.object, doing.subject.id)
        roots |= {"record": record, "old": roots.get("old", record)}
    moment = moment_of(context, context.runtime.part(Records)).with_roots(**roots)
    return matching_one(context, USER, condition, among=found, root="user", moment=moment)
