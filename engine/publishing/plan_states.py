"""What a plan does about processes: records get their first stay when a process comes to them, and go where the definition says when
their state is removed. Pure; the work is states.py's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.publishing import sentences
from engine.publishing.steps import CONTRACT, EXPAND, SLOW, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.publishing.plan_table import Turn
    from metamodel.definitions.model import Model
    from metamodel.definitions.processes import ProcessDef


def plan_states(turn: Turn) -> list[Step]:
    """Return the steps for the objects that are in use already; new ones are born with their stays."""
    return list(_steps(turn))


def destinations(process: ProcessDef) -> Mapping[str, str]:
    """Return removed state → the state that is left to its records, over several removals where these follow each other."""
    found: dict[str, str] = {}
    for name in process.removed:
        target, seen = process.removed[name], {name}
        while target in process.removed and target not in seen:
            seen.add(target)
            target = process.removed[target]
        if target in process.states and name not in process.states:
            found[name] = target
    return found


def _steps(turn: Turn) -> Iterator[Step]:
    base, naming, model = turn.base.model, turn.naming, turn.shapes.model
    fields = {(move.object, move.key): move for move in naming.moves if move.verb != "retired"}
    for process in model.processes.values():
        table = naming.physical.tables[process.object]
        before = naming.sources.get(process.object, "")
        move = fields.get((process.object, process.field))
        if not before or move is None or table not in turn.there.catalog:
            continue
        definition = model.objects[process.object]
        details = {"object": process.object, "field": process.field}
        former = _former(base, before, move.old_key)
        if (before, move.old_key) != (process.object, process.field) and former is not None:
            renamed = {**details, "old_object": before, "old_field": move.old_key}
            yield Step(
                CONTRACT, "rename_stays", table, process.field, sentences.stays_renamed(definition), SLOW, renamed
            )
        moves = destinations(process)
        gone = {name: target for name, target in moves.items() if former is None or name in former.states}
        if gone:
            sentence = sentences.states_removed(definition, process, gone)
            yield Step(CONTRACT, "move_states", table, process.field, sentence, SLOW, {**details, "moves": gone})
        if former is None or turn.there.unsettled(table):
            if move.verb in {"new", "returned"}:
                one = definition.fields[process.field]
                for phase in (EXPAND, CONTRACT):
                    yield Step(
                        phase,
                        "fill",
                        table,
                        move.column,
                        sentences.filled(definition, one),
                        SLOW,
                        {**details, "settled": False},
                    )
            sentence = sentences.stays_opened(definition, process)
            yield Step(CONTRACT, "open_stays", table, process.field, sentence, SLOW, details)


def _former(base: Model, object_name: str, field: str) -> ProcessDef | None:
    """Return the process that moved a field before."""
    return next((one for one in base.processes.values() if (one.object, one.field) == (object_name, field)), None)
