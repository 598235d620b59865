"""The typed checker: resolves names, infers types, takes the sugar out, and says everything that is wrong at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamodel.expressions.calls import infer_call
from metamodel.expressions.checking import Checking
from metamodel.expressions.conversion import convert
from metamodel.expressions.durations import Duration
from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.operators import infer_binary, infer_in, infer_unary
from metamodel.expressions.parser import parse_expression
from metamodel.expressions.scope import Scope
from metamodel.expressions.tree import Binary, InList, Literal, Name, Tree, Unary
from metamodel.expressions.typed import Constant, Depends, Typed, TypedExpression
from metamodel.expressions.types import BLANK, BOOLEAN, NUMBER, TEXT, Base, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.expressions.signatures import FunctionLike

__all__ = ["Checked", "ExpressionFault", "Scope", "check_expression"]


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check: the expression (None where a fault is an error), and the faults, warnings among them."""

    expression: TypedExpression | None
    faults: list[ExpressionFault] = field(default_factory=list)
    depends: Depends = field(default_factory=Depends)


def check_expression(
    text: str, scope: Scope, functions: Mapping[str, FunctionLike], *, want: Type | None = None
) -> Checked:
    """Check ``text`` in ``scope``. ``functions`` maps upper-case names to their records; ``want`` is the type that the place takes
    (a condition wants BOOLEAN): a value that fits after the language's own conversions is converted, any other is a fault."""
    try:
        tree = parse_expression(text)
    except ExpressionFault as fault:
        return Checked(None, [fault])
    checking = Checking(text, scope, functions, _infer)
    typed = checking.infer(tree)
    if typed is not None and want is not None:
        typed = convert(checking, typed, want, tree)
    depends = checking.depends()
    faults = sorted(checking.faults, key=lambda fault: (fault.start, fault.end))
    if typed is None or any(fault.severity == "error" for fault in faults):
        return Checked(None, faults, depends)
    key = (*scope.identity(), want)
    return Checked(TypedExpression(text, key, typed, depends), faults, depends)


def _infer(checking: Checking, tree: Tree) -> Typed | None:
    if isinstance(tree, Literal):
        return _literal(tree)
    if isinstance(tree, Name):
        return checking.read_name(tree)
    if isinstance(tree, Binary):
        return infer_binary(checking, tree)
    if isinstance(tree, Unary):
        return infer_unary(checking, tree)
    if isinstance(tree, InList):
        return infer_in(checking, tree)
    return infer_call(checking, tree)


def _literal(tree: Literal) -> Constant:
    value = tree.value
    if value is None:
        return Constant(None, TEXT if tree.is_text else BLANK)
    if isinstance(value, bool):
        return Constant(value, BOOLEAN)
    if isinstance(value, str):
        return Constant(value, TEXT)
    if isinstance(value, Duration):
        return Constant(value, Type(Base.DURATION, calendar=not value.seconds))
    return Constant(value, NUMBER)
