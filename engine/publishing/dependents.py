"""Which stored computed columns a change of definitions makes stale. Errs on the side of computing too many: a recompute writes
only rows whose value differs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metamodel.definitions.common import Expression

if TYPE_CHECKING:
    from engine.publishing.naming import Naming
    from engine.records.shape import Shapes
    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef

_WORD = re.compile(r"[a-z_][a-z0-9_]*")


def to_recompute(old: Model, shapes: Shapes, naming: Naming) -> dict[str, tuple[str, ...]]:
    """Return object → stored computed fields whose values may differ under the new definitions."""
    new = shapes.model
    computed = {
        (name, one.name): one
        for name, definition in new.objects.items()
        for one in definition.fields.values()
        if shapes[name].is_computed(one.name)
    }
    stale = _moved(new, naming)
    for (name, field), one in computed.items():
        before = old.objects.get(naming.sources.get(name, ""))
        if before is None or field not in before.fields or _said(before.fields[field]) != _said(one):
            stale.add(field)
    while more := {field for (_, field), one in computed.items() if field not in stale and _words(one) & stale}:
        stale |= more
    found: dict[str, tuple[str, ...]] = {}
    for name, field in computed:
        if field in stale and shapes[name].stores(field):
            found[name] = (*found.get(name, ()), field)
    return found


def _moved(new: Model, naming: Naming) -> set[str]:
    """Return the names of fields, and of other sides of links, whose columns are not what they were."""
    names: set[str] = set()
    for move in naming.moves:
        if move.verb not in {"new", "returned", "replaced"} or move.object not in naming.sources:
            continue  # what reads an object that was not there is new itself
        field = move.key.split(".")[0]
        names.add(field)
        names |= {
            reverse.name
            for others in new.reverse.values()
            for reverse in others.values()
            if (reverse.object, reverse.field) == (move.object, field)
        }
    return names


def _said(one: FieldDef) -> tuple[str, dict[str, object]]:
    return one.type, {name: value for name, value in one.options.items() if name != "was"}


def _words(one: FieldDef) -> set[str]:
    """Return the names that a field's expressions mention."""
    texts = [value.text for value in one.options.values() if isinstance(value, Expression)]
    return {word for text in texts for word in _WORD.findall(text)}
