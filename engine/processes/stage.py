"""The processes' share in every command: what is in the way of a transition is found before it is written; stays, effects and the
audit follow after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.people.auditing import note
from engine.processes.compile import Processes, objects_with_processes
from engine.processes.conditions import labels_read, move_conditions
from engine.processes.machine import Obstacle, Situation, is_forward, is_skip, plan_move, refusal, unnamed
from engine.processes.stays import Arrival, keep_stays, open_stays
from engine.records.access import Right, rights_of
from engine.records.effects import Bound, Cause, Effects
from engine.records.judging import evaluate
from engine.records.stages import UNASKED, Stage
from engine.refusals import FieldError, Refusal
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.context import Context
    from engine.processes.compile import ProcessMachine
    from engine.processes.stays import Stay
    from engine.records.access import Rights
    from engine.records.stages import Act, Staged
    from metamodel.definitions.model import Model
    from metamodel.definitions.processes import TransitionDef


def stages_of(model: Model) -> tuple[Stage, ...]:
    """Return the stage of the objects that have a process; none where there is no such object."""
    objects = objects_with_processes(model)
    return (Stage("process", objects, before=_before, after=_after),) if objects else ()


def _before(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
    if act.kind != "transition":
        return
    found = context.runtime.part(Processes).find(object_name, act.name)
    if found is None:
        return
    machine, definition = found
    situations = situations_of(context, machine, definition, rows, reason=str(act.details.get("reason", "")))
    obstacles: list[Obstacle] = []
    for row in rows:
        obstacles += plan_move(machine.definition, definition, situations[row.id])
    if obstacles:
        rights = rights_of(machine.records, context.actor)
        raise refusal([one if _known(rights, machine, one.field) else unnamed(one) for one in obstacles])


def _known(rights: Rights, machine: ProcessMachine, name: str) -> bool:
    """Whether whoever moves a record may know of a field that an obstacle names."""
    fields = machine.records.objects[machine.object].fields
    return name not in fields or rights.field(machine.object, name).most > Right.HIDDEN


def situations_of(
    context: Context, machine: ProcessMachine, definition: TransitionDef, rows: Sequence[Staged], *, reason: str = ""
) -> Mapping[int, Situation]:
    """Return what the conditions of a move come to for records about to change: one statement for each pair of states."""
    found: dict[int, Situation] = {}
    pairs: dict[tuple[str, str], list[Staged]] = {}
    for row in rows:
        pairs.setdefault((str(row.old.get(machine.field) or ""), str(row.new.get(machine.field) or "")), []).append(row)
    asked = dict.fromkeys((*definition.requires, *definition.ask))
    for (source, target), group in pairs.items():
        conditions = move_conditions(machine, definition, source, target)
        pending = {row.id: {name: row.new[name] for name in row.changed if name in row.new} for row in group}
        values = evaluate(context, machine.object, [row.id for row in group], [*conditions.values()], pending=pending)
        about = labels_read(context, machine, conditions)
        for row in group:
            held = dict(zip(conditions, (value is True for value in values.get(row.id, ())), strict=False))
            found[row.id] = Situation(
                source,
                target,
                when=held.get("when", True),
                leave=held.get("leave", True),
                enter=held.get("enter", True),
                blank=frozenset(name for name in asked if name in row.new and row.new[name] is None),
                steps={key.removeprefix("step "): value for key, value in held.items() if key.startswith("step ")},
                reason=reason,
                about=about,
            )
    return found


def _after(context: Context, object_name: str, act: Act, rows: Sequence[Staged]) -> None:
    processes = context.runtime.part(Processes)
    if act.kind == "create":
        for machine in processes.of(object_name):
            _born(context, machine, act, rows)
    elif act.kind == "transition" and act.details.get(UNASKED):
        field = str(act.details["field"])
        arrivals = [Arrival(row.id, str(row.new[field])) for row in rows]
        open_stays(context, object_name, field, arrivals, leaving=True)
    elif act.kind == "transition" and (found := processes.find(object_name, act.name)) is not None:
        _moved(context, *found, act.details, rows)


def _born(context: Context, machine: ProcessMachine, act: Act, rows: Sequence[Staged]) -> None:
    """Open the first stays; a record born elsewhere than in the start state is marked as backfilled, unless it brings its past along."""
    pasts: Mapping[int, Mapping[str, Sequence[Stay]]] = act.details.get("stays", {})
    told = {row.id: past for row in rows if (past := pasts.get(row.index, {}).get(machine.field))}
    for row in rows:
        if row.id in told and told[row.id][-1].state != row.new.get(machine.field):
            said = Text(zh="最后一次停留不是记录现在的状态", en="its last stay is not in the state that it is in")
            raise Refusal(422, "STAYS", said, (FieldError(machine.field, "STAYS", said, row.index),))
    keep_stays(context, machine.object, machine.field, told)
    for backfilled in (False, True):
        arrivals = [
            Arrival(row.id, str(state))
            for row in rows
            if row.id not in told
            and (state := row.new.get(machine.field)) is not None
            and (state != machine.definition.start) is backfilled
        ]
        open_stays(context, machine.object, machine.field, arrivals, backfilled=backfilled)


def _moved(
    context: Context,
    machine: ProcessMachine,
    definition: TransitionDef,
    details: Mapping[str, Any],
    rows: Sequence[Staged],
) -> None:
    process, name, reason = machine.definition, definition.name, str(details.get("reason", ""))
    undone = _undone(context, machine, definition, rows)
    arrivals = []
    for row in rows:
        source, target = str(row.old.get(machine.field) or ""), str(row.new[machine.field])
        skipped = is_skip(process, source, target, steps_done=row.id not in undone)
        arrivals.append(Arrival(row.id, target, skipped))
        if definition.sensitive or skipped:
            note(
                context,
                "transition",
                machine.object,
                row.id,
                {"transition": name, "from": source, "to": target, "reason": reason, "skipped": skipped},
            )
    open_stays(context, machine.object, machine.field, arrivals, transition=name, reason=reason)
    if definition.effects:
        cause = Cause("transition", process.name, f"transitions/{name}/effects")
        run = context.runtime.part(Effects).run
        for row in rows:
            run(context, definition.effects, Bound(machine.object, row.id), cause, {})


def _undone(
    context: Context, machine: ProcessMachine, definition: TransitionDef, rows: Sequence[Staged]
) -> frozenset[int]:
    """Return the records whose required steps were left undone, by a transition that does not need them."""
    if definition.steps == "needed":
        return frozenset()
    found: set[int] = set()
    for source in {str(row.old.get(machine.field) or "") for row in rows}:
        conditions = machine.steps.get(source, {})
        ids = [
            row.id
            for row in rows
            if row.old.get(machine.field) == source
            and is_forward(machine.definition, source, str(row.new[machine.field]))
        ]
        values = evaluate(context, machine.object, ids, [*conditions.values()]) if conditions and ids else {}
        found |= {number for number, held in values.items() if not all(value is True for value in held)}
    return frozenset(found)
