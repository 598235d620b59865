"""Fields of several values, times, durations and data through files: what goes out comes back, and what people type in cells is understood
or refused in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.records.commands import create
from engine.transfer.export import export_records

if TYPE_CHECKING:
    from pathlib import Path

    from support import App

FIELDS = ("name", "makers", "seasons", "tags", "opens", "term", "raw")


def makers(app: App) -> None:
    """Make three makers, of which one holds a separator in its name."""
    names = [("Acme", "A1"), ("Rope; Sail", "R1"), ("云杉", "Y1")]
    app.run(lambda c: create(c, "maker", [{"name": name, "code": code} for name, code in names]))


def kits(app: App) -> list[tuple[object, ...]]:
    """Return all kits, links as ids."""
    found = app.rows("kit", *FIELDS)
    return [tuple(_plain(value) for value in row) for row in found]


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [getattr(one, "id", one) for one in value]
    return value if value is None or isinstance(value, dict) else str(value)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_goes_out_comes_back(app: App, tmp_path: Path, suffix: str) -> None:
    makers(app)
    whole = {"makers": [1, 2, 3], "seasons": ["autumn", "spring"], "tags": ["VIP", "trade fair"], "opens": "09:30"}
    rows = [{"name": "k1", **whole, "term": "1y6mo", "raw": {"a": [1]}}, {"name": "k2"}]
    app.run(lambda c: create(c, "kit", rows))
    before = kits(app)
    path = tmp_path / f"kits{suffix}"
    app.run(lambda c: export_records(c, "kit", path))
    report = app.bring("kit", path, on_duplicate="update")
    assert (report.faults, report.counts.skipped) == (0, 2), app.issues
    assert kits(app) == before


def test_cells_are_read_as_people_type_them(app: App, tmp_path: Path) -> None:
    makers(app)
    path, mapping = tmp_path / "kits.csv", tmp_path / "map.yaml"
    path.write_text(
        "name,makers,seasons,tags,opens,term\n"
        "k1,A1; Y1,春、秋,#VIP；trade fair,下午3点,2周\n"
        "k2,A1;nobody,春,,930,14\n"
        "k3,,summer,,,\n",
        encoding="utf-8",
    )
    lines = [f"  {name}: {name}" for name in ("name", "seasons", "tags", "opens", "term")]
    mapping.write_text(
        "\n".join(["import: kit", "columns:", *lines, "  makers: {field: makers, by: code}"]), encoding="utf-8"
    )
    report = app.bring("kit", path, mapping)
    assert report.counts.created == 1, app.issues
    assert kits(app) == [("k1", [1, 3], ["spring", "autumn"], ["VIP", "trade fair"], "15:00", "14d", None)]
    told = {(one.row, one.column, one.code) for one in app.issues}
    assert told == {
        (3, "makers", "DANGLING_LINK"),
        (3, "opens", "MALFORMED"),
        (3, "term", "MALFORMED"),
        (4, "seasons", "UNKNOWN_CHOICE"),
    }
