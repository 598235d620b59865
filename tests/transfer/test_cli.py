"""The commands: ``load`` of the sample pack run as people run it; faults, error file and exit codes."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import ROOT
from test_import import FILES, PIPELINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Commands
    from tests.conftest import Database

Run = "Callable[..., subprocess.CompletedProcess[str]]"


@pytest.fixture
def run(database_factory: Callable[..., Database], redis_url: str, tmp_path: Path, commands: Commands) -> Run:
    """Return a function that runs ``tenon``, or a script, on an installation of the test's own."""
    surroundings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TENON_")},
        "TENON_HOME": str(tmp_path / "home"),
        "TENON_DATABASE_URL": database_factory().url,
        "TENON_REDIS_URL": redis_url,
        "LANG": "C.UTF-8",
    }

    def call(*command: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        program, *words = map(str, command)
        if program == "tenon":
            done = commands(*words, env=surroundings)
        else:
            done = subprocess.run(
                [program, *words], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
            )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return call


def test_load_and_the_commands(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for _, stem, text in FILES:
        (folder / f"{stem}.csv").write_text(text, encoding="utf-8")
    load = ROOT / "packs/crm_sample/load"
    assert "created 5 · updated 0 · left alone 0" in run(load, folder).stderr
    run(load, tmp_path / "nowhere", code=2)
    tenon, mapping = "tenon", ROOT / "packs/crm_sample/imports/sales_pipeline.yaml"
    faulty = folder / "sales_pipeline.csv"
    again = run(tenon, "import", "sample_deal", faulty, "--map", mapping, "--on-duplicate", "update")
    assert "created 0 · updated 0 · left alone 5" in again.stderr
    out = tmp_path / "deals.csv"
    run(tenon, "export-records", "sample_deal", out, "--view", "all")
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 6

    faulty.write_text(PIPELINE.replace("A3,Anna", "B3,Nobody").replace("A4", "B4"), encoding="utf-8")
    options = (faulty, "--map", mapping, "--on-duplicate", "skip", "--format", "json")
    dry = json.loads(run(tenon, "import", "sample_deal", *options, "--dry-run", code=1).stdout)
    assert (dry["created"], dry["failed"], dry["written"]) == (1, 1, False)
    real = run(tenon, "import", "sample_deal", *options, code=1)
    done = json.loads(real.stdout)
    assert (done["created"], done["skipped"], done["failed"], done["written"]) == (1, 3, 1, True)
    assert "row 4 [sales_agent] “Nobody”" in real.stderr
    assert Path(done["errors"]).stat().st_mode & 0o077 == 0  # it repeats what stood in the table
    with Path(done["errors"]).open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1][:4] == ["4", "sales_agent", "Nobody", "DANGLING_LINK"]

    bad = tmp_path / "map.yaml"
    bad.write_text("import: sample_deal\ncolumns:\n  opportunity_id: nummer\n", encoding="utf-8")
    told = run(tenon, "import", "sample_deal", faulty, "--map", bad, code=1).stderr
    assert f"{bad}:3:19  UNKNOWN_FIELD" in told
    assert "did you mean number?" in told
    assert f"{faulty}:1:16  UNMAPPED_COLUMN" in told
    header, caret = told[told.index(f"{faulty}:1:16") :].splitlines()[1:3]
    assert header[caret.index("^") :].startswith("sales_agent,")
    run(tenon, "import", "sample_deel", faulty, code=1)
    run(tenon, "import", "sample_deal", tmp_path / "nothing.csv", code=2)
