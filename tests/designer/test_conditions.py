"""Conditions as rows: what rows say is read back as those rows, and what they can't say very same is left as it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.conditions import BLANK, FILLED, IN, NOT_IN, TRUE, Row, Rows, operators_of, read_rows, write_rows
from metamodel.expressions.types import Base

BASES = {"name": Base.TEXT, "amount": Base.NUMBER, "stage": Base.CHOICE, "due": Base.DATE, "urgent": Base.BOOLEAN}
VALUES = {
    Base.TEXT: st.text("ab\"' ,()=中%{}", max_size=8).map(str.strip),
    Base.NUMBER: st.sampled_from(["0", "12.50", "30%", "amount_2"]),
    Base.CHOICE: st.sampled_from(["won", "lost"]),
    Base.DATE: st.sampled_from(["2026-01-05", "TODAY()", "closed_on"]),
    Base.BOOLEAN: st.just(""),
}


@st.composite
def rows_of(draw: st.DrawFn) -> Row:
    """Return a row that a builder can show."""
    field = draw(st.sampled_from(list(BASES)))
    operator = draw(st.sampled_from(operators_of(BASES[field])))
    if operator in {BLANK, FILLED, TRUE, "false"}:
        return Row(field, operator)
    count = draw(st.integers(1, 3)) if operator in {IN, NOT_IN} else 1
    return Row(field, operator, tuple(draw(VALUES[BASES[field]]) for _ in range(count)))


@settings(max_examples=150, deadline=None)
@given(st.lists(rows_of(), min_size=1, max_size=5), st.sampled_from(["and", "or"]))
def test_rows_are_read_back_as_they_were_written(rows: list[Row], join: str) -> None:
    text = write_rows(rows, join, BASES)
    assert read_rows(text, BASES) == Rows(join if len(rows) > 1 else "and", tuple(rows))


@pytest.mark.parametrize(
    "text",
    [
        "name = customer.name",
        'stage = "won" and (amount > 1 or due < TODAY())',
        "stage = old.stage",
        "amount * 2 > 10",
        'name = "a" & "b"',
        "urgent = TRUE and name <> BLANK",
        "LEN(name) > 3",
        'stage in ("won", other)',
    ],
)  # fmt: skip
def test_what_rows_would_say_otherwise_stays_a_text(text: str) -> None:
    found = read_rows(text, BASES)
    assert found is None or read_rows(write_rows(found.rows, found.join, BASES), BASES) == found
    if found is not None:  # what is shown as rows says the very same again
        assert write_rows(found.rows, found.join, BASES) == text


def test_amounts_may_be_written_as_people_say_them() -> None:
    rows = [Row("amount", ">=", ("30万",)), Row("amount", "<", ("1.2亿",)), Row("amount", "<>", ("1,000.50",))]
    assert write_rows(rows, "and", BASES) == "amount >= 300000 and amount < 120000000 and amount <> 1000.50"
