"""What sets approvals off, and starting those that a command makes due. Of several at one point all whose condition holds run, one after
another by priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.approvals import store
from engine.approvals.applying import open_instance
from engine.approvals.compile import Approvals
from engine.approvals.starting import holding, holds, latest_decided, same_content
from engine.fields.base import Target
from engine.records.compile import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.store import Held
    from engine.context import Context
    from engine.expressions.values import Reader, Value


@dataclass(frozen=True, slots=True)
class Start:
    """What sets approvals off: ``at`` as definitions say it, the transition's ``name``, and what it needs when it is taken in the end."""

    at: str
    name: str = ""
    values: Mapping[str, object] | None = None
    target: str = ""
    reason: str = ""

    def cause(self, rest: Sequence[ApprovalMachine]) -> dict[str, Any]:
        """Return it as kept with the instance, with the approvals that come after."""
        found: dict[str, Any] = {"at": self.at, "rest": [one.name for one in rest]}
        more = {"name": self.name, "values": dict(self.values or {}), "target": self.target, "reason": self.reason}
        return found | {key: value for key, value in more.items() if value}


@dataclass(frozen=True, slots=True)
class Edited:
    """A record that something was entered in. ``values``: at least its owner; ``old``: how it was before, None of a new one."""

    id: int
    values: Mapping[str, Any]
    old: Reader | None


class Undone:
    """A record as it was: as it is, but for the fields that were something else."""

    __slots__ = ("_now", "_was")

    def __init__(self, now: Reader, was: Mapping[str, Any]) -> None:
        self._now, self._was = now, was

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``."""
        return self._was[path[0]] if len(path) == 1 and path[0] in self._was else self._now.get(path)

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return the records on the other side as they are: those that came or went are not told."""
        return self._now.rows(path)


def submitter_of(context: Context, object_name: str, values: Mapping[str, Any]) -> int | None:
    """Return who submits: whoever acts; where that is the system, the record's owner."""
    if context.actor.id is not None:
        return context.actor.id
    owner = context.runtime.part(Records).objects[object_name].owner
    found = values.get(owner) if owner else None
    return found.id if isinstance(found, Target) else found


def start_if_due(
    context: Context,
    object_name: str,
    record_id: int,
    start: Start,
    *,
    submitter: int | None,
    old: Reader | None = None,
    skip: frozenset[str] = frozenset(),
) -> Held | None:
    """Start what is due at a point of a record that is held by the caller; None where nothing is."""
    machines = [
        one
        for one in context.runtime.part(Approvals).starting(object_name, start.at, start.name)
        if one.name not in skip
    ]
    due = [one for one in machines if holds(context, one, record_id, submitter, old)]
    if not due:
        return None
    return open_instance(context, due[0], record_id, submitter=submitter, cause=start.cause(due[1:]), old=old)


def start_of(context: Context, machine: ApprovalMachine, at: str, edited: Sequence[Edited]) -> None:
    """Start an approval for those records that need it, first in line alone: it starts the others itself."""
    asked = machine.when is not None and "old" in machine.when.depends.needs | machine.when.depends.roots
    due = {one.id for one in edited} if asked else holding(context, machine, {one.id: {} for one in edited})
    if not due:
        return
    running = {held.record_id for held in store.of_records(context, machine.object, sorted(due), running=True)}
    decided = latest_decided(context, machine, sorted(due)) if at == "update" else {}
    for one in edited:
        last = decided.get(one.id)
        if one.id in due - running and (last is None or not same_content(context, last)):
            submitter = submitter_of(context, machine.object, one.values)
            start_if_due(context, machine.object, one.id, Start(at), submitter=submitter, old=one.old)
