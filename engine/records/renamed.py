"""Names from before a rename (``was``), as long as nothing else has them: pages that were open, scripts and links that have not heard
of the rename go on saying them. They are understood wherever somebody outside names a field or an object; answers have today's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.filters import schema_of
from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.parser import children, parse_expression
from metamodel.expressions.tree import Name
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.records.compile import CompiledObject, Records
    from engine.records.rights import Rights
    from metamodel.expressions.tree import Tree


def field_names(compiled: CompiledObject) -> Mapping[str, str]:
    """Return former name → today's name of an object's fields."""
    fields = compiled.definition.fields
    taken = {*compiled.system, *compiled.reverse, *fields}
    pairs = ((one.was, name) for name, one in fields.items())
    return compiled.records.memory.get(("renamed", compiled.name), lambda: _unambiguous(pairs, taken))


def object_names(records: Records) -> Mapping[str, str]:
    """Return former name → today's name of the objects."""
    objects = records.model.objects
    pairs = ((one.was, name) for name, one in objects.items())
    return records.memory.get(("renamed",), lambda: _unambiguous(pairs, objects))


def has_renames(records: Records) -> bool:
    """Whether any field has been called otherwise."""
    objects = records.model.objects.values()
    return records.memory.get(("renames",), lambda: any(one.was for each in objects for one in each.fields.values()))


def object_now(records: Records, name: str) -> str:
    """Return what an object is called today; a name that means none stays."""
    return name if name in records.objects else object_names(records).get(name, name)


def field_now(records: Records, object_name: str, path: str) -> str:
    """Return what a field, or the first link of a path, is called today; a name that means none stays."""
    first, dot, rest = path.partition(".")
    names = field_names(records.objects[object_name]) if object_name in records.objects else {}
    return f"{names.get(first, first)}{dot}{rest}"


def path_now(rights: Rights, object_name: str, path: str) -> str:
    """Return a path as it is written today, step by step over links, as far as the viewer may use today's names."""
    schema, records = schema_of(rights), rights.records
    places: tuple[str, ...] = (object_name,)
    found: list[str] = []
    for given in path.split("."):
        name = given
        for place in places:
            members = schema.members(place) or {}
            now = field_names(records.objects[place]).get(given, "") if place in records.objects else ""
            if given not in members and now in members:
                name = now
                break
        found.append(name)
        types = [(schema.members(place) or {}).get(name) for place in places]
        places = tuple(to for one in types if one is not None and one.base is Base.LINK for to in one.objects)
    return ".".join(found)


def text_now(rights: Rights, object_name: str, text: str, bound: Iterable[str] = ()) -> str:
    """Return an expression of a query with its paths as they are written today. ``bound``: names that the query gives values for.
    What stands in the scope of other records (an aggregate's condition) stays, and so does what can't be read."""
    try:
        tree = parse_expression(text)
    except ExpressionFault:
        return text
    schema, kept = schema_of(rights), {"me", *bound}
    made = text
    for name in sorted(_names(tree), key=lambda one: one.start, reverse=True):
        path = ".".join(name.path)
        if name.path[0] not in kept and schema.members(object_name) is not None:
            now = path_now(rights, object_name, path)
            if now != path:
                made = made[: name.start] + now + made[name.end :]
    return made


def _names(tree: Tree) -> Iterator[Name]:
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            yield one
        waiting.extend(children(one))


def _unambiguous(pairs: Iterable[tuple[str, str]], taken: Iterable[str]) -> dict[str, str]:
    """Return former → today, without those that something has today, or that two things had."""
    found: dict[str, str] = {}
    twice = set(taken) | {""}
    for former, name in pairs:
        if former in found:
            twice.add(former)
        found[former] = name
    return {former: name for former, name in found.items() if former not in twice}
