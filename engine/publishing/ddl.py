"""The steps of a plan that change tables, each as Alembic operations: carried out on a connection, or written down as SQL. When and
in which transaction they run is apply.py's."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from engine.publishing.ddl_index import (
    create_index,
    drop_index,
    mark,
    mark_sql,
    place,
    quoted,
    replace_index,
)
from engine.publishing.desired import NamedWant, create_sql, plain_column
from engine.publishing.steps import carry_name
from engine.storage.dialect import DIALECT
from engine.storage.physical import physical_name
from engine.storage.tables import APP_SCHEMA
from metamodel.collecting import uncollected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.publishing.desired import Desired
    from engine.publishing.steps import Step

    Operation = Callable[[Operations, Step, Desired], None]

NEW_TABLES = frozenset({"create_table", "link_table"})  # nobody works on these tables yet
CONCURRENT = frozenset({"create_index", "replace_index", "drop_index", "relax_index"})  # outside of transactions
LONG = CONCURRENT | {"validate"}  # read whole tables, but lock nobody out
BRIEF_LOCK, BRIEF_TIME = "300ms", "30s"  # who waits for an exclusive lock makes everybody else wait behind it
PATIENT_LOCK = (
    2500  # ms, at the most, after many tries: half of what requests wait themselves, and above deadlock_timeout,
)
# after which PostgreSQL calls off an autovacuum that is in the way
LOCK_TIME = "tenon_lock_time"  # in a connection's info: how long the try under way waits
LONG_LOCK, LONG_TIME = "60s", "6h"


def timeouts(step: Step) -> tuple[str, str]:
    """Return (lock_timeout, statement_timeout) for a step."""
    if step.operation == "set_not_null":
        return BRIEF_LOCK, LONG_TIME  # short exclusive locks round a long look
    return (LONG_LOCK, LONG_TIME) if step.operation in LONG else (BRIEF_LOCK, BRIEF_TIME)


def lock_time(step: Step, failures: int) -> str:
    """Return the lock_timeout of a try after so many that failed: reads that take long, one upon the other, never let a short wait
    through."""
    brief = timeouts(step)[0]
    return f"{min(round(300 * 1.4**failures), PATIENT_LOCK)}ms" if brief == BRIEF_LOCK else brief


def apply_ddl(connection: sa.Connection, step: Step, desired: Desired) -> None:
    """Carry a step out on ``connection``, in its transaction; one of CONCURRENT needs a connection in autocommit."""
    operation = OPERATIONS.get(step.operation)
    if step.operation in NEW_TABLES:
        make_tables(connection, [step], desired)
    elif operation is not None:
        operation(Operations(MigrationContext.configure(connection)), step, desired)


def sql_of(steps: Iterable[Step], desired: Desired) -> str:
    """Return the SQL of the steps' DDL as text, with the timeouts it runs under; work on rows appears as comments."""
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect=DIALECT, opts={"as_sql": True, "output_buffer": buffer})
    operations = Operations(context)
    present = ("", "")
    for step in steps:
        operation = OPERATIONS.get(step.operation)
        if operation is None and step.operation not in NEW_TABLES:
            buffer.write(f"-- {step.operation} {step.table} {step.name}\n\n")
            continue
        if timeouts(step) != present:
            present = timeouts(step)
            operations.execute(f"SET lock_timeout = '{present[0]}'")
            operations.execute(f"SET statement_timeout = '{present[1]}'")
        transactional = step.operation not in CONCURRENT
        if transactional:
            buffer.write("BEGIN;\n\n")
        if operation is None:
            buffer.writelines(f"{statement};\n\n" for statement in new_table_sql(step, desired))
        else:
            operation(operations, step, desired)
        if transactional:
            buffer.write("COMMIT;\n\n")
    return buffer.getvalue()


def new_table_sql(step: Step, desired: Desired) -> list[str]:
    """Return the statements of a step that makes a table: the table with its indexes and checks, or all its foreign keys while it is
    still empty, so that there is nothing to validate."""
    want = desired[step.table]
    made = [create_sql(want)] if step.operation == "create_table" else []
    kinds = {"i", "c"} if made else {"f"}
    for one in want.named.values():
        if one.kind in kinds:
            made += [one.sql, mark_sql(step.table, one, one.name)]
    return made


def make_tables(connection: sa.Connection, steps: Iterable[Step], desired: Desired) -> None:
    """Carry steps of NEW_TABLES out in one message to the server: a large application has ten thousand statements."""
    with uncollected():
        statements = [statement for step in steps for statement in new_table_sql(step, desired)]
    if statements:
        connection.exec_driver_sql(";\n".join(statements), execution_options={"no_parameters": True})


def _drop_table(op: Operations, step: Step, _: Desired) -> None:
    op.drop_table(step.table, schema=APP_SCHEMA)


def _add_column(op: Operations, step: Step, desired: Desired) -> None:
    wanted = desired[step.table].table.columns[step.name]
    column = plain_column(wanted, nullable=True)
    if "default" in step.details:
        column.server_default = sa.DefaultClause(sa.text(_literal(step.details["default"])))
    elif column.server_default is not None:
        column.nullable = wanted.nullable
    op.add_column(step.table, column, schema=APP_SCHEMA)


def _literal(text: str) -> str:
    escaped = text.replace("'", "''").replace(":", "\\:")  # a colon would open a parameter
    return f"'{escaped}'"


def _drop_column(op: Operations, step: Step, _: Desired) -> None:
    op.drop_column(step.table, step.name, schema=APP_SCHEMA)


def _alter_type(op: Operations, step: Step, desired: Desired) -> None:
    wanted = desired[step.table].table.columns[step.name].type
    op.alter_column(step.table, step.name, type_=wanted, schema=APP_SCHEMA)


def _drop_not_null(op: Operations, step: Step, _: Desired) -> None:
    op.alter_column(step.table, step.name, nullable=True, schema=APP_SCHEMA)


def _drop_default(op: Operations, step: Step, _: Desired) -> None:
    op.alter_column(step.table, step.name, server_default=None, schema=APP_SCHEMA)


def _set_not_null(op: Operations, step: Step, _: Desired) -> None:
    """Require a value: PostgreSQL takes a valid check as proof and reads no row under the exclusive lock."""
    proof, table = physical_name("nn", step.table, step.name), place(step.table)
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {quoted(proof)}")
    op.create_check_constraint(
        proof, step.table, sa.text(f"{quoted(step.name)} IS NOT NULL"), schema=APP_SCHEMA, postgresql_not_valid=True
    )
    _between(op)
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(proof)}")
    _between(op)
    op.alter_column(step.table, step.name, nullable=False, schema=APP_SCHEMA)
    op.drop_constraint(proof, step.table, schema=APP_SCHEMA)


def _between(op: Operations) -> None:
    """End a transaction and begin the next, so that no lock is held while rows are read; each part may be done again."""
    context = op.get_context()
    if context.as_sql:
        context.impl.static_output("COMMIT;\n\nBEGIN;")
        return
    connection = op.get_bind()
    connection.commit()
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{connection.info.get(LOCK_TIME, BRIEF_LOCK)}'"))
    connection.execute(sa.text(f"SET LOCAL statement_timeout = '{LONG_TIME}'"))


def _add_foreign_key(op: Operations, step: Step, desired: Desired) -> None:
    _make_room(op, step, desired)
    _foreign_key(op, step.table, desired[step.table].named[step.name])


def _make_room(op: Operations, step: Step, desired: Desired) -> None:
    """Drop the constraint of that name that the step replaces, in the same transaction."""
    if step.details.get("replace"):
        _drop_constraint(op, step, desired)


def _foreign_key(op: Operations, table: str, one: NamedWant) -> None:
    if not isinstance(one.item, sa.ForeignKeyConstraint):
        raise TypeError(f"{one.name} is no foreign key")
    target = one.item.elements[0].column
    op.create_foreign_key(
        one.name,
        table,
        target.table.name,
        [column.name for column in one.item.columns],
        [element.column.name for element in one.item.elements],
        ondelete=one.item.ondelete,
        source_schema=APP_SCHEMA,
        referent_schema=APP_SCHEMA,
        postgresql_not_valid=True,
    )
    mark(op, table, one, one.name)


def _add_check_step(op: Operations, step: Step, desired: Desired) -> None:
    _make_room(op, step, desired)
    _add_check(op, step.table, desired[step.table].named[step.name])


def _add_check(op: Operations, table: str, one: NamedWant) -> None:
    if not isinstance(one.item, sa.CheckConstraint):
        raise TypeError(f"{one.name} is no check")
    op.create_check_constraint(one.name, table, one.item.sqltext, schema=APP_SCHEMA, postgresql_not_valid=True)
    mark(op, table, one, one.name)


def _validate(op: Operations, step: Step, _: Desired) -> None:
    op.execute(f"ALTER TABLE {place(step.table)} VALIDATE CONSTRAINT {quoted(step.name)}")


def _drop_constraint(op: Operations, step: Step, _: Desired) -> None:
    op.execute(f"ALTER TABLE {place(step.table)} DROP CONSTRAINT IF EXISTS {quoted(step.name)}")


def _carry(op: Operations, step: Step, _: Desired) -> None:
    """Let a write of the old version to the column before mark its successor as to be converted again, and a blank that the new
    version writes blank the column before, so that the last conversion does not bring the value back."""
    name = carry_name(step.table, step.name)
    old, new = quoted(step.details["source"]), quoted(step.name)
    op.execute(
        f"CREATE OR REPLACE FUNCTION {place(name)}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.{old} IS DISTINCT FROM OLD.{old} THEN NEW.{new} \\:= NULL; "
        f"ELSIF NEW.{new} IS NULL AND OLD.{new} IS NOT NULL THEN NEW.{old} \\:= NULL; END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE OR REPLACE TRIGGER {quoted(name)} BEFORE UPDATE ON {place(step.table)} "
        f"FOR EACH ROW EXECUTE FUNCTION {place(name)}()"
    )


def _drop_carry(op: Operations, step: Step, _: Desired) -> None:
    op.execute(f"DROP TRIGGER IF EXISTS {quoted(step.name)} ON {place(step.table)}")
    op.execute(f"DROP FUNCTION IF EXISTS {place(step.name)}()")


OPERATIONS: Mapping[str, Operation] = {
    "drop_table": _drop_table,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "alter_type": _alter_type,
    "drop_not_null": _drop_not_null,
    "drop_default": _drop_default,
    "set_not_null": _set_not_null,
    "add_foreign_key": _add_foreign_key,
    "add_check": _add_check_step,
    "validate": _validate,
    "drop_constraint": _drop_constraint,
    "create_index": create_index,
    "replace_index": replace_index,
    "drop_index": drop_index,
    "relax_index": drop_index,
    "carry": _carry,
    "drop_carry": _drop_carry,
}
