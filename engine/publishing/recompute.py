"""Bringing stored computed columns and search terms up to date for all rows of a table, after their definitions changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.expressions.values import Moment
from engine.publishing.batches import in_batches
from engine.records.derived import derived_reads, derived_values
from engine.records.rollups import following, recompute_statement
from engine.records.stored import stored_columns, stored_fields, stored_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.publishing.apply import Site
    from engine.publishing.journal import Entry
    from engine.records.compile import CompiledObject

MOST_PASSES = 50  # a record may sum up records of its own object: as many levels as any hierarchy has


def moment(site: Site) -> Moment:
    """Return the moment in which the system works values out."""

    def labels(object_name: str, name: str) -> Mapping[str, str]:
        return {key: one.label("zh") for key, one in site.records.objects[object_name].fields[name].choices.items()}

    return Moment(now=site.clock(), home=site.home, labels=labels, calendar=site.calendar)


def recompute(site: Site, entry: Entry) -> None:
    """Work the fields of a step out anew, writing rows only whose values differ: nothing that follows them to other objects, since
    those have steps of their own, later. Rows are locked in one statement and recomputed in the next, which then sees what everybody
    has committed, as every command does it."""
    compiled = site.records.objects[entry.step.details["object"]]
    wanted = entry.step.details["fields"]
    names = [name for name in following(compiled, wanted) if name in wanted]
    statement, surroundings = recompute_statement(compiled, names)
    parameters = surroundings.values(moment(site))
    itself = any(
        one.object == compiled.name and one.name in names
        for one in compiled.records.dependents.above.get(compiled.name, ())
    )
    # Rows before the cursor were written by a process that was killed: whether they changed, nobody knows any more.
    changed, passes = entry.cursor, 0

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        nonlocal changed
        ids = list(connection.scalars(_locked(compiled, after, upto)))
        changed += len(statement.rows(connection, ids=ids, **parameters))

    def settled() -> bool:
        nonlocal changed, passes
        passes += 1
        done = not itself or not changed or passes >= MOST_PASSES
        changed = 0
        return done

    in_batches(site, entry, work, settled)


def make_searchable(site: Site, entry: Entry) -> None:
    """Make a column that follows from the records' fields anew for all rows: search terms, marks of duplicates."""
    compiled, column = site.records.objects[entry.step.details["object"]], entry.step.name
    table, present = compiled.table, moment(site)
    fields = stored_fields(compiled, sorted(derived_reads(compiled)[column]))
    chosen = sa.update(table).where(table.c.id == sa.bindparam("of")).values({column: sa.bindparam("terms")})

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        made: list[dict[str, Any]] = []
        asked = _locked(compiled, after, upto).add_columns(table.c[column], *stored_columns(fields, table))
        for record, known, *values in connection.execute(asked):
            terms = derived_values(compiled, stored_values(fields, values), present, {column})[column]
            if terms != known:
                made.append({"of": record, "terms": terms})
        if made:
            connection.execute(chosen, made)

    in_batches(site, entry, work)


def _locked(compiled: CompiledObject, after: int, upto: int) -> sa.Select[Any]:
    """Return the choice of a batch's rows, held until the end of the transaction in the order of their ids."""
    id_ = compiled.table.c.id
    return sa.select(id_).where(id_ > after, id_ <= upto).order_by(id_).with_for_update(key_share=True)
