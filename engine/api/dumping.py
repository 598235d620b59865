"""Records that were read as values, in the API's JSON. Lists take the reading door's fast road; this is for the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.fields.base import Reference
from engine.records.access import Masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field
    from engine.records.compile import Records


def dump_value(value: object) -> object:
    """Return what orjson can't write by itself."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Masked):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def dump_record(records: Records, name: str, row: Mapping[str, Any]) -> dict[str, object]:
    """Return a record as the API gives it."""
    compiled = records.objects[name]
    found: dict[str, object] = {}
    for key, value in row.items():
        field = find_field(records, name, key)
        if isinstance(value, list) and field is not None and key in compiled.reverse:
            found[key] = [dump_record(records, compiled.reverse[key].object, line) for line in value]
        elif value is None or field is None:
            found[key] = [] if value is None and field is not None and field.kind.many else value
        else:
            found[key] = dump_field(field, value)
    return found


def dump_field(field: Field, value: Any) -> object:
    """Return a value in JSON; what stands in place of a masked one as it is."""
    if isinstance(value, Masked):
        return str(value)
    if isinstance(value, Reference) and not field.targets:
        return {"id": value.id, "label": value.label}
    return field.kind.dump(field, value)


def find_field(records: Records, name: str, path: str) -> Field | None:
    """Return the field at the end of a path (``customer.name``), None where there is none."""
    *links, last = path.split(".")
    for link in links:
        field = records.objects[name].anything.get(link)
        if field is None or len(field.targets) != 1 or field.targets[0] not in records.objects:
            return None
        name = field.targets[0]
    return records.objects[name].anything.get(last)
