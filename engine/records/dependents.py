"""What hangs on an object's records elsewhere: rollups and checks of the records they link to, kept formulas of the records that link
to them. Worked out for the whole model when a command first asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.records.shape import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.compile import CompiledObject, Records
    from metamodel.expressions.typed import TypedExpression


@dataclass(frozen=True, slots=True)
class Above:
    """A rollup (``name``) or a check (``check``) of ``object`` over records whose ``link`` leads to it. ``reads``: their fields that
    matter."""

    object: str
    link: str
    reads: frozenset[str]
    name: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True)
class Below:
    """A formula (``name``) of ``object``, kept with ``store: true``, that reads fields of the record its ``link`` leads to."""

    object: str
    link: str
    reads: frozenset[str]
    name: str


def _mentions(text: str, names: Iterable[str]) -> bool:
    return any(name in text for name in names)


class Dependents:
    """All of a model's, by the object whose change matters."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @cached_property
    def above(self) -> Mapping[str, tuple[Above, ...]]:
        """Child object → what sums its records up."""
        found: dict[str, list[Above]] = {}
        for compiled in self.records.objects.values():
            for name in self._over_rows(compiled):
                computed = compiled.shape.computed(name)
                if computed.stored:
                    self._add(found, compiled, computed.expression, name=name)
            for name, one in compiled.definition.checks.items():
                if _mentions(one.require.text, compiled.reverse) and not compiled.rules.checks[name].looks_back:
                    self._add(found, compiled, compiled.rules.checks[name].rule.expression, check=name)
        return {name: tuple(ones) for name, ones in found.items()}

    @staticmethod
    def _over_rows(compiled: CompiledObject) -> list[str]:
        """Return the computed fields that may read rows: told by their text, so that not every formula of a model is read."""
        return [
            name
            for name, one in compiled.definition.fields.items()
            if compiled.shape.is_computed(name) and _mentions(text_of(one.options["value"]), compiled.reverse)
        ]

    @staticmethod
    def _add(
        found: dict[str, list[Above]],
        compiled: CompiledObject,
        expression: TypedExpression,
        *,
        name: str = "",
        check: str = "",
    ) -> None:
        for rows in expression.depends.rows:
            reverse = compiled.reverse.get(rows.path[0]) if len(rows.path) == 1 else None
            if (
                reverse is not None
                and not reverse.every
                and not compiled.shape.shapes.is_several(reverse.object, reverse.field)
            ):
                reads = frozenset(path[0] for path in rows.paths)
                found.setdefault(reverse.object, []).append(Above(compiled.name, reverse.field, reads, name, check))

    @cached_property
    def below(self) -> Mapping[str, tuple[Below, ...]]:
        """Target object → the kept formulas that read its records."""
        found: dict[str, list[Below]] = {}
        for compiled in self.records.objects.values():
            for name, one in compiled.definition.fields.items():
                if not one.options.get("store") or not compiled.shape.is_computed(name):
                    continue
                computed = compiled.shape.computed(name)
                by_link: dict[str, set[str]] = {}
                for path in computed.expression.depends.paths if computed.stored else ():
                    if len(path) == 2:
                        by_link.setdefault(path[0], set()).add(path[1])
                for link, reads in by_link.items():
                    for target in compiled.shape.members[link].objects:
                        found.setdefault(target, []).append(Below(compiled.name, link, frozenset(reads), name))
        return {name: tuple(ones) for name, ones in found.items()}

    def locks(self, object_name: str) -> Mapping[str, str]:
        """Return target object → how strongly its records are locked before records of ``object_name`` that link to them are
        touched: rollups want their parents alone, kept formulas want what they read to stand still."""
        found: dict[str, str] = {}
        compiled = self.records.objects[object_name]
        for rule in compiled.rules.computed.values():
            for path in rule.expression.depends.paths:
                if len(path) == 2:
                    found |= dict.fromkeys(compiled.shape.members[path[0]].objects, "share")
        for one in self.above.get(object_name, ()):
            found[one.object] = "no key update"
        return found

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Object → how far up it stands: whatever sums up an object's records stands above it. Records are locked from below upwards,
        so that no two commands wait for each other."""
        parents = {child: {one.object for one in ones} - {child} for child, ones in self.above.items()}
        waiting = dict.fromkeys(self.records.model.objects, 0)
        for above in parents.values():
            for name in above:
                waiting[name] += 1
        found: dict[str, int] = {}
        level = [name for name, count in waiting.items() if count == 0]
        while level:
            found |= dict.fromkeys(level, len(found))
            following: list[str] = []
            for name in level:
                for parent in parents.get(name, ()):
                    waiting[parent] -= 1
                    if waiting[parent] == 0:
                        following.append(parent)
            level = following
        # What is left sums itself up in a circle (a tree of categories does): the database breaks what waits there.
        return found | {name: len(found) for name in waiting if name not in found}

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return objects in the order in which their records are locked."""
        return sorted(names, key=lambda name: (self.ranks[name], name))
