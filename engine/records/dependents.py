"""What hangs on an object's records elsewhere: rollups and checks of the records they link to, kept formulas of the records that link
to them. Worked out for the whole model when a command first asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from engine.records.compile import CompiledObject, Records


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


class Dependents:
    """All of a model's, by the object whose change matters."""

    def __init__(self, records: Records) -> None:
        self.records = records

    @cached_property
    def above(self) -> Mapping[str, tuple[Above, ...]]:
        """Child object → what sums its records up."""
        found: dict[str, list[Above]] = {}
        for compiled in self._with_rules():
            rules = compiled.rules
            for name, rule in rules.rollups.items():
                for rows in rule.expression.depends.rows:
                    reverse = compiled.reverse[rows.path[0]]
                    reads = frozenset(path[0] for path in rows.paths)
                    found.setdefault(reverse.object, []).append(Above(compiled.name, reverse.field, reads, name=name))
            for name, check in rules.checks.items():
                for rows in check.rule.expression.depends.rows:
                    if len(rows.path) == 1 and rows.path[0] in compiled.reverse:
                        reverse = compiled.reverse[rows.path[0]]
                        reads = frozenset(path[0] for path in rows.paths)
                        found.setdefault(reverse.object, []).append(
                            Above(compiled.name, reverse.field, reads, check=name)
                        )
        return {name: tuple(ones) for name, ones in found.items()}

    @cached_property
    def below(self) -> Mapping[str, tuple[Below, ...]]:
        """Target object → the kept formulas that read its records."""
        found: dict[str, list[Below]] = {}
        for compiled in self._with_rules():
            for name, rule in compiled.rules.computed.items():
                by_link: dict[str, set[str]] = {}
                for path in rule.expression.depends.paths:
                    if len(path) == 2:
                        by_link.setdefault(path[0], set()).add(path[1])
                for link, reads in by_link.items():
                    for target in compiled.shape.members[link].objects:
                        found.setdefault(target, []).append(Below(compiled.name, link, frozenset(reads), name))
        return {name: tuple(ones) for name, ones in found.items()}

    def _with_rules(self) -> list[CompiledObject]:
        return [
            compiled
            for compiled in self.records.objects.values()
            if compiled.definition.checks
            or any(compiled.shape.is_computed(name) for name in compiled.definition.fields)
        ]

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
        found: dict[str, int] = {}

        def rank(name: str, under: frozenset[str]) -> int:
            if name in under:
                return 0  # a circle among objects (a tree of categories); the database breaks what waits in it
            if name not in found:
                children = [child for child, ones in self.above.items() if any(one.object == name for one in ones)]
                found[name] = max((rank(child, under | {name}) + 1 for child in children), default=0)
            return found[name]

        for name in self.records.model.objects:
            rank(name, frozenset())
        return found

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return objects in the order in which their records are locked."""
        return sorted(names, key=lambda name: (self.ranks[name], name))
