"""Which stored computed columns a change of definitions makes stale: those whose own expression is another one, and those that read,
by object and field, something that no longer means what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.shape import text_of
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.publishing.naming import Naming
    from engine.records.shape import Shapes
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.expressions.typed import RowsRead

    Place = tuple[str, str]  # object, name of a field or of the other side of a link


def to_recompute(old: Model, shapes: Shapes, naming: Naming) -> dict[str, tuple[str, ...]]:
    """Return object → stored computed fields whose values may differ under the new definitions."""
    new, came = shapes.model, _came(naming)
    computed = [
        (name, field)
        for name, definition in new.objects.items()
        for field in definition.fields
        if field in naming.physical.columns[name] and shapes[name].is_computed(field)
    ]
    stale = _moved(old, new, naming, came)
    for name, field in computed:
        before = _before(old, (name, field), naming, came)
        if before is None or _said(before) != _said(new.objects[name].fields[field]):
            stale.add((name, field))
    reads = {place: frozenset(_reads(shapes, place)) for place in computed} if stale else {}
    while more := {place for place, read in reads.items() if place not in stale and read & stale}:
        stale |= more
    found: dict[str, tuple[str, ...]] = {}
    for name, field in computed:
        if (name, field) in stale:
            found[name] = (*found.get(name, ()), field)
    return found


def _came(naming: Naming) -> dict[Place, Place]:
    """Return field → the field whose columns it goes on with, unchanged."""
    return {
        (move.object, _root(move.key)): (move.old_object, _root(move.old_key))
        for move in naming.moves
        if move.verb in {"kept", "renamed"}
    }


def _before(old: Model, place: Place, naming: Naming, came: dict[Place, Place]) -> FieldDef | None:
    """Return a field as it was."""
    owner, field = came.get(place, (naming.sources.get(place[0], ""), place[1]))
    before = old.objects.get(owner)
    return before.fields.get(field) if before else None


def _moved(old: Model, new: Model, naming: Naming, came: dict[Place, Place]) -> set[Place]:
    """Return the fields that are no computed ones, and other sides of links, whose values are not what they were. What reads an
    object that was not there is new itself."""
    places = {
        (move.object, _root(move.key))
        for move in naming.moves
        if move.object in naming.sources and (move.verb in {"new", "returned", "replaced"} or move.live)
    }
    for place in came:
        one = new.objects[place[0]].fields[place[1]]
        before = _before(old, place, naming, came)
        if before is not None and (before.type != one.type or _takes_default(before, one)):
            places.add(place)
    for name, others in new.reverse.items():
        known = old.reverse.get(naming.sources.get(name, ""), {})
        for reverse in others.values():
            link, was = (reverse.object, reverse.field), known.get(reverse.name)
            if link in places or (was is not None and came.get(link) != (was.object, was.field)):
                places.add((name, reverse.name))
    return places


def _takes_default(before: FieldDef, now: FieldDef) -> bool:
    """Whether records that were left blank get the default."""
    return now.required and now.default is not None and not before.required


def _said(one: FieldDef) -> tuple[str, str]:
    """Return what the values of a computed field hang on; how they are shown is no part of it."""
    return one.type, text_of(one.options.get("value", ""))


def _reads(shapes: Shapes, place: Place) -> Iterator[Place]:
    """Yield everything that a computed field's expression reads, on this object and on others."""
    name, field = place
    depends = shapes[name].computed(field).expression.depends
    for path in depends.paths:
        yield from _along(shapes, (name,), path)
    yield from _in_rows(shapes, (name,), depends.rows)
    for read in depends.picks:
        for path in read.paths:
            yield from _along(shapes, read.objects, path)


def _in_rows(shapes: Shapes, owners: Iterable[str], rows: Iterable[RowsRead]) -> Iterator[Place]:
    for one in rows:
        yield from _along(shapes, owners, one.path)
        for path in one.paths:
            yield from _along(shapes, one.objects, path)
        yield from _in_rows(shapes, one.objects, one.rows)


def _along(shapes: Shapes, owners: Iterable[str], path: tuple[str, ...]) -> Iterator[Place]:
    """Yield the places that a path goes by."""
    present = tuple(owners)
    for name in path:
        following: dict[str, None] = {}
        for owner in present:
            type_ = shapes[owner].members.get(name)
            if type_ is not None:
                yield owner, name
                following |= dict.fromkeys(type_.objects if type_.base in {Base.LINK, Base.ROWS} else ())
        present = tuple(following)


def _root(key: str) -> str:
    return key.split(".", maxsplit=1)[0]
