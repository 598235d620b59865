"""The SQL machine: a checked expression compiled to a PostgreSQL column expression."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import sqlalchemy as sa

from engine.expressions.fragments import Builder, Fragment, element_of, of
from engine.expressions.functions import FUNCTIONS
from engine.expressions.sql_aggregates import aggregate
from engine.expressions.sql_moment import SQL_TYPES, SqlMoment
from engine.expressions.sql_operations import CHAINED, OPERATIONS
from metamodel.expressions.typed import Aggregate, Apply, Case, Constant, Operation, Path, Typed, TypedExpression
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expressions.functions.base import Function

__all__ = ["SqlMoment", "SqlScope", "compile_condition", "compile_sql"]


class SqlScope(Protocol):
    """Where columns come from. The caller makes the joins or subqueries.

    Types of the columns: text and names of choices TEXT, numbers any numeric type, booleans, DATE, TIMESTAMPTZ, links BIGINT, durations
    NUMERIC[] of months, days, seconds, workdays. Texts are never empty.
    """

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        """Return the column at ``path``."""
        ...

    def rows(self, path: tuple[str, ...]) -> tuple[sa.FromClause | None, sa.ColumnElement[bool] | None, SqlScope]:
        """Return what an aggregate selects from, the condition that ties it to this record, and the scope of its rows. None in place
        of the first makes a plain aggregate over the rows of the enclosing statement (metrics: ``rows``). ``(ALL, object)`` are all
        records of an object."""
        ...


@runtime_checkable
class PartedScope(Protocol):
    """A scope that knows which columns a value lies in."""

    def parts(self, path: tuple[str, ...]) -> list[sa.ColumnElement[Any]]:
        """Return the columns that the value at ``path`` lies in, where it lies in several; else none."""
        ...


def compile_sql(
    expression: TypedExpression, scope: SqlScope, moment: SqlMoment, functions: Mapping[str, Function] | None = None
) -> sa.ColumnElement[Any]:
    """Compile to a column expression. It never raises in the database for any values of the right types."""
    machine = SqlMachine(scope, moment, functions or FUNCTIONS)
    return element_of(machine.compile(expression.tree), SQL_TYPES[expression.type.base])


def compile_condition(
    expression: TypedExpression, scope: SqlScope, moment: SqlMoment, functions: Mapping[str, Function] | None = None
) -> sa.ColumnElement[bool]:
    """Compile a condition for WHERE: where it must hold, ``=`` stays plain so that indexes serve."""
    machine = SqlMachine(scope, moment, functions or FUNCTIONS)
    return element_of(machine.condition(expression.tree), sa.Boolean())


class SqlMachine:
    """One compilation. ``scopes`` are the records read, the innermost last."""

    def __init__(self, scope: SqlScope, moment: SqlMoment, functions: Mapping[str, Function]) -> None:
        self.scopes = [scope]
        self.moment = moment
        self.functions = functions
        self.q = Builder()

    def compile(self, tree: Typed) -> Fragment:
        """Compile to the fragment that gives the value."""
        if self.moment.folds and not isinstance(tree, Constant) and self.is_constant(tree):
            return of(self.moment.bind(tree))
        if isinstance(tree, Constant):
            return self._constant(tree)
        if isinstance(tree, Path):
            return self._path(tree)
        if isinstance(tree, Case):
            return self._case(tree)
        if isinstance(tree, Apply):
            return self._apply(tree)
        if isinstance(tree, Aggregate):
            return aggregate(self, tree)
        return self._operation(tree)

    def is_constant(self, tree: Typed) -> bool:
        """Whether a part reads no column here: its value can be computed in Python and bound."""
        return self.moment.is_constant(tree, len(self.scopes) - 1)

    def truth(self, tree: Typed) -> Fragment:
        """Compile a condition to TRUE or FALSE, never NULL."""
        found = self.compile(tree)
        return found if found.total else self.q("coalesce({}, FALSE)", found, total=True)

    def condition(self, tree: Typed) -> Fragment:
        """Compile a condition that stands where only TRUE counts: NULL may stand for FALSE, and comparisons may be plain."""
        if isinstance(tree, Operation):
            if tree.name in {"and", "or"}:
                joint = f" {tree.name.upper()} "
                return self.q("({})", self.q.join(joint, [self.condition(operand) for operand in tree.operands]))
            plain = self._plain_comparison(tree)
            if plain is not None:
                return plain
        found = self.compile(tree)
        return self.q("({} IS TRUE)", found) if isinstance(tree, Constant) else found

    def _plain_comparison(self, tree: Operation) -> Fragment | None:
        tree = _by_ids(tree)
        if tree.name in {"lt", "le", "gt", "ge"} and tree.operands[0].type.base is not Base.DURATION:
            plain, bounds = OPERATIONS[f"plain_{tree.name}"](self, tree), self._bounds(tree)
            return plain if bounds is None else self.q("({} AND {})", bounds, plain)
        if tree.name == "has":
            return OPERATIONS["plain_has"](self, tree)  # an index serves it
        constant = all(isinstance(operand, Constant) and operand.value is not None for operand in tree.operands[1:])
        if tree.name == "eq" and constant and tree.operands[0].type.base is not Base.DURATION:
            return self.q("({} = {})", self.compile(tree.operands[0]), self.compile(tree.operands[1]))
        if tree.name == "in" and constant and tree.operands[0].type.base is not Base.DURATION:
            items = self.q.join(", ", [self.compile(operand) for operand in tree.operands[1:]])
            return self.q("({} IN ({}))", self.compile(tree.operands[0]), items)
        return self._equal_to_known(tree) if tree.name == "eq" else None

    def _equal_to_known(self, tree: Operation) -> Fragment | None:
        """Return that a column equals what is known only when the statement runs (``me``), and may be blank then: an index serves it."""
        for value, known in (tree.operands, tree.operands[::-1]):
            if isinstance(known, Constant) or not isinstance(value, Path):
                continue
            if self.is_constant(known) and not self.is_constant(value):
                x, y = self.compile(value), self.compile(known)
                if x.atomic and y.atomic and value.type.base is not Base.DURATION:
                    return self.q("({} = {} OR ({} IS NULL AND {} IS NULL))", x, y, y, x)
        return None

    def _bounds(self, tree: Operation) -> Fragment | None:
        """Return what a function's value being at most something says of plain columns, for an index to serve."""
        value, most = tree.operands if tree.name in {"lt", "le"} else reversed(tree.operands)
        function = self.functions[value.function] if isinstance(value, Apply) else None
        if function is None or function.below is None or not self.is_constant(most):
            return None
        found: Fragment | None = function.below(self, value, most)
        return found

    def parts(self, tree: Typed) -> list[sa.ColumnElement[Any]]:
        """Return the columns that a field's value lies in, where it lies in several; else none."""
        if not isinstance(tree, Path) or self.is_constant(tree):
            return []
        scope = self.scopes[len(self.scopes) - 1 - tree.level]
        return scope.parts(tree.path) if isinstance(scope, PartedScope) else []

    def _constant(self, tree: Constant) -> Fragment:
        if tree.value is None:
            return Fragment((f"CAST(NULL AS {SQL_NAMES[tree.type.base]})",), atomic=True)
        if isinstance(tree.value, bool):
            return Fragment(("TRUE" if tree.value else "FALSE",), atomic=True, total=True)
        return of(self.moment.literal(tree.value, tree.type), total=True)

    def _path(self, tree: Path) -> Fragment:
        if self.moment.is_known(tree, tree.level, len(self.scopes) - 1):
            return of(self.moment.bind(tree))
        return of(self.scopes[len(self.scopes) - 1 - tree.level].column(tree.path))

    def _case(self, tree: Case) -> Fragment:
        parts: list[Fragment] = []
        for condition, result in tree.branches:
            parts += [self.condition(condition), self.compile(result)]
        last = self.compile(tree.otherwise)
        body = "CASE" + " WHEN {} THEN {}" * len(tree.branches) + " ELSE {} END"
        return self.q(f"({body})", *parts, last, total=last.total and all(part.total for part in parts[1::2]))

    def _apply(self, tree: Apply) -> Fragment:
        function = self.functions[tree.function]
        if function.sql is None:
            raise TypeError(f"{function.name} has no translation to SQL")
        arguments = [self._argument(argument, function) for argument in tree.arguments]
        extra = () if function.prepare is None else (tree.extra,)
        found = function.sql(self, *arguments, *extra)
        return self.q("nullif({}, '')", found) if tree.type.base is Base.TEXT else found

    def _argument(self, tree: Typed, function: Function) -> Fragment:
        found = self.compile(tree)
        if tree.type.base in {Base.TEXT, Base.CHOICE} and not function.sees_blank and not found.total:
            return replace(self.q("coalesce({}, '')", found, total=True), bare=found)
        return found

    def _operation(self, tree: Operation) -> Fragment:
        """Compile an operation; a chain leaning to the left in a loop."""
        steps = [tree]
        while (
            isinstance(first := steps[-1].operands[0], Operation)
            and first.name in CHAINED
            and steps[-1].name in CHAINED
        ):
            if self.moment.folds and self.is_constant(first):
                break
            steps.append(first)
        if len(steps) == 1:
            return OPERATIONS[tree.name](self, tree)
        value = self.compile(steps[-1].operands[0])
        for step in reversed(steps):
            value = CHAINED[step.name](self, step, value, self.compile(step.operands[1]))
        return value


def _by_ids(tree: Operation) -> Operation:
    """Return a comparison of a link with known numbers as one of ids, which an index serves; any other as it is."""
    first, *others = tree.operands
    if tree.name not in {"eq", "in"} or not isinstance(first, Operation) or first.name != "link_number":
        return tree
    link = first.operands[0]
    ids = [_id(one.value) if isinstance(one, Constant) else None for one in others]
    found = tuple(Constant(one, link.type) for one in ids if one is not None)
    return replace(tree, operands=(link, *found)) if len(found) == len(others) else tree


def _id(value: object) -> int | None:
    return int(value) if isinstance(value, Decimal) and abs(value) < 2**63 and value == int(value) else None


SQL_NAMES = {
    Base.TEXT: "TEXT",
    Base.CHOICE: "TEXT",
    Base.NUMBER: "NUMERIC",
    Base.BOOLEAN: "BOOLEAN",
    Base.DATE: "DATE",
    Base.DATETIME: "TIMESTAMPTZ",
    Base.DURATION: "NUMERIC[]",
    Base.LINK: "BIGINT",
    Base.LIST: "TEXT[]",
    Base.BLANK: "TEXT",
    Base.ANY: "TEXT",
    Base.ROWS: "TEXT",
}
