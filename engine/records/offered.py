"""The choices that a computed value is one of, where it comes from a choice or a state: of which field, so that it bears the labels and
colours that it has there. Found from what the expression answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fields import choice
from engine.records.units import rows_of
from metamodel.expressions.typed import Aggregate, Apply, Case, Constant, Operation, Path
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.fields.base import Field
    from engine.records.shape import ObjectShape
    from metamodel.definitions.choices import ChoiceDef
    from metamodel.expressions.typed import Typed

    Shapes = tuple[ObjectShape | None, ...]
    Choices = Mapping[str, ChoiceDef]


def with_choices(shape: ObjectShape, field: Field) -> Field:
    """Return a computed field with the choices that its value is one of, filtered by as they are; any other field as it is."""
    if not field.kind.computed or field.type.base is not Base.CHOICE:
        return field
    found = _found((shape,), shape.computed(field.name).expression.tree)
    if not found or field.type.names not in {None, tuple(found)}:
        return field
    return replace(field, choices=found, kind=replace(field.kind, operators=choice.KIND.operators))


def as_looked_up(shape: ObjectShape, field: Field) -> Field:
    """Return a computed field that is a text of a record beyond a link and nothing else as it is shown there: a telephone number is
    dialled; any other field as it is."""
    if not field.kind.computed or field.type.base is not Base.TEXT:
        return field
    tree = shape.computed(field.name).expression.tree
    end = _end(shape, tree.path) if isinstance(tree, Path) and not tree.root and not tree.level else None
    if end is None or end.kind.computed:
        return field
    kind = end.kind
    own = replace(
        field.kind,
        show=lambda _field, value, locale: kind.show(end, value, locale),
        edit=lambda _field, value, locale: kind.show(end, value, locale),
        address=kind.address,
        addressed=kind.addressed,
    )
    return replace(field, kind=own)


def _end(shape: ObjectShape, path: tuple[str, ...]) -> Field | None:
    """Return the field at the end of a path over links that lead to one object each, None where there is none."""
    first, *rest = path
    link = shape.members.get(first)
    if rest:
        one = link is not None and link.base is Base.LINK and len(link.objects) == 1
        return _end(shape.shapes[link.objects[0]], tuple(rest)) if one and link is not None else None
    definition = shape.definition.fields.get(first)
    return shape.make_field(definition, {}) if definition is not None else None


def _found(shapes: Shapes, typed: Typed) -> Choices:
    """Return the choices of what an expression answers. ``shapes``: the innermost object last."""
    if isinstance(typed, Constant):
        return {}
    if isinstance(typed, Path):
        here = shapes[-1 - typed.level] if typed.level < len(shapes) else None
        return {} if typed.root or here is None else _at(here, typed.path)
    if isinstance(typed, Case):
        return _first(shapes, (*(then for _, then in typed.branches), typed.otherwise))
    if isinstance(typed, Operation):
        return _first(shapes, typed.operands)
    if isinstance(typed, Aggregate):
        return _found((*shapes, rows_of(shapes, typed)), typed.value) if typed.value is not None else {}
    return _first(shapes, typed.arguments) if isinstance(typed, Apply) else {}


def _first(shapes: Shapes, several: Iterable[Typed]) -> Choices:
    return next((found for one in several if one.type.base is Base.CHOICE and (found := _found(shapes, one))), {})


def _at(shape: ObjectShape, path: tuple[str, ...]) -> Choices:
    """Return the choices of the field at the end of a path."""
    first, *rest = path
    if rest:
        link = shape.members.get(first)
        beyond = link.objects if link is not None and link.base is Base.LINK else ()
        return next((found for one in beyond if (found := _at(shape.shapes[one], tuple(rest)))), {})
    definition = shape.definition.fields.get(first)
    if definition is None:
        return {}
    if shape.is_computed(first):
        return _found((shape,), shape.computed(first).expression.tree)
    kind = shape.kind(definition)
    return kind.choices(definition, shape.shapes.model) if kind.choices else {}
