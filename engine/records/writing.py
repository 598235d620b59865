"""Writing the records of a command: one statement for all of them that also leaves the history and the events, its text made once
an object. Knows nothing of rules or rights."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
from sqlalchemy import exc

from engine.fields.base import Target
from engine.fields.decimal import dump_number
from engine.records.associations import write_links
from engine.records.derived import derived_reads, derived_texts
from engine.records.table import unique_name
from engine.refusals import FieldError, Refusal
from engine.storage.dialect import DIALECT
from engine.storage.history import cause_of
from engine.storage.kept_tables import MARKING
from engine.storage.outbox import note_events
from engine.storage.tables import PARTITIONS
from metamodel.expressions.durations import Duration
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from engine.fields.base import Field
    from engine.records.batch import Command, Row
    from engine.records.compile import CompiledObject

DUPLICATE = Text(zh="已存在相同的记录", en="there is one like it already")

_STAMPED = frozenset({"id", "created_at", "created_by", "updated_at", "updated_by", "version", "deleted_at"})

_TRAIL = f"""
, h AS (
    INSERT INTO tenon.history (at, object, record_id, actor, source, action, changes)
    SELECT %(now)s::timestamptz, %(object)s::text, d._id, %(actor)s::bigint, %(source)s::text, %(action)s::text, d._changes::jsonb FROM d WHERE %(keep)s::boolean ORDER BY d._ord
), o AS (
    INSERT INTO tenon.outbox (partition, object, record_id, event, payload, created_at)
    SELECT hashtextextended(%(object)s::text, d._id) & {PARTITIONS - 1}, %(object)s::text, d._id, %(action)s::text,
           (%(cause)s::text || d._changes || '}}')::jsonb, %(now)s::timestamptz
    FROM d ORDER BY d._ord
), k AS (
    {MARKING.format(object="%(object)s::text", id="d._id", rows="d")}
)
"""  # noqa: S608 - a constant of ours


def insert_rows(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Insert new records and give them their ids."""
    if not rows:
        return
    table = compiled.table
    names = [column.name for column in table.columns if column.name not in _STAMPED]
    text = compiled.records.memory.get(("insert", compiled.name), lambda: _insert_text(compiled, names))
    stamp, computed, derived = bool(compiled.owner), compiled.computed, derived_reads(compiled)
    dumps = [(name, one, one.kind.dump) for name, one in compiled.fields.items() if name not in computed]
    # Numbers are written plainly for the history: their columns take the same text.
    exact = [
        (name, column) for name, column in compiled.plain_columns if compiled.fields[name].kind.dump is dump_number
    ]
    payload: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        new = row.new
        values = columns_of(compiled, new, new)
        values["_ord"] = place
        changes = {name: [None, dump(one, new[name])] for name, one, dump in dumps if new.get(name) is not None}
        for name, column in exact:
            if name in changes:
                values[column] = changes[name][1]
        values["_changes"] = _json(changes)
        if stamp and row.new.get(compiled.owner) is not None:
            values["owner_since"] = command.context.now
        values |= derived_texts(compiled, new, command.moment, derived)
        payload.append(values)
    found = _execute(command, compiled, text, payload, action="created", rows=rows)
    for place, number in found:
        rows[place].id = number
    _write_links(command, compiled, rows)


def update_rows(command: Command, compiled: CompiledObject, rows: Sequence[Row], action: str = "updated") -> None:
    """Write what has changed in records that are locked; their versions go up by one."""
    changes = [(row, row.changed()) for row in rows]
    names = frozenset().union(*(changed for _, changed in changes)) if changes else frozenset()
    if not names and not any(row.touched for row in rows):
        return
    keys = frozenset(key for key, stored in compiled.shape.columns.items() if stored.field in names)
    extra = {"owner_since"} if compiled.owner in names else set()
    derived = {column for column, reads in derived_reads(compiled).items() if names & reads}
    extra |= derived
    text = compiled.records.memory.get(
        ("update", compiled.name, keys, *sorted(extra)), lambda: _update_text(compiled, keys, extra)
    )
    payload: list[dict[str, Any]] = []
    written = []
    for row, changed in changes:
        if not changed and not row.touched:
            continue
        row.version += 1
        values = columns_of(compiled, row.new, names)
        before, after = dump_values(compiled, row.old, changed), dump_values(compiled, row.new, changed)
        values |= {"_ord": len(payload), "_id": row.id, "_version": row.version}
        values["_changes"] = _json({name: [before.get(name), after.get(name)] for name in changed} | row.touched)
        if "owner_since" in extra:
            moved = row.old.get(compiled.owner) != row.new.get(compiled.owner)
            owned = command.context.now if row.new.get(compiled.owner) is not None else None
            values["owner_since"] = owned if moved else row.system.get("owner_since")
        values |= derived_texts(compiled, row.new, command.moment, derived)
        payload.append(values)
        written.append(row)
    _execute(command, compiled, text, payload, action=action, rows=written)
    _write_links(command, compiled, written)


def _write_links(command: Command, compiled: CompiledObject, rows: Sequence[Row]) -> None:
    """Write fields of several links, which lie beside the records' own table."""
    for name, association in compiled.associations.items():
        write_links(command.connection, association, ((row.id, row.old.get(name), row.new.get(name)) for row in rows))


def mark_rows(command: Command, compiled: CompiledObject, rows: Sequence[Row], action: str) -> None:
    """Put records into the bin (``deleted``) or take them out again (``restored``)."""
    if not rows:
        return
    text = compiled.records.memory.get(("mark", compiled.name), lambda: _mark_text(compiled))
    payload: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        row.version += 1
        moment = command.context.now if action == "deleted" else None
        payload.append({"_ord": place, "_id": row.id, "_version": row.version, "_deleted_at": moment, "_changes": "{}"})
    _execute(command, compiled, text, payload, action=action, rows=rows)


def touch_rows(command: Command, compiled: CompiledObject, ids: Sequence[int]) -> None:
    """Raise the version of parents whose lines were written; the lines' own history says what happened."""
    text = f"""
WITH t AS (
    UPDATE {_name(compiled)} SET version = version + 1, updated_at = %(now)s, updated_by = %(actor)s::bigint WHERE id = ANY(%(ids)s) RETURNING id
) {MARKING.format(object="%(object)s::text", id="t.id", rows="t")}
"""  # noqa: S608 - the name of our own table
    context = command.context
    given = {"now": context.now, "actor": context.author, "ids": list(ids), "object": compiled.name}
    command.connection.exec_driver_sql(text, given)


def _execute(
    command: Command,
    compiled: CompiledObject,
    text: str,
    payload: list[dict[str, Any]],
    *,
    action: str,
    rows: Sequence[Row],
) -> list[Any]:
    context = command.context
    parameters = {
        "rows": _json(payload),
        "now": context.now,
        "actor": context.author,
        "source": context.source,
        "cause": cause_of(context.author, context.source, context.chain).removesuffix("}") + ', "changes": ',
        "object": compiled.name,
        "action": action,
        "keep": compiled.definition.history,
    }
    try:
        found = list(command.connection.exec_driver_sql(text, parameters).fetchall())
    except exc.IntegrityError as error:
        raise refused(compiled, error, rows, action) from error
    note_events(command.connection)
    command.done.append((compiled, action, list(rows)))
    return found


def refused(compiled: CompiledObject, error: exc.IntegrityError, rows: Sequence[Row], action: str) -> Exception:
    """Return what to tell people in place of a constraint's violation: DUPLICATE with the rule's field; others are ours to mend."""
    cause = error.orig
    if not isinstance(cause, psycopg.errors.UniqueViolation):
        return error
    fields, message = uniques(compiled).get(cause.diag.constraint_name or "", ((), DUPLICATE))
    place = rows[0].index if len(rows) == 1 else None
    status = 409 if action == "restored" else 422
    return Refusal(
        status, "DUPLICATE", message, (FieldError(fields[0] if fields else "", "DUPLICATE", message, place),)
    )


def uniques(compiled: CompiledObject) -> Mapping[str, tuple[tuple[str, ...], Text]]:
    """Return the name of each unique index → its fields and what to say."""
    found: dict[str, tuple[tuple[str, ...], Text]] = {}
    for name, one in compiled.definition.fields.items():
        if one.unique:
            message = Text(zh=f"{one.label('zh')}已被使用", en=f"{one.label('en')} is taken already")
            found[unique_name(compiled.table.name, name)] = ((name,), message)
    for name, rule in compiled.definition.unique.items():
        found[unique_name(compiled.table.name, name)] = (rule.fields, rule.message or DUPLICATE)
    return found


def columns_of(compiled: CompiledObject, values: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return physical column → value of the fields in ``names``."""
    found = {column: values.get(name) for name, column in compiled.plain_columns if name in names}
    for name, columns in compiled.split_columns:
        if name in names:
            value = values.get(name)
            for target, column in columns:
                found[column] = value.id if isinstance(value, Target) and value.object == target else None
    for name, parts, lie in compiled.part_columns:
        if name in names:
            found |= zip(lie, parts.split(values.get(name)), strict=True)
    return found


def dump_values(compiled: CompiledObject, values: Mapping[str, Any], names: Any) -> dict[str, Any]:
    """Return the JSON form of the fields in ``names``, as history and events keep them: links as ids."""
    fields = compiled.fields
    return {name: _dumped(fields[name], values.get(name)) for name in names if name in fields}


def _dumped(field: Field, value: Any) -> Any:
    return None if value is None else field.kind.dump(field, value)


def _json(value: object) -> str:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS).decode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Duration):
        return [value.months, value.days, value.seconds, value.workdays]
    raise TypeError(f"no JSON for {type(value).__name__}")


def _typed(compiled: CompiledObject, names: Sequence[str]) -> list[str]:
    return [f'"{name}" {compiled.table.c[name].type.compile(dialect=DIALECT)}' for name in names]


def _name(compiled: CompiledObject) -> str:
    return f'{compiled.table.schema}."{compiled.table.name}"'


def _insert_text(compiled: CompiledObject, names: Sequence[str]) -> str:
    listed = ", ".join(f'"{name}"' for name in names)
    chosen = ", ".join(f'd."{name}"' for name in names)
    typed = ", ".join(["_ord int", "_changes text", *_typed(compiled, names)])
    return f"""
WITH d AS MATERIALIZED (
    SELECT nextval((SELECT pg_get_serial_sequence('{_name(compiled)}', 'id')::regclass)) AS _id, r.*
    FROM json_to_recordset(%(rows)s::json) AS r ({typed})
), w AS (
    INSERT INTO {_name(compiled)} (id, {listed}, created_at, created_by, updated_at, updated_by, version)
    OVERRIDING SYSTEM VALUE
    SELECT d._id, {chosen}, %(now)s::timestamptz, %(actor)s::bigint, %(now)s::timestamptz, %(actor)s::bigint, 1 FROM d ORDER BY d._ord
){_TRAIL}
SELECT _ord, _id FROM d
"""  # noqa: S608 - names of our own tables, checked when they were defined


def _update_text(compiled: CompiledObject, keys: frozenset[str], extra: set[str]) -> str:
    names = [compiled.columns[key] for key in sorted(keys)] + sorted(extra)
    sets = "".join(f'"{name}" = d."{name}", ' for name in names)
    typed = ", ".join(["_ord int", "_id bigint", "_version int", "_changes text", *_typed(compiled, names)])
    return f"""
WITH d AS MATERIALIZED (
    SELECT r.* FROM json_to_recordset(%(rows)s::json) AS r ({typed})
), w AS (
    UPDATE {_name(compiled)} AS t SET {sets}updated_at = %(now)s::timestamptz, updated_by = %(actor)s::bigint, version = d._version
    FROM d WHERE t.id = d._id
){_TRAIL}
SELECT _ord, _id FROM d
"""  # noqa: S608 - names of our own tables, checked when they were defined


def _mark_text(compiled: CompiledObject) -> str:
    return f"""
WITH d AS MATERIALIZED (
    SELECT r.* FROM json_to_recordset(%(rows)s::json) AS r (_ord int, _id bigint, _version int, _changes text, _deleted_at timestamptz)
), w AS (
    UPDATE {_name(compiled)} AS t
    SET deleted_at = d._deleted_at, updated_at = %(now)s::timestamptz, updated_by = %(actor)s::bigint, version = d._version
    FROM d WHERE t.id = d._id
){_TRAIL}
SELECT _ord, _id FROM d
"""  # noqa: S608 - names of our own tables, checked when they were defined
