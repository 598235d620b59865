"""The steps of a plan that work on rows: conversions, defaults, links to nothing; what is computed is in recompute.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.fields.base import ValueFault
from engine.publishing.batches import in_batches
from engine.publishing.convert import converter
from engine.publishing.defaults import fill_statement
from engine.publishing.numbering import number
from engine.publishing.recompute import make_searchable, moment, recompute
from engine.publishing.states import move_states, open_stays, rename_stays
from engine.publishing.steps import CONTRACT
from engine.storage.tables import APP_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.publishing.apply import Site
    from engine.publishing.journal import Entry


def stands_back(connection: sa.Connection, site: Site, entry: Entry) -> bool:
    """Whether a DDL step is to be left out since the rows are against it and that was accepted: required, with blanks left."""
    step = entry.step
    if step.operation != "set_not_null":
        return False
    table = site.desired[step.table].table
    blank = sa.select(sa.literal(1)).select_from(table).where(table.c[step.name].is_(None)).limit(1)
    return connection.execute(blank).first() is not None


def _convert(site: Site, entry: Entry) -> None:
    """Give the successor of a column what the column holds. A row whose value can't be converted stays blank: the survey has listed
    it and it was accepted, or the old version wrote it meanwhile; the column before keeps it in any case."""
    step = entry.step
    change = converter(step, site.before, site.records, site.home)
    new = site.desired[step.table].table.c[step.name]
    source_type = site.before.objects[step.details["old_object"]].table.c[step.details["source"]].type
    table = sa.table(
        step.table,
        sa.column("id", sa.BigInteger),
        source := sa.column(step.details["source"], source_type),
        target := sa.column(step.name, new.type),
        schema=APP_SCHEMA,
    )
    statement = (
        sa.update(table)
        .where(
            table.c.id == sa.bindparam("of"),
            source.is_not_distinct_from(sa.bindparam("held", type_=source_type)),
            target.is_not_distinct_from(sa.bindparam("before", type_=new.type)),
        )
        .values({target.name: sa.bindparam("made")})
    )
    last = step.phase == CONTRACT  # both versions have written: what the successor holds by now is right
    stale = sa.and_(source.is_not(None), target.is_(None)) if last else sa.or_(source.is_not(None), target.is_not(None))

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        asked = sa.select(table.c.id, source, target).where(table.c.id > after, table.c.id <= upto, stale)
        made: list[dict[str, Any]] = []
        for record, held, before in connection.execute(asked):
            if before is not None and change.kept(held, before):
                continue
            try:
                value = change(held)
            except ValueFault:
                value = None
            if value != before:
                made.append({"of": record, "held": held, "before": before, "made": value})
        if made:
            connection.execute(statement, made)

    in_batches(site, entry, work)


def _fill(site: Site, entry: Entry) -> None:
    """Give blank rows the field's default."""
    step = entry.step
    compiled = site.records.objects[step.details["object"]]
    table = compiled.table
    statement, parameters = fill_statement(compiled, step.details["field"], moment(site))

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        blank = sa.select(table.c.id).where(table.c.id > after, table.c.id <= upto, table.c[step.name].is_(None))
        ids = list(connection.scalars(blank.order_by(table.c.id).with_for_update(key_share=True)))
        if ids:
            connection.execute(statement, {"ids": ids, **parameters})

    in_batches(site, entry, work)


def _clear_dangling(site: Site, entry: Entry) -> None:
    """Blank links to records that are gone for good; they have been listed and accepted."""
    step = entry.step
    table = site.desired[step.table].table
    condition, column = dangling(site, step.table, step.name)

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        connection.execute(
            sa.update(table).where(table.c.id > after, table.c.id <= upto, condition).values({column: None})
        )

    in_batches(site, entry, work)


def dangling(site: Site, table_name: str, constraint: str) -> tuple[sa.ColumnElement[bool], str]:
    """Return the condition under which a row breaks a foreign key, and the column of it."""
    key = site.desired[table_name].named[constraint].item
    if not isinstance(key, sa.ForeignKeyConstraint):
        raise TypeError(f"{constraint} is no foreign key")
    element = key.elements[0]
    target = element.column.table.alias("target")
    there = sa.exists().where(target.c[element.column.name] == element.parent)
    return sa.and_(element.parent.is_not(None), ~there), element.parent.name


WORK: Mapping[str, Callable[[Site, Entry], None]] = {
    "convert": _convert,
    "fill": _fill,
    "number": number,
    "clear_dangling": _clear_dangling,
    "recompute": recompute,
    "search": make_searchable,
    "open_stays": open_stays,
    "move_states": move_states,
    "rename_stays": rename_stays,
}
