"""Dates, moments and durations in SQL: shifting on the calendar of the organisation's zone, workdays, and their texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.expressions.calendars import MOST_DAYS, MOST_WORKDAYS, too_long
from engine.expressions.fragments import Fragment, of
from metamodel.expressions.durations import DAY_SECONDS, Duration
from metamodel.expressions.typed import Constant, Operation, Typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expressions.sql import SqlMachine

ZERO_TEXT = "'0d'"


def date_in_years(machine: SqlMachine, day: Fragment) -> Fragment:
    """Return the date, or NULL where it lies outside the language's years."""
    q = machine.q
    return q.keep(day, lambda d: q("(CASE WHEN {} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {} END)", d, d))


def moment_in_years(machine: SqlMachine, when: Fragment) -> Fragment:
    """Return the moment, or NULL where it lies outside the language's years."""
    q = machine.q
    border = "{} >= TIMESTAMPTZ '0001-01-02 00:00:00Z' AND {} < TIMESTAMPTZ '9999-12-31 00:00:00Z'"
    return q.keep(when, lambda t: q(f"(CASE WHEN {border} THEN {{}} END)", t, t, t))


def local(machine: SqlMachine, when: Fragment) -> Fragment:
    """Return the wall clock time (a timestamp) of a moment in the organisation's zone."""
    return machine.q("({} AT TIME ZONE {})", when, of(machine.moment.zone))


def date_datetime(machine: SqlMachine, tree: Operation) -> Fragment:
    """Return the midnight that a date begins with."""
    q, zone = machine.q, of(machine.moment.zone)
    inside = "{} BETWEEN DATE '0001-01-03' AND DATE '9999-12-29'"
    return q.keep(
        machine.compile(tree.operands[0]),
        lambda d: q(f"(CASE WHEN {inside} THEN {{}}::timestamp AT TIME ZONE {{}} END)", d, d, zone),
    )


def datetime_date(machine: SqlMachine, tree: Operation) -> Fragment:
    """Return the day that it is at a moment."""
    return machine.q("({}::date)", local(machine, machine.compile(tree.operands[0])))


def local_datetime(machine: SqlMachine, tree: Operation) -> Fragment:
    """Return the moment of a wall clock time written out."""
    written = tree.operands[0]
    value = written.value if isinstance(written, Constant) else None
    clock = of(sa.literal(value, sa.TIMESTAMP(timezone=False)))
    return moment_in_years(machine, machine.q("({} AT TIME ZONE {})", clock, of(machine.moment.zone)))


def datetime_text(machine: SqlMachine, tree: Operation) -> Fragment:
    """Return a moment as a text of the organisation's zone."""
    return machine.q("to_char({}, 'YYYY-MM-DD HH24:MI')", local(machine, machine.compile(tree.operands[0])))


def date_difference(machine: SqlMachine, tree: Operation) -> Fragment:
    """Return the days between two dates as a duration."""
    q = machine.q
    days = q("({} - {})", *(machine.compile(operand) for operand in tree.operands))
    return q.keep(days, lambda d: q("(CASE WHEN {} IS NOT NULL THEN ARRAY[0, {}, 0, 0]::numeric[] END)", d, d))


def datetime_difference(machine: SqlMachine, tree: Operation) -> Fragment:
    """Return the seconds between two moments as a duration."""
    q = machine.q
    seconds = q("extract(epoch FROM ({} - {}))", *(machine.compile(operand) for operand in tree.operands))
    return q.keep(seconds, lambda s: q("(CASE WHEN {} IS NOT NULL THEN ARRAY[0, 0, {}, 0]::numeric[] END)", s, s))


# Shifting


def static_span(tree: Typed) -> Duration | None:
    """Return the duration that a part comes to whatever the record and moment; None where it does not."""
    if isinstance(tree, Constant) and isinstance(tree.value, Duration):
        return tree.value
    if isinstance(tree, Operation) and tree.name == "duration_negate":
        inner = static_span(tree.operands[0])
        return None if inner is None else -inner
    return None


class Span:
    """A duration's parts: numbers known beforehand, or fragments."""

    def __init__(self, machine: SqlMachine, value: Fragment | None, known: Duration | None) -> None:
        self.machine = machine
        self.known = known
        self.value = value

    def part(self, index: int) -> Fragment | None:
        """Return months (1), days (2), seconds (3) or workdays (4); None where they are surely 0."""
        if self.known is not None:
            number = (self.known.months, self.known.days, self.known.seconds, self.known.workdays)[index - 1]
            return Fragment((f"({number})",), atomic=True) if number else None
        return None if self.value is None else self.machine.q(f"({{}})[{index}]", self.value, atomic=True)

    def guarded(self, shifted: Fragment) -> Fragment:
        """Return ``shifted``, or NULL where the duration is longer than the language shifts (checked before anything is computed)."""
        if self.known is not None or self.value is None:
            return shifted
        d = self.value
        return self.machine.q(
            f"(CASE WHEN (abs(({{}})[1]) * 31 + abs(({{}})[2])) * {DAY_SECONDS} + abs(({{}})[3]) <= {MOST_DAYS * DAY_SECONDS}"
            f" AND abs(({{}})[4]) <= {MOST_WORKDAYS} THEN {{}} END)",
            d, d, d, d, shifted,
        )  # fmt: skip


def date_add(machine: SqlMachine, tree: Operation) -> Fragment:
    """Add a duration of whole days to a date."""
    return _with_span(machine, tree, lambda day, span: shift_date(machine, day, span))


def datetime_add(machine: SqlMachine, tree: Operation) -> Fragment:
    """Add a duration to a moment: the calendar parts in the organisation's zone, then the seconds."""
    return _with_span(machine, tree, lambda when, span: _shift_moment(machine, when, span))


def _with_span(machine: SqlMachine, tree: Operation, use: Callable[[Fragment, Span], Fragment]) -> Fragment:
    first, second = tree.operands
    known = static_span(second)
    if known is not None:
        found = use(machine.compile(first), Span(machine, None, known))
        return found if not too_long(known) else machine.compile(Constant(None, tree.type))

    def write(value: Fragment, span: Fragment) -> Fragment:
        parts = Span(machine, span, None)
        return parts.guarded(use(value, parts))

    return machine.q.keep_all([machine.compile(first), machine.compile(second)], write)


def shift_date(machine: SqlMachine, day: Fragment, span: Span) -> Fragment:
    """Move a date by months, then days, then workdays; NULL as soon as it leaves the language's years."""
    q = machine.q
    if months := span.part(1):
        day = date_in_years(machine, q("({} + make_interval(months => {}::int))::date", day, months))
    if days := span.part(2):
        day = date_in_years(machine, q("({} + {}::int)", day, days))
    if workdays := span.part(4):
        day = shift_workdays(machine, day, workdays)
    return day


def _shift_moment(machine: SqlMachine, when: Fragment, span: Span) -> Fragment:
    q = machine.q
    moved = when
    if span.part(1) or span.part(2) or span.part(4):

        def on_calendar(clock: Fragment) -> Fragment:
            day = shift_date(machine, q("({}::date)", clock), span)
            return q("(({} + {}::time) AT TIME ZONE {})", day, clock, of(machine.moment.zone))

        calendar = moment_in_years(machine, q.keep(local(machine, moved), on_calendar))
        moved = calendar if span.known is not None else _unless_none(machine, span, when, calendar)
    if seconds := span.part(3):
        whole = q("make_interval(secs => trunc({})::float8)", seconds)
        rest = q("make_interval(secs => ({} - trunc({}))::float8)", seconds, seconds)
        moved = moment_in_years(machine, q("({} + {} + {})", moved, whole, rest))
    return moved


def _unless_none(machine: SqlMachine, span: Span, when: Fragment, calendar: Fragment) -> Fragment:
    """Leave a moment as it is where no calendar part is given: going over the wall clock and back could move it in a fold."""
    if span.value is None:
        return calendar
    d = span.value
    return machine.q(
        "(CASE WHEN ({})[1] = 0 AND ({})[2] = 0 AND ({})[4] = 0 THEN {} ELSE {} END)", d, d, d, when, calendar
    )


def is_workday(machine: SqlMachine, day: Fragment) -> Fragment:
    """Return whether people work on a day (a cheap fragment)."""
    moment = machine.moment
    return machine.q(
        "({} = ANY({}::date[]) OR (extract(isodow FROM {})::int = ANY({}::int[]) AND NOT {} = ANY({}::date[])))",
        day, of(moment.workdays), day, of(moment.week), day, of(moment.holidays),
    )  # fmt: skip


def shift_workdays(machine: SqlMachine, day: Fragment, count: Fragment) -> Fragment:
    """Return the workday so many workdays after (before) a date; the date itself for 0."""
    q = machine.q

    def write(d: Fragment, n: Fragment) -> Fragment:
        machine.q.count += 1
        x = Fragment((f"_d{machine.q.count}",), atomic=True)
        step = q("({} + sign({})::int * {})", d, n, x)
        week, off = of(machine.moment.week), of(machine.moment.holidays)
        # So many whole weeks hold the workdays wanted, even if every holiday takes one of them away.
        last = q("((abs({}) + cardinality({}::date[])) / cardinality({}::int[]) + 1)::int * 7", n, off, week)
        search = q(
            "(SELECT {} FROM generate_series(1, {}) AS {} WHERE {} ORDER BY {} OFFSET (abs({}) - 1)::int LIMIT 1)",
            step, last, x, is_workday(machine, step), x, n,
        )  # fmt: skip
        return q("(CASE WHEN {} = 0 THEN {} WHEN abs({}) <= " + str(MOST_WORKDAYS) + " THEN {} END)", n, d, n, search)

    return date_in_years(machine, q.keep_all([day, count], write))


# Texts


def duration_text(machine: SqlMachine, tree: Operation) -> Fragment:
    """Return a duration in its canonical form."""
    q = machine.q

    def write(d: Fragment) -> Fragment:
        pieces = _pieces(machine, [q(f"({{}})[{part}]", d) for part in range(1, 5)])
        return q(f"(CASE WHEN {{}} IS NOT NULL THEN coalesce(nullif({{}}, ''), {ZERO_TEXT}) END)", d, pieces)

    return q.keep(machine.compile(tree.operands[0]), write)


def _pieces(machine: SqlMachine, parts: list[Fragment]) -> Fragment:
    q = machine.q
    months, days, seconds, workdays = parts
    counts = [
        (q("trunc({} / 12)", months), "y"),
        (q("mod({}, 12)", months), "mo"),
        (days, "d"),
        (q("div({}, 3600)", seconds), "h"),
        (q("div(mod({}, 3600), 60)", seconds), "m"),
        (q("mod({}, 60)", seconds), "s"),
        (workdays, "wd"),
    ]
    written = [
        q(f"CASE WHEN {{}} <> 0 THEN trim_scale({{}})::text || '{unit}' ELSE '' END", count, count)
        for count, unit in counts
    ]
    return q("({})", q.join(" || ", written))
