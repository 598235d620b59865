"""What SQL looks like where it matters: conditions that indexes serve, parameters for statements that are built once, no rising cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.expressions.functions import FUNCTIONS
from engine.expressions.sql import SqlMoment, compile_condition, compile_sql
from metamodel.expressions.checker import Scope, check_expression
from metamodel.expressions.types import BOOLEAN, DATETIME, NUMBER, TEXT, Base, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expressions.values import Moment
    from metamodel.expressions.typed import TypedExpression

MEMBERS = {
    "name": TEXT,
    "amount": NUMBER,
    "small": Type(Base.NUMBER, digits=9),
    "stage": Type(Base.CHOICE, names=("won", "lost")),
    "at": DATETIME,
    "hot": BOOLEAN,
    "firm": Type(Base.LINK, names=("firm",)),
}


class Columns:
    """A table's columns as schema and scope at once."""

    def __init__(self, table: sa.TableClause) -> None:
        self.table = table

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return the members of the one object."""
        return MEMBERS if object_name == "deal" else None

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[object]:
        """Return a column."""
        return self.table.c[path[0]]

    def rows(self, path: tuple[str, ...]) -> tuple[None, None, Columns]:
        """Return the rows of the statement itself."""
        assert path == ("rows",)
        return None, None, self


TABLE = sa.table("deal", sa.column("id", sa.BigInteger), *(sa.column(name) for name in MEMBERS))
COLUMNS = Columns(TABLE)
NOW = "CAST(%(param_1)s::TIMESTAMP WITH TIME ZONE AS TIMESTAMP WITH TIME ZONE)"


def typed(text: str) -> TypedExpression:
    """Check an expression on the table."""
    names = {"me": Type(Base.LINK, ("user",)), "rows": Type(Base.ROWS, ("deal",))}
    checked = check_expression(text, Scope(COLUMNS, "deal", names), FUNCTIONS)
    assert checked.expression is not None, [fault.message.en for fault in checked.faults]
    return checked.expression


def shown(element: sa.ColumnElement[object]) -> str:
    """Return the SQL text of an element."""
    return str(element.compile(dialect=postgresql.dialect()))


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ('stage = "won"', "(deal.stage = %(param_1)s)"),
        ('stage in ("won", "lost")', "(deal.stage IN (%(param_1)s, %(param_2)s))"),
        ('stage <> "won"', "(deal.stage IS DISTINCT FROM %(param_1)s)"),
        ('not (stage = "won")', "(NOT (deal.stage IS NOT DISTINCT FROM %(param_1)s))"),
        ("at = NOW()", f"(deal.at = {NOW} OR ({NOW} IS NULL AND deal.at IS NULL))"),  # an index serves it
        ("firm = 5", "(deal.firm = %(param_1)s::BIGINT)"),  # an index serves it
        ("firm in (5, 7)", "((deal.firm = %(param_1)s::BIGINT) OR (deal.firm = %(param_2)s::BIGINT))"),
        ("firm = 1.5", "((deal.firm::numeric) = %(param_1)s)"),
        ("amount > 5", "(deal.amount > %(param_1)s)"),
        ("name = BLANK", "(deal.name IS NULL)"),
        ("hot and amount > 5", "(deal.hot AND (deal.amount > %(param_1)s))"),
        ("IDLE(COALESCE(at, NOW())) > 14d", None),
        # Text goes by code point, whatever order the database's own collation has.
        ('name < "b"', '(deal.name COLLATE "C" < %(param_1)s COLLATE "C")'),
        ('name >= "b"', '(deal.name COLLATE "C" >= %(param_1)s COLLATE "C")'),
        ('STARTSWITH(name, "b")', "(deal.name IS NOT NULL AND starts_with(deal.name, %(param_1)s))"),
        ('STARTSWITH(name, "")', "starts_with(coalesce(deal.name, ''), coalesce(CAST(NULL AS TEXT), ''))"),
        ("small * 2 > 100", "((deal.small * %(param_1)s) > %(param_2)s)"),
    ],
)
def test_conditions_stay_plain(text: str, sql: str | None, moment: Moment) -> None:
    found = shown(compile_condition(typed(text), COLUMNS, SqlMoment(moment)))
    assert sql is None or found.replace("::VARCHAR", "") == sql
    assert "now()" not in found.lower()


def test_a_statement_without_a_moment_takes_parameters(moment: Moment) -> None:
    later = SqlMoment()
    text = shown(compile_condition(typed("at < NOW() - 14d"), COLUMNS, later))
    values = later.values(moment)
    assert len(values) == 1
    assert all(f"%({name})s" in text for name in values)


def test_metrics_become_plain_aggregates(moment: Moment) -> None:
    text = 'COUNT(rows, stage = "won") / COUNT(rows, stage in ("won", "lost"))'
    found = shown(compile_sql(typed(text), COLUMNS, SqlMoment(moment)))
    assert found.count("FILTER (WHERE") >= 2


def test_nesting_does_not_multiply_the_statement(moment: Moment, connection: sa.Connection) -> None:
    scope = Columns(sa.select(*(sa.cast(None, sa.Numeric).label(name) for name in ("id", *MEMBERS))).subquery("deal"))
    lengths = []
    for depth in (5, 10, 20):
        text = "amount"
        for _ in range(depth):
            text = f"ROUNDUP(({text} / 3) * amount, 2)"
        statement = sa.select(compile_sql(typed(text), scope, SqlMoment(moment)))
        lengths.append(len(shown(statement)))
        assert connection.execute(statement).scalar() is None
    assert lengths[2] < 5 * lengths[0]


@pytest.mark.parametrize(
    "text",
    [
        "amount" + " + amount" * 400,
        "name" + " & name" * 400,
        "hot" + " and hot" * 400,
        "(" * 60 + "amount" + " * amount)" * 60,
    ],
)
def test_long_expressions_run(text: str, moment: Moment, connection: sa.Connection) -> None:
    columns = [
        sa.cast(None, sa.Boolean if name == "hot" else sa.Text if name == "name" else sa.Numeric).label(name)
        for name in ("id", *MEMBERS)
    ]
    scope = Columns(sa.select(*columns).subquery("deal"))
    connection.execute(sa.select(compile_sql(typed(text), scope, SqlMoment(moment)))).scalar()


def test_statements_with_expressions_are_cached(moment: Moment) -> None:
    def key(text: str) -> object:
        found = sa.select(compile_sql(typed(text), COLUMNS, SqlMoment(moment)))._generate_cache_key()
        assert found is not None
        return found.key

    assert key("amount / 3 > 1") == key("amount / 3 > 2")
    assert key("amount / 3 > 1") != key("amount / 3 < 1")
