"""When approvals are due: the deadline of a seat, and when the clock looks at it next. Durations in hours run by the clock, workdays by the
organisation's calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.approvals.instance import COPY
from engine.expressions.calendars import datetime_add
from engine.records.moments import HOME
from metamodel.expressions.durations import parse_duration

if TYPE_CHECKING:
    from datetime import datetime

    from engine.approvals.compile import ApprovalMachine
    from engine.approvals.instance import Seat
    from engine.context import Context


def after_duration(context: Context, begun: datetime, span: str) -> datetime | None:
    """Return the moment a duration after ``begun``, workdays by the organisation's calendar; None for no duration."""
    length = parse_duration(span) if span else None
    return None if length is None else datetime_add(begun, length, context.home or HOME, context.calendar)


def deadline(context: Context, machine: ApprovalMachine, seat: Seat) -> datetime | None:
    """Return by when a seat that opens now is to be decided, as its step says."""
    step = machine.steps.get(seat.step)
    return after_duration(context, context.now, step.within) if step is not None else None


def next_look(
    context: Context,
    machine: ApprovalMachine,
    seat: Seat,
    *,
    opened: datetime,
    due: datetime | None,
    whole: datetime | None,
) -> datetime | None:
    """Return when the clock looks at an open task next: for a reminder, at its deadline, or at that of the whole."""
    step = machine.steps.get(seat.step)
    if step is None or seat.kind == COPY:
        return None
    moments = [after_duration(context, opened, span) for span in step.remind]
    moments += [due, whole]
    return min((one for one in moments if one is not None and one > context.now), default=None)
