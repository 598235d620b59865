"""Division where PostgreSQL's own would round otherwise: it keeps sixteen digits or so, which is too few decimals of a large quotient,
and makes ties of small ones that are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.expressions.test_functions import run

if TYPE_CHECKING:
    import sqlalchemy as sa

    from engine.expressions.node import Node
    from engine.expressions.values import Moment


@pytest.mark.parametrize(
    ("left", "right", "value"),
    [
        ("1000000000000000000000", "7", "142857142857142857142.857142857143"),
        ("-1000000000000000000000", "7", "-142857142857142857142.857142857143"),
        ("123456789012345678", "0.07", "1763668414462081114.285714285714"),
        ("0.149999999999999999999", "100000000000", "0.000000000001"),
        ("0.15", "100000000000", "0.000000000002"),
        ("-0.15", "100000000000", "-0.000000000002"),
    ],
)
@pytest.mark.parametrize("machine", ["python", "sql", "browser"])
def test_twelve_decimals_ties_away_from_zero(
    machine: str, left: str, right: str, value: str, moment: Moment, connection: sa.Connection, node: Node
) -> None:
    given = {"x": {"decimal": left}, "y": {"decimal": right}}
    assert format(run("x / y", given, machine, moment, connection, node), "f") == value
