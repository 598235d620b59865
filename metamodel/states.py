"""Which process moves a field, and which states it may be in: asked by the field type, the checks, and whoever shows a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef, ObjectDef
    from metamodel.definitions.processes import ProcessDef, StateDef

_NONE: Mapping[str, StateDef] = {}


def process_name(field: FieldDef) -> str:
    """Return the process that a field says moves it (its option ``process``), "" for fields that none moves."""
    name = field.options.get("process")
    return name if isinstance(name, str) else ""


def process_of(field: FieldDef, model: Model) -> ProcessDef | None:
    """Return the process that moves a field; None where there is none."""
    return model.processes.get(process_name(field)) if process_name(field) else None


def states_of(field: FieldDef, model: Model) -> Mapping[str, StateDef]:
    """Return the states a field may be in, in forward order; none where its process is not there."""
    process = process_of(field, model)
    return process.states if process is not None else _NONE


def processes_of(definition: ObjectDef, model: Model) -> tuple[ProcessDef, ...]:
    """Return the processes that move the fields of an object, in the order of its fields."""
    found = (process_of(field, model) for field in definition.fields.values())
    return tuple(process for process in found if process is not None)
