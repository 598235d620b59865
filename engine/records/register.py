"""The register of one moment: settings and figures that people record by name are records of the built-in pack; targets are asked of the
floor that holds them. What was asked once is not read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from engine.records.statement import prepare
from metamodel.expressions.named import FIGURES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from engine.context import Context
    from engine.records.compile import Records
    from engine.records.statement import Statement


class FindTarget(Protocol):
    """Finds what the actor's figures are held against in a period ("": the present one); None where nothing is set."""

    def __call__(self, context: Context, name: str, period: str, /) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Targets:
    """The runtime's part that knows targets (``context.runtime.part(Targets).find(…)``)."""

    find: FindTarget


class KeptRegister:
    """What SETTING, RECORDED and TARGET ask, as definitions see it: without anybody's access to the records behind it."""

    def __init__(self, context: Context, records: Records, now: datetime) -> None:
        self._context, self._records, self._now = context, records, now
        self._known: dict[tuple[str, ...], Any] = {}

    def setting(self, name: str) -> str | None:
        """Return the text of a setting; None where there is none of that name."""
        found: str | None = self._kept(SETTINGS, name, _setting)
        return found

    def recorded(self, name: str) -> Decimal | None:
        """Return the figure recorded last under a name, not later than the moment; of two at one time that which was entered later."""
        found: Decimal | None = self._kept(FIGURES, name, _recorded)
        return found

    def target(self, name: str, period: str) -> Decimal | None:
        """Return what the viewer's figures are held against in a period ("": the present one)."""
        key = ("target", name, period)
        if key not in self._known:
            try:
                part = self._context.runtime.part(Targets)
            except KeyError:
                return None  # a runtime without the floor that knows them
            self._known[key] = part.find(self._context, name, period)
        found: Decimal | None = self._known[key]
        return found

    def _kept(self, object_name: str, name: str, make: Callable[[Records], Statement]) -> Any:
        key = (object_name, name)
        if key not in self._known:
            if object_name not in self._records.objects:
                return None
            statement = self._records.memory.get(("register", object_name), lambda: make(self._records))
            rows = statement.rows(self._context.connection, name=name, **self._times(object_name))
            self._known[key] = rows[0][0] if rows else None
        return self._known[key]

    def _times(self, object_name: str) -> dict[str, datetime]:
        return {"now": self._now} if object_name == FIGURES else {}


def _asked(records: Records, object_name: str) -> tuple[sa.Table, Mapping[str, str], sa.Select[Any]]:
    compiled = records.objects[object_name]
    table, columns = compiled.table, compiled.columns
    named = table.c[columns["name"]] == sa.bindparam("name", type_=sa.Text())
    return table, columns, sa.select(table.c[columns["value"]]).where(named, table.c.deleted_at.is_(None)).limit(1)


def _setting(records: Records) -> Statement:
    return prepare(_asked(records, SETTINGS)[2])


def _recorded(records: Records) -> Statement:
    table, columns, asked = _asked(records, FIGURES)
    at = table.c[columns["at"]]
    there = at <= sa.bindparam("now", type_=sa.TIMESTAMP(timezone=True))
    return prepare(asked.where(there).order_by(at.desc(), table.c.id.desc()))
