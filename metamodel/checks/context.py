"""What every check works with: the model, the located trees, the schema of expressions; and the placing of their faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metamodel.expressions.checker import Checked, Scope, check_expression
from metamodel.expressions.types import Base, Type
from metamodel.faults import Mark, near_miss
from metamodel.nodes import Node
from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metamodel.assemble import Key, Merged
    from metamodel.checks.schema_of import Place
    from metamodel.definitions.common import Expression
    from metamodel.definitions.model import Model
    from metamodel.expressions.checker import ExpressionFault
    from metamodel.expressions.scope import Root
    from metamodel.expressions.types import Schema
    from metamodel.faults import Faults
    from metamodel.kinds import Kinds

_NOWHERE = Node(None)


@dataclass(slots=True)
class Checks:
    """The context of one run over a set."""

    model: Model
    kinds: Kinds
    merged: Mapping[Key, Merged]
    schema: Schema
    faults: Faults
    told: frozenset[tuple[str, str]] = frozenset()  # file and path of what the shape check has found at fault
    broken: frozenset[Place] = frozenset()  # fields whose options are malformed: their types are not asked about them

    def tree(self, kind: str, name: str) -> Node:
        """Return the located tree of a definition."""
        return self.merged[kind, name].node

    def expression(
        self, found: Expression, object_name: str | None, want: Type | None, roots: Mapping[str, Root]
    ) -> Checked | None:
        """Check an expression of the set and place its faults; None where its text was faulty before."""
        return self.judge(
            found, check_expression(found.text, Scope(self.schema, object_name, roots), self.kinds.functions, want=want)
        )

    def judge(self, found: Expression, checked: Checked) -> Checked | None:
        """Place the faults of a check made before."""
        if checked.faults and (found.mark.file, found.mark.path) in self.told:
            return None
        for fault in checked.faults:
            self.faults.add(fault.code, fault.message, placed(found, fault), hint=fault.hint, severity=fault.severity)
        return checked

    def unknown(self, code: str, what: Text, name: str, mark: Mark, known: Iterable[str]) -> None:
        """Add the fault of a name that nothing answers to."""
        shown = clip(name)
        message = Text(zh=f"没有{what.zh} {shown}", en=f"there is no {what.en} {shown}")
        self.faults.add(code, message, mark, hint=near_miss(name, known))


def placed(found: Expression, fault: ExpressionFault) -> Mark:
    """Return the place of an expression's fault in its file."""
    mark = found.mark
    before = found.text[: fault.start]
    lines = before.count("\n")
    if lines:
        return Mark(mark.file, mark.line + lines, 1, mark.path)
    return Mark(mark.file, mark.line, mark.column + fault.start, mark.path)


def below(node: Node | None, *keys: str) -> Node:
    """Return the node at ``keys`` below another one; the deepest there is where the path ends early."""
    here = node if node is not None else _NOWHERE
    for key in keys:
        child = here.map.get(key)
        if child is None:
            return here
        here = child
    return here


def item(node: Node | None, *keys_and_text: str) -> Mark:
    """Return the place of the list item or key that reads like the last argument, below the keys before it."""
    *keys, wanted = keys_and_text
    found = below(node, *keys)
    for child in found.items:
        if child.text == wanted:
            return child.mark
    if wanted in found.map:
        return found.map[wanted].key_mark
    return found.mark


def roots_of(model: Model, object_name: str, *, rule: bool = False) -> Mapping[str, Type]:
    """Return the roots of an object's own expressions: ``me``; in a ``rule`` over a change also ``old`` and ``record``. (A line reads its
    parent over its own link; ``parent.`` is the record outside of an aggregate.)"""
    roots = {"me": Type(Base.LINK, ("user",))} if "user" in model.objects else {}
    if rule:
        roots["old"] = roots["record"] = Type(Base.LINK, (object_name,))
    return roots


def follow(schema: Schema, object_name: str, path: str) -> tuple[Type | None, str, str]:
    """Return the type at the end of a dotted path; where it fails, None with the step and the object it failed at."""
    here: tuple[str, ...] = (object_name,)
    found: Type | None = None
    for step in path.split("."):
        members = [schema.members(name) or {} for name in here] or [{}]
        if not all(step in names for names in members):
            return None, step, here[0] if here else ""
        found = members[0][step]
        here = found.objects if found.base is Base.LINK else ()
    return found, "", ""
