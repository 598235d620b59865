"""An object's rules as closures: defaults, computed fields, conditions on fields, checks, each with the names that it reads. Made
from the definitions when a command first needs them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.expressions.python import compile_python
from engine.fields.base import ValueFault
from engine.records.shape import text_of
from metamodel.definitions.common import Expression
from metamodel.expressions.types import BOOLEAN, Base, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from engine.expressions.values import Moment, Reader, Value
    from engine.records.compile import CompiledObject
    from metamodel.definitions.objects import CheckDef
    from metamodel.expressions.scope import Scope
    from metamodel.expressions.typed import TypedExpression

    Closure = Callable[[Reader, Moment], Value]


@dataclass(frozen=True, eq=False)
class Rule:
    """An expression ready for a command. ``reads``: names of the own record whose change matters, through computed fields that are not
    stored; ``paths``: what it reads over links; ``rows``: the other sides that it sums up."""

    expression: TypedExpression
    reads: frozenset[str]
    paths: frozenset[tuple[str, ...]]
    rows: frozenset[str]

    @property
    def is_constant(self) -> bool:
        """Whether it gives all new records of a command the same value: it reads nothing of them but rows, which they have not."""
        return not self.reads

    @cached_property
    def closure(self) -> Closure:
        """The closure that gives its value."""
        return compile_python(self.expression)


@dataclass(frozen=True, eq=False)
class PickRule:
    """Which records of one target a link may be set to. ``rule``: what the condition reads of the record being written (``record.``);
    ``paths``: what it reads of the candidate."""

    rule: Rule
    paths: frozenset[tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class CheckRule:
    """A check of the object. ``late``: reads rollups or rows, so it is asked when everything is written."""

    definition: CheckDef
    rule: Rule
    late: bool

    @property
    def looks_back(self) -> bool:
        """Whether it asks what was before: of a record that its children change nobody has changed anything, so then it isn't asked."""
        return "old" in self.rule.expression.depends.needs


class Rules:
    """The rules of one object."""

    def __init__(self, compiled: CompiledObject) -> None:
        self.compiled = compiled
        self.shape = compiled.shape
        self._closures: dict[TypedExpression, Closure] = {}

    def closure(self, expression: TypedExpression) -> Closure:
        """Return the closure of an expression of this object, made once."""
        found = self._closures.get(expression)
        if found is None:
            found = self._closures[expression] = compile_python(expression)
        return found

    def _scope(self) -> Scope:
        return self.shape.shapes.rule_scope(self.compiled.name)

    def rule(self, text: str, want: Type | None = None) -> Rule:
        """Return an expression of the object's definition as a rule."""
        return self._rule(self.shape.shapes.check(text, self._scope(), want))

    def reads_of(self, expression: TypedExpression) -> frozenset[str]:
        """Return the names of the record itself that a checked expression reads, through computed fields that are not stored."""
        return self._rule(expression).reads

    def _rule(self, expression: TypedExpression) -> Rule:
        reads: set[str] = set()
        paths: set[tuple[str, ...]] = set()
        rows: set[str] = set()
        self._read(expression, reads, paths, rows, set())
        return Rule(expression, frozenset(reads), frozenset(paths), frozenset(rows))

    def _read(
        self, expression: TypedExpression, reads: set[str], paths: set[tuple[str, ...]], rows: set[str], seen: set[str]
    ) -> None:
        self._read_paths(expression.depends.paths, reads, paths, rows, seen)
        rows.update(one.path[0] for one in expression.depends.rows)
        for one in expression.depends.rows:
            if one.path[0] in self.compiled.associations:
                reads.add(one.path[0])  # a field of several links is the record's own

    def _read_paths(
        self,
        given: Iterable[tuple[str, ...]],
        reads: set[str],
        paths: set[tuple[str, ...]],
        rows: set[str],
        seen: set[str],
    ) -> None:
        for path in given:
            if path[0] == "me":
                continue
            bare = path[1:] if path[0] in {"old", "record"} and len(path) > 1 else path
            reads.add(bare[0])
            if len(bare) > 1:
                paths.add(path)
            computed = self.compiled.computed.get(bare[0])
            if computed is not None and not computed.stored and bare[0] not in seen:
                seen.add(bare[0])
                self._read(computed.expression, reads, paths, rows, seen)

    @cached_property
    def defaults(self) -> Mapping[str, object]:
        """Field → its default: a value that was parsed, a Rule, or the ValueFault of one that the field can't take."""
        found: dict[str, object] = {}
        for name, one in self.compiled.fields.items():
            if one.definition.default is None:
                continue
            value = one.definition.default.value
            if isinstance(value, Expression):
                found[name] = self.rule(value.text, one.type)
            elif value is not None:
                try:
                    found[name] = one.kind.parse(one, value)
                except ValueFault as fault:  # the checker refuses it now; versions of before that may still hold it
                    found[name] = fault
        return found

    @cached_property
    def computed(self) -> Mapping[str, Rule]:
        """The stored computed fields that a command works out itself, each after those that it reads."""
        return {
            name: self._rule(one.expression)
            for name, one in self.compiled.computed.items()
            if one.stored and not one.expression.depends.rows
        }

    @cached_property
    def rollups(self) -> Mapping[str, Rule]:
        """The stored computed fields over rows, which the database works out."""
        return {
            name: self._rule(one.expression)
            for name, one in self.compiled.computed.items()
            if one.stored and one.expression.depends.rows
        }

    @cached_property
    def after_rollups(self) -> frozenset[str]:
        """Rollups and the stored fields that follow from them."""
        found = set(self.rollups)
        for name, rule in self.computed.items():
            if rule.reads & found:
                found.add(name)
        return frozenset(found)

    def _conditions(self, given: Mapping[str, Expression]) -> Mapping[str, Rule]:
        return {name: self.rule(one.text, BOOLEAN) for name, one in given.items()}

    @cached_property
    def visible(self) -> Mapping[str, Rule]:
        """Field → when it is seen."""
        return self._conditions(self.compiled.definition.visible_when)

    @cached_property
    def required(self) -> Mapping[str, Rule]:
        """Field → when it must be filled in."""
        return self._conditions(self.compiled.definition.required_when)

    @cached_property
    def readonly(self) -> Mapping[str, Rule]:
        """Field → when it can't be changed."""
        return self._conditions(self.compiled.definition.readonly_when)

    @cached_property
    def picks(self) -> Mapping[str, Mapping[str, PickRule]]:
        """Link → target object → which of its records may be picked; only links that have such a condition."""
        found: dict[str, Mapping[str, PickRule]] = {}
        for name, one in self.compiled.fields.items():
            condition = one.options.get("filter") if one.targets else None
            if condition is not None:
                found[name] = {target: self._pick(target, text_of(condition)) for target in one.targets}
        return found

    def _pick(self, target: str, text: str) -> PickRule:
        here = Type(Base.LINK, (self.compiled.name,))
        expression = self.shape.shapes.check(text, self.shape.shapes.scope(target, record=here), BOOLEAN)
        reads: set[str] = set()
        paths: set[tuple[str, ...]] = set()
        rows: set[str] = set()
        own = [path for path in expression.depends.paths if path[0] == "record" and len(path) > 1]
        self._read_paths(own, reads, paths, rows, set())
        beyond = frozenset(path for path in expression.depends.paths if path[0] not in {"me", "record"})
        return PickRule(Rule(expression, frozenset(reads), frozenset(paths), frozenset(rows)), beyond)

    @cached_property
    def checks(self) -> Mapping[str, CheckRule]:
        """The checks by name."""
        found = {}
        for name, one in self.compiled.definition.checks.items():
            rule = self.rule(one.require.text, BOOLEAN)
            sums = bool(rule.rows or rule.reads & self.after_rollups)
            found[name] = CheckRule(one, rule, sums and "old" not in rule.expression.depends.needs)
        return found

    @cached_property
    def always_required(self) -> tuple[str, ...]:
        """Fields that must be filled in at all times when they are seen."""
        return tuple(
            name for name, one in self.compiled.fields.items() if one.definition.required and not one.kind.computed
        )

    @cached_property
    def serials(self) -> tuple[str, ...]:
        """Fields that the system numbers."""
        return tuple(name for name, one in self.compiled.fields.items() if one.kind.name == "serial")

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """The names of fields with columns, or with a table of their own."""
        return tuple(name for name, one in self.compiled.fields.items() if one.columns or one.associated)

    @cached_property
    def needs(self) -> Mapping[str, frozenset[tuple[str, ...]]]:
        """Target object → the paths that any rule reads in a record of it that this one links to."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for rule in self._all():
            for path in rule.paths:
                bare = path[1:] if path[0] in {"old", "record"} else path
                if len(bare) > 1 and bare[1:] != ("id",):
                    for target in self.shape.members[bare[0]].objects:
                        found.setdefault(target, set()).add(bare[1:])
        for pick in self.picks.values():
            for target, one in pick.items():
                if not one.rule.expression.depends.rows:  # else the database decides
                    found.setdefault(target, set()).update(path for path in one.paths if path != ("id",))
        return {target: frozenset(paths) for target, paths in found.items()}

    def _all(self) -> Iterator[Rule]:
        yield from (one for one in self.defaults.values() if isinstance(one, Rule))
        yield from self.computed.values()
        for group in (self.visible, self.required, self.readonly):
            yield from group.values()
        yield from (one.rule for pick in self.picks.values() for one in pick.values())
        yield from (check.rule for check in self.checks.values() if not check.rule.rows)
