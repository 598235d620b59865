"""The table of an object as SQLAlchemy metadata: columns, foreign keys, unique and check constraints, and the indexes that its
views, links and scopes need. Publishing brings tables into this shape; here nothing is executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.records.associations import build_association, is_association
from engine.records.shape import USER
from engine.storage.physical import physical_name
from engine.storage.tables import APP_SCHEMA
from metamodel.places import place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.records.shape import ObjectShape
    from engine.storage.physical import Physical
    from metamodel.definitions.objects import UniqueDef

LIVING = "deleted_at IS NULL"
NEVER_BLANK = frozenset({"id", "created_at", "updated_at", "version"})

Predicate: TypeAlias = "Callable[[ObjectShape, UniqueDef, Mapping[str, str]], str]"


def column_names(shape: ObjectShape, physical: Physical) -> dict[str, str]:
    """Return key → physical column of everything the object stores; a key that ``physical`` does not know keeps its own name."""
    known = physical.columns.get(shape.name, {})
    return {key: known.get(key) or physical_name(*key.split(".")) for key in shape.columns}


def table_name(object_name: str, physical: Physical) -> str:
    """Return the object's table in schema ``app``."""
    return physical.tables.get(object_name) or physical_name(object_name)


def build_table(shape: ObjectShape, physical: Physical, metadata: sa.MetaData, predicate: Predicate) -> sa.Table:
    """Return the object's table. ``predicate`` gives the SQL of a unique rule's ``when`` over physical columns."""
    if is_association(shape.name):
        return build_association(shape.name, physical, metadata)
    name = table_name(shape.name, physical)
    names = column_names(shape, physical)
    columns = [*_system_columns(shape), *_field_columns(shape, names)]
    if shape.search_fields:
        columns.append(sa.Column("search_terms", postgresql.ARRAY(sa.Text)))
    if shape.definition.duplicates:
        columns.append(sa.Column("match_terms", postgresql.ARRAY(sa.Text)))
    table = sa.Table(name, metadata, *columns, schema=APP_SCHEMA)
    for constraint in _constraints(shape, physical, name, names):
        table.append_constraint(constraint)
    _uniques(shape, table, names, predicate)
    _indexes(shape, table, names)
    return table


def _system_columns(shape: ObjectShape) -> Iterator[sa.Column[Any]]:
    yield sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True)
    yield sa.Column("created_at", sa.DateTime(timezone=True), nullable=False)
    yield sa.Column("created_by", sa.BigInteger)
    yield sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False)
    yield sa.Column("updated_by", sa.BigInteger)
    yield sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1"))
    yield sa.Column("deleted_at", sa.DateTime(timezone=True))
    if shape.definition.owner:
        yield sa.Column("owner_since", sa.DateTime(timezone=True))


def _field_columns(shape: ObjectShape, names: Mapping[str, str]) -> Iterator[sa.Column[Any]]:
    for key, stored in shape.columns.items():
        yield sa.Column(names[key], stored.type, nullable=not never_blank(shape, stored.field))


def never_blank(shape: ObjectShape, name: str) -> bool:
    """Whether every record has a value: required at all times, and no computed field."""
    definition = shape.definition
    one = definition.fields[name]
    if not one.required or name in definition.visible_when or shape.is_computed(name):
        return False
    return name in shape.columns  # a link to several objects lies in columns of other keys, each of which may be blank


def _constraints(
    shape: ObjectShape, physical: Physical, table: str, names: Mapping[str, str]
) -> Iterator[sa.Constraint]:
    targets = {names[key]: stored.target for key, stored in shape.columns.items() if stored.target}
    targets |= {"created_by": USER, "updated_by": USER}
    for column, target in targets.items():
        if target in shape.shapes:
            yield sa.ForeignKeyConstraint(
                [column],
                [f"{APP_SCHEMA}.{table_name(target, physical)}.id"],
                name=physical_name("fk", table, column),
                use_alter=True,  # objects may link in circles
            )
    by_field: dict[str, list[str]] = {}
    for key, stored in shape.columns.items():
        by_field.setdefault(stored.field, []).append(names[key])
    for field, columns in by_field.items():
        listed = ", ".join(f'"{column}"' for column in columns)
        if shape.kind(shape.definition.fields[field]).parts is not None:
            rule = f"num_nonnulls({listed}) IN (0, {len(columns)})"
            yield sa.CheckConstraint(rule, name=physical_name("ck", table, field, "whole"))
        elif len(columns) > 1:
            yield sa.CheckConstraint(f"num_nonnulls({listed}) <= 1", name=physical_name("ck", table, field, "one"))


def unique_name(table: str, rule: str) -> str:
    """Return the name of the index behind a unique rule, by which a violation is recognised."""
    return physical_name("uq", table, rule)


def _uniques(shape: ObjectShape, table: sa.Table, names: Mapping[str, str], predicate: Predicate) -> None:
    for name, one in shape.definition.fields.items():
        if one.unique and name in names:
            sa.Index(unique_name(table.name, name), table.c[names[name]], unique=True, postgresql_where=sa.text(LIVING))
    for name, rule in shape.definition.unique.items():
        columns = [table.c[names[field]] for field in rule.fields]
        where = LIVING if rule.when is None else f"{LIVING} AND ({predicate(shape, rule, names)})"
        sa.Index(unique_name(table.name, name), *columns, unique=True, postgresql_where=sa.text(where))


def _indexes(shape: ObjectShape, table: sa.Table, names: Mapping[str, str]) -> None:
    for name, one in shape.definition.fields.items():
        parts = shape.kind(one).parts
        if parts is not None and parts.indexed:
            lie = [table.c[names[f"{name}.{part}"]] for part in parts.columns]
            sa.Index(physical_name("ix", table.name, name), *lie)
    for name in dict.fromkeys(_placed_by(shape)):
        lie = [table.c[names[key]] for key in shape.columns if key.startswith(f"{name}.")][:2]
        sa.Index(physical_name("ix", table.name, name, "place"), *lie, postgresql_where=sa.text(LIVING))
    for key, stored in shape.columns.items():
        if stored.target or shape.definition.fields[stored.field].index:
            sa.Index(physical_name("ix", table.name, names[key]), table.c[names[key]])
    for key, stored in shape.columns.items():
        if shape.kind(shape.definition.fields[stored.field]).many:
            sa.Index(physical_name("ix", table.name, names[key], "any"), table.c[names[key]], postgresql_using="gin")
    for name, descending in dict.fromkeys(_sorted_by(shape)):
        keyset_index(table, names.get(name, name), descending=descending)
    for name in _measured_by(shape):
        column = names.get(name, name)
        sa.Index(physical_name("ix", table.name, column, "at"), table.c[column], postgresql_where=sa.text(LIVING))
    if shape.search_fields:
        sa.Index(physical_name("ix", table.name, "search_terms"), table.c.search_terms, postgresql_using="gin")
    if shape.definition.duplicates:
        # Marks are looked up by the thousand right after they were written: each would read all that waits to be sorted in.
        at_once = {"fastupdate": "off"}
        name = physical_name("ix", table.name, "match_terms")
        sa.Index(name, table.c.match_terms, postgresql_using="gin", postgresql_with=at_once)
    binned = sa.text("deleted_at IS NOT NULL")
    sa.Index(physical_name("ix", table.name, "bin"), table.c.deleted_at, table.c.id, postgresql_where=binned)


def _sorted_by(shape: ObjectShape) -> Iterator[tuple[str, bool]]:
    """Yield the first sort key of each view as (field, descending), where it is one column."""
    for view in shape.definition.views.values():
        if view.sort:
            name = view.sort[0].removeprefix("-")
            stored = shape.columns.get(name)
            if name in NEVER_BLANK - {"id"}:
                yield name, False  # one index, read from either end
            elif stored is not None and not stored.target:
                yield name, view.sort[0].startswith("-")


def _placed_by(shape: ObjectShape) -> Iterator[str]:
    """Yield the position of each map: a map asks for the records within a box."""
    definition = shape.definition
    found = (place_of(definition, view.at) for view in definition.views.values() if view.kind == "map")
    yield from (name for name in found if name)


def _measured_by(shape: ObjectShape) -> list[str]:
    """Return the days and moments by which metrics put records into periods, where these are columns without an index of their own."""
    definition = shape.definition
    named = dict.fromkeys(one.at for one in shape.shapes.model.metrics.values() if one.object == shape.name and one.at)
    served = {name for name, _ in _sorted_by(shape) if name in NEVER_BLANK}
    return [
        name
        for name in named
        if name not in served
        and (name in shape.columns or name in NEVER_BLANK)
        and not (name in definition.fields and definition.fields[name].index)
    ]


def keyset_index(table: sa.Table, column: str, *, descending: bool) -> sa.Index:
    """Return the index that serves ordering by (is blank, value, id): one for each direction, blanks last in both."""
    key = table.c[column]
    where = sa.text(LIVING)
    name = keyset_name(table.name, column, descending=descending)
    if column in NEVER_BLANK:
        return sa.Index(name, key, table.c.id, postgresql_where=where)
    blank = key.is_not(None) if descending else key.is_(None)
    return sa.Index(name, blank, key, table.c.id, postgresql_where=where)


def keyset_name(table: str, column: str, *, descending: bool) -> str:
    """Return the name of the index that serves an order; what is never blank has one for both directions."""
    way = "page" if column in NEVER_BLANK else "down" if descending else "up"
    return physical_name("ix", table, column, way)
