"""The typed checker: resolves names, infers types, takes the sugar out, and says everything that is wrong at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.scope import Scope
from metamodel.expressions.typed import Depends, TypedExpression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.expressions.signatures import FunctionLike
    from metamodel.expressions.types import Type

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
    raise NotImplementedError
