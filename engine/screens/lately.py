"""What was changed last of an object. No index has records by when they were changed, since each change would cost more by it: of very
many records those are looked at that the end of the history tells of."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from engine.records.query import read_page
from engine.records.rights import ALL
from engine.records.table import keyset_name
from engine.storage.history import last_written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.records.compile import CompiledObject
    from engine.records.query import Query, Row
    from engine.screens.site import Visit

LOOKED_BACK = 2000  # changes, of all objects together
BY_CHANGE = ("-updated_at",)


class Lately:
    """The last changes of some objects, for one visit."""

    def __init__(self, visit: Visit, names: Sequence[str]) -> None:
        self._visit = visit
        self._large = [name for name in names if self._is_long(visit.records.objects[name])]

    def rows(self, asked: Query, *, own: bool = False) -> list[Row]:
        """Return the records that a question is about, changed last first. ``own``: they are the viewer's, so that an index finds them.
        Of very many records of everybody's it may leave out some that were changed long ago."""
        context, exact = self._visit.context, replace(asked, sort=BY_CHANGE)
        if asked.object not in self._large:
            return read_page(context, exact).items
        told = self._told.get(asked.object, ())
        found = read_page(context, replace(exact, ids=told)).items if told else []
        if len(found) == asked.limit:
            return found
        if own or self._visit.rights.scopes(asked.object, "read") != ALL:
            return read_page(context, exact).items
        newest = read_page(context, replace(asked, sort=("-id",))).items
        both = {row["id"]: row for row in (*newest, *found)}.values()
        return sorted(both, key=lambda row: row["updated_at"], reverse=True)[: asked.limit]

    @cached_property
    def _told(self) -> Mapping[str, tuple[int, ...]]:
        return last_written(self._visit.context.connection, self._large, LOOKED_BACK)

    def _is_long(self, compiled: CompiledObject) -> bool:
        table = compiled.table
        served = keyset_name(table.name, "updated_at", descending=True)
        return self._visit.records.sizes.is_large(table) and all(index.name != served for index in table.indexes)
