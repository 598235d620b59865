"""``tenon eval``: the file format of the interfaces, every type of value, faults that are answers, bad lines that end nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from engine.cli.eval import RUNTIME, eval_

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from tests.conftest import Database

VALUES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"text": "榫卯"}, {"text": "榫卯"}),
    "long_text": ({"long_text": "a\nb"}, {"text": "a\nb"}),
    "blank text": ({"text": ""}, {"text": None}),
    "decimal": ({"decimal": "3.50"}, {"decimal": "3.5"}),
    "integer": ({"integer": 3}, {"decimal": "3"}),
    "money": ({"money": "1e3"}, None),
    "percent": ({"percent": "0.1"}, {"decimal": "0.1"}),
    "blank number": ({"decimal": None}, {"decimal": None}),
    "boolean": ({"boolean": True}, {"boolean": True}),
    "date": ({"date": "2024-02-29"}, {"date": "2024-02-29"}),
    "datetime with offset": ({"datetime": "2024-02-29T09:00+08:00"}, {"datetime": "2024-02-29T01:00:00Z"}),
    "datetime without": ({"datetime": "2024-02-29T09:00"}, {"datetime": "2024-02-29T01:00:00Z"}),
    "duration": ({"duration": "2w"}, {"duration": "14d"}),
    "workdays": ({"duration": "3wd"}, {"duration": "3wd"}),
    "choice": ({"choice": "won"}, {"choice": "won"}),
    "state": ({"state": "won"}, {"choice": "won"}),
    "link": ({"link": 7}, {"link": 7}),
    "user": ({"user": {"id": 7}}, {"link": 7}),
}  # fmt: skip


@pytest.fixture
def evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system_database: Database) -> Any:
    """``tenon eval`` on an installation of its own."""
    monkeypatch.setenv("TENON_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TENON_DATABASE_URL", system_database.url)
    monkeypatch.setenv("TENON_CALENDAR_HOLIDAYS", "2026-10-01..2026-10-07")
    monkeypatch.setenv("TENON_CALENDAR_MAKEUP", "2026-10-10")

    def run(*words: str, lines: list[str] | None = None, language: str = "en") -> Result:
        if lines is not None:
            (tmp_path / "cases.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
            words = ("--file", str(tmp_path / "cases.jsonl"), *words)
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8" if language == "zh" else "en_US.UTF-8")
        return CliRunner().invoke(click.Group("tenon", commands={"eval": eval_}), ["eval", *words])

    return run


def answers(result: Result) -> list[Any]:
    """Return what was printed, a line each."""
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("machine", ["python", "sql", "browser"])
def test_every_type_of_value(evaluate: Any, machine: str) -> None:
    lines = [json.dumps({"expr": "x", "with": {"x": given}}) for given, _ in VALUES.values()]
    result = evaluate("--in", machine, lines=lines)
    assert result.exit_code == 0, result.output
    for name, found in zip(VALUES, answers(result), strict=True):
        wanted = VALUES[name][1]
        assert found == {"value": wanted} if wanted else found["fault"]["code"] == "CASE_VALUE", (name, found)


@pytest.mark.parametrize("machine", ["python", "sql", "browser"])
def test_a_file_of_cases(evaluate: Any, machine: str) -> None:
    given = {
        "t": {"text": "榫卯"},
        "x": {"decimal": "3.5"},
        "d": {"date": "2024-02-29"},
        "b": {"boolean": True},
        "n": {"decimal": None},
    }
    lines = {
        json.dumps({"expr": "LEFT(t, 1)", "with": given}): {"value": {"text": "榫"}},
        json.dumps({"expr": "x * 2 + n", "with": given}): {"value": {"decimal": None}},
        json.dumps({"expr": "IF(b, d + 1y, d)", "with": given}): {"value": {"date": "2025-02-28"}},
        json.dumps({"expr": "NOW()", "now": "2026-01-05T09:00+08:00"}): {"value": {"datetime": "2026-01-05T01:00:00Z"}},
        json.dumps({"expr": "TODAY()", "now": "2026-01-05T23:30Z"}): {"value": {"date": "2026-01-06"}},
        json.dumps({"expr": "DATE(2026, 9, 30) + 1wd"}): {"value": {"date": "2026-10-08"}},
        json.dumps({"expr": "NETWORKDAYS(DATE(2026, 10, 1), DATE(2026, 10, 11))"}): {"value": {"decimal": "3"}},
        json.dumps({"expr": "SUM(r.n)", "with": {"r": {"rows": [{"n": {"decimal": "1.5"}}, {"n": {"decimal": "2"}}]}}}): {"value": {"decimal": "3.5"}},
    }  # fmt: skip
    result = evaluate("--in", machine, lines=list(lines))
    assert (result.exit_code, answers(result)) == (0, list(lines.values()))


def test_faults_are_answers(evaluate: Any) -> None:
    lines = ['{"expr": "amuont", "with": {"amount": {"decimal": 1}}}', '{"expr": "1 +"}', '{"expr": "1"}']
    result = evaluate(lines=lines)
    first, second, third = answers(result)
    assert result.exit_code == 0
    assert first["fault"] | {"message": ""} == {
        "code": "EXPR_UNKNOWN_NAME", "message": "", "hint": "did you mean amount?", "start": 0, "end": 6,
    }  # fmt: skip
    assert second["fault"]["code"] == "EXPR_UNFINISHED"
    assert third == {"value": {"decimal": "1"}}


def test_bad_lines_are_told_by_number_and_end_nothing(evaluate: Any) -> None:
    lines = [
        '{"expr": "1"}',
        "",
        "{",
        '{"expr": 1}',
        '{"expr": "x", "with": {"x": {"date": "2024-02-30"}}}',
        "[" * 5000,
        '{"expr": "2"}',
    ]
    result = evaluate(lines=lines)
    found = answers(result)
    assert result.exit_code == 1
    assert (found[0], found[-1]) == ({"value": {"decimal": "1"}}, {"value": {"decimal": "2"}})
    told = [answer["fault"]["message"] for answer in found[1:-1]]
    assert [re.findall(r"line ([0-9]+)", message) for message in told] == [["3"], ["4"], ["5"], ["6"]], told
    assert "2 lines are no JSON" in result.stderr


def test_one_expression(evaluate: Any) -> None:
    assert answers(evaluate("1 / 3")) == [{"value": {"decimal": "0.333333333333"}}]
    faulty = evaluate("1 +")
    assert (faulty.exit_code, answers(faulty)[0]["fault"]["code"]) == (1, "EXPR_UNFINISHED")
    for words in ((), ("1", "--object", "user"), ("--object", "user", "--record", "1")):
        assert evaluate(*words).exit_code == 2


def test_the_runtime_goes_with_the_package() -> None:
    assert RUNTIME.is_file()
