"""The tables behind fields of several links: a row a link, with real foreign keys to both ends. What such a table is called, how it looks,
and the model in which each is an object of its own, as publishing makes tables of objects; nowhere else does anybody see one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from engine.storage.physical import physical_name
from engine.storage.tables import APP_SCHEMA
from metamodel.definitions.objects import FieldDef, ObjectDef
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from engine.fields.base import FieldKind
    from engine.storage.physical import Physical
    from metamodel.definitions.model import Model
    from metamodel.kinds import Kinds

SOURCE, TARGET = "source", "target"  # the record with the field, and the one it links to


@dataclass(frozen=True, slots=True)
class Association:
    """Where the links of a field lie: ``table`` with the columns ``source`` and ``target``, the latter of records of the object ``to``."""

    to: str
    table: sa.Table


def association_name(object_name: str, field: str, to: str) -> str:
    """Return the name that an association goes by among physical names: no object's, since these have no dots."""
    return f"{object_name}.{field}.{to}"


def is_association(name: str) -> bool:
    """Whether a name among physical names is an association's."""
    return "." in name


def natural_name(name: str) -> str:
    """Return what the table of an object or association is called where nobody has taken that."""
    return physical_name(*name.split(".")[:2])


def associated_fields(definition: ObjectDef, kinds: Kinds) -> Iterator[tuple[FieldDef, str]]:
    """Yield the fields of an object whose links lie in a table of their own, each with the object that they lead to."""
    for one in definition.fields.values():
        kind = cast("FieldKind", kinds.fields[one.type])
        if kind.many and kind.targets is not None:
            yield one, kind.targets(one)[0]


def with_associations(model: Model, kinds: Kinds, former: Collection[str] = ()) -> Model:
    """Return a model with an object for each association: a link to either end. ``former``: the associations that there are, of which
    one goes on under another name where its object, field or target was renamed."""
    made: dict[str, ObjectDef] = {}
    for definition in model.objects.values():
        for one, to in associated_fields(definition, kinds):
            name = association_name(definition.name, one.name, to)
            was = model.objects[to].was if to in model.objects else ""
            names = product((definition.name, definition.was), (one.name, one.was), (to, was))
            before = (association_name(*parts) for parts in names if all(parts))
            made[name] = _as_object(name, definition, one, to, next((other for other in before if other in former), ""))
    return replace(model, objects={**model.objects, **made}) if made else model


def _as_object(name: str, definition: ObjectDef, one: FieldDef, to: str, was: str) -> ObjectDef:
    label = Text(zh=f"{definition.label('zh')}·{one.label('zh')}", en=f"{definition.label('en')} · {one.label('en')}")
    ends = {
        key: FieldDef(key, "link", label, required=True, options={"to": target})
        for key, target in ((SOURCE, definition.name), (TARGET, to))
    }
    return ObjectDef(name, label, ends, "id", was="" if was == name else was, history=False)


def build_association(name: str, physical: Physical, metadata: sa.MetaData) -> sa.Table:
    """Return the table of an association, the one that is in ``metadata`` already where it is."""
    table_name = physical.tables.get(name) or natural_name(name)
    known = metadata.tables.get(f"{APP_SCHEMA}.{table_name}")
    if known is not None:
        return known
    source, _, target = name.split(".")
    table = sa.Table(
        table_name,
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(SOURCE, sa.BigInteger, nullable=False),
        sa.Column(TARGET, sa.BigInteger, nullable=False),
        schema=APP_SCHEMA,
    )
    for column, end in ((SOURCE, source), (TARGET, target)):
        there = physical.tables.get(end) or natural_name(end)
        name_of_key = physical_name("fk", table_name, column)
        key = sa.ForeignKeyConstraint([column], [f"{APP_SCHEMA}.{there}.id"], name=name_of_key, use_alter=True)
        table.append_constraint(key)
    sa.Index(physical_name("uq", table_name, "pair"), table.c[SOURCE], table.c[TARGET], unique=True)
    sa.Index(physical_name("ix", table_name, TARGET), table.c[TARGET])
    return table


def members_column(association: Association, record: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return all ids that a record's field links to, in rising order, as an array; NULL where there are none."""
    table = association.table.alias()
    ids = sa.func.array_agg(aggregate_order_by(table.c[TARGET], table.c[TARGET]))
    return sa.select(ids).where(table.c[SOURCE] == record).correlate_except(table).scalar_subquery()


def leads_to(
    association: Association, record: sa.ColumnElement[Any], compare: Callable[[sa.ColumnElement[Any]], Any]
) -> sa.ColumnElement[bool]:
    """Return that one of the links of a record leads to an id that ``compare`` accepts."""
    table = association.table.alias()
    there = sa.select(sa.literal(1)).select_from(table).where(table.c[SOURCE] == record, compare(table.c[TARGET]))
    return sa.exists(there.correlate_except(table))


def write_links(connection: sa.Connection, association: Association, changes: Iterable[tuple[int, Any, Any]]) -> None:
    """Bring the links of records from what they were to what they are: (record, old ids, new ids), None for none; one statement for all."""
    rows: list[dict[str, Any]] = []
    for record, old, new in changes:
        before, after = set(old or ()), set(new or ())
        rows += [{SOURCE: record, TARGET: one, "gone": True} for one in sorted(before - after)]
        rows += [{SOURCE: record, TARGET: one, "gone": False} for one in sorted(after - before)]
    if not rows:
        return
    name = f'{APP_SCHEMA}."{association.table.name}"'
    text = f"""
WITH c AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS r (source bigint, target bigint, gone boolean)
), d AS (
    DELETE FROM {name} AS a USING c WHERE c.gone AND a.source = c.source AND a.target = c.target
)
INSERT INTO {name} (source, target) SELECT source, target FROM c WHERE NOT gone ON CONFLICT (source, target) DO NOTHING
"""  # noqa: S608 - the name of our own table
    connection.exec_driver_sql(text, {"rows": orjson.dumps(rows).decode()})
