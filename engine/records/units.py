"""What a computed number is a number of, where its definition does not say: money times a number is money, a sum of money too, a count is
a whole number. Found from what the expression reads and what its functions say of themselves; it says how the number is shown and travels, never what it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from engine.expressions.functions.base import Function
from engine.fields.results import FORMATS, INFERRED
from metamodel.expressions.typed import ALL, Aggregate, Apply, Case, Constant, Operation, Path
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.records.shape import ObjectShape
    from metamodel.definitions.objects import FieldDef
    from metamodel.expressions.typed import Typed

_ALIKE = frozenset({"add", "subtract", "coalesce", "least", "greatest", "negate"})  # as all their operands are
_NUMBERED = frozenset({"id", "version"})  # system fields that are whole numbers
ROWS = "rows"  # what a measure's aggregates go over


class Unit(NamedTuple):
    """``format``: money, percent or integer. ``currency``: that of the money, "" for the usual one."""

    format: str
    currency: str = ""


PLAIN, WHOLE = Unit(""), Unit("integer")
_COUNTED = (WHOLE, None)
_FRACTION = Unit(
    "decimal"
)  # a constant with decimals: it takes the unit of its surroundings, and leaves no number whole


def with_unit(shape: ObjectShape, definition: FieldDef) -> FieldDef:
    """Return a field's definition with the unit that its expression has, where it is computed and does not say itself."""
    said = definition.options
    if (
        not shape.is_computed(definition.name)
        or "format" in said
        or shape.members[definition.name].base is not Base.NUMBER
    ):
        return definition
    unit = field_unit(shape, definition.name)
    if not unit.format:
        return definition
    currency = {"currency": unit.currency} if unit.currency and "currency" not in said else {}
    return replace(definition, options={**said, "format": unit.format, INFERRED: True, **currency})


def unit_of(shape: ObjectShape, typed: Typed) -> Unit:
    """Return the unit of an expression of an object, or of a measure over its ``rows``; PLAIN where it has none, or several."""
    found = _unit((shape,), typed)
    return WHOLE if found is None else PLAIN if found == _FRACTION else found


def field_unit(shape: ObjectShape, name: str) -> Unit:
    """Return the unit of a field."""
    definition = shape.definition.fields.get(name)
    if definition is None:
        return WHOLE if name in _NUMBERED else PLAIN
    if shape.is_computed(name):
        said = definition.options.get("format")
        if said not in FORMATS:
            return unit_of(shape, shape.computed(name).expression.tree)
    else:
        counted = shape.members[name].base is Base.NUMBER and isinstance(
            shape.kind(definition).column(definition), sa.Integer
        )
        said = WHOLE.format if counted else definition.type
    if said == WHOLE.format:
        return WHOLE
    kept = said in {"money", "percent"}
    return Unit(str(said), str(definition.options.get("currency", ""))) if kept else PLAIN


def _unit(shapes: tuple[ObjectShape | None, ...], typed: Typed) -> Unit | None:
    """Return a unit; None for what takes that of its surroundings: constants. ``shapes``: the innermost object last."""
    if isinstance(typed, Constant):
        return _FRACTION if isinstance(typed.value, Decimal) and typed.value % 1 else None
    if isinstance(typed, Path):
        return _path_unit(shapes, typed)
    if isinstance(typed, Case):
        return _agreed(_unit(shapes, one) for one in (*(then for _, then in typed.branches), typed.otherwise))
    if isinstance(typed, Aggregate):
        return _rows_unit(shapes, typed)
    if isinstance(typed, Apply):
        return _applied_unit(shapes, typed)
    return _operation_unit(shapes, typed)


def _applied_unit(shapes: tuple[ObjectShape | None, ...], typed: Apply) -> Unit | None:
    function = _function(shapes, typed.function)
    if not function.alike:
        return WHOLE if function.whole else PLAIN
    first, *others = (_unit(shapes, one) for one in typed.arguments)
    if function.whole and first in {PLAIN, _FRACTION}:
        return WHOLE
    if first in _COUNTED and any(one not in _COUNTED for one in others):
        return PLAIN  # to the next half
    return first


def _function(shapes: tuple[ObjectShape | None, ...], name: str) -> Function:
    """Return what a function says of itself. The outermost object of an expression is always known."""
    found = next(one for one in shapes if one is not None).shapes.kinds.functions[name]
    assert isinstance(found, Function)  # noqa: S101 - the registry is the engine's own
    return found


def _operation_unit(shapes: tuple[ObjectShape | None, ...], typed: Operation) -> Unit | None:
    if typed.name in _ALIKE:
        return _agreed(_unit(shapes, one) for one in typed.operands)
    if typed.name not in {"multiply", "divide"}:
        return PLAIN
    first, second = (_unit(shapes, one) or WHOLE for one in typed.operands)
    if first == second == WHOLE:
        return WHOLE if typed.name == "multiply" else PLAIN
    if first.format == "money" and second.format != "money":
        return first
    return second if typed.name == "multiply" and second.format == "money" != first.format else PLAIN


def _path_unit(shapes: tuple[ObjectShape | None, ...], typed: Path) -> Unit:
    here = shapes[-1 - typed.level] if typed.level < len(shapes) else None
    return PLAIN if typed.root or here is None else _end_unit(here, typed.path)


def _end_unit(shape: ObjectShape, path: tuple[str, ...]) -> Unit:
    """Return the unit of the field at the end of a path."""
    first, *rest = path
    if not rest:
        return field_unit(shape, first)
    link = shape.members.get(first)
    if link is None or link.base is not Base.LINK:
        return PLAIN
    return _agreed(_end_unit(shape.shapes[target], tuple(rest)) for target in link.objects) or PLAIN


def _rows_unit(shapes: tuple[ObjectShape | None, ...], typed: Aggregate) -> Unit | None:
    function = _function(shapes, typed.name)
    if not function.alike or typed.value is None:
        return WHOLE if function.whole else PLAIN
    unit = _unit((*shapes, rows_of(shapes, typed)), typed.value)
    return PLAIN if typed.name == "AVG" and unit in _COUNTED else unit


def rows_of(shapes: tuple[ObjectShape | None, ...], typed: Aggregate) -> ObjectShape | None:
    """Return the object of the rows of an aggregate; None where there are several, or they are those of another record's."""
    path = typed.path
    base = shapes[-1 - typed.level] if typed.level < len(shapes) else None
    if typed.root:
        base, path = (shapes[0], path[1:]) if path[0] == ROWS else (None, path)
    return _rows_shape(base, path) if base is not None and path else base


def _rows_shape(shape: ObjectShape, path: tuple[str, ...]) -> ObjectShape | None:
    """Return the object of the rows at a path, None where there are several."""
    if path[0] == ALL:
        return shape.shapes[path[1]]
    for name in path:
        found = shape.members.get(name)
        if found is None or len(found.objects) != 1:
            return None
        shape = shape.shapes[found.objects[0]]
    return shape


def _agreed(units: Iterable[Unit | None]) -> Unit | None:
    """Return the one unit of several, where they have no other."""
    found = {one for one in units if one is not None}
    broken = _FRACTION in found
    if len(found) > 1:
        found.discard(_FRACTION)
    one = found.pop() if len(found) == 1 else PLAIN if found else None
    return PLAIN if broken and one == WHOLE else one
