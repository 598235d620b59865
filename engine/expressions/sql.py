"""The SQL machine: a checked expression compiled to a PostgreSQL column expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import sqlalchemy as sa

    from metamodel.expressions.typed import TypedExpression


class SqlScope(Protocol):
    """Where columns come from. The caller makes the joins or subqueries."""

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[object]:
        """Return the column at ``path``."""
        ...

    def rows(self, path: tuple[str, ...]) -> tuple[sa.FromClause | None, sa.ColumnElement[bool] | None, SqlScope]:
        """Return what an aggregate selects from, the condition that ties it to this record, and the scope of its rows. None in place
        of the first makes a plain aggregate over the rows of the enclosing statement (metrics: ``rows``)."""
        ...


class SqlMoment(Protocol):
    """Placeholder for the moment's values as bind parameters."""


def compile_sql(expression: TypedExpression, scope: SqlScope, moment: SqlMoment) -> sa.ColumnElement[object]:
    """Compile to a column expression."""
    raise NotImplementedError


def compile_condition(expression: TypedExpression, scope: SqlScope, moment: SqlMoment) -> sa.ColumnElement[bool]:
    """Compile a condition for WHERE: where it must hold, ``=`` stays plain so that indexes serve."""
    raise NotImplementedError
