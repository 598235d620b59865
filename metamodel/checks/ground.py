"""What the options of a kind are checked on: the record they are about, the roots their expressions may use, and the option that says
whose fields and states are meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metamodel.definitions.common import Expression
from metamodel.expressions.checker import Scope, check_expression
from metamodel.expressions.types import Base, Type
from metamodel.options import Takes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.checks.context import Checks
    from metamodel.expressions.checker import Checked
    from metamodel.expressions.scope import Root
    from metamodel.nodes import Node
    from metamodel.options import OptionSort, OptionSorts

UNKNOWN_OBJECT = None  # named wrongly, which is a fault of its own: nothing more is said of it
NO_OBJECT = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where expressions stand. ``object``: what the subject is a record of ("" : there is no subject, None: unknown)."""

    object: str | None
    roots: Mapping[str, Root]

    def bind(self, name: str, type_: Type) -> Ground:
        """Return the same ground with one more named record or value."""
        return replace(self, roots={**self.roots, name: type_})

    def judge(self, checks: Checks, found: Expression, want: Type | None) -> Checked | None:
        """Check an expression over the subject; None where its text was faulty before or nobody knows what the subject is."""
        return None if self.object is None else checks.expression(found, self.object or None, want, self.roots)


def record_of(object_name: str) -> Type:
    """Return the type of a root that is a record of an object."""
    return Type(Base.LINK, (object_name,))


@dataclass(frozen=True, slots=True)
class Options:
    """The options given to one kind, with their places: ``node`` is the map they stand in."""

    checks: Checks
    ground: Ground
    sorts: OptionSorts
    given: Mapping[str, Any]
    node: Node

    def about(self, sort: OptionSort) -> str | None:
        """Return the object whose fields, states and views an option names; "" for no object, None where that is not known."""
        if sort.of and sort.of in self.sorts.named:
            return self._named(self.sorts.named[sort.of].takes, self.given.get(sort.of))
        whole = self.sorts.whole
        if whole is not None and "" in self.given and whole.takes in _LEADING:
            return self._named(whole.takes, self.given[""])
        for key, other in self.sorts.named.items():
            if other.takes in _LEADING and key in self.given:
                return self._named(other.takes, self.given[key])
        if self.ground.object == NO_OBJECT:
            objects = [
                self.given[key]
                for key, one in self.sorts.named.items()
                if one.takes is Takes.OBJECT and key in self.given
            ]
            return self._named(Takes.OBJECT, objects[0]) if objects else NO_OBJECT
        return self.ground.object

    def _named(self, takes: Takes, value: Any) -> str | None:
        model = self.checks.model
        if takes is Takes.RECORD:
            found = self.link(value)
            return found.objects[0] if found is not None and len(found.objects) == 1 else UNKNOWN_OBJECT
        if not isinstance(value, str):
            return UNKNOWN_OBJECT
        if takes is Takes.METRIC:
            metric = model.metrics.get(value)
            value = metric.object if metric is not None else ""
        elif takes is Takes.PROCESS:
            process = model.processes.get(value)
            value = process.object if process is not None else ""
        elif takes is Takes.VIEW:
            value = value.partition(".")[0]
        return value if value in model.objects else UNKNOWN_OBJECT

    def link(self, value: Any) -> Type | None:
        """Return the type of the record that an option of the sort RECORD stands for; None where it is none."""
        if isinstance(value, str):
            found = self.ground.roots.get(value)
            return found if isinstance(found, Type) and found.base is Base.LINK else None
        if not isinstance(value, Expression):
            return None
        scope = Scope(self.checks.schema, self.ground.object or None, self.ground.roots)
        checked = check_expression(value.text, scope, self.checks.kinds.functions)
        type_ = checked.expression.type if checked.expression is not None else None
        return type_ if type_ is not None and type_.base is Base.LINK else None


_LEADING = frozenset({Takes.RECORD, Takes.METRIC, Takes.PROCESS, Takes.VIEW})
