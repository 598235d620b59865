"""Expressions evaluated by themselves, over fields given with their types: what ``tenon eval`` and the tests of the three machines run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.browser import compile_browser
from engine.expressions.functions import FUNCTIONS
from engine.expressions.functions.viewer import departments_of
from engine.expressions.python import compile_python
from engine.expressions.sql import compile_sql
from engine.expressions.sql_moment import SQL_TYPES, SqlMoment, from_sql, to_sql
from engine.expressions.values import Moment
from engine.expressions.wire import TYPES, BadValueError, read_datetime, read_value, write_calendar, write_value
from metamodel.expressions.checker import check_expression
from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.scope import Scope
from metamodel.expressions.typed import ALL, Aggregate, Apply, Operation
from metamodel.expressions.typed import Case as Branches
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.expressions.node import Node
    from engine.expressions.values import Value
    from metamodel.expressions.typed import Depends, Typed, TypedExpression

OBJECT = "case"
SERVER_ONLY = Text(
    zh="PICK、SETTING、RECORDED、TARGET 只在服务器上计算",
    en="PICK, SETTING, RECORDED and TARGET are worked out on the server only",
)
MACHINES = ("python", "sql", "browser")


@dataclass(frozen=True, slots=True)
class Case:
    """One case, checked: the expression or its faults, the record it reads, and the moment."""

    expression: TypedExpression | None
    faults: Sequence[ExpressionFault]
    record: Record
    moment: Moment


@dataclass(frozen=True, slots=True)
class Record:
    """A record made of values; a Reader for Python and a SqlScope at once. ``children`` holds the rows by name."""

    values: Mapping[str, Value] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    children: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path``."""
        return self.values.get(".".join(path))

    def rows(self, path: tuple[str, ...]) -> tuple[Record, ...]:
        """Return the rows at ``path``."""
        return self.children.get(".".join(path), ())

    def members(self, object_name: str) -> Mapping[str, Type] | None:
        """Return the names that the record (or its rows, called by their name) offers: it is its own schema."""
        if object_name == OBJECT:
            return {**self.types, **{name: Type(Base.ROWS, (name,)) for name in self.columns}}
        return self.columns.get(object_name)


class _Columns:
    """A record's values as bind parameters, its rows as VALUES."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        name = ".".join(path)
        type_ = SQL_TYPES[self.record.types[name].base]
        return sa.cast(sa.literal(to_sql(self.record.values.get(name)), type_), type_)

    def rows(self, path: tuple[str, ...]) -> tuple[sa.FromClause, sa.ColumnElement[bool], _Rows]:
        name = path[1] if path[0] == ALL else ".".join(path)
        types = self.record.columns[name]
        columns = [
            sa.column("id", sa.BigInteger()),
            *(sa.column(key, SQL_TYPES[type_.base]) for key, type_ in types.items()),
        ]
        data = [
            (index + 1, *(to_sql(row.values.get(key)) for key in types))
            for index, row in enumerate(self.record.children[name])
        ]
        table = sa.values(*columns, name=f"rows_{name}").data([(0, *(None for _ in types)), *data])
        source = sa.select(
            *(sa.cast(table.c[column.name], column.type).label(column.name) for column in columns)
        ).subquery()
        return source, source.c.id > 0, _Rows(source)


class _Rows:
    """The columns of VALUES."""

    def __init__(self, table: sa.FromClause) -> None:
        self.table = table

    def column(self, path: tuple[str, ...]) -> sa.ColumnElement[Any]:
        return self.table.c[".".join(path)]

    def rows(self, path: tuple[str, ...]) -> tuple[sa.FromClause, sa.ColumnElement[bool], _Rows]:
        raise KeyError(path)


def read_case(case: Any, standard: Moment) -> Case:
    """Read and check one case ``{"expr": …, "with": {name: {type: value}}, "now": …}``. Never raises: what is wrong is a fault."""
    if not isinstance(case, dict) or not isinstance(case.get("expr"), str):
        return bad_case('a case is {"expr": "…", "with": {…}}', standard)
    moment = standard
    if "now" in case:
        now = read_datetime(case["now"], standard.home)
        if now is None:
            return bad_case(f"now: {case['now']!r} is no moment", standard)
        moment = Moment(**{name: getattr(standard, name) for name in Moment.__slots__} | {"now": now})
    try:
        record = read_record(case.get("with") or {}, moment)
    except BadValueError as wrong:
        return bad_case(str(wrong), moment)
    checked = check_expression(case["expr"], Scope(record, OBJECT), FUNCTIONS)
    return Case(checked.expression, checked.faults, record, moment)


def bad_case(message: str, moment: Moment) -> Case:
    """Return the case of something that is none."""
    fault = ExpressionFault("CASE_VALUE", Text(zh=f"用例不对：{message}", en=f"A bad case: {message}"))
    return Case(None, [fault], Record(), moment)


def read_record(fields: Any, moment: Moment) -> Record:
    """Read ``{name: {type: value}}``; rows are ``{"rows": [{name: {type: value}}, …]}``, or for none ``{"rows": {name: type}}``. Raises
    BadValueError."""
    if not isinstance(fields, dict):
        raise BadValueError("with: an object of fields is wanted")
    values: dict[str, Value] = {}
    types: dict[str, Type] = {}
    children: dict[str, tuple[Record, ...]] = {}
    columns: dict[str, Mapping[str, Type]] = {}
    for name, typed in fields.items():
        if not isinstance(typed, dict) or len(typed) != 1:
            raise BadValueError(f'{name}: a value is written {{"decimal": "3.5"}}')
        kind, value = next(iter(typed.items()))
        if kind == "rows" and isinstance(value, dict):
            children[name], columns[name] = (
                (),
                {key: TYPES.get(str(one), Type(Base.TEXT)) for key, one in value.items()},
            )
        elif kind == "rows" and isinstance(value, list) and value:
            children[name] = tuple(read_record(row, moment) for row in value)
            columns[name] = children[name][0].types
        else:
            values[name] = read_value(kind, value, moment.home)
            types[name] = TYPES[kind]
    return Record(values, types, children, columns)


def evaluate_cases(
    cases: Iterable[Case],
    machine: str,
    connection: sa.Connection | None = None,
    node: Node | None = None,
    *,
    folds: bool = True,
) -> list[Value | ExpressionFault]:
    """Evaluate cases in a machine: ``python``, ``sql`` (needs ``connection``) or ``browser`` (needs ``node``). A value or a fault each."""
    found: list[Value | ExpressionFault] = []
    jobs: list[tuple[int, Case]] = []
    for case in cases:
        fault = next((fault for fault in case.faults if fault.severity == "error"), None)
        if case.expression is None:
            found.append(fault or ExpressionFault("CASE_VALUE", Text(en="no expression")))
        elif machine == "python":
            found.append(compile_python(case.expression)(case.record, _with_rows(case)))
        elif machine == "browser" and is_for_server(case.expression.depends):
            found.append(ExpressionFault("EXPR_SERVER_ONLY", SERVER_ONLY))
        elif machine == "sql" and connection is not None:
            found.append(_in_sql(case.expression, case, connection, folds=folds))
        else:
            jobs.append((len(found), case))
            found.append(None)
    if jobs:
        if node is None:
            raise ValueError(f"the machine {machine} needs something to run on")
        for (index, case), answer in zip(jobs, node.evaluate([browser_job(case) for _, case in jobs]), strict=True):
            if "error" in answer:
                raise RuntimeError(answer["error"])
            found[index] = _from_browser(answer["value"], case)
    return found


def is_for_server(depends: Depends) -> bool:
    """Whether browsers cannot work an expression out: it looks up what is kept elsewhere."""
    return bool(depends.picks) or "settings" in depends.needs


def _with_rows(case: Case) -> Moment:
    """Return the moment of a case in which PICK looks up the case's own rows, as if they were an object's records."""
    if case.expression is None or not case.expression.depends.picks or not case.record.columns:
        return case.moment
    children = case.record.children

    def look_up(name: str, _paths: object, equal: Mapping[str, Value]) -> list[Record]:
        return [row for row in children[name] if all(row.get((key,)) == value for key, value in equal.items())]

    return replace(case.moment, look_up=look_up)


def _in_sql(expression: TypedExpression, case: Case, connection: sa.Connection, *, folds: bool) -> Value:
    element = compile_sql(expression, _Columns(case.record), SqlMoment(case.moment, folds=folds))
    return from_sql(connection.execute(sa.select(element.label("value"))).scalar(), expression.type)


def browser_job(case: Case) -> dict[str, Any]:
    """Return what the node runner takes for a case."""
    if case.expression is None:
        raise ValueError("a faulty case")
    moment = case.moment
    me = {} if moment.me is None else {"id": moment.me.get(("id",))}
    return {
        "js": compile_browser(case.expression),
        "type": case.expression.type.base.value,
        "record": _written(case.record),
        "moment": {
            "now": write_value(moment.now),
            "zone": moment.home.key,
            "me": me or None,
            "roles": sorted(moment.roles),
            "departments": [{"id": number, "name": name} for number, name in departments_of(moment).items()],
            **write_calendar(moment.calendar),
            "labels": {".".join(field): dict(moment.labels(*field)) for field in labels_needed(case.expression.tree)},
        },
    }


def labels_needed(tree: Typed) -> set[tuple[str, str]]:
    """Return the fields, by object and name, whose labels an expression shows."""
    found: set[tuple[str, str]] = set()
    waiting: list[Typed | None] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Apply):
            waiting += node.arguments
            if node.function == "LABEL" and isinstance(node.extra, tuple):
                found.add(node.extra)
        elif isinstance(node, Operation):
            waiting += node.operands
        elif isinstance(node, Branches):
            waiting += [node.otherwise, *(part for branch in node.branches for part in branch)]
        elif isinstance(node, Aggregate):
            waiting += [node.value, node.condition, node.order]
    return found


def _written(record: Record) -> dict[str, Any]:
    values = {name: write_value(value) for name, value in record.values.items()}
    return {**values, **{name: [_written(row) for row in rows] for name, rows in record.children.items()}}


def _from_browser(value: Any, case: Case) -> Value:
    base = case.expression.type.base if case.expression is not None else Base.TEXT
    kind = {Base.BLANK: "text", Base.ANY: "text"}.get(base, base.value)
    return read_value(kind, value, case.moment.home)


def answer_of(case: Case, outcome: Value | ExpressionFault, language: str) -> dict[str, Any]:
    """Return an outcome as ``tenon eval`` prints it."""
    if isinstance(outcome, ExpressionFault):
        return {
            "fault": {
                "code": outcome.code,
                "message": outcome.message(language),
                "hint": outcome.hint(language),
                "start": outcome.start,
                "end": outcome.end,
            }
        }
    base = case.expression.type.base if case.expression is not None else Base.BLANK
    return {"value": {base.value: write_value(outcome)}}


def parse_now(text: str, moment: Moment) -> datetime | None:
    """Read the moment of an evaluation given on a command line."""
    return read_datetime(text, moment.home)
