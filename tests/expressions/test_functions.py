"""Every function's examples, in all three machines; what a record must hold; the values that Excel gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import engine.expressions.functions as package
from engine.expressions.cases import evaluate_cases, read_case
from engine.expressions.functions import FUNCTIONS, discover
from engine.expressions.roots import Known
from engine.expressions.values import Calendar
from metamodel.expressions.faults import ExpressionFault

if TYPE_CHECKING:
    from types import ModuleType

    import sqlalchemy as sa

    from engine.expressions.node import Node
    from engine.expressions.values import Moment

MACHINES = ("python", "sql", "sql folded", "browser")
EXAMPLES = [(function.name, example) for function in FUNCTIONS.values() for example in function.examples]
# expression -> what Excel shows for it
EXCEL: dict[str, Any] = {
    "ROUND(2.15, 1)": "2.2", "ROUND(2.149, 1)": "2.1", "ROUND(-1.475, 2)": "-1.48", "ROUND(21.5, -1)": "20", "ROUND(626.3, -3)": "1000",
    "ROUND(-50.55, -2)": "-100", "ROUNDUP(76.9, 0)": "77", "ROUNDUP(3.14159, 3)": "3.142", "ROUNDUP(31415.92654, -2)": "31500",
    "ROUNDDOWN(76.9, 0)": "76", "ROUNDDOWN(31415.92654, -2)": "31400", "MOD(3, 2)": "1", "MOD(-3, 2)": "1", "MOD(3, -2)": "-1",
    "MOD(-3, -2)": "-1", "INT(-8.9)": "-9", "POWER(5, 2)": "25", "CEILING(1.5, 0.1)": "1.5", "CEILING(0.234, 0.01)": "0.24",
    "CEILING(-2.5, -2)": "-4", "FLOOR(-2.5, -2)": "-2", "FLOOR(1.58, 0.1)": "1.5", 'FIND("M", "Miriam McGovern")': "1",
    'FIND("m", "Miriam McGovern")': "6", 'FIND("M", "Miriam McGovern", 3)': "8", 'SEARCH("margin", "Profit Margin")': "8",
    'SEARCH("e", "Statements", 6)': "7", 'SEARCH("""", "The ""boss"" is here.")': "5",
    'SUBSTITUTE("Quarter 1, 2008", "1", "2", 1)': "Quarter 2, 2008", 'SUBSTITUTE("Quarter 1, 2011", "1", "2", 3)': "Quarter 1, 2012",
    'MID("Fluid Flow", 1, 5)': "Fluid", 'MID("Fluid Flow", 7, 20)': "Flow", 'TRIM(" First Quarter Earnings ")': "First Quarter Earnings",
    'TEXT(1234.567, "#,##0.00")': "1,234.57", 'TEXT(0.285, "0.0%")': "28.5%", 'TEXT(1234, "0000000")': "0001234", 'TEXT(5, "#.##")': "5.",
    'TEXT(0.5, "#.##")': ".5", "-2^2": "4", "2^3^2": "64", "WEEKDAY(DATE(2008, 2, 14))": "5", "WEEKDAY(DATE(2008, 2, 14), 2)": "4",
    "WEEKDAY(DATE(2008, 2, 14), 3)": "3", "WEEKNUM(DATE(2012, 3, 9))": "10", "WEEKNUM(DATE(2012, 3, 9), 2)": "11",
    "EDATE(DATE(2011, 1, 15), 1)": "2011-02-15", "EOMONTH(DATE(2011, 1, 1), -3)": "2010-10-31", "DATE(2008, 14, 2)": "2009-02-02",
    "DATE(2008, -3, 2)": "2007-09-02", "DATE(2008, 1, -15)": "2007-12-16", "DATE(108, 1, 2)": "2008-01-02",
    'DATEDIF(DATE(2001, 1, 1), DATE(2003, 1, 1), "Y")': "2", 'DATEDIF(DATE(2001, 6, 1), DATE(2002, 8, 15), "D")': "440",
    'DATEDIF(DATE(2001, 6, 1), DATE(2002, 8, 15), "YD")': "75", "DAYS(DATE(2021, 3, 15), DATE(2021, 2, 1))": "42",
    "NETWORKDAYS(DATE(2012, 10, 1), DATE(2013, 3, 1))": "110", "WORKDAY(DATE(2008, 10, 1), 151)": "2009-04-30", 'VALUE("1,000")': "1000",
}  # fmt: skip


def run(text: str, given: dict[str, Any], machine: str, moment: Moment, connection: sa.Connection, node: Node) -> Any:
    """Evaluate one expression."""
    case = read_case({"expr": text, "with": given}, moment)
    assert case.expression is not None, [fault.message.en for fault in case.faults]
    folds = machine == "sql folded"
    (found,) = evaluate_cases([case], "sql" if folds else machine, connection, node, folds=folds)
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_every_example_holds(machine: str, moment: Moment, connection: sa.Connection, node: Node) -> None:
    for name, example in EXAMPLES:
        if (name, machine) == ("PICK", "browser"):
            continue  # for the server only
        given = {field: {kind: value} for field, (kind, value) in example.given.items()}
        found = run(example.text, given, machine, moment, connection, node)
        assert (found, type(found)) == (example.value, type(example.value)), (name, example.text)


@pytest.mark.parametrize("machine", ["python", "sql", "browser"])
def test_values_are_those_of_excel(machine: str, moment: Moment, connection: sa.Connection, node: Node) -> None:
    different = {}
    for text, wanted in EXCEL.items():
        found = run(f'({text}) & ""', {}, machine, moment, connection, node)
        if found != wanted:
            different[text] = (found, wanted)
    assert not different


def test_every_function_is_described_and_translated() -> None:
    for function in FUNCTIONS.values():
        assert function.help.zh, function.name
        assert function.help.en, function.name
        assert function.usage, function.name
        assert function.examples or function.form in {"manager", "label", "setting", "recorded", "target"}, (
            function.name
        )
        if not function.form or function.signatures:
            assert function.python, function.name
            assert function.sql, function.name
            assert function.js, function.name


def test_two_functions_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    doubled: ModuleType = package.logic
    monkeypatch.setattr(doubled, "KINDS", (*doubled.KINDS, FUNCTIONS["LEFT"]))
    with pytest.raises(ValueError, match="LEFT"):
        discover(package)


@pytest.mark.parametrize(
    ("text", "given", "value"),
    [
        ("1 / 3", {}, Decimal("0.333333333333")),
        ("2 / 3", {}, Decimal("0.666666666667")),
        ("-1 / 8000000000000", {}, Decimal("0.000000000000") - Decimal("0.000000000000")),
        ("0.0000000000005 / 1", {}, Decimal("0.000000000001")),
        ("-0.0000000000005 / 1", {}, Decimal("-0.000000000001")),
        ("x / 7", {"x": {"decimal": "999999999999999999999999"}}, Decimal(142857142857142857142857)),
        ("x + 1", {"x": {"decimal": "1000000000000000000000000"}}, None),
        ("x * 10", {"x": {"decimal": "100000000000000000000000"}}, Decimal(1000000000000000000000000)),
        ("x / 0", {"x": {"decimal": "1"}}, None),
        ("0.1 + 0.2 = 0.3", {}, True),
        ("0.5 ^ 13", {}, Decimal("0.000122070313")),
        ("0.25 ^ 6.5", {}, Decimal("0.000122070313")),
        ("a < b", {"a": {"text": "\U0001f600"}, "b": {"text": "\uff5e"}}, False),
        ("a = BLANK", {"a": {"text": ""}}, True),
        ("n <> 1", {"n": {"decimal": None}}, True),
        ("n < 1", {"n": {"decimal": None}}, False),
        ("not (n < 1)", {"n": {"decimal": None}}, True),
        ("d + 1mo", {"d": {"date": "2024-01-31"}}, date(2024, 2, 29)),
        ("d - 1y", {"d": {"date": "2024-02-29"}}, date(2023, 2, 28)),
        ("d + 1d", {"d": {"date": "9999-12-31"}}, None),
        ("d - e > 30d", {"d": {"date": "2024-03-02"}, "e": {"date": "2024-02-01"}}, False),
        ("d - e >= 1mo", {"d": {"date": "2024-03-01"}, "e": {"date": "2024-02-01"}}, True),
        ("d + 3wd", {"d": {"date": "2025-12-31"}}, date(2026, 1, 6)),
    ],
)
@pytest.mark.parametrize("machine", ["python", "sql", "browser"])
def test_borders(
    machine: str, text: str, given: dict[str, Any], value: Any, moment: Moment, connection: sa.Connection, node: Node
) -> None:
    assert run(text, given, machine, moment, connection, node) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("DATE(2026, 9, 30) + 1wd", date(2026, 10, 8)),
        ("DATE(2026, 10, 9) + 1wd", date(2026, 10, 10)),  # a Saturday worked in exchange
        ("DATE(2026, 10, 9) + 2wd", date(2026, 10, 12)),
        ("DATE(2026, 10, 12) - 3wd", date(2026, 10, 8)),
        ("WORKDAY(DATE(2026, 9, 28), 4)", date(2026, 10, 9)),
        ("NETWORKDAYS(DATE(2026, 9, 28), DATE(2026, 10, 11))", Decimal(6)),
        ("NETWORKDAYS(DATE(2026, 10, 11), DATE(2026, 9, 28))", Decimal(-6)),
        ("DAY(NOW() + 2wd)", Decimal(9)),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_workdays_of_a_chinese_october(
    machine: str, text: str, value: Any, moment: Moment, connection: sa.Connection, node: Node
) -> None:
    holidays = frozenset(date(2026, 10, day) for day in range(1, 8))
    calendar = Calendar(holidays, frozenset({date(2026, 10, 10)}))
    september = replace(moment, now=datetime(2026, 9, 29, 20, 0, tzinfo=UTC), calendar=calendar)
    assert run(text, {}, machine, september, connection, node) == value


@pytest.mark.parametrize("machine", MACHINES)
def test_a_week_of_one_workday(machine: str, moment: Moment, connection: sa.Connection, node: Node) -> None:
    wednesdays = frozenset(date(2026, 1, 7) + timedelta(7 * n) for n in range(20))
    lazy = replace(moment, calendar=Calendar(wednesdays, week=frozenset({2})))
    assert run("TODAY() + 2wd", {}, machine, lazy, connection, node) == date(2026, 6, 3)
    given = {"d": {"date": "2026-01-05"}, "n": {"decimal": "2"}}
    assert run("WORKDAY(d, n)", given, machine, lazy, connection, node) == date(2026, 6, 3)


@pytest.mark.parametrize("machine", ["sql", "browser"])
def test_case_of_every_character(machine: str, moment: Moment, connection: sa.Connection, node: Node) -> None:
    points = [code for code in range(1, 0x110000) if not 0xD800 <= code <= 0xDFFF]
    for start in range(0, len(points), 200_000):
        text = {"text": "".join(map(chr, points[start : start + 200_000]))}
        for function in ("UPPER", "LOWER"):
            given = {"t": text}
            own = run(f"{function}(t)", given, "python", moment, connection, node)
            assert run(f"{function}(t)", given, machine, moment, connection, node) == own


def test_bad_cases_are_faults(moment: Moment) -> None:
    for case in (
        None,
        5,
        {},
        {"expr": 1},
        {"expr": "x", "with": {"x": {"decimal": "1e999999"}}},
        {"expr": "1", "now": "noon"},
        {"expr": "1", "with": []},
        {"expr": "x", "with": {"x": {"text": "\ud800"}}},
        {"expr": "x", "with": {"x": {"what": 1}}},
    ):
        read = read_case(case, moment)
        assert read.expression is None or not read.faults
        if read.expression is None:
            assert all(isinstance(fault, ExpressionFault) for fault in read.faults)


@pytest.mark.parametrize("machine", MACHINES)
def test_labels(machine: str, moment: Moment, connection: sa.Connection, node: Node) -> None:
    labelled = replace(moment, labels=lambda object_name, field: {"won": f"{object_name}/{field}"})
    given = {"s": {"choice": "won"}, "o": {"choice": "odd"}, "n": {"choice": None}}
    assert run("LABEL(s) & LABEL(o) & LABEL(n)", given, machine, labelled, connection, node) == "case/sodd"


@pytest.mark.parametrize("machine", MACHINES)
def test_departments_and_those_below(machine: str, moment: Moment, connection: sa.Connection, node: Node) -> None:
    chain = {
        "department": 5,
        "department.name": "上海",
        "department.part_of": 2,
        "department.part_of.name": "华东区",
        "id": 1,
    }
    there = replace(moment, me=Known(chain))
    given = {"d": {"link": 2}, "other": {"link": 9}, "none": {"link": None}}
    for text, value in {
        "INDEPARTMENT(d)": True, "INDEPARTMENT(other)": False, "INDEPARTMENT(none)": None,
        'INDEPARTMENT("华东区")': True, 'INDEPARTMENT("上海") and not INDEPARTMENT("华北区")': True,
    }.items():  # fmt: skip
        assert run(text, given, machine, there, connection, node) is value, text
    assert run("INDEPARTMENT(d)", given, machine, moment, connection, node) is False
