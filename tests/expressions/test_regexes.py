"""REGEXMATCH: its subset means what Python's own engine says, in all three machines; nothing is slow; what is no pattern is a fault."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.expressions.cases import evaluate_cases, read_case
from engine.expressions.regexes import Pattern

if TYPE_CHECKING:
    import sqlalchemy as sa

    from engine.expressions.node import Node
    from engine.expressions.values import Moment

ATOMS = st.sampled_from(["a", "b", "榫", "😀", ".", "[ab]", "[^a]", "[a-c榫]", "\\d", "\\W", "\\.", "[\\d_-]", "\n"])
PARTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=0, max_size=3).map("".join),
        st.tuples(
            st.lists(inner, min_size=1, max_size=3), st.sampled_from(["", "?", "*", "+", "{2}", "{0,2}", "{1,}"])
        ).map(lambda pair: f"({'|'.join(pair[0])}){pair[1]}"),
    ),
    max_leaves=6,
)
PATTERNS = st.lists(
    st.tuples(st.sampled_from(["", "^"]), PARTS, st.sampled_from(["", "$"])).map("".join), min_size=1, max_size=2
).map("|".join)
TEXTS = st.text("ab榫😀1_.c\n", max_size=7)


def cases(pattern: str, texts: list[str]) -> list[dict[str, Any]]:
    """Return cases that ask for a pattern in texts."""
    written = pattern.replace('"', '""')
    return [{"expr": f'REGEXMATCH(t, "{written}")', "with": {"t": {"text": text}}} for text in texts]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(pattern="^(ab)+$", texts=["abab", "aba", "ab"])
@example(pattern="^a{2,}b*$", texts=["a", "aa", "aaaabb", "ab"])
@given(pattern=PATTERNS, texts=st.lists(TEXTS, min_size=1, max_size=6))
def test_all_say_what_python_says(
    moment: Moment, connection: sa.Connection, node: Node, pattern: str, texts: list[str]
) -> None:
    own = re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern), re.DOTALL | re.ASCII)
    wanted = [own.search(text) is not None for text in texts]
    read = [read_case(case, moment) for case in cases(pattern, texts)]
    for machine in ("python", "sql", "browser"):
        assert evaluate_cases(read, machine, connection, node) == wanted, (machine, pattern, texts)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "^(a+)+$", "(.*)(.*)(.*)(.*)x", "((a?){30}a{30})$"])
@pytest.mark.parametrize("machine", ["python", "sql", "browser"])
def test_no_pattern_is_slow(machine: str, pattern: str, moment: Moment, connection: sa.Connection, node: Node) -> None:
    read = [read_case(case, moment) for case in cases(pattern, ["a" * 5000 + "c"])]
    begun = time.process_time()
    assert evaluate_cases(read, machine, connection, node) == [False]
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    "pattern",
    ["(a", "a)", "[a", "[]", "[b-a]", "*", "a**", "a{3,2}", "a{201}", "a{x}", "(?=a)", "(?i)a", "\\1", "\\b", "\\p{L}", "a^", "($)", "]", "a{", "((a{200}){3})", "x" * 501, "\\"],
)  # fmt: skip
def test_what_is_no_pattern(pattern: str, moment: Moment) -> None:
    (read,) = [read_case(case, moment) for case in cases(pattern, [""])]
    assert read.expression is None
    assert [fault.code for fault in read.faults] == ["EXPR_ARGUMENTS"]


def test_the_pattern_is_written_out(moment: Moment) -> None:
    read = read_case({"expr": "REGEXMATCH(t, t)", "with": {"t": {"text": "a"}}}, moment)
    assert [fault.code for fault in read.faults] == ["EXPR_ARGUMENTS"]


def test_what_was_remembered_is_forgotten_in_time() -> None:
    pattern = Pattern("a.$")
    assert all(pattern.matches("a" + chr(code)) for code in range(1000, 8000))
    assert not pattern.matches("a")
