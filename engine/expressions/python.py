"""The Python machine: a checked expression compiled to a closure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.expressions.values import Moment, Reader, Value
    from metamodel.expressions.typed import TypedExpression

    Closure: TypeAlias = Callable[[Reader, Moment], Value]


def compile_python(expression: TypedExpression) -> Closure:
    """Compile to ``value = closure(reader, moment)``. Numbers are Decimal, links ids, BLANK is None. The closure never raises for any
    values of the right types."""
    raise NotImplementedError
