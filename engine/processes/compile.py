"""The compiled processes of a version: the machine of each state field, its conditions typed, found by object and by transition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from metamodel.expressions.types import BOOLEAN, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.records.compile import Records
    from metamodel.definitions.common import Expression
    from metamodel.definitions.model import Model
    from metamodel.definitions.processes import ProcessDef, StateDef, TransitionDef
    from metamodel.expressions.typed import TypedExpression


@dataclass(frozen=True, eq=False)
class ProcessMachine:
    """One process ready to use."""

    definition: ProcessDef
    records: Records

    @property
    def object(self) -> str:
        """Return the object whose records it moves."""
        return self.definition.object

    @property
    def field(self) -> str:
        """Return the state field."""
        return self.definition.field

    def typed(self, condition: Expression | str, want: Type | None = BOOLEAN) -> TypedExpression:
        """Return an expression of the process over a record: ``old.`` is the record before the move, bare names after it."""
        shapes = self.records.shapes
        text = condition if isinstance(condition, str) else condition.text
        return shapes.check(text, shapes.rule_scope(self.object), want)

    @cached_property
    def steps(self) -> Mapping[str, Mapping[str, TypedExpression]]:
        """State → step → the condition under which it is done."""
        return {name: self._steps(state) for name, state in self.definition.states.items() if state.steps}

    def _steps(self, state: StateDef) -> Mapping[str, TypedExpression]:
        found: dict[str, TypedExpression] = {}
        for name, step in state.steps.items():
            parts = [f"not ISBLANK({field})" for field in step.fields]
            if step.done_when is not None:
                parts.append(f"({step.done_when.text})")
            found[name] = self.typed(" and ".join(parts) or "FALSE")
        return found

    def moves_from(self, state: str) -> Mapping[str, tuple[str, ...]]:
        """Return target state → the transitions that lead there from ``state``, in definition order (what a board offers)."""
        found: dict[str, list[str]] = {}
        for name, transition in self.definition.transitions.items():
            if state in self.definition.sources_of(transition):
                for target in self.definition.targets_of(transition):
                    if target != state:
                        found.setdefault(target, []).append(name)
        return {target: tuple(names) for target, names in found.items()}


@dataclass(frozen=True, eq=False)
class Processes:
    """The processes floor's part of a Runtime (``ctx.runtime.part(Processes)``)."""

    records: Records

    @cached_property
    def machines(self) -> Mapping[str, ProcessMachine]:
        """Process → machine."""
        return {name: ProcessMachine(one, self.records) for name, one in self.records.model.processes.items()}

    @cached_property
    def _by_object(self) -> Mapping[str, tuple[ProcessMachine, ...]]:
        found: dict[str, list[ProcessMachine]] = {}
        for machine in self.machines.values():
            found.setdefault(machine.object, []).append(machine)
        return {name: tuple(machines) for name, machines in found.items()}

    def of(self, object_name: str) -> tuple[ProcessMachine, ...]:
        """Return the machines of an object's state fields, in definition order."""
        return self._by_object.get(object_name, ())

    def find(self, object_name: str, transition: str) -> tuple[ProcessMachine, TransitionDef] | None:
        """Return a transition of an object with its machine."""
        for machine in self.of(object_name):
            found = machine.definition.transitions.get(transition)
            if found is not None:
                return machine, found
        return None


def objects_with_processes(model: Model) -> frozenset[str]:
    """Return the objects that have a state."""
    return frozenset(one.object for one in model.processes.values())


def compile_processes(records: Records) -> Processes:
    """Compile the processes of a checked model; each machine is made when first asked for."""
    return Processes(records)
