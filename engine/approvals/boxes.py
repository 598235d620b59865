"""The boxes of approvals: what somebody has to decide, has decided, has submitted, was sent a copy of; how many are waiting and unread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.approvals.compile import Approvals
from engine.approvals.instance import COPY, OPEN
from engine.context import SYSTEM
from engine.fields.base import called
from engine.people.tables import user
from engine.records.access import rights_of
from engine.records.compile import Records
from engine.records.query import Query, read_page
from engine.records.statement import prepare
from engine.storage.work_tables import approval_instance as instance
from engine.storage.work_tables import approval_task as task
from metamodel.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.approvals.store import Held
    from engine.context import Context
    from metamodel.text import Text

_PEOPLE = sa.bindparam("people", type_=sa.ARRAY(sa.BigInteger))
_NAMES = prepare(sa.select(user.c.id, user.c.name).where(user.c.id == sa.any_(_PEOPLE)))
BOXES = ("todo", "done", "mine", "copied")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a box. ``id``: of the task in ``todo``, of the instance elsewhere; ``step`` is dotted where it is in a branch."""

    id: int
    instance: int
    approval: str
    label: Text
    step: str
    step_label: Text
    kind: str
    state: str
    object: str
    record_id: int
    record_label: str
    submitted_by: int | None
    submitted_name: str
    submitted_at: datetime
    due: datetime | None
    unread: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A page of a box. ``next``: the place after which the following page begins, None at the end."""

    items: tuple[Item, ...]
    next: int | None


def read_box(context: Context, box: str, *, limit: int = 50, after: int | None = None) -> Box:
    """Return a page of one of the actor's boxes, the newest first."""
    me = context.actor.id
    columns = (
        instance.c.id.label("instance"),
        instance.c.approval,
        instance.c.state,
        instance.c.object,
        instance.c.record_id,
        instance.c.submitted_by,
        instance.c.submitted_at,
        instance.c.version,
    )
    joined = task.join(instance, instance.c.id == task.c.instance_id)
    own = (task.c.id, task.c.step, task.c.kind, task.c.due_at, task.c.read_at)
    if box == "todo":
        asked = sa.select(*own, *columns).select_from(joined)
        asked = asked.where(task.c.user_id == me, task.c.state == OPEN, task.c.kind != COPY)
        key: sa.ColumnElement[Any] = task.c.id
    elif box == "mine":
        none = (
            sa.literal("").label("step"),
            sa.literal("").label("kind"),
            instance.c.due_at,
            sa.literal(1).label("read_at"),
        )
        asked = sa.select(instance.c.id, *none, *columns).where(instance.c.submitted_by == me)
        key = instance.c.id
    else:
        mine = task.c.kind == COPY if box == "copied" else sa.and_(task.c.kind != COPY, task.c.decision != "")
        latest = (
            sa.select(sa.func.max(task.c.id).label("id"))
            .where(task.c.user_id == me, mine, task.c.state != OPEN if box == "done" else sa.true())
            .group_by(task.c.instance_id)
            .subquery()
        )
        asked = sa.select(instance.c.id.label("id"), *own[1:], *columns).select_from(joined)
        asked = asked.where(task.c.id.in_(sa.select(latest.c.id)))
        key = instance.c.id
    if after is not None:
        asked = asked.where(key < after)
    rows = context.connection.execute(asked.order_by(key.desc()).limit(limit + 1)).all()
    items = _items(context, rows[:limit])
    return Box(items, items[-1].id if len(rows) > limit else None)


def counts(context: Context) -> Mapping[str, int]:
    """Return how many tasks wait for the actor, and how many copies they have not opened: one statement."""
    me = context.actor.id
    waiting = sa.func.count().filter(task.c.kind != COPY)
    unread = sa.func.count().filter(task.c.kind == COPY, task.c.read_at.is_(None))
    row = context.connection.execute(sa.select(waiting, unread).where(task.c.user_id == me, task.c.state == OPEN)).one()
    return {"todo": int(row[0]), "copied": int(row[1])}


def mark_read(context: Context, number: int) -> None:
    """Note that the actor has opened what they were asked or sent a copy of."""
    opened = sa.update(task).where(
        task.c.instance_id == number, task.c.user_id == context.actor.id, task.c.read_at.is_(None)
    )
    context.connection.execute(opened.values(read_at=context.now))


def _items(context: Context, rows: Sequence[Any]) -> tuple[Item, ...]:
    labels = labels_of(context, [(row.object, row.record_id) for row in rows])
    names = names_of(context, {row.submitted_by for row in rows})
    machines = context.runtime.part(Approvals).machines
    found = []
    for row in rows:
        machine = machines.get(row.approval)
        step = machine.steps.get(row.step) if machine is not None else None
        found.append(
            Item(
                row.id,
                row.instance,
                row.approval,
                machine.definition.label if machine is not None else plain(row.approval),
                row.step,
                step.label if step is not None else plain(""),
                row.kind,
                row.state,
                row.object,
                row.record_id,
                labels.get((row.object, row.record_id), ""),
                row.submitted_by,
                names.get(row.submitted_by, ""),
                row.submitted_at,
                row.due_at,
                row.read_at is None,
            )
        )
    return tuple(found)


def labels_of(context: Context, records: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
    """Return what records are called, those in the bin too: a statement or two for each object. A name that the actor's roles hide stays
    blank."""
    compiled = context.runtime.part(Records)
    rights = rights_of(compiled, context.actor)
    wanted: dict[str, set[int]] = {}
    for name, number in records:
        if name in compiled.objects and rights.names(name):
            wanted.setdefault(name, set()).add(number)
    found: dict[tuple[str, int], str] = {}
    system = replace(context, actor=SYSTEM)
    for name, ids in wanted.items():
        title = compiled.objects[name].title
        for binned in (False, True):
            left = tuple(sorted(number for number in ids if (name, number) not in found))
            if not left:
                break
            page = read_page(system, Query(name, ("id", title), ids=left, limit=len(left), binned=binned))
            for row in page.items:
                value = row.get(title)
                found[name, row["id"]] = called(value) or str(row["id"])
    return found


def label_now(context: Context, held: Held) -> str:
    """Return what the record of an instance that something was just done to is called: what was kept with the decision says it, unless the
    actor's roles hide it."""
    compiled = context.runtime.part(Records)
    record = (held.object, held.record_id)
    if not held.snapshot or held.object not in compiled.objects:
        return labels_of(context, [record]).get(record, "")
    if not rights_of(compiled, context.actor).names(held.object):
        return ""
    value = held.snapshot.get(compiled.objects[held.object].title)
    return str((value.get("label") if isinstance(value, dict) else value) or held.record_id)


def names_of(context: Context, people: Iterable[int | None]) -> Mapping[int | None, str]:
    """Return what people are called."""
    wanted = sorted({one for one in people if one is not None})
    if not wanted:
        return {}
    return {int(row[0]): str(row[1] or "") for row in _NAMES.rows(context.connection, people=wanted)}
