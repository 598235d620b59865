"""``tenon eval``: an expression, or a file of cases, evaluated in one of the three machines; by itself or over a stored record."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import sqlalchemy as sa

from engine.cli.frame import Faulty, command_instance, composition, configuration, fail, language, say, system_context
from engine.expressions.cases import MACHINES, Case, Record, answer_of, bad_case, evaluate_cases, read_case
from engine.expressions.functions import FUNCTIONS
from engine.expressions.node import Node
from engine.expressions.sql import compile_sql
from engine.expressions.sql_moment import SqlMoment, from_sql
from engine.expressions.values import Moment
from engine.expressions.wire import write_value
from engine.jobs.workshop import utc_now
from engine.records.compile import Records
from engine.records.moments import moment_of
from engine.records.sqlscope import Joins, RecordScope
from metamodel.expressions.checker import check_expression
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.context import Context
    from engine.expressions.sql import SqlScope
    from metamodel.expressions.typed import RowsRead, TypedExpression
    from metamodel.expressions.types import Type

RUNTIME = Path(__file__).parents[1] / "screens" / "frontend" / "src" / "tenon-runtime.js"
BATCH = 500


@click.command("eval")
@click.argument("expression", metavar="EXPR", required=False)
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Cases, one JSON object a line.",
)
@click.option(
    "--in", "machine", type=click.Choice(MACHINES), default="python", show_default=True, help="Where to evaluate."
)
@click.option("--object", "object_name", help="Evaluate over a record of this object.")
@click.option("--record", type=int, help="The record's id.")
def eval_(expression: str | None, file: Path | None, machine: str, object_name: str | None, record: int | None) -> None:
    """Evaluate an expression, or a file of cases."""
    if (expression is None) == (file is None):
        raise click.UsageError("give an expression or --file")
    if (object_name is None) != (record is None):
        raise click.UsageError("--object and --record go together")
    if object_name is not None and record is not None:
        if expression is None:
            raise click.UsageError("--object takes an expression, not --file")
        _over_record(expression, object_name, record, machine)
        return
    config = configuration()
    moment = Moment(now=utc_now(), home=config.zone, language=language(), calendar=config.working_days)
    with ExitStack() as stack:
        node = stack.enter_context(Node(RUNTIME)) if machine == "browser" else None
        connection = None
        if machine == "sql":
            instance = stack.enter_context(command_instance("eval"))
            connection = stack.enter_context(instance.engine.connect())
        if expression is not None:
            _one(read_case({"expr": expression}, moment), machine, connection, node)
        elif file is not None:
            _all(file, moment, machine, connection, node)


def _one(case: Case, machine: str, connection: sa.Connection | None, node: Node | None) -> None:
    for fault in case.faults:
        if fault.severity == "warning":
            say(fault.message)
    (outcome,) = evaluate_cases([case], machine, connection, node)
    _print(answer_of(case, outcome, language()))
    if case.expression is None:
        raise Faulty


def _all(file: Path, moment: Moment, machine: str, connection: sa.Connection | None, node: Node | None) -> None:
    broken = 0
    with file.open(encoding="utf-8", errors="surrogateescape") as lines:
        waiting = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
        while batch := list(islice(waiting, BATCH)):
            cases = []
            for number, line in batch:
                case = _read_line(number, line, moment)
                broken += case is None
                cases.append(case or bad_case(f"line {number} is no JSON", moment))
            for case, outcome in zip(cases, evaluate_cases(cases, machine, connection, node), strict=True):
                _print(answer_of(case, outcome, language()))
    if broken:
        raise fail(Text(zh=f"{broken} 行不是 JSON", en=f"{broken} lines are no JSON"))


def _read_line(number: int, line: str, moment: Moment) -> Case | None:
    """Return the case of a line, its fault placed where it is none; None where the line is no JSON."""
    try:
        case = read_case(json.loads(line), moment)
    except (ValueError, RecursionError):
        return None
    placed = [
        replace(fault, message=Text(zh=f"第 {number} 行：{fault.message.zh}", en=f"line {number}: {fault.message.en}"))
        if fault.code == "CASE_VALUE"
        else fault
        for fault in case.faults
    ]
    return replace(case, faults=placed)


def _print(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8"))


# Over a stored record


def _over_record(text: str, object_name: str, number: int, machine: str) -> None:
    with (
        command_instance("eval") as instance,
        composition().workshop(instance, "cli") as workshop,
        ExitStack() as stack,
    ):
        connection = stack.enter_context(instance.engine.connect())
        context = system_context(workshop, connection)
        records = context.runtime.part(Records)
        compiled = records.objects.get(object_name)
        if compiled is None:
            raise fail(Text(zh=f"没有对象 {object_name}", en=f"There is no object {object_name}"))
        scope = records.shapes.scope(object_name)
        checked = check_expression(text, scope, FUNCTIONS)
        moment = moment_of(context, records)
        case = Case(checked.expression, checked.faults, Record(), moment)
        if checked.expression is not None:
            case = _read_record(context, object_name, number, checked.expression, moment)
        node = stack.enter_context(Node(RUNTIME)) if machine == "browser" else None
        if machine == "sql" and checked.expression is not None:
            value = _select(context, object_name, number, checked.expression, moment)
            _print({"value": {checked.expression.type.base.value: write_value(value)}})
            return
        _one(case, machine, connection, node)


def _source(context: Context, object_name: str, moment: SqlMoment) -> tuple[sa.FromClause, Joins, RecordScope]:
    compiled = context.runtime.part(Records).objects[object_name]
    alias = compiled.table.alias("t")
    joins = Joins(alias)
    return alias, joins, RecordScope(compiled, alias, moment, joins=joins)


def _select(context: Context, object_name: str, number: int, expression: TypedExpression, moment: Moment) -> Any:
    alias, joins, scope = _source(context, object_name, SqlMoment(moment))
    column = compile_sql(expression, scope, scope.moment)
    found = context.connection.execute(sa.select(column).select_from(joins.clause).where(alias.c.id == number)).all()
    return from_sql(found[0][0], expression.type) if found else _missing(object_name, number)


def _missing(object_name: str, number: int) -> Any:
    raise fail(Text(zh=f"没有 {object_name} {number}", en=f"There is no {object_name} {number}"))


def _read_record(context: Context, object_name: str, number: int, expression: TypedExpression, moment: Moment) -> Case:
    """Return the case of an expression over a stored record: what it reads, read beforehand."""
    alias, joins, scope = _source(context, object_name, SqlMoment(moment))
    schema = context.runtime.part(Records).shapes.scope(object_name).schema
    paths = [path for path in expression.depends.paths if path[0] != "me"]
    columns = [scope.column(path) for path in paths] or [alias.c.id]
    found = context.connection.execute(sa.select(*columns).select_from(joins.clause).where(alias.c.id == number)).all()
    if not found:
        _missing(object_name, number)
    values = dict(zip((".".join(path) for path in paths), found[0], strict=False))
    children = {}
    for rows in expression.depends.rows:
        children[".".join(rows.path)] = tuple(_rows(context, scope, rows, alias, number))
    types: dict[str, Type] = dict(schema.members(object_name) or {})
    return Case(expression, (), Record(values, types, children, {}), moment)


def _rows(context: Context, scope: SqlScope, rows: RowsRead, alias: sa.FromClause, number: int) -> Iterator[Record]:
    source, tie, inner = scope.rows(rows.path)
    if source is None or tie is None:
        return
    names = [".".join(path) for path in rows.paths]
    columns: Iterable[sa.ColumnElement[Any]] = [inner.column(path) for path in rows.paths]
    identity = inner.column(("id",))
    both = alias.join(source, tie)
    statement = sa.select(identity, *columns).select_from(both).where(alias.c.id == number).order_by(identity)
    for _, *values in context.connection.execute(statement):
        yield Record(dict(zip(names, values, strict=True)))


COMMANDS = (eval_,)
