"""Chunks that are under way two at a time: the same outcome as one after the other, whatever the timing."""

from __future__ import annotations

import gc
import random
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
from test_resume import command

from engine.refusals import Refusal
from engine.transfer import chunk, lanes
from engine.transfer.lanes import independent
from engine.transfer.run import Listener, run_import

if TYPE_CHECKING:
    from pathlib import Path

    from support import App

    from tests.conftest import Database


def write_makers(path: Path, codes: list[str]) -> Path:
    """Write a table of makers; a row's name says where in the file it stands."""
    path.write_text("code,name\n" + "".join(f"{code},N{at}\n" for at, code in enumerate(codes)), encoding="utf-8")
    return path


def test_only_objects_whose_chunks_do_not_touch_each_other_go_in_two_lanes(app: App, tmp_path: Path) -> None:
    tables = {
        "maker": "code,name\nA,a\n", "good": "sku,name\nA,a\n", "sample_account": "name,parent_company\nA,\n",
        "sample_agent": "name\nA\n", "note": "body\nA\n", "guest": "name\nA\n",
    }  # fmt: skip
    found = {}
    for name, text in tables.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(text)
        found[name] = independent(app.runtime.records, app.order(name, path).plan)
    assert {name for name, alone in found.items() if alone} == {"maker", "sample_agent", "note"}


@pytest.mark.parametrize("on_duplicate", ["update", "skip", "fail"])
def test_keys_that_come_again_are_taken_in_the_order_of_the_file(app: App, tmp_path: Path, on_duplicate: str) -> None:
    draw = random.Random(11)
    codes = [f"C{draw.randrange(160)}" for _ in range(400)]
    codes[37] = " ｃ5 "  # the same text when compared coarsely, another one when stored
    path = write_makers(tmp_path / "makers.csv", codes)
    report = app.bring("maker", path, on_duplicate=on_duplicate, rows=23)
    last: dict[str, str] = {}
    for at, code in enumerate(codes):
        if on_duplicate == "update" or code.strip() not in last:
            last[code.strip()] = f"N{at}"
    assert dict(app.rows("maker", "code", "name")) == last
    assert report.counts.created == len(last)
    again = len(codes) - len(last)
    counts = report.counts
    assert {"update": counts.updated, "skip": counts.skipped, "fail": counts.failed}[on_duplicate] == again


def test_chunks_land_in_order_though_later_ones_are_faster(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = chunk.create

    def slow(context: object, name: str, batch: list[dict[str, str]], **options: object) -> object:
        time.sleep(0.02 if int(batch[0]["name"][1:]) // 10 % 2 else 0.2)
        return real(context, name, batch, **options)

    monkeypatch.setattr(chunk, "create", slow)
    monkeypatch.setattr(lanes, "PATIENCE", 0.1)  # some begin anew
    path = write_makers(tmp_path / "makers.csv", [f"C{at}" for at in range(120)])
    heard: list[int] = []
    collecting: list[bool] = []

    def progress(done: int) -> None:
        heard.append(done)
        collecting.append(gc.isenabled())

    report = run_import(app.order("maker", path, rows=10), app.run, Listener(progress, lambda _: 0))
    assert heard == sorted(heard)
    assert not any(collecting)
    assert gc.isenabled()
    assert (report.counts.created, app.totals("maker")[0]) == (120, 120)


def test_a_chunk_that_fails_takes_the_one_behind_it_along(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls, behind = chunk.create, [], threading.Event()

    def failing(context: object, name: str, batch: list[dict[str, str]], **options: object) -> object:
        calls.append(batch[0]["name"])
        if batch[0]["name"] == "N40":
            behind.set()
        if batch[0]["name"] == "N30":
            behind.wait(60)  # the next one is under way
            raise RuntimeError("the power went")
        return real(context, name, batch, **options)

    path = write_makers(tmp_path / "makers.csv", [f"C{at}" for at in range(100)])
    with monkeypatch.context() as patched:
        patched.setattr(chunk, "create", failing)
        with pytest.raises(RuntimeError):
            app.bring("maker", path, rows=10)
    assert "N40" in calls
    assert app.totals("maker")[0] == 30
    report = app.bring("maker", path, rows=10)
    assert (report.resumed_at, report.counts.created, app.totals("maker")[0]) == (32, 100, 100)


def test_a_unique_place_taken_by_the_chunk_before_is_a_fault_of_the_row(app: App, tmp_path: Path) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text("key: [name]\ncolumns: {code: code, name: name}\n")
    codes = [f"C{at}" for at in range(60)]
    codes[35] = "C3"
    report = app.bring("maker", write_makers(tmp_path / "makers.csv", codes), mapping, on_duplicate="skip", rows=20)
    assert (report.counts.created, report.counts.failed) == (59, 1)
    assert [(one.row, one.column, one.value, one.code) for one in app.issues] == [(37, "code", "C3", "DUPLICATE")]


def test_a_killed_import_in_two_lanes_goes_on(app: App, database: Database, tmp_path: Path) -> None:
    path = write_makers(tmp_path / "makers.csv", [f"C{at}" for at in range(8000)])
    for _ in range(2):
        killed = subprocess.run(command(database.url, "maker", path, dying=3), check=False)
        assert killed.returncode == -signal.SIGKILL
    assert 0 < app.totals("maker")[0] < 8000
    subprocess.run(command(database.url, "maker", path), check=True, capture_output=True)
    found = [code for (code,) in app.rows("maker", "code")]
    assert len(found) == 8000
    assert set(found) == {f"C{at}" for at in range(8000)}


def test_two_processes_at_one_file_do_not_double_it(app: App, tmp_path: Path) -> None:
    path = write_makers(tmp_path / "makers.csv", [f"C{at}" for at in range(400)])
    outcomes: list[object] = []

    def bring() -> None:
        try:
            outcomes.append(
                run_import(
                    app.order("maker", path, rows=20, on_duplicate="skip"),
                    app.run,
                    Listener(lambda _: None, lambda _: 0),
                )
            )
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=bring) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert app.totals("maker")[0] == 400
    assert all(outcome == "IMPORT_RUNNING" or not isinstance(outcome, str) for outcome in outcomes)
