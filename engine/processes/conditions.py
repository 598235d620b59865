"""The conditions of a move as typed expressions by key, and what they look at; asked by the stage when a record moves, by standings
before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.access import rights_of
from engine.records.rights import Right
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from engine.processes.compile import ProcessMachine
    from metamodel.definitions.processes import TransitionDef
    from metamodel.expressions.typed import TypedExpression

MOST_NAMED = 3


def move_conditions(
    machine: ProcessMachine, definition: TransitionDef, source: str, target: str
) -> Mapping[str, TypedExpression]:
    """Return what a move from ``source`` to ``target`` asks: ``when``, ``leave``, ``enter``, and ``step NAME`` of each step."""
    process = machine.definition
    found: dict[str, TypedExpression] = {}
    if definition.when is not None:
        found["when"] = machine.typed(definition.when)
    present, coming = process.states.get(source), process.states.get(target)
    if present is not None and present.leave_when is not None:
        found["leave"] = machine.typed(present.leave_when)
    if coming is not None and coming.enter_when is not None:
        found["enter"] = machine.typed(coming.enter_when)
    for name, condition in machine.steps.get(source, {}).items():
        found[f"step {name}"] = condition
    return found


def direct_reads(expression: TypedExpression) -> frozenset[str]:
    """Return the names that an expression reads in the record itself: fields, and the other sides of links."""
    paths = (*expression.depends.paths, *(rows.path for rows in expression.depends.rows))
    return frozenset(path[1] if path[0] == "record" and len(path) > 1 else path[0] for path in paths)


def labels_read(
    context: Context, machine: ProcessMachine, conditions: Mapping[str, TypedExpression]
) -> Mapping[str, Text]:
    """Return condition → the labels of what it looks at, as far as the viewer may know of it: so that a refusal says where to look."""
    records = machine.records
    rights = rights_of(records, context.actor)
    compiled = records.objects[machine.object]
    found: dict[str, Text] = {}
    for key, one in conditions.items():
        labels = []
        for name in sorted(direct_reads(one) - {machine.field}):
            if name in compiled.fields and rights.field(machine.object, name).most > Right.HIDDEN:
                one_field = compiled.fields[name]
                labels.append(Text(zh=one_field.label("zh"), en=one_field.label("en")))
            elif name in compiled.reverse and rights.grants(compiled.reverse[name].object, "read"):
                other = records.objects[compiled.reverse[name].object].definition
                labels.append(other.plural or other.label)
        if labels:
            named = labels[:MOST_NAMED]
            found[key] = Text(zh="、".join(one("zh") for one in named), en=", ".join(one("en") for one in named))
    return found
