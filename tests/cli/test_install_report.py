"""How many of the rows that stand against a plan a person and a program are told."""

from __future__ import annotations

from engine.cli.install_report import problem_lines, problems_json
from engine.publishing.steps import Problem
from metamodel.text import Text


def rows(count: int) -> list[Problem]:
    """Return that many rows whose value does not convert."""
    reason = Text(zh="不是数字", en="no number")
    return [Problem("NOT_CONVERTIBLE", "item", "size", one, "wide", reason) for one in range(1, count + 1)]


def test_a_terminal_shows_the_first_twenty_rows_and_counts_the_rest() -> None:
    lines = list(problem_lines(rows(60), 60, "en"))
    assert len(lines) == 21
    assert lines[19].startswith("  ! item/20  size 'wide'  NOT_CONVERTIBLE")
    assert lines[20] == "  … and 40 more"
    assert list(problem_lines(rows(60), 60, "zh"))[20] == "  ……另有 40 行"


def test_few_rows_are_all_shown_and_rows_that_nobody_listed_are_counted() -> None:
    assert len(list(problem_lines(rows(20), 20, "en"))) == 20
    assert list(problem_lines(rows(1000), 54_321, "en"))[-1] == "  … and 54,301 more"


def test_json_lists_the_first_thousand() -> None:
    assert [one["record"] for one in problems_json(rows(60))] == list(range(1, 61))
    assert len(problems_json(rows(2500))) == 1000
