"""Exports: what they hold, for whom, and that an import reads them back."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from test_import import bring_sample

from engine.context import Actor
from engine.records.commands import create
from engine.refusals import Refusal
from engine.transfer.export import export_records

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
