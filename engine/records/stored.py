"""Fields as they lie in columns: which columns to select for them, and the values that come back (a link to several objects lies in
one column a target)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.fields.base import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.fields.base import Parts
    from engine.records.compile import CompiledObject


@dataclass(frozen=True, slots=True)
class StoredField:
    """A field with its columns; ``targets`` names the object of each where there are several."""

    name: str
    columns: tuple[str, ...]
    targets: tuple[str, ...] = ()
    parts: Parts | None = None


def stored_fields(compiled: CompiledObject, names: Iterable[str]) -> tuple[StoredField, ...]:
    """Return fields with the columns to select, in that order."""
    found = []
    for name in names:
        columns, parts = compiled.fields[name].columns, compiled.fields[name].kind.parts
        targets = tuple(key.rpartition(".")[2] for key in columns) if len(columns) > 1 and parts is None else ()
        found.append(StoredField(name, tuple(columns.values()), targets, parts))
    return tuple(found)


def stored_values(fields: Sequence[StoredField], row: Sequence[Any]) -> dict[str, Any]:
    """Return name → value out of the selected columns."""
    found: dict[str, Any] = {}
    place = 0
    for one in fields:
        if one.parts is not None:
            found[one.name] = one.parts.join(row[place : place + len(one.columns)])
        elif not one.targets:
            found[one.name] = row[place]
        else:
            pairs = zip(one.targets, row[place : place + len(one.columns)], strict=True)
            found[one.name] = next((Target(target, number) for target, number in pairs if number is not None), None)
        place += len(one.columns)
    return found
