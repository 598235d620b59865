"""What the first page shows of an object with very many records: what was changed last, and what comes first. No index has records by when
they were changed, since each change would cost more by it; and a page that everybody opens looks through so many records and no further."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from engine.records.query import Query, read_page, read_totals
from engine.records.rights import ALL
from engine.records.table import keyset_name
from engine.storage.history import last_written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.records.compile import CompiledObject
    from engine.records.query import Row
    from engine.screens.site import Visit

LOOKED_BACK = 2000  # changes, of all objects together
GATHERED = 5000  # records of one person's that are all looked at
CHANGED = "updated_at"


class Lately:
    """What is told of some objects on one visit."""

    def __init__(self, visit: Visit, names: Sequence[str]) -> None:
        self._visit = visit
        self._large = [name for name in names if visit.records.sizes.is_large(visit.records.objects[name].table)]
        self._few: dict[tuple[str, str], bool] = {}

    def rows(self, asked: Query, *, own: bool = False) -> list[Row]:
        """Return the records that a question is about, changed last first. ``own``: they are the viewer's. Of very many it may leave out
        some that were changed long ago."""
        context, exact = self._visit.context, replace(asked, sort=(f"-{CHANGED}",))
        if not self._is_long(asked.object) or self._are_few(asked.object, own=own):
            return read_page(context, exact).items
        told = self._told.get(asked.object, ())
        found = read_page(context, replace(exact, ids=told)).items if told else []
        if len(found) == asked.limit:
            return found
        newest = read_page(context, replace(asked, sort=("-id",), near=True)).items
        both = {row["id"]: row for row in (*newest, *found)}.values()
        return sorted(both, key=lambda row: row[CHANGED], reverse=True)[: asked.limit]

    def first(self, asked: Query) -> list[Row]:
        """Return what comes first of what a question is about, by its own order. Where the viewer sees a part of very many, it may leave out
        some that come late in it."""
        limited = self._visit.rights.scopes(asked.object, "read") != ALL
        near = limited and asked.object in self._large and not self._are_few(asked.object, own=False)
        return read_page(self._visit.context, replace(asked, near=near)).items

    @cached_property
    def _told(self) -> Mapping[str, tuple[int, ...]]:
        return last_written(self._visit.context.connection, self._large, LOOKED_BACK)

    def _is_long(self, name: str) -> bool:
        """Whether an object has very many records, and no index by when they were changed."""
        table = self._visit.records.objects[name].table
        served = keyset_name(table.name, CHANGED, descending=True)
        return name in self._large and all(index.name != served for index in table.indexes)

    def _are_few(self, name: str, *, own: bool) -> bool:
        """Whether the records that are the viewer's own, or theirs to see, can all be looked at."""
        compiled: CompiledObject = self._visit.records.objects[name]
        limited = self._visit.rights.scopes(name, "read") != ALL
        if not (own or limited):
            return False
        asked = "" if limited else f"{compiled.owner} = me"
        if (name, asked) not in self._few:
            counted = Query(name, ("id",), filter=asked, count=True, counted=GATHERED)
            self._few[name, asked] = (read_totals(self._visit.context, counted).count or 0) < GATHERED
        return self._few[name, asked]
