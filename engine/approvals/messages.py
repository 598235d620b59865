"""What people are told of an approval, in both languages: that they are asked, reminded, copied, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.approvals.instance import APPROVED, REJECTED, RESUBMIT, STOPPED
from engine.people.telling import Message
from engine.records.compile import Records
from engine.records.rights import named_to_all
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.instance import Seat
    from engine.approvals.operation import Effect, Given
    from engine.approvals.store import Held
    from engine.context import Context

KIND = "approval"
_ASKED = Text(zh="待您审批：{approval} · {record}", en="To approve: {approval} · {record}")
_HELP = Text(zh="请您给意见：{approval} · {record}", en="Your opinion is asked: {approval} · {record}")
_AGAIN = Text(zh="已退回给您：{approval} · {record}", en="Returned to you: {approval} · {record}")
_URGED = Text(zh="请尽快审批：{approval} · {record}", en="Please decide: {approval} · {record}")
_LATE = Text(zh="审批已超时：{approval} · {record}", en="Overdue: {approval} · {record}")
_ESCALATED = Text(zh="超时升级给您：{approval} · {record}", en="Overdue, now yours: {approval} · {record}")
_COPIED = Text(zh="抄送给您：{approval} · {record}", en="For your information: {approval} · {record}")
_ENDED: Mapping[str, Text] = {
    APPROVED: Text(zh="审批已通过：{approval} · {record}", en="Approved: {approval} · {record}"),
    REJECTED: Text(zh="审批被驳回：{approval} · {record}", en="Rejected: {approval} · {record}"),
    STOPPED: Text(zh="审批已终止：{approval} · {record}", en="Stopped: {approval} · {record}"),
}


def label_of(context: Context, object_name: str, snapshot: Mapping[str, Any]) -> str:
    """Return what a record is called; "" for one that is gone. Its number alone where a role may not read its name."""
    records = context.runtime.part(Records)
    found = snapshot.get(records.objects[object_name].title) if named_to_all(records, object_name) else None
    return str((found.get("label") if isinstance(found, dict) else found) or snapshot.get("id", ""))


def messages(
    context: Context,
    machine: ApprovalMachine,
    held: Held,
    effects: Sequence[Effect],
    *,
    tasks: Mapping[int, int],
    given: Given,
    snapshot: Mapping[str, Any],
    told: frozenset[int],
) -> list[Message]:
    """Return the messages that follow from an operation, one for each person. ``snapshot``: the record as it is; ``told``: who hears of the
    end by the definition's own actions, in its own words."""
    concerned = [one for one in effects if one.what in {"asked", "urged", "copied"} or one.state in _ENDED]
    if not concerned:
        return []
    label = machine.definition.label
    record = label_of(context, held.object, snapshot)
    found = []
    for effect in concerned:
        seat = held.instance.seat(effect.seat) if effect.seat else None
        text = _text(effect, seat, given)
        to = {seat.user} if seat is not None else _awaiting(context, held, snapshot) - told - {context.actor.id}
        if text is None:
            continue
        said = Text(
            zh=text.zh.format(approval=label("zh"), record=record),
            en=text.en.format(approval=label("en"), record=record),
        )
        people = tuple(sorted(one for one in to if one is not None))
        found.append(_message(context, machine, held, effect, said, to=people, seat=seat, tasks=tasks, given=given))
    return found


def _awaiting(context: Context, held: Held, snapshot: Mapping[str, Any]) -> set[int | None]:
    """Return who waits for the end: whoever submitted, and whose record it is."""
    owner = snapshot.get(context.runtime.part(Records).objects[held.object].owner)
    return {held.instance.submitter, owner.get("id") if isinstance(owner, dict) else owner}


def _text(effect: Effect, seat: Seat | None, given: Given) -> Text | None:
    if seat is None:
        return _ENDED.get(effect.state)
    if effect.what == "copied":
        return _COPIED
    if effect.what == "urged":
        return _LATE if given.operation == "late" else _URGED
    if seat.kind == RESUBMIT:
        return _AGAIN
    if given.operation == "late":
        return _ESCALATED
    return _HELP if seat.kind == "help" else _ASKED


def _message(
    context: Context,
    machine: ApprovalMachine,
    held: Held,
    effect: Effect,
    said: Text,
    *,
    to: tuple[int, ...],
    seat: Seat | None,
    tasks: Mapping[int, int],
    given: Given,
) -> Message:
    step = machine.steps.get(seat.step) if seat is not None else None
    said_by = given.comment.strip()[:500]
    body = Text(zh=f"{said.zh}\n{said_by}", en=f"{said.en}\n{said_by}") if said_by else said
    number = tasks.get(seat.id, held.id) if seat is not None and effect.what == "asked" else held.id
    where = f"{seat.id}" if seat is not None else effect.state
    moment = f":{context.now:%Y%m%d%H%M}" if effect.what == "urged" or given.operation != "submit" else ""
    return Message(
        to=to,
        body=body,
        subject=said,
        key=f"approval:{held.id}:{where}:{effect.what}{moment}",
        kind=KIND,
        by=step.notify if step is not None else ("inbox",),
        object=held.object,
        record_id=held.record_id,
        link=f"/approvals/{number}",
    )
