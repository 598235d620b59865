"""Roots beside the record's own names: candidates, groups, named records, values by themselves; in Python, and in SQL known or joined."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.expressions.functions import FUNCTIONS
from engine.expressions.python import compile_python
from engine.expressions.roots import Known, RootScope, Single
from engine.expressions.sql import SqlMoment, compile_condition, compile_sql
from engine.expressions.sql_aggregates import KnownRowsError
from metamodel.expressions.checker import Scope, check_expression
from metamodel.expressions.types import ANY, BOOLEAN, NUMBER, TEXT, Base, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.expressions.values import Moment
    from metamodel.expressions.typed import TypedExpression

USER, QUOTE, CUSTOMER = (Type(Base.LINK, (name,)) for name in ("user", "quote", "customer"))
OBJECTS: dict[str, dict[str, Type]] = {
    "quote": {"id": NUMBER, "amount": NUMBER, "region": TEXT, "customer": CUSTOMER, "owner": USER, "request": TEXT, "lines": Type(Base.ROWS, ("line",))},
    "customer": {"id": NUMBER, "region": TEXT},
    "user": {"id": NUMBER, "region": TEXT, "manager": USER, "limit": NUMBER},
    "line": {"id": NUMBER, "price": NUMBER, "user": TEXT},
}  # fmt: skip
NAMES: dict[str, Any] = {
    "me": USER, "user": USER, "record": QUOTE, "old": QUOTE, "request": QUOTE, "value": NUMBER, "body": ANY, "group": {"region": TEXT, "n": NUMBER},
}  # fmt: skip


class Shop:
    """A small schema."""

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return an object's members."""
        return OBJECTS.get(object_name)


SCOPE = Scope(Shop(), "quote").bind(**NAMES)
LINES = [Known({"price": Decimal(price), "user": "x"}) for price in (3, 4)]
RECORD = Known(
    {"id": 5, "amount": Decimal(900), "region": "east", "customer": 2, "customer.region": "west", "owner": 1, "request": "own"},
    {"lines": LINES},
)  # fmt: skip
USERS = sa.values(
    sa.column("id", sa.BigInteger), sa.column("region", sa.Text), sa.column("limit", sa.Numeric), name="users"
).data([(1, "east", Decimal(100)), (2, "west", Decimal(1000)), (3, None, Decimal(5000))])


class Users:
    """The candidates as a table."""

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        """Return a column."""
        return USERS.c[path[0]]

    def rows(self, path: tuple[str, ...]) -> Any:
        """Return nothing: there are none."""
        raise KeyError(path)


def typed(text: str, want: Type | None = None) -> TypedExpression:
    """Check an expression with all roots."""
    checked = check_expression(text, SCOPE, FUNCTIONS, want=want)
    assert checked.expression is not None, [fault.message.en for fault in checked.faults]
    return checked.expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("user.region = record.customer.region", True),
        ("user.region = customer.region", True),
        ("user = owner", False),
        ("user.manager", 1),
        ("old.amount < amount", True),
        ("value > 0.8 * group.n", True),
        ('group.region & "/" & request.region', "north/south"),
        ("COUNT(record.lines)", Decimal(2)),
        ("SUM(request.lines.price)", Decimal(0)),
        ("SUM(lines.price, price > group.n)", Decimal(0)),
        ('JOIN(lines.user, user = "x")', "x, x"),  # the row's own member comes first
        ("COUNT(lines, parent.request = request.region)", Decimal(0)),  # the field of the record above, and the root
        ('COUNT(lines, parent.request = "own")', Decimal(2)),
        ("MANAGER(user)", 1),
    ],
)
def test_in_python(moment: Moment, text: str, value: object) -> None:
    candidate = Known({"id": 2, "region": "west", "manager": 1, "limit": Decimal(1000)})
    known = moment.with_roots(
        user=candidate, record=RECORD, old=Known({"amount": Decimal(1)}), value=Single(Decimal(9)),
        group=Known({"region": "north", "n": Decimal(10)}), request=Known({"region": "south"}),
    )  # fmt: skip
    assert compile_python(typed(text))(RECORD, known) == value


def test_roots_are_noted() -> None:
    depends = typed("old.amount < amount and user.region = group.region and COUNT(request.lines) > 1").depends
    assert depends.roots == {"old", "user", "group", "request"}
    assert depends.needs == {"old"}
    assert typed("COUNT(lines, parent.request = BLANK)").depends.roots == set()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("user.region = record.customer.region", [2]),
        ("user.region = region", [1]),
        ("user.limit >= amount and user <> owner", [2, 3]),
        ("user.limit > SUM(lines.price) * 100", [2, 3]),
        ("user.limit > SUM(record.lines.price, price > 3) * 100", [2, 3]),
        ("ISBLANK(user.region) or user.region = group.region", [3]),
        ("user = owner", [1]),
    ],
)
@pytest.mark.parametrize("folds", [True, False])
@pytest.mark.parametrize("later", [True, False])
def test_which_users_match_a_record(
    moment: Moment, connection: sa.Connection, text: str, ids: list[int], *, folds: bool, later: bool
) -> None:
    known = moment.with_roots(record=RECORD, group=Known({"region": "north"}))
    surroundings = SqlMoment(None if later else known, folds=folds, known={"record", "group"})
    condition = compile_condition(typed(text, BOOLEAN), RootScope(None, {"user": Users()}), surroundings)
    statement = sa.select(USERS.c.id).where(condition).order_by(USERS.c.id)
    assert list(connection.execute(statement, surroundings.values(known)).scalars()) == ids
    python = compile_python(typed(text, BOOLEAN))
    assert [
        row.id
        for row in connection.execute(sa.select(USERS).order_by(USERS.c.id))
        if python(RECORD, known.with_roots(user=Known(dict(row._mapping))))
    ] == ids


def test_known_records_become_plain_parameters(moment: Moment) -> None:
    surroundings = SqlMoment(known={"record"})
    found = compile_condition(
        typed('user.region = record.customer.region & ""', BOOLEAN), RootScope(None, {"user": Users()}), surroundings
    )
    assert len(found.compile(dialect=postgresql.dialect()).params) == 1
    assert surroundings.values(moment.with_roots(record=RECORD)) == {"moment_0": "west"}


def test_rows_of_a_known_record_against_columns(moment: Moment) -> None:
    surroundings = SqlMoment(moment.with_roots(record=RECORD), known={"record"})
    with pytest.raises(KnownRowsError):
        compile_sql(
            typed("COUNT(record.lines, price > value)"), RootScope(None, {"value": sa.literal(4)}), surroundings
        )


def test_columns_by_root(moment: Moment, connection: sa.Connection) -> None:
    scope = RootScope(Users(), {"value": sa.literal(4, sa.Numeric), "user": Users()})
    element = compile_sql(typed("value + user.limit"), scope, SqlMoment(moment))
    assert connection.execute(sa.select(sa.func.sum(element))).scalar() == Decimal(6112)
    with pytest.raises(KeyError):
        RootScope(None, {}).column(("region",))
    with pytest.raises(KeyError):
        RootScope(None, {"value": sa.literal(4)}).rows(("value",))


def test_a_single_value_is_no_record() -> None:
    assert Single(7).get(("id",)) == 7
    assert list(Single(7).rows(("lines",))) == []
    with pytest.raises(KeyError):
        Single(7).get(("name",))
