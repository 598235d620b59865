"""``tenon plan | install | remove | export | versions | rollback`` as people and scripts call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from metamodel.faults import Faults
from metamodel.layers import read_layer
from tests.publishing.support import fields, write_pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Commands
    from tests.conftest import Database

ROOT = Path(__file__).parents[2]
ONE = {"item": fields("name: {type: text, required: true}\nsize: {type: text}\nshare: {type: percent, min: 10%}")}
TWO = {"item": fields("name: {type: text, required: true}\nsize: {type: integer}\nshare: {type: percent, min: 10%}")}


@pytest.fixture
def tenon(
    database: Database, redis_url: str, tmp_path: Path, commands: Commands
) -> Callable[..., tuple[int, Any, str]]:
    """Run a command; return its exit code, standard output (as JSON where it was asked for) and standard error."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TENON_", "LC_", "LANG"))
    } | {
        "TENON_HOME": str(tmp_path / "home"),
        "TENON_DATABASE_URL": database.url,
        "TENON_REDIS_URL": redis_url,
    }

    def run(*words: str) -> tuple[int, Any, str]:
        done = commands(*words, env=environment)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout) if "json" in words else done.stdout, done.stderr

    return run


def test_from_the_first_installation_to_the_last(
    tenon: Callable[..., tuple[int, Any, str]], database: Database, tmp_path: Path
) -> None:
    place = str(write_pack(tmp_path, ONE))
    code, planned, _ = tenon("plan", place, "--format", "json")
    assert (code, planned["refused"]) == (0, None)
    assert ("added", "object", "item") in {(one["act"], one["kind"], one["name"]) for one in planned["changes"]}
    assert "CREATE TABLE app.item" in planned["sql"]
    assert {step["risk"] for step in planned["steps"]} <= {"safe", "slow", "loses_data"}
    code, shown, _ = tenon("plan", place)
    assert (code, "CREATE TABLE" in shown, "--sql" in shown.splitlines()[-1]) == (0, False, True)
    code, shown, _ = tenon("plan", place, "--sql")
    assert (code, "CREATE TABLE app.item" in shown) == (0, True)
    assert tenon("versions", "--format", "json")[1] == {"versions": []}, "planning changes nothing"

    code, report, _ = tenon("install", place, "--format", "json")
    assert (code, report["base"], report["version"], report["changed"]) == (0, 0, 1, True)
    code, report, _ = tenon("install", place, "--format", "json")
    assert (code, report["version"], report["changed"], report["steps"]) == (0, 1, False, [])

    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO app.item (created_at, updated_at, name, size) VALUES (now(), now(), 'a', 'wide')"
        )
    write_pack(tmp_path, TWO)
    code, planned, _ = tenon("plan", place, "--format", "json")
    assert (code, planned["total"], planned["problems"][0]["code"]) == (1, 1, "NOT_CONVERTIBLE")
    assert (planned["refused"]["total"], planned["refused"]["lossy"]) == (1, True)
    code, shown, told = tenon("plan", place)
    assert (code, "! item/1  size 'wide'" in shown, "would be refused: 1 row stands" in told) == (1, True, True)
    code, report, told = tenon("install", place, "--format", "json")
    assert (code, report["refused"]["total"], report["refused"]["lossy"]) == (1, 1, True)
    assert report["refused"]["problems"][0]["record"] == 1
    assert "! item/1  size 'wide'  NOT_CONVERTIBLE" in told
    code, report, _ = tenon("install", place, "--accept-loss", "--format", "json")
    assert (code, report["version"], report["accepted"]["total"]) == (0, 2, 1)

    code, shown, told = tenon("rollback", "1")
    assert (code, shown) == (0, "")
    assert "Version 3 serves." in told
    code, listed, _ = tenon("versions")
    assert code == 0
    assert [line.split()[:2] for line in listed.splitlines()] == [
        ["*", "3"],
        ["2", listed.splitlines()[1].split()[1]],
        ["1", listed.splitlines()[2].split()[1]],
    ]
    assert tenon("rollback", "9")[0] == 1
    code, _, told = tenon("remove", "shp")
    assert (code, "did you mean shop?" in told) == (1, True)
    code, _, told = tenon("remove", "shop")
    assert (code, "1 record of Thing will be out of reach" in told, "Version 4 serves." in told) == (0, True, True)


def tree(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Return a folder's files: path → content, executable."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), os.access(path, os.X_OK))
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_exported_is_what_was_written(tenon: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    place = write_pack(tmp_path, ONE)
    item = place / "objects" / "item.yaml"
    text = f"# Sizes are the maker's.\n{item.read_text(encoding='utf-8')}# The end.\n"
    item.write_text(text, encoding="utf-8")
    (place / "README.md").write_text("# 商店\n", encoding="utf-8")
    (place / "demo").mkdir()
    (place / "demo" / "item.csv").write_bytes("ref,name\r\na,甲\r\n".encode())
    (place / "load").write_text("#!/bin/sh\n", encoding="utf-8")
    (place / "load").chmod(0o755)

    def exported(name: str) -> dict[str, tuple[bytes, bool]]:
        assert tenon("export", "shop", str(tmp_path / name))[0] == 0
        return tree(tmp_path / name)

    assert tenon("install", str(place))[0] == 0
    assert exported("one") == tree(place)
    assert tenon("install", str(tmp_path / "one"), "--format", "json")[1]["changed"] is False
    boxes = write_pack(tmp_path / "other", {"box": fields("name: {type: text}")}, "boxes")
    assert tenon("install", str(boxes), "--format", "json")[1]["version"] == 2
    assert exported("two") == tree(place), "a version of other packs keeps the files of this one"
    item.write_text(f"# Another word.\n{text}", encoding="utf-8")
    assert tenon("install", str(place), "--format", "json")[1]["changed"] is False
    assert exported("three") == tree(place), "what says the same is kept as it is written now"
    write_pack(tmp_path, TWO)
    assert tenon("install", str(place), "--format", "json")[1]["version"] == 3
    assert tenon("rollback", "2", "--format", "json")[1]["version"] == 4
    assert exported("four")["objects/item.yaml"][0].startswith(b"# Another word."), "a version brings its files back"


def test_planning_on_nothing_leaves_nothing(
    tmp_path: Path, database: Database, redis_url: str, commands: Commands
) -> None:
    place = write_pack(tmp_path, ONE)
    home = tmp_path / "home"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TENON_")}

    def planned(**more: str) -> subprocess.CompletedProcess[str]:
        return commands("plan", str(place), "--format", "json", env=clean | {"TENON_HOME": str(home), **more})

    here = json.loads(planned().stdout)
    assert "CREATE TABLE app.item" in here["sql"]
    assert (here["base"], here["total"]) == (0, 0)
    assert not home.exists()
    there = planned(TENON_DATABASE_URL=database.url, TENON_REDIS_URL=redis_url)
    assert json.loads(there.stdout) == here, there.stderr
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT to_regnamespace('tenon')::text").scalar() is None
    (place / "objects" / "item.yaml").write_text("object: item\nfields: 7\n", encoding="utf-8")
    assert planned().returncode == 1
    assert not home.exists()


def test_a_faulty_pack_changes_nothing(tenon: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    place = write_pack(tmp_path, {"item": fields("name: {type: texd}")})
    for command in ("plan", "install"):
        code, report, _ = tenon(command, str(place), "--format", "json")
        assert code == 1
        (fault,) = [one for one in report["faults"] if one["severity"] == "error"]
        assert fault["file"].endswith("item.yaml")
        assert (fault["line"], fault["column"] > 1) == (5, True)
    code, shown, told = tenon("install", str(place))
    assert (code, shown) == (1, "")
    assert "item.yaml:5:" in told
    assert tenon("versions", "--format", "json")[1] == {"versions": []}
    assert tenon("install", str(tmp_path / "nowhere"))[0] == 1
    assert tenon("install")[0] == 2


def test_an_exported_pack_says_the_same(tenon: Callable[..., tuple[int, Any, str]], tmp_path: Path) -> None:
    place = write_pack(tmp_path, ONE)
    assert tenon("install", str(place))[0] == 0
    copy = tmp_path / "copy" / "shop"
    code, listed, _ = tenon("export", "shop", str(copy))
    assert code == 0
    assert set(listed.split()) == {str(copy / "pack.yaml"), str(copy / "objects" / "item.yaml")}
    assert "min: 10%" in (copy / "objects" / "item.yaml").read_text(encoding="utf-8")
    faults = Faults()
    assert read_layer(copy, faults) is not None
    assert list(faults) == []
    assert tenon("install", str(copy), "--format", "json")[1]["changed"] is False
    assert tenon("export", "shop", str(copy))[0] == 1, "never over what is there"
    assert tenon("export", "none", str(tmp_path / "other"))[0] == 1


def test_a_database_out_of_reach_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "versions"],
        cwd=ROOT,
        env=os.environ | {"TENON_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "TENON_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
