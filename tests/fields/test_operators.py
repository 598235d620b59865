"""The filter bar's operators write expressions that hold, whatever is typed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields import field_kinds
from engine.fields.base import ValueFault
from engine.fields.literals import quoted
from engine.fields.operators import OPERATORS, filter_expression
from metamodel.expressions.lexer import read_tokens
from tests.fields.support import CHINESE, a_field

TODAY = date(2024, 3, 5)  # a Tuesday


def written(kind: str, operator: str, *values: str, **options: object) -> str:
    return filter_expression(a_field(kind, options), operator, values, CHINESE, today=TODAY)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (written("text", "contains", "榫卯"), 'CONTAINS(x, "榫卯")'),
        (written("text", "eq", 'say "hi"'), 'x = "say ""hi"""'),
        (written("text", "in", "a", "b"), 'x in ("a", "b")'),
        (written("money", "ge", "1.2万"), "x >= 12000.00"),
        (written("money", "between", "1", "2"), "(x >= 1.00 and x <= 2.00)"),
        (written("percent", "lt", "13%"), "x < 0.13"),
        (written("integer", "eq", "-5"), "x = -5"),
        (written("boolean", "yes"), "x = TRUE"),
        (written("choice", "in", "华北", "old", choices="region"), 'x in ("north", "old")'),
        (written("user", "me"), "x = me"),
        (written("link", "eq", "7", to="customer"), "x = 7"),
        (written("date", "on", "2024/3/5"), '(x >= "2024-03-05" and x < "2024-03-06")'),
        (written("date", "before", "2024-03-05"), 'x < "2024-03-05"'),
        (written("date", "after", "2024-03-05"), 'x >= "2024-03-06"'),
        (written("datetime", "between_days", "2024-03-01", "2024-03-31"), '(x >= "2024-03-01" and x < "2024-04-01")'),
        (written("date", "this_week"), '(x >= "2024-03-04" and x < "2024-03-11")'),
        (written("date", "last_month"), '(x >= "2024-02-01" and x < "2024-03-01")'),
        (written("date", "this_quarter"), '(x >= "2024-01-01" and x < "2024-04-01")'),
        (written("date", "last_quarter"), '(x >= "2023-10-01" and x < "2024-01-01")'),
        (written("date", "last_year"), '(x >= "2023-01-01" and x < "2024-01-01")'),
        (written("date", "last_days", "7"), '(x >= "2024-02-28" and x < "2024-03-06")'),
        (written("date", "next_days", "7"), '(x >= "2024-03-05" and x < "2024-03-12")'),
        (written("text", "blank"), "ISBLANK(x)"),
    ],
)
def test_expressions(found: str, expected: str) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("kind", "operator", "values"),
    [
        ("text", "gt", ["a"]),
        ("text", "nonsense", ["a"]),
        ("text", "contains", []),
        ("text", "blank", ["a"]),
        ("money", "eq", ["x"]),
        ("money", "between", ["1"]),
        ("date", "on", ["03/04/2024"]),
        ("date", "last_days", ["0"]),
        ("date", "last_days", ["1.5"]),
        ("date", "last_days", []),
        ("user", "eq", ["李雷"]),
        ("boolean", "yes", ["true"]),
    ],
)
def test_what_can_not_be_read_is_refused(kind: str, operator: str, values: list[str]) -> None:
    with pytest.raises(ValueFault):
        filter_expression(a_field(kind), operator, values, CHINESE, today=TODAY)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_quoted_text_is_one_literal_of_the_language(text: str) -> None:
    words = [token for token in read_tokens(quoted(text)) if token.kind != "end"]
    assert len(words) == 1
    assert words[0].value == (text or None)


@given(
    st.sampled_from(sorted(OPERATORS)),
    st.sampled_from(sorted(field_kinds())),
    st.lists(st.text(max_size=12), max_size=3),
)
def test_nothing_but_a_value_fault_comes_of_any_filter(operator: str, kind: str, values: list[str]) -> None:
    options = {"choice": {"choices": "region"}, "link": {"to": "customer"}, "lines": {"of": "quote_line"}}.get(kind, {})
    try:
        found = filter_expression(a_field(kind, options), operator, values, CHINESE, today=TODAY)
    except ValueFault:
        return
    assert "x" in found
