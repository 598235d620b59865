"""Field types: one file each that exports its ``KIND``, with the template of its form control beside it. Here only the ways in:
the registry of kinds, and the making of a compiled field from a definition."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.fields.base import Field, FieldKind
from metamodel.expressions.types import ANY, Type
from metamodel.kinds import discover

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef


def field_kinds() -> Mapping[str, FieldKind]:
    """Return every field type by name, read-only. Raises ValueError where two files claim one name."""
    return discover(sys.modules[__name__], FieldKind)


def make_field(
    definition: FieldDef,
    kind: FieldKind,
    *,
    object_name: str,
    model: Model,
    columns: Mapping[str, str] | None = None,
    type_: Type | None = None,
) -> Field:
    """Return the compiled field of a definition. ``type_`` is the inferred type of a computed field; without it the kind's own."""
    return Field(
        definition=definition,
        kind=kind,
        object=object_name,
        type=type_ or kind.value_type(definition, model) or ANY,
        columns=columns or {},
        choices=kind.choices(definition, model) if kind.choices else {},
        targets=kind.targets(definition) if kind.targets else (),
    )
