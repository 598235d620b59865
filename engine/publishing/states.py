"""The steps of a plan that work on records in processes: first stays, and records whose state is removed. The latter go through the door
for writing, so that history, sums and what follows a state are as after any other move; checks are not asked, for nobody enters anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.context import SYSTEM, Context
from engine.publishing import journal
from engine.publishing.batches import in_batches
from engine.publishing.faults import PublishFault
from engine.records.commands import Change, update
from engine.records.stages import UNASKED, Act
from engine.refusals import Refusal
from engine.runtime import compile_app
from engine.storage.work_tables import stay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.publishing.apply import Site
    from engine.publishing.journal import Entry

SOURCE = "publish"


def open_stays(site: Site, entry: Entry) -> None:
    """Give records that stand in a state without a stay that lasts one, marked as backfilled: since when they are there nobody knows.
    A stay from before, when the process had gone for a while, ends where its record has been moved meanwhile."""
    name, field = entry.step.details["object"], entry.step.details["field"]
    compiled = site.records.objects[name]
    table = compiled.table
    column = table.c[compiled.columns[field]]
    known = sa.exists().where(
        stay.c.object == name, stay.c.field == field, stay.c.record_id == table.c.id, stay.c.left_at.is_(None)
    )

    elsewhere = sa.exists().where(table.c.id == stay.c.record_id, column.is_distinct_from(stay.c.state))

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        lasting = (stay.c.object == name, stay.c.field == field, stay.c.left_at.is_(None))
        among = (stay.c.record_id > after, stay.c.record_id <= upto)
        connection.execute(sa.update(stay).where(*lasting, *among, elsewhere).values(left_at=site.clock()))
        missing = sa.select(
            sa.literal(name), table.c.id, sa.literal(field), column, sa.literal(site.clock()), sa.true()
        ).where(table.c.id > after, table.c.id <= upto, column.is_not(None), ~known)
        columns = ["object", "record_id", "field", "state", "entered_at", "backfilled"]
        connection.execute(sa.insert(stay).from_select(columns, missing))

    in_batches(site, entry, work)


def move_states(site: Site, entry: Entry) -> None:
    """Bring records out of removed states to where the definition says."""
    details = entry.step.details
    name, field, moves = details["object"], details["field"], details["moves"]
    runtime = compile_app(0, "", site.records.model, site.records.physical, site.records.shapes.kinds)
    compiled = site.records.objects[name]
    table = compiled.table
    column = table.c[compiled.columns[field]]

    def work(connection: sa.Connection, after: int, upto: int) -> None:
        asked = sa.select(table.c.id, column).where(
            table.c.id > after, table.c.id <= upto, column.in_(list(moves)), table.c.deleted_at.is_(None)
        )
        changes = [Change(number, {field: moves[state]}) for number, state in connection.execute(asked)]
        context = Context(
            SYSTEM,
            site.clock(),
            connection,
            runtime,
            zone=site.home,
            home=site.home,
            calendar=site.calendar,
            source=SOURCE,
        )
        act = Act("transition", moves=frozenset({field}), details={UNASKED: True, "field": field})
        try:
            update(context, name, changes, act=act)
        except Refusal as refusal:
            raise PublishFault("STATES", refusal.message) from refusal
        binned = sa.update(table).where(table.c.id > after, table.c.id <= upto, table.c.deleted_at.is_not(None))
        for state, target in moves.items():
            connection.execute(binned.where(column == state).values({column: target}))

    in_batches(site, entry, work)


def rename_stays(site: Site, entry: Entry) -> None:
    """Let stays follow a renamed object or field once nobody writes them under the former name."""
    with site.engine.begin() as connection:
        if journal.claim(connection, entry).state != journal.DONE:
            follow_rename(connection, entry.step.details)
            journal.finish(connection, entry, site.clock())


def follow_rename(connection: sa.Connection, details: Mapping[str, Any]) -> None:
    """Rewrite the stays of one renamed object or field; one that lasts under both names lasts under the new one."""
    old = (stay.c.object == details["old_object"], stay.c.field == details["old_field"])
    new = stay.alias("new")
    twice = sa.exists().where(
        new.c.object == details["object"],
        new.c.field == details["field"],
        new.c.record_id == stay.c.record_id,
        new.c.left_at.is_(None),
    )
    connection.execute(sa.update(stay).where(*old, stay.c.left_at.is_(None), twice).values(left_at=stay.c.entered_at))
    connection.execute(sa.update(stay).where(*old).values(object=details["object"], field=details["field"]))
