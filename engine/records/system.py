"""The fields that every record has without a definition saying so, as fields like any others: for columns, sorting and display."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.fields import make_field
from engine.fields.base import FieldKind
from engine.records.shape import SYSTEM_FIELDS
from metamodel.definitions.objects import FieldDef
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field
    from engine.records.shape import ObjectShape

_FORMS: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        "id": ("integer", Text(zh="编号", en="ID")),
        "created_at": ("datetime", Text(zh="创建时间", en="Created")),
        "created_by": ("user", Text(zh="创建人", en="Created by")),
        "updated_at": ("datetime", Text(zh="修改时间", en="Changed")),
        "updated_by": ("user", Text(zh="修改人", en="Changed by")),
        "version": ("integer", Text(zh="版本", en="Version")),
        "deleted_at": ("datetime", Text(zh="删除时间", en="Deleted")),
        "owner_since": ("datetime", Text(zh="归属开始时间", en="Owned since")),
    }
)


def system_fields(shape: ObjectShape) -> dict[str, Field]:
    """Return the system fields of an object's records."""
    found = {}
    for name, (type_name, label) in _FORMS.items():
        if name not in shape.members:
            continue
        kind = shape.shapes.kinds.fields[type_name]
        assert isinstance(kind, FieldKind)  # noqa: S101 - the registry is the engine's own
        definition = FieldDef(name=name, type=type_name, label=label, readonly=True)
        found[name] = make_field(
            definition,
            kind,
            object_name=shape.name,
            model=shape.shapes.model,
            columns={name: name},
            type_=SYSTEM_FIELDS[name],
        )
    return found
