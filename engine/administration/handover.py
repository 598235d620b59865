"""Handing over everything that hangs on somebody who leaves, in one act: the account is frozen, records get new owners by rule, whoever
reported to them reports to the heir, what waits for them waits for others. History still shows who did what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from engine.people.auditing import note
from engine.people.sessions import close_all
from engine.people.tables import user
from engine.people.telling import Message, tell
from engine.people.tokens import revoke_tokens
from engine.records.commands import Change, update
from engine.records.compile import Records
from engine.records.elevated import elevated
from engine.records.matching import matching, matching_ids
from engine.records.pool import check_heir
from engine.records.pool_stage import HANDOVER
from engine.records.shape import USER
from engine.refusals import FieldError, Refusal
from engine.storage.sharing_tables import edit_lock, team_member
from engine.storage.work_tables import delegation, notification
from metamodel.expressions.types import BOOLEAN
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.context import Context
    from engine.records.compile import CompiledObject

BATCH = 2000
POOL = 0  # as an heir: records go back to the pool of their object
Handing = Callable[["Context", int, int], int]  # hands over what a floor keeps: (context, old, heir) → how many


@dataclass(frozen=True, slots=True)
class Rule:
    """Who gets what. ``heirs`` get everything, dealt in turn where they are several; ``of``: object → heirs of its records, or
    ``(POOL,)``. Whatever can go to one person only goes to the first of ``heirs``."""

    heirs: tuple[int, ...]
    of: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def of_object(self, name: str) -> tuple[int, ...]:
        """Return who gets an object's records."""
        return self.of.get(name, self.heirs)


def hand_over(
    context: Context, person: int, rule: Rule, *, freeze: bool, others: Sequence[Handing] = ()
) -> dict[str, int]:
    """Hand everything over within the caller's transaction; return how many records of each object, and under ``reports``,
    ``departments``, ``approvals``, ``teams`` and ``reminders`` how much of these. ``others``: what floors beside this one hand over.

    Raises Refusal 422 for heirs who are not there, frozen, or the person themselves, and for a pool that an object has not.
    """
    _check(context, person, rule)
    acting = elevated(context)
    counts: dict[str, int] = {}
    _raise_heir(acting, person, rule.heirs[0])
    for name, compiled in context.runtime.part(Records).objects.items():
        if compiled.owner:
            counts[name] = _give(acting, compiled, compiled.owner, person, rule.of_object(name))
        elif name == USER and "manager" in compiled.fields:
            counts["reports"] = _give(acting, compiled, "manager", person, rule.heirs[:1])
        elif name == "department" and "head" in compiled.fields:
            counts["departments"] = _give(acting, compiled, "head", person, rule.heirs[:1])
    counts["approvals"] = sum(other(acting, person, rule.heirs[0]) for other in others)
    counts["teams"] = _join_teams(context, person, rule.heirs[0])
    counts["reminders"] = _move_reminders(context, person, rule.heirs[0])
    context.connection.execute(sa.delete(edit_lock).where(edit_lock.c.user_id == person))
    context.connection.execute(sa.delete(delegation).where(delegation.c.delegate_id == person))
    found = {name: count for name, count in counts.items() if count}
    if freeze:
        freeze_account(acting, person)  # last: what waits for an account that is frozen goes to others than the heirs
    note(context, "handover", USER, person, {"to": list(rule.heirs), "moved": found, "frozen": freeze})
    _tell_heirs(context, person, rule, found)
    return found


def freeze_account(context: Context, person: int) -> None:
    """Freeze an account at once: it can do nothing any more, its sessions and tokens have ended."""
    update(context, USER, [Change(person, {"frozen": True})])
    close_all(context.connection, person)
    revoke_tokens(context.connection, person)


def owned(context: Context, person: int) -> dict[str, int]:
    """Return how many living records of each object a person owns: what there is to hand over."""
    found = {}
    for name, compiled in context.runtime.part(Records).objects.items():
        if compiled.owner:
            asked = sa.select(sa.func.count()).select_from(matching(context, name, owners=[person]).subquery())
            count = context.connection.scalar(asked) or 0
            if count:
                found[name] = int(count)
    return found


def _check(context: Context, person: int, rule: Rule) -> None:
    model = context.runtime.part(Records).model
    everybody = [*rule.heirs, *(heir for heirs in rule.of.values() for heir in heirs)]
    message = None
    if not rule.heirs:
        message = Text(zh="请指定接手人。", en="Say who takes over.")
    elif person in everybody:
        message = Text(zh="不能移交给本人。", en="Nobody hands over to themselves.")
    for name, heirs in rule.of.items():
        pool = model.objects[name].pool if name in model.objects else None
        if name not in model.objects or (POOL in heirs and pool is None):
            message = Text(zh=f"{name} 没有公海。", en=f"{name} has no pool.")
    if message is not None:
        raise Refusal(422, "BAD_HEIR", message, (FieldError("to", "BAD_HEIR", message),))
    for heir in dict.fromkeys(everybody):
        if heir != POOL:
            check_heir(context, heir)


def _raise_heir(context: Context, person: int, heir: int) -> None:
    """Where the heir reported to the person, let them report to whom the person reported to: nobody is their own manager."""
    compiled = context.runtime.part(Records).objects[USER]
    if "manager" not in compiled.fields:
        return
    asked = sa.select(user.c.id, user.c.manager).where(user.c.id.in_((person, heir)))
    above: dict[int, int | None] = {row[0]: row[1] for row in context.connection.execute(asked)}
    if above.get(heir) == person:
        update(context, USER, [Change(heir, {"manager": above.get(person) if above.get(person) != heir else None})])


def _give(context: Context, compiled: CompiledObject, name: str, old: int, heirs: Sequence[int]) -> int:
    """Write heirs into a user field of all living records that hold ``old`` there; return how many there were."""
    ids = _holding(context, compiled, name, old)
    turn: Iterator[int] = cycle(heirs)
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        changes = [
            Change(number, {name: heir or None}) for number, heir in zip(part, islice(turn, len(part)), strict=True)
        ]
        if changes:
            update(context, compiled.name, changes, act=HANDOVER)
    return len(ids)


def _holding(context: Context, compiled: CompiledObject, name: str, person: int) -> list[int]:
    """Return the living records that hold a person in a user field."""
    if name == compiled.owner:
        return matching_ids(context, compiled.name, owners=[person])
    shapes = compiled.records.shapes
    return matching_ids(
        context, compiled.name, shapes.check(f"{name} = {person}", shapes.scope(compiled.name), BOOLEAN)
    )


def _join_teams(context: Context, old: int, heir: int) -> int:
    """Let the heir take the places in teams."""
    columns = ("object", "record_id", "role")
    mine = sa.select(
        *(team_member.c[name] for name in columns),
        sa.literal(heir),
        sa.literal(context.now),
        sa.literal(context.actor.id),
    ).where(team_member.c.user_id == old)
    added = (
        insert(team_member).from_select([*columns, "user_id", "added_at", "added_by"], mine).on_conflict_do_nothing()
    )
    context.connection.execute(added)
    return context.connection.execute(sa.delete(team_member).where(team_member.c.user_id == old)).rowcount


def _move_reminders(context: Context, old: int, heir: int) -> int:
    """Let the heir read what was not read yet; what they were told themselves stays one message."""
    told = sa.select(notification.c.key).where(notification.c.user_id == heir)
    moved = (
        sa.update(notification)
        .where(notification.c.user_id == old, notification.c.read_at.is_(None), notification.c.key.not_in(told))
        .values(user_id=heir)
    )
    return context.connection.execute(moved).rowcount


def _tell_heirs(context: Context, person: int, rule: Rule, found: Mapping[str, int]) -> None:
    name = str(context.connection.scalar(sa.select(user.c.name).where(user.c.id == person)) or "")
    total = sum(found.values())
    everybody = {*rule.heirs, *(heir for heirs in rule.of.values() for heir in heirs)} - {POOL}
    message = Message(
        tuple(sorted(everybody)),
        Text(
            zh=f"{name} 的工作已移交，共 {total} 项。", en=f"The work of {name} has been handed over: {total} in all."
        ),
        f"handover {person} {context.now.isoformat()}",
        Text(zh="工作移交", en="Handed over"),
        "handover",
    )
    tell(context, [message])
