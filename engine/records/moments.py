"""The moment of an evaluation taken from a Context: now, the organisation's zone, the viewer, labels in their language. The viewer's
own record is read from the database when an expression asks for more of it than the session knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.expressions.sql import SqlMoment
from engine.expressions.values import Moment
from engine.records.catalogue import Catalogue
from engine.records.register import KeptRegister
from engine.records.shape import USER
from engine.records.sqlscope import Joins, RecordScope
from engine.records.statement import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from engine.context import Context
    from engine.expressions.values import Reader, Value
    from engine.records.compile import Records
    from engine.records.statement import Statement

HOME = ZoneInfo("Asia/Shanghai")


class Me:
    """The viewer's user record as expressions read it (``me.department.name``)."""

    def __init__(self, context: Context, records: Records) -> None:
        self._context, self._records = context, records
        actor = context.actor
        self._known: dict[tuple[str, ...], Value] = {
            ("id",): actor.id,
            ("login",): actor.login,
            ("name",): actor.name,
            ("department",): actor.department,
            ("manager",): actor.manager,
        }

    def get(self, path: tuple[str, ...]) -> Value:
        """Return the value at ``path`` of the viewer's record."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def rows(self, path: tuple[str, ...]) -> Iterable[Reader]:
        """Return nothing: what hangs on the viewer's record is no business of expressions."""
        del path
        return ()

    def _read(self, path: tuple[str, ...]) -> Value:
        records, context = self._records, self._context

        def make() -> tuple[Statement, SqlMoment]:
            compiled = records.objects[USER]
            alias = compiled.table.alias("t")
            joins = Joins(alias)
            moment = SqlMoment()
            column = RecordScope(compiled, alias, moment, joins=joins).column(path)
            statement = (
                sa.select(column)
                .select_from(joins.clause)
                .where(alias.c.id == sa.bindparam("me_id", type_=sa.BigInteger))
            )
            return prepare(statement), moment

        statement, moment = records.memory.get(("me", path), make)
        values = moment.values(Moment(now=context.now, home=context.home or HOME, calendar=context.calendar))
        rows = statement.rows(context.connection, me_id=context.actor.id, **values)
        return rows[0][0] if rows else None


def moment_of(context: Context, records: Records, now: datetime | None = None) -> Moment:
    """Return the moment of a context; ``now`` stands in for its own where a list goes on from an earlier page."""

    def labels(object_name: str, field: str) -> Mapping[str, str]:
        choices = records.objects[object_name].fields[field].choices
        return {name: choice.label(context.language) for name, choice in choices.items()}

    actor = context.actor
    moment = Moment(
        now=now or context.now,
        home=context.home or HOME,
        me=None if actor.id is None else Me(context, records),
        roles=actor.roles,
        language=context.language,
        labels=labels,
        calendar=context.calendar,
    )
    return replace(
        moment, look_up=Catalogue(context, records, moment), register=KeptRegister(context, records, moment.now)
    )
