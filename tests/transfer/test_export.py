"""Exports: what they hold, for whom, and that an import reads them back."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from test_import import bring_sample

from engine.context import Actor
from engine.records.commands import create
from engine.refusals import Refusal
from engine.transfer.export import Wanted, export_records, export_wanted
from engine.transfer.mapping import suggested

if TYPE_CHECKING:
    from pathlib import Path

    from support import App

NASTY = ["=HYPERLINK(1)", "+1", "-1", "@x", " =1", "'=1", "ordinary", "it's", 'a,b;c"d']


def table(path: Path) -> list[list[str]]:
    """Return a CSV file's rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_export_is_read_back_as_it_was(app: App, tmp_path: Path, suffix: str) -> None:
    bring_sample(app, tmp_path)
    for name in ("sample_account", "sample_agent", "sample_product", "sample_deal"):
        path = tmp_path / f"{name}{suffix}"
        count = app.run(lambda context, name=name, path=path: export_records(context, name, path))
        before = app.state(name)
        assert count == len(before)
        report = app.bring(name, path, on_duplicate="update")
        assert (report.faults, report.counts.skipped) == (0, count), app.issues
        assert app.state(name) == before


def test_no_text_becomes_a_formula_and_all_come_back(app: App, tmp_path: Path) -> None:
    app.run(
        lambda context: create(context, "maker", [{"name": text, "code": f"C{at}"} for at, text in enumerate(NASTY)])
    )
    path = tmp_path / "makers.csv"
    app.run(lambda context: export_records(context, "maker", path))
    cells = [row[0] for row in table(path)[1:]]
    assert all(cell.lstrip()[:1] not in set("=+-@") for cell in cells)
    app.run(lambda context: export_records(context, "maker", tmp_path / "makers.xlsx"))
    sheet = load_workbook(tmp_path / "makers.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=2) for cell in row} == {"s"}
    for suffix in (".csv", ".xlsx"):
        report = app.bring("maker", tmp_path / f"makers{suffix}", on_duplicate="update")
        assert (report.counts.skipped, report.faults) == (len(NASTY), 0)
    assert [name for (name,) in app.rows("maker", "name")] == [text.strip() for text in NASTY]


def test_a_view_says_columns_filter_and_order(app: App, tmp_path: Path) -> None:
    bring_sample(app, tmp_path)
    path = tmp_path / "won.csv"
    app.run(lambda context: export_records(context, "sample_deal", path, view="won"))
    assert [row[0] for row in table(path)] == ["Number", "A2", "A1"]
    app.run(lambda context: export_records(context, "sample_deal", tmp_path / "won.xlsx", view="won"))
    sheet = load_workbook(tmp_path / "won.xlsx").active
    assert sheet["H2"].value == 5000
    assert sheet["F2"].value.isoformat().startswith("2017-04-11")


def test_what_one_may_not_see_is_not_in_it(app: App, tmp_path: Path) -> None:
    bring_sample(app, tmp_path)
    path = tmp_path / "out.csv"
    reader = Actor(1, "reader", roles=frozenset({"sample_reader"}))
    stranger = Actor(2, "stranger")
    assert app.run(lambda context: export_records(context, "sample_deal", path), reader) == 5
    path.unlink()
    for actor, name, code in ((stranger, "sample_deal", "FORBIDDEN"), (reader, "maker", "FORBIDDEN")):
        with pytest.raises(Refusal) as refused:
            app.run(lambda context, name=name: export_records(context, name, path), actor)
        assert refused.value.code == code
        assert not path.exists()


def test_masks_are_no_values_to_export(app: App, tmp_path: Path) -> None:
    path, keeper = tmp_path / "out.csv", Actor(1, "keeper", roles=frozenset({"keeper"}))
    for wanted in (Wanted("good", columns=("name", "price")), Wanted("batch", columns=("code", "good.price"))):
        with pytest.raises(Refusal) as refused:
            app.run(lambda context, wanted=wanted: export_wanted(context, wanted, path), keeper)
        assert (refused.value.code, wanted.columns[1] in refused.value.message.en) == ("NOT_EXPORTABLE", True)
        assert not path.exists()
    app.run(lambda context: export_wanted(context, Wanted("good"), path), keeper)
    assert "Name" in table(path)[0]
    assert "Price" not in table(path)[0]


@pytest.mark.parametrize(
    ("name", "file", "view", "code"),
    [
        ("sample_deel", "a.csv", "", "UNKNOWN_OBJECT"),
        ("sample_deal", "a.csv", "wonn", "UNKNOWN_VIEW"),
        ("sample_deal", "a.pdf", "", "UNKNOWN_FORMAT"),
    ],
)
def test_what_can_not_be_exported_is_said_and_leaves_no_file(
    app: App, tmp_path: Path, name: str, file: str, view: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        app.run(lambda context: export_records(context, name, tmp_path / file, view=view))
    assert refused.value.code == code
    assert not list(tmp_path.iterdir())


BATCH = {
    "code": "B1",
    "state": "done",
    "made_at": "2026-11-22T00:22:46.838874+00:00",
    "made_on": "2025-12-31",
    "share": "0.125",
    "cost": "1234.5",
    "checked": True,
}
PLAIN = {
    "Code": "B1",
    "Good": "",
    "State": "Done",
    "Made at": "2026-11-22 08:22:46",
    "Made on": "2025-12-31",
    "Share": "12.5%",
    "Cost": "1234.50",
    "Checked": "Yes",
    "Until": "2025-12-31",
    "Seen at": "2026-11-22 08:22:46",
    "Spent": "1234500.00",
    "Third": "41150%",
    "Good one": "Yes",
}


def test_computed_and_stored_values_stand_plainly_in_a_file_for_machines(app: App, tmp_path: Path) -> None:
    app.run(lambda context: create(context, "batch", [BATCH]))
    path = tmp_path / "batches.csv"
    app.run(lambda context: export_records(context, "batch", path))
    header, row = table(path)
    assert dict(zip(header, row, strict=True)) == PLAIN


def test_moments_are_the_viewers_and_carry_an_offset_where_the_clocks_show_them_twice(app: App, tmp_path: Path) -> None:
    twice = {"code": "B2", "made_at": "2026-10-25T01:30:00+00:00"}
    app.run(lambda context: create(context, "batch", [BATCH, twice]))
    path = tmp_path / "batches.csv"
    berlin = ZoneInfo("Europe/Berlin")
    app.run(lambda context: export_records(replace(context, zone=berlin), "batch", path))
    _, first, second = table(path)
    assert first[3] == first[9] == "2026-11-22 01:22:46"
    assert second[3] == second[9] == "2026-10-25 02:30:00 +0100"


def test_a_sheet_holds_real_numbers_days_and_moments(app: App, tmp_path: Path) -> None:
    midnight = {"code": "B2", "made_at": "2026-11-21T16:00:00+00:00", "made_on": "1899-12-31"}
    whole = {**BATCH, "made_at": "2026-11-22T00:22:46+00:00"}
    app.run(lambda context: create(context, "batch", [whole, midnight]))
    path = tmp_path / "batches.xlsx"
    app.run(lambda context: export_records(context, "batch", path))
    rows = list(load_workbook(path).active.iter_rows())
    cells = {name.value: cell for name, cell in zip(rows[0], rows[1], strict=True)}
    moment, day = datetime(2026, 11, 22, 8, 22, 46), datetime(2025, 12, 31)  # noqa: DTZ001 - as a sheet has them
    for name, value, shown in (
        ("Made at", moment, "yyyy-mm-dd hh:mm:ss"),
        ("Seen at", moment, "yyyy-mm-dd hh:mm:ss"),
        ("Made on", day, "yyyy-mm-dd"),
        ("Until", day, "yyyy-mm-dd"),
        ("Share", 0.125, "0.0%"),
        ("Cost", 1234.5, "0.00"),
        ("Spent", 1234500, "0.00"),
        ("Third", 411.5, "0%"),
    ):
        assert (cells[name].value, cells[name].number_format) == (value, shown), name
    assert (cells["State"].value, cells["Checked"].value, cells["Good"].value) == ("Done", "Yes", None)
    assert rows[2][4].value == "1899-12-31"
    before = app.state("batch")
    report = app.bring("batch", path, on_duplicate="update")
    assert (report.faults, report.counts.skipped) == (0, 2), app.issues
    assert app.state("batch") == before


def test_columns_beyond_links_are_exported_and_left_out_by_an_import(app: App, tmp_path: Path) -> None:
    app.run(lambda context: create(context, "maker", [{"name": "Acme", "code": "A"}]))
    good = {"sku": "X1", "name": "Bolt", "maker": {"by": {"code": "A"}}, "price": "2.5"}
    app.run(lambda context: create(context, "good", [good]))
    app.run(lambda context: create(context, "batch", [{"code": "B1", "good": {"by": {"sku": "X1"}}}]))
    path = tmp_path / "view.csv"
    app.run(lambda context: export_records(context, "batch", path, view="all"))
    assert table(path) == [
        ["Code", "Good · Maker", "Good · Price", "Created"],
        ["B1", "Acme", "2.50", "2026-01-05 09:00:00"],
    ]
    columns = suggested(app.runtime.records.objects["batch"], ("Code", "Good · Maker", "Nothing · Maker")).columns
    assert {name: one.into for name, one in columns.items()} == {"Code": "code", "Good · Maker": ""}


def test_a_column_of_a_view_that_goes_into_no_cell_is_refused_and_named(app: App, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        app.run(lambda context: export_records(context, "maker", tmp_path / "a.csv", view="stock"))
    assert refused.value.code == "NOT_EXPORTABLE"
    assert "cell: goods." in refused.value.message.en
    assert not list(tmp_path.iterdir())
