"""What a computed number is a number of, where its definition does not say: money times a number is money, a sum of money too. Found
from what the expression reads; it says how the number is shown, never what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from engine.fields.results import FORMATS, INFERRED
from metamodel.expressions.typed import ALL, Aggregate, Apply, Case, Constant, Operation, Path
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.records.shape import ObjectShape
    from metamodel.definitions.objects import FieldDef
    from metamodel.expressions.typed import Typed

_SAME = frozenset(
    {"ROUND", "ROUNDUP", "ROUNDDOWN", "INT", "ABS", "CEILING", "FLOOR", "MOD"}
)  # as their first argument is
_ALIKE = frozenset({"add", "subtract", "coalesce", "least", "greatest", "negate"})  # as all their operands are
_PICKING = frozenset({"SUM", "AVG", "MIN", "MAX", "FIRST", "LAST"})


class Unit(NamedTuple):
    """``format``: money or percent. ``currency``: that of the money, "" for the usual one."""

    format: str
    currency: str = ""


PLAIN = Unit("")


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
    """Return the unit of an expression of an object; PLAIN where it has none, or several."""
    return _unit((shape,), typed) or PLAIN


def field_unit(shape: ObjectShape, name: str) -> Unit:
    """Return the unit of a field."""
    definition = shape.definition.fields.get(name)
    if definition is None:
        return PLAIN
    said = definition.options.get("format") if shape.is_computed(name) else definition.type
    if said in FORMATS or not shape.is_computed(name):
        kept = said in {"money", "percent"}
        return Unit(str(said), str(definition.options.get("currency", ""))) if kept else PLAIN
    return unit_of(shape, shape.computed(name).expression.tree)


def _unit(shapes: tuple[ObjectShape | None, ...], typed: Typed) -> Unit | None:
    """Return a unit; None for what takes that of its surroundings: constants. ``shapes``: the innermost object last."""
    if isinstance(typed, Constant):
        return None
    if isinstance(typed, Path):
        return _path_unit(shapes, typed)
    if isinstance(typed, Case):
        return _agreed(_unit(shapes, one) for one in (*(then for _, then in typed.branches), typed.otherwise))
    if isinstance(typed, Aggregate):
        return _rows_unit(shapes, typed)
    if isinstance(typed, Apply):
        return _unit(shapes, typed.arguments[0]) if typed.function in _SAME else PLAIN
    return _operation_unit(shapes, typed)


def _operation_unit(shapes: tuple[ObjectShape | None, ...], typed: Operation) -> Unit | None:
    if typed.name in _ALIKE:
        return _agreed(_unit(shapes, one) for one in typed.operands)
    if typed.name not in {"multiply", "divide"}:
        return PLAIN
    first, second = (_unit(shapes, one) or PLAIN for one in typed.operands)
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
    if typed.name not in _PICKING or typed.value is None or typed.root:
        return PLAIN
    base = shapes[-1 - typed.level] if typed.level < len(shapes) else None
    return _unit((*shapes, None if base is None else _rows_shape(base, typed.path)), typed.value)


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
    return found.pop() if len(found) == 1 else PLAIN if found else None
