"""The indexes that publishing makes for the periods of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.records.compile import Records

if TYPE_CHECKING:
    from tests.insight.conftest import Ground


def test_periods_are_served_by_an_index(still: Ground) -> None:
    records = still.app.runtime.part(Records)
    named = {
        name: {tuple(column.name for column in index.columns) for index in records.objects[name].table.indexes}
        for name in ("deal", "act", "client")
    }
    assert {("closed_at",), ("due",)} <= named["deal"]
    assert ("happened_at",) in named["act"]
    assert not any(columns == ("name",) for columns in named["client"])
