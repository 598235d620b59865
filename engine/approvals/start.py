"""What sets approvals off, and starting those that a command makes due. Of several at one point all whose condition holds run, one after
another by priority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.approvals.applying import open_instance
from engine.approvals.compile import Approvals
from engine.approvals.starting import holds
from engine.fields.base import Target
from engine.records.compile import Records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.store import Held
    from engine.context import Context
    from engine.expressions.values import Reader


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
