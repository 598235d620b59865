"""What a table and its columns were called in earlier versions, so that what was written under those names is found and read under
today's: a rename changes the mapping of a version, never what is stored."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from engine.storage.tables import version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.storage.physical import Physical

_NAMES = sa.text(
    """
    SELECT v.created_at, t.key AS name, v.physical -> 'columns' -> t.key AS columns,
           v.physical -> 'renames' -> t.key AS renames
    FROM tenon.version v CROSS JOIN jsonb_each_text(v.physical -> 'tables') t
    WHERE t.value = :table ORDER BY v.number
    """
)


LATE = timedelta(minutes=1)  # for so long a process may go on writing under the version before


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which an object name meant the table; None is open-ended."""

    name: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Former:
    """The earlier names of one table. ``moments`` and ``known`` run in parallel: from when on, column by field name. ``present``: the
    field of each column today; ``successors``: the column that took over what another one holds, converted. ``turns``: when which fields without a column were
    renamed."""

    spans: tuple[Span, ...]
    moments: tuple[datetime, ...] = ()
    known: tuple[Mapping[str, str], ...] = ()
    present: Mapping[str, str] | None = None
    successors: Mapping[str, str] | None = None
    turns: tuple[tuple[datetime, Mapping[str, str]], ...] = ()

    def wanted(self, name: sa.ColumnElement[str], at: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
        """Return the condition for rows that were written of this table's records."""
        conditions = []
        for span in self.spans:
            condition: sa.ColumnElement[bool] = name == span.name
            if span.start is not None:
                condition = sa.and_(condition, at >= span.start)
            if span.end is not None:
                condition = sa.and_(condition, at < span.end)
            conditions.append(condition)
        return sa.or_(*conditions)

    def today(self, changes: Mapping[str, Any], at: datetime) -> Mapping[str, Any]:
        """Return changes, by field, under the names that the fields have today; what is no field any more keeps its name."""
        if not self.known and not self.turns:
            return changes
        found: dict[str, Any] = {}
        for key, change in changes.items():
            root, dot, rest = key.partition(".")
            found.setdefault(f"{self._name(root, at)}{dot}{rest}", change)
        return found

    def _name(self, field: str, at: datetime) -> str:
        """Return today's name of a field that was called so at a time. A process may go on writing under an older version for a
        moment, so earlier versions are asked before later ones."""
        place = bisect_right(self.moments, at)
        for known in (*reversed(self.known[:place]), *self.known[place:]):
            column = known.get(field)
            if column is not None:
                return self._now(column) or field
        for moment, renames in self.turns:
            if moment > at - LATE:
                field = renames.get(field, field)
        return field

    def _now(self, column: str) -> str:
        seen: set[str] = set()
        present, successors = self.present or {}, self.successors or {}
        while column not in present and column in successors and column not in seen:
            seen.add(column)
            column = successors[column]
        return present.get(column, "")


def read_former(connection: sa.Connection, object_name: str, physical: Physical) -> Former:
    """Return the earlier names of an object's table, as the published versions have them; ``physical`` is today's mapping."""
    table = physical.tables.get(object_name, "")
    rows = connection.execute(_NAMES, {"table": table}).all()
    if not rows:
        return Former((Span(object_name),))
    moments: list[datetime] = []
    known: list[Mapping[str, str]] = []
    for row in rows:
        columns = _by_field(row.columns or {})
        if not known or known[-1] != columns:
            moments.append(row.created_at)
            known.append(columns)
    present: dict[str, str] = {}
    for key, column in physical.columns.get(object_name, {}).items():
        present[column] = key.split(".")[0]
    turns = tuple((row.created_at, row.renames) for row in rows if row.renames)
    successors = {column: held.successor for column, held in physical.spent.get(table, {}).items() if held.successor}
    spans = _spans(connection, table, sorted({object_name, *(row.name for row in rows)}))
    return Former(spans, tuple(moments), tuple(known), present, successors, turns)


def _by_field(columns: Mapping[str, str]) -> dict[str, str]:
    """Return one column a field: of a link to several objects any tells the field."""
    return {key.split(".")[0]: column for key, column in sorted(columns.items(), reverse=True)}


def _spans(connection: sa.Connection, table: str, names: Sequence[str]) -> tuple[Span, ...]:
    """Return when each name meant the table: until another table has it, since older processes may write it a moment longer."""
    found: list[Span] = []
    for name in names:
        holder = version.c.physical["tables"][name].astext
        asked = sa.select(version.c.created_at, holder.label("held")).where(holder.is_not(None))
        turns: list[tuple[datetime, str]] = []
        for at, held in connection.execute(asked.order_by(version.c.number)):
            if not turns or turns[-1][1] != held:
                turns.append((at, held))
        for place, (at, held) in enumerate(turns):
            if held == table:
                end = turns[place + 1][0] if place + 1 < len(turns) else None
                found.append(Span(name, at if place else None, end))
    return tuple(found)
