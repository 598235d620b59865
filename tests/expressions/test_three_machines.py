"""The law of the language: Python, PostgreSQL and JavaScript give the same value, whatever the expression and the record."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.expressions.cases import evaluate_cases, read_case
from engine.expressions.values import Calendar
from engine.expressions.wire import write_value
from metamodel.expressions.faults import ExpressionFault
from tests.expressions.generate import cases

if TYPE_CHECKING:
    import sqlalchemy as sa

    from engine.expressions.node import Node
    from engine.expressions.values import Moment

CALENDARS = (
    Calendar(frozenset({date(2026, 1, 1)}), frozenset({date(2026, 2, 14)})),
    Calendar(),
    Calendar(
        frozenset(date(2024, 2, 5) + timedelta(n) for n in range(40)), frozenset({date(2024, 2, 18), date(2024, 3, 3)})
    ),
    Calendar(frozenset({date(2024, 3, 6), date(2023, 1, 4)}), frozenset({date(2024, 2, 29)}), frozenset({2})),
    Calendar(week=frozenset(range(7))),
)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
BATCH = 12
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


def agree(written: list[dict[str, Any]], moment: Moment, connection: sa.Connection, node: Node) -> None:
    """Evaluate cases in all three machines, SQL with and without computing constants beforehand, and demand one value of each."""
    read = [read_case(case, moment) for case in written]
    faults = [
        (case["expr"], fault.message.en)
        for case, one in zip(written, read, strict=True)
        for fault in one.faults
        if one.expression is None
    ]
    assert not faults, faults
    python = [write_value(value) for value in evaluate_cases(read, "python")]
    browser = evaluate_cases(read, "browser", node=node)
    for place, (one, value) in enumerate(zip(read, browser, strict=True)):
        if one.expression is not None and one.expression.depends.picks:
            assert isinstance(value, ExpressionFault)  # PICK is for the server
            browser[place] = evaluate_cases([one], "python")[0]
    for name, found in (
        ("browser", browser),
        ("sql", evaluate_cases(read, "sql", connection, folds=False)),
        ("sql folded", evaluate_cases(read, "sql", connection)),
    ):
        different = [
            f"{name}: {case['expr']} = {write_value(other)!r}, Python {own!r}; with { {k: v for k, v in case['with'].items() if k in case['expr']} }"
            for case, own, other in zip(written, python, found, strict=True)
            if own != write_value(other)
        ]
        assert not different, "\n".join(different)


@settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
@given(st.lists(cases(), min_size=BATCH, max_size=BATCH), st.sampled_from(ZONES), st.sampled_from(CALENDARS))
def test_any_expression(
    moment: Moment,
    connection: sa.Connection,
    node: Node,
    written: list[dict[str, Any]],
    zone: str,
    worked: Calendar,
) -> None:
    agree(written, replace(moment, home=ZoneInfo(zone), calendar=worked), connection, node)


@pytest.mark.soak
@settings(max_examples=int(os.environ.get("TENON_SOAK", "2000")), deadline=None, suppress_health_check=QUIET)
@given(st.lists(cases(4), min_size=BATCH, max_size=BATCH), st.sampled_from(ZONES), st.sampled_from(CALENDARS))
def test_any_expression_for_long(
    moment: Moment,
    connection: sa.Connection,
    node: Node,
    written: list[dict[str, Any]],
    zone: str,
    worked: Calendar,
) -> None:
    agree(written, replace(moment, home=ZoneInfo(zone), calendar=worked), connection, node)
