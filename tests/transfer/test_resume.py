"""Imports that are killed, resumed, large, in other encodings and formats."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from openpyxl import Workbook
from support import KINDS, MAPS, PACKS, ROOT, Serving
from test_import import PIPELINE, bring_sample

from engine.records.compile import compile_records
from engine.refusals import Refusal
from engine.storage.physical import Physical
from engine.storage.transfer_tables import import_job, import_row
from engine.transfer.run import Listener, Report, run_import
from metamodel.read import read_packs

if TYPE_CHECKING:
    from support import App

    from tests.conftest import Database

ROWS = 20_000
HERE = Path(__file__).parent


def write_goods(path: Path, rows: int, *, faulty_every: int = 0) -> None:
    """Write a table of goods of 50 makers; every so many rows one names a maker that is not there."""
    draw = random.Random(7)
    lines = ["sku,name,maker,kind,price,stock,since"]
    for number in range(rows):
        maker = "nobody" if faulty_every and number % faulty_every == 7 else f"M{draw.randrange(50)}"
        price, stock = f"{draw.randrange(1, 99999) / 100:.2f}", draw.randrange(1000)
        day = f"20{draw.randrange(10, 26)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        lines.append(f"S{number},Ware {number},{maker},{draw.choice(['hard', 'soft'])},{price},{stock},{day}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def bring_makers(app: App, folder: Path) -> None:
    """Import the makers that goods are linked to."""
    path = folder / "makers.csv"
    path.write_text("name,code\n" + "".join(f"M{number},C{number}\n" for number in range(50)), encoding="utf-8")
    app.bring("maker", path)


def test_twenty_thousand_rows_come_in_exactly(app: App, tmp_path: Path) -> None:
    bring_makers(app, tmp_path)
    path = tmp_path / "goods.csv"
    write_goods(path, ROWS, faulty_every=1000)
    began = time.process_time()
    report = app.bring("good", path)
    seconds = time.process_time() - began
    assert (report.counts.created, report.counts.failed, report.faults) == (ROWS - 20, 20, 20)
    assert [one.row for one in app.issues] == [number + 2 for number in range(7, ROWS, 1000)]
    count, totals = app.totals("good", stock="sum")
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    good = [line for line in lines if line[2] != "nobody"]
    assert (count, totals["stock"]) == (len(good), sum(int(line[5]) for line in good))
    assert sum(number for (number,) in app.rows("maker", "goods_count")) == len(good)
    assert ROWS / seconds > 500, (
        f"{ROWS / seconds:.0f} rows a second of our processor"
    )  # a wide margin: make bench measures
    again = app.bring("good", path, on_duplicate="skip")
    assert (again.counts.created, again.counts.skipped, again.counts.failed) == (0, ROWS - 20, 20)


@pytest.mark.parametrize("kills", [2])
def test_a_killed_import_goes_on_without_doubles_and_without_gaps(
    app: App, database: Database, tmp_path: Path, kills: int
) -> None:
    bring_makers(app, tmp_path)
    path = tmp_path / "goods.csv"
    write_goods(path, 6000, faulty_every=500)
    positions: list[int] = []
    for _ in range(kills):
        assert subprocess.run(command(database.url, "good", path, dying=3), check=False).returncode == -signal.SIGKILL
        positions.append(_position(app))
    assert positions == sorted(positions)
    assert 0 < positions[0] < positions[-1] < 6001
    created = app.totals("good")[0]
    assert 0 < created < 5988
    ended = subprocess.run(command(database.url, "good", path), capture_output=True, text=True, check=True)
    resumed_at, total = map(int, ended.stdout.split())
    assert resumed_at == positions[-1] + 1
    assert total == 5988
    assert [sku for (sku,) in app.rows("good", "sku")] == [f"S{n}" for n in range(6000) if n % 500 != 7]
    with app.engine.connect() as connection:
        told = sa.select(import_job.c.state, import_job.c.failed, import_job.c.rows).order_by(import_job.c.id)
        jobs = connection.execute(told).all()
        assert jobs[-1] == ("done", 12, 6001)
        assert connection.scalar(sa.select(sa.func.count()).select_from(import_row)) == 12


def command(url: str, name: str, path: Path, *, dying: int = 0) -> list[str]:
    """Return an import as a process of its own, which is killed after so many chunks."""
    return [sys.executable, str(HERE / "support.py"), url, name, str(path), str(dying)]


def _position(app: App) -> int:
    with app.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.max(import_job.c.rows)).where(import_job.c.object == "good")) or 0


def test_an_import_that_another_process_took_over_stops(app: App, tmp_path: Path) -> None:
    bring_makers(app, tmp_path)
    path = tmp_path / "goods.csv"
    write_goods(path, 300)
    order = app.order("good", path, rows=100)
    seen: list[int] = []

    def meddle(done: int) -> None:
        seen.append(done)
        with app.engine.begin() as connection:
            connection.execute(sa.update(import_job).where(import_job.c.object == "good").values(rows=250))

    with pytest.raises(Refusal) as refused:
        run_import(order, app.run, Listener(meddle, lambda _issues: 0))
    assert refused.value.code == "IMPORT_RUNNING"
    assert app.totals("good")[0] == 100


def test_a_chunk_is_in_with_its_place_or_not_at_all(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.transfer import jobs

    bring_makers(app, tmp_path)
    path = tmp_path / "goods.csv"
    write_goods(path, 300)
    real, calls = jobs.note_issues, []

    def fail_once(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power went")
        real(*arguments)

    monkeypatch.setattr(jobs, "note_issues", fail_once)
    with pytest.raises(RuntimeError):
        app.bring("good", path, rows=100)
    assert (app.totals("good")[0], _position(app)) == (100, 101)
    report = app.bring("good", path, rows=100)
    assert (report.resumed_at, report.counts.created, app.totals("good")[0]) == (102, 300, 300)


def test_a_chinese_file_in_gb18030_and_a_spreadsheet_come_in_alike(app: App, tmp_path: Path) -> None:
    makers = tmp_path / "厂商.csv"
    makers.write_bytes("名称;编码\r\n上海榫卯;SH\r\n北京“卯”;BJ\r\n".encode("gb18030"))
    assert app.bring("maker", makers).counts.created == 2
    book = Workbook()
    sheet = book.active
    sheet.append(["货号", "名称", "厂商", "单价", "库存", "在售"])
    sheet.append(["X1", "螺丝", "上海榫卯", 1.2, 3, True])
    sheet.append(["X2", "螺母", "北京“卯”", 1054, None, None])
    sheet.append(["X3", "垫片", "南京", "贵", 1.5, None])
    book.save(tmp_path / "货品.xlsx")
    report = app.bring("good", tmp_path / "货品.xlsx")
    assert (report.counts.created, report.counts.failed) == (2, 1)
    assert [(one.row, one.column) for one in app.issues] == [(4, "厂商"), (4, "单价"), (4, "库存")]
    assert [(row[0], row[1], str(row[2]), row[3]) for row in app.rows("good", "name", "maker", "price", "stock")] == [
        ("螺丝", "上海榫卯", "1.20", 3), ("螺母", "北京“卯”", "1054.00", 0),
    ]  # fmt: skip


def test_a_large_pipeline_has_the_sums_of_its_file(app: App, tmp_path: Path) -> None:
    bring_sample(app, tmp_path)
    draw = random.Random(3)
    lines = [PIPELINE.splitlines()[0]]
    won = 0
    for number in range(3000):
        value = draw.randrange(1, 9999)
        stage, closed = draw.choice([("Won", "2017-03-01"), ("Lost", "2017-04-01"), ("Engaging", "")])
        won += value if stage == "Won" else 0
        amount = value if stage == "Won" else ""
        lines.append(
            f"N{number},{draw.choice(['Anna', 'Bert'])},GTXPro,{draw.choice(['Kleinwerk', ''])},{stage},2017-01-01,{closed},{amount}"
        )
    path = tmp_path / "large.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    report = app.bring("sample_deal", path, MAPS / "sales_pipeline.yaml", on_duplicate="update", rows=700)
    assert (report.counts.created, report.faults) == (3000, 0)
    assert sum(value for (value,) in app.rows("sample_agent", "won_value")) == won + 9514
    assert sum(value for (value,) in app.rows("sample_product", "won_value")) == won + 9514


def test_a_version_published_under_way_is_taken_up_and_one_that_no_longer_fits_stops(app: App, tmp_path: Path) -> None:
    bring_makers(app, tmp_path)
    path = tmp_path / "goods.csv"
    write_goods(path, 300)
    first = app.runtime
    without = read_packs([PACKS[0]], KINDS, search=[ROOT / "packs"]).model
    assert without is not None

    def publish(runtime: Serving) -> Report:
        def swap(_done: int) -> None:
            app.runtime = runtime

        return run_import(app.order("good", path, rows=100), app.run, Listener(swap, lambda _issues: 0))

    with pytest.raises(Refusal) as refused:
        publish(Serving(compile_records(without, Physical(), KINDS), version=2))
    assert refused.value.code == "DEFINITION_CHANGED"
    app.runtime = first
    assert app.totals("good")[0] == 100
    report = publish(Serving(first.records, version=3))
    assert (report.resumed_at, report.counts.created) == (102, 300)
