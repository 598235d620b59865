"""Duplicates by an object's own rules in an import: what blocks is a fault of its row, what is likely comes in and is told, or stays out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.records.commands import create

if TYPE_CHECKING:
    from pathlib import Path

    from support import App

TABLE = "name,phone\n上海申浩贸易,1\n上海申皓贸易有限公司,2\n北京宏图,138 0000 0001\n宁波云图,3\n宁波云图,4\n"


def test_likely_duplicates_are_told_or_held(app: App, tmp_path: Path) -> None:
    path = tmp_path / "guests.csv"
    path.write_text(TABLE, encoding="utf-8")
    app.run(lambda c: create(c, "guest", [{"name": "杭州智联", "phone": "13800000001"}]))
    held = app.bring("guest", path, hold=True, trial=True)
    assert (held.counts.created, held.counts.failed) == (2, 3)
    assert [(one.row, one.column, one.code) for one in app.issues] == [
        (3, "name", "LIKELY_DUPLICATE"),
        (4, "phone", "DUPLICATE"),
        (6, "name", "LIKELY_DUPLICATE"),
    ]
    assert app.issues[0].message.zh == "可能与已有Guest重复：上海申浩贸易"
    report = app.bring("guest", path)
    assert (report.counts.created, report.counts.failed) == (4, 1)
    assert [(one.row, one.column, one.code, one.value) for one in app.issues] == [
        (4, "phone", "DUPLICATE", "138 0000 0001")
    ]
    with app.engine.connect() as connection:
        told = connection.execute(sa.text("SELECT row, errors FROM tenon.import_warning ORDER BY row")).all()
    assert [(row, errors[0]["code"]) for row, errors in told] == [(3, "LIKELY_DUPLICATE"), (6, "LIKELY_DUPLICATE")]
