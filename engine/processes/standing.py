"""Where records stand in their processes, as one viewer may know it: since when, what is done and missing, which transitions may be
taken and why not. Reads only; taking one is transitions.py's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.expressions.calendars import datetime_add
from engine.processes.compile import Processes
from engine.processes.conditions import direct_reads, labels_read, move_conditions
from engine.processes.machine import Obstacle, Situation, plan_move
from engine.processes.stays import stays_of
from engine.processes.transitions import may_take
from engine.records.access import rights_of
from engine.records.compile import Records
from engine.records.granted import granted
from engine.records.judging import evaluate
from engine.records.moments import HOME
from engine.records.rights import Right
from engine.records.stages import barred, withheld
from metamodel.expressions.durations import parse_duration
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.context import Context
    from engine.processes.compile import ProcessMachine
    from engine.processes.stays import Stay
    from engine.refusals import Refusal
    from metamodel.definitions.processes import StateDef, StepDef, TransitionDef
    from metamodel.expressions.typed import TypedExpression

NO_ROLE = Obstacle("FORBIDDEN", Text(zh="您的角色不能执行这一步", en="your roles may not take this step"), status=403)
NO_RIGHT = Obstacle("FORBIDDEN", Text(zh="您不能修改这条记录", en="you may not change this record"), status=403)
_GIVEN = "."  # the reason is asked for when the transition is taken: it stands in nobody's way before


@dataclass(frozen=True, slots=True)
class StepStanding:
    """A required step of the present state. ``fields``: what fills it in, as far as the viewer may know."""

    definition: StepDef
    done: bool
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition from the present state. ``targets``: where it may lead now; ``asks``: the fields to enter on the way, those that may
    stay blank among them; ``obstacles``: why it may not be taken, none where it may (what is asked can still fail its conditions)."""

    definition: TransitionDef
    targets: tuple[str, ...]
    asks: tuple[str, ...]
    needed: frozenset[str]
    obstacles: tuple[Obstacle, ...]
    in_role: bool

    @property
    def allowed(self) -> bool:
        """Whether it may be taken as things stand."""
        return not self.obstacles


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one record stands in one process. ``since``: when it came into its state, None where nobody knows; ``stale_at``: when it has
    been there too long, None for never; ``stays``: all of them, oldest first."""

    machine: ProcessMachine
    state: str
    since: datetime | None
    stale_at: datetime | None
    stale: bool
    responsible: int | None
    steps: tuple[StepStanding, ...]
    offers: tuple[Offer, ...]
    stays: tuple[Stay, ...]

    def phase(self, name: str) -> str:
        """Return how a state stands to the present one: ``done``, ``current``, ``passed`` (never entered, though further back) or
        ``ahead``."""
        if name == self.state:
            return "current"
        states = self.machine.definition.states
        order = list(states)
        if states[name].final or self.state not in states:
            return "ahead"
        if not states[self.state].final and order.index(name) > order.index(self.state):
            return "ahead"
        return "done" if not self.stays or any(one.state == name for one in self.stays) else "passed"


def machines_seen(context: Context, object_name: str, row: Mapping[str, Any] | None = None) -> list[ProcessMachine]:
    """Return the machines of an object's state fields that the viewer may read on every record; with a ``row``, on that one."""
    rights = rights_of(context.runtime.part(Records), context.actor)
    found = []
    for machine in context.runtime.part(Processes).of(object_name):
        right = rights.field(object_name, machine.field)
        known = row is not None and row.get(machine.field) in machine.definition.states
        if right.least >= Right.READ or (known and right.most >= Right.READ):
            found.append(machine)
    return found


def standings(context: Context, object_name: str, row: Mapping[str, Any]) -> list[Standing]:
    """Return where a record stands, one standing a process. ``row``: the record as the reading door gave it to this viewer.

    Takes one statement for the stays, one for the grant to change it, one for an approval that may hold it fast, two for each approval that
    has to come before a transition from here, and one a process for all its conditions (one more for each further state that a condition
    looks at by its name)."""
    machines = machines_seen(context, object_name, row)
    if not machines:
        return []
    number = int(row["id"])
    stays = stays_of(context, object_name, number)
    changeable = number in granted(context, object_name, [number], "update")
    bar = _bar(context, machines[0].records, object_name, number) if changeable else NO_RIGHT
    return [_standing(context, machine, row, stays, bar=bar) for machine in machines]


def _bar(context: Context, records: Records, object_name: str, number: int) -> Obstacle | None:
    """Return what stands in the way of every transition of a record: an approval that holds it fast."""
    found = barred(context, records, object_name, [number]).get(number)
    return _obstacle(found) if found is not None else None


def _obstacle(refusal: Refusal) -> Obstacle:
    return Obstacle(refusal.code, refusal.message, status=refusal.status)


def _standing(
    context: Context,
    machine: ProcessMachine,
    row: Mapping[str, Any],
    stays: Sequence[tuple[str, Stay]],
    *,
    bar: Obstacle | None,
) -> Standing:
    state, own = str(row.get(machine.field) or ""), tuple(stay for name, stay in stays if name == machine.field)
    process = machine.definition
    present = process.states.get(state)
    leaving = [one for one in process.transitions.values() if state in process.sources_of(one)]
    ways = {
        (one.name, target): move_conditions(machine, one, state, target)
        for one in leaving
        for target in process.targets_of(one)
        if target != state
    }
    steps = machine.steps.get(state, {})
    responsible = machine.typed(present.responsible, None) if present and present.responsible else None
    wanted = [("", one) for one in (*steps.values(), *((responsible,) if responsible else ()))]
    wanted += [(target, one) for (_name, target), conditions in ways.items() for one in conditions.values()]
    held = _held(context, machine, int(row["id"]), wanted)
    since = next((stay.entered_at for stay in reversed(own) if stay.left_at is None), None)
    stale_at = _stale_at(context, present, since)
    person = held.get(("", responsible)) if responsible else None
    rights = rights_of(context.runtime.part(Records), context.actor)
    names = [one.name for one in leaving if bar is None and may_take(context, one)]
    kept = withheld(context, machine.records, machine.object, int(row["id"]), names)
    asking = _Asking(context, machine, row, held, bar, {name: _obstacle(one) for name, one in kept.items()})
    return Standing(
        machine,
        state,
        since,
        stale_at,
        stale=stale_at is not None and stale_at <= context.now,
        responsible=int(person) if isinstance(person, int) else None,
        steps=tuple(
            StepStanding(
                step,
                held.get(("", steps[name])) is True,
                tuple(one for one in step.fields if rights.field(machine.object, one).most > Right.HIDDEN),
            )
            for name, step in (present.steps.items() if present else ())
        ),
        offers=tuple(asking.offer(one, ways) for one in leaving),
        stays=own,
    )


def _held(
    context: Context, machine: ProcessMachine, number: int, wanted: Sequence[tuple[str, TypedExpression]]
) -> dict[tuple[str, TypedExpression], Any]:
    """Return (target state, expression) → value. Nearly all expressions come to the same whatever the target is: those that look at
    the state by its name are asked once a target, with the record as if it were there."""
    groups: dict[str, dict[TypedExpression, None]] = {}
    places: dict[tuple[str, TypedExpression], str] = {}
    for target, one in wanted:
        place = target if machine.field in direct_reads(one) else ""
        places[target, one] = place
        groups.setdefault(place, {})[one] = None
    found: dict[tuple[str, TypedExpression], Any] = {}
    for place, group in groups.items():
        pending = {number: {machine.field: place}} if place else None
        values = evaluate(context, machine.object, [number], list(group), pending=pending).get(number, ())
        found |= {(place, one): value for one, value in zip(group, values, strict=False)}
    return {key: found.get((place, key[1])) for key, place in places.items()}


@dataclass(frozen=True, slots=True)
class _Asking:
    """The record that transitions are weighed for, with all that is known of it."""

    context: Context
    machine: ProcessMachine
    row: Mapping[str, Any]
    held: Mapping[tuple[str, TypedExpression], Any]
    bar: Obstacle | None
    kept: Mapping[str, Obstacle]

    def offer(self, definition: TransitionDef, ways: Mapping[tuple[str, str], Mapping[str, TypedExpression]]) -> Offer:
        """Return what a transition comes to here."""
        in_role = may_take(self.context, definition)
        needed = {name for name in (*definition.requires, *definition.ask) if self._blank(name) and self._seen(name)}
        asked = (*filter(self._seen, definition.ask), *(name for name in definition.requires if name in needed))
        asks = tuple(dict.fromkeys(asked))
        found = {
            target: self._obstacles(definition, target, conditions, asks)
            for (name, target), conditions in ways.items()
            if name == definition.name
        }
        free = tuple(target for target, obstacles in found.items() if not obstacles)
        obstacles = () if free else next(iter(found.values()), ())
        if not in_role:
            obstacles = (NO_ROLE,)
        elif self.bar is not None:
            obstacles = (self.bar,)
        elif definition.name in self.kept:
            obstacles = (self.kept[definition.name], *obstacles)
        return Offer(definition, free or tuple(found), asks, frozenset(needed), obstacles, in_role)

    def _seen(self, name: str) -> bool:
        rights = rights_of(self.machine.records, self.context.actor)
        return rights.field(self.machine.object, name).most > Right.HIDDEN

    def _blank(self, name: str) -> bool:
        return self.row.get(name) in (None, [])

    def _obstacles(
        self,
        definition: TransitionDef,
        target: str,
        conditions: Mapping[str, TypedExpression],
        asks: tuple[str, ...],
    ) -> tuple[Obstacle, ...]:
        """Return what stands in the way and is not for the viewer to enter on it."""
        entered = set(asks)

        def holds(key: str) -> bool:
            one = conditions.get(key)
            return one is None or self.held.get((target, one)) is True or bool(direct_reads(one) & entered)

        situation = Situation(
            str(self.row.get(self.machine.field) or ""),
            target,
            when=holds("when"),
            leave=holds("leave"),
            enter=holds("enter"),
            steps={key.removeprefix("step "): holds(key) for key in conditions if key.startswith("step ")},
            reason=_GIVEN,
            about=labels_read(self.context, self.machine, conditions),
        )
        return tuple(one for one in plan_move(self.machine.definition, definition, situation) if one.status != 422)


def _stale_at(context: Context, state: StateDef | None, since: datetime | None) -> datetime | None:
    span = parse_duration(state.stale_after) if state is not None and state.stale_after else None
    if span is None or since is None:
        return None
    return datetime_add(since, span, context.home or HOME, context.calendar)


def stale_marks(
    context: Context, machine: ProcessMachine, stays: Mapping[int, tuple[str, datetime]]
) -> dict[int, bool]:
    """Return record → whether it has been in its state too long; ``stays`` are the open ones: record → state, since."""
    states = machine.definition.states
    moments = {number: _stale_at(context, states.get(state), since) for number, (state, since) in stays.items()}
    return {number: moment is not None and moment <= context.now for number, moment in moments.items()}
