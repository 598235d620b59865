"""Figures of a process over the records that a viewer may read: how many stand in each state, and how long records stay there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.records.measure import Measure, Split, measure
from engine.records.measure_stays import StaysAsked, measure_stays

if TYPE_CHECKING:
    from engine.context import Context
    from engine.processes.compile import ProcessMachine


@dataclass(frozen=True, slots=True)
class StateFigures:
    """``present``: records there now; ``entered``: those that came into it at some time; ``median``: how long stays that ended were, None
    where none has. Stays that were backfilled count as present alone: nobody knows how long they were."""

    present: int = 0
    entered: int = 0
    median: timedelta | None = None


def state_figures(context: Context, machine: ProcessMachine) -> dict[str, StateFigures]:
    """Return state → figures, by three statements over all that the viewer may read. Raises as ``measure`` does."""
    states = machine.definition.states
    counted = measure(context, Measure(machine.object, ("COUNT(rows)",), splits=(Split(machine.field),)))
    present = {str(keys[0]): int(values[0] or 0) for keys, values in counted.groups}
    lost = tuple(name for name, state in states.items() if state.final and state.final != "won")
    passed = measure_stays(context, StaysAsked(machine.object, machine.field, tuple(states), lost))
    return {
        name: StateFigures(
            present.get(name, 0),
            passed[name].entered,
            None if passed[name].median is None else timedelta(days=float(passed[name].median or 0)),
        )
        for name in states
    }
