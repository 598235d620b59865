"""How many of the rows that stand against a plan a person and a program are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.cli.install_report import problem_lines, problems_json
from engine.publishing.steps import Problem
from engine.transfer.jobs import Issue
from engine.transfer.report import write_issues
from metamodel.text import Text

if TYPE_CHECKING:
    from pathlib import Path


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


def test_one_of_each_kind_is_seen_however_many_there_are_of_another(tmp_path: Path) -> None:
    other = Problem("BLANK", "item", "name", 61, "", Text(zh="没有值", en="no value"))
    lines = list(problem_lines([*rows(60), other], 61, "en"))
    assert "item/61" in lines[1]
    assert (lines[0][9:10], lines[2][9:10], len(lines)) == ("1", "2", 21)
    wrong = [Issue(row, "Size", "wide", "NOT_A_NUMBER", Text(en="no number")) for row in range(2, 50)]
    count, shown = write_issues(
        tmp_path / "e.csv", [*wrong, Issue(50, "Name", "", "REQUIRED", Text(en="missing"))], "en"
    )
    assert (count, len(shown), [one.row for one in shown[:3]]) == (49, 20, [2, 50, 3])
    assert len((tmp_path / "e.csv").read_text(encoding="utf-8-sig").splitlines()) == 50
    assert write_issues(tmp_path / "e.csv", [], "en") == (0, [])
    assert not (tmp_path / "e.csv").exists()


def test_few_rows_are_all_shown_and_rows_that_nobody_listed_are_counted() -> None:
    assert len(list(problem_lines(rows(20), 20, "en"))) == 20
    assert list(problem_lines(rows(1000), 54_321, "en"))[-1] == "  … and 54,301 more"


def test_json_lists_the_first_thousand() -> None:
    assert [one["record"] for one in problems_json(rows(60))] == list(range(1, 61))
    assert len(problems_json(rows(2500))) == 1000
