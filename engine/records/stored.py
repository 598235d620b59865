"""Fields as they lie in columns: which columns to select for them, and the values that come back (a link to several objects lies in
one column a target)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.fields.base import Target
from engine.records.associations import members_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import sqlalchemy as sa

    from engine.fields.base import Parts
    from engine.records.associations import Association
    from engine.records.compile import CompiledObject


@dataclass(frozen=True, slots=True)
class StoredField:
    """A field with its columns; ``targets`` names the object of each where there are several, ``links`` where several links lie."""

    name: str
    columns: tuple[str, ...]
    targets: tuple[str, ...] = ()
    parts: Parts | None = None
    links: Association | None = None
    load: Callable[[Any], Any] | None = None  # how what is read becomes the value


def stored_fields(compiled: CompiledObject, names: Iterable[str]) -> tuple[StoredField, ...]:
    """Return fields with the columns to select, in that order."""
    found = []
    for name in names:
        columns, parts = compiled.fields[name].columns, compiled.fields[name].kind.parts
        targets = tuple(key.rpartition(".")[2] for key in columns) if len(columns) > 1 and parts is None else ()
        links = compiled.associations.get(name)
        load = compiled.fields[name].kind.load if links is None else tuple
        found.append(StoredField(name, tuple(columns.values()), targets, parts, links, load))
    return tuple(found)


def stored_columns(fields: Iterable[StoredField], alias: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    """Return what to select of a record for its fields, as ``stored_values`` takes it."""
    found: list[sa.ColumnElement[Any]] = []
    for one in fields:
        found += [alias.c[column] for column in one.columns]
        if one.links is not None:
            found.append(members_column(one.links, alias.c.id))
    return found


def stored_values(fields: Sequence[StoredField], row: Sequence[Any]) -> dict[str, Any]:
    """Return name → value out of the selected columns."""
    found: dict[str, Any] = {}
    place = 0
    for one in fields:
        if one.load is not None:
            found[one.name] = None if row[place] is None else one.load(row[place])
            place += 1
            continue
        if one.parts is not None:
            found[one.name] = one.parts.join(row[place : place + len(one.columns)])
        elif not one.targets:
            found[one.name] = row[place]
        else:
            pairs = zip(one.targets, row[place : place + len(one.columns)], strict=True)
            found[one.name] = next((Target(target, number) for target, number in pairs if number is not None), None)
        place += len(one.columns)
    return found
