"""``tenon check`` and ``tenon schema``: what they print, and how they end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import jsonschema
import pytest

from engine.cli import frame
from metamodel import vocabulary
from tests.metamodel.support import KINDS, MINI, PACKS, ROOT, write_pack

if TYPE_CHECKING:
    from pathlib import Path

BAD = ROOT / "tests" / "cases" / "check" / "references" / "pack"
GOOD = ROOT / "tests" / "cases" / "check" / "good" / "pack"


def run(*arguments: str | Path) -> int:
    def absent(*_given: Any) -> Any:
        raise AssertionError("these commands open no installation")

    return frame.main(
        frame.Composition(absent, absent, absent, absent, make_kinds=lambda: KINDS, packs=PACKS),
        [str(word) for word in arguments],
    )


def test_good_packs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert run("check", MINI) == frame.DONE
    assert "0 errors, 1 warning." in capsys.readouterr().err  # a clerk who sees no colleagues
    assert run("check", PACKS) == frame.DONE


def test_every_fault_at_once_with_place_caret_code_and_hint(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert run("check", BAD) == frame.FAULTY
    told = capsys.readouterr()
    assert not told.out
    assert (
        f"{BAD}/objects/customer.yaml:8:26  UNKNOWN_OBJECT  there is no object named custmer — did you mean customer? (error)\n"
        in told.err
    )
    lines = told.err.splitlines()
    at = next(index for index, line in enumerate(lines) if ":8:26 " in line)
    assert lines[at + 1].strip() == "boss: {type: link, to: custmer}"
    assert lines[at + 2].index("^") == lines[at + 1].index("custmer")
    assert told.err.count("UNKNOWN_FIELD") > 10


def test_of_a_file_its_pack_is_checked_and_many_faults_are_summed_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(BAD / "objects")
    for part in ("customer.yaml", BAD / "objects"):
        assert run("check", part) == frame.FAULTY
        told = capsys.readouterr().err
        assert told.startswith(f"{part} belongs to {BAD}: all of it is checked.\n")
        assert "UNKNOWN_FIELD × " in told.splitlines()[-2]
    (tmp_path / "a.yaml").write_text("object: a\n", encoding="utf-8")
    assert run("check", tmp_path / "a.yaml") == frame.FAULTY
    assert "give the folder that pack.yaml lies in" in capsys.readouterr().err


def test_in_chinese(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run("check", BAD) == frame.FAULTY
    assert "没有名为 custmer 的对象 — 是否想写 customer？（错误）\n" in capsys.readouterr().err


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", BAD, "--format", "json") == frame.FAULTY
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert list(document) == ["faults"]
    assert all(
        list(fault) == ["severity", "code", "message", "hint", "file", "line", "column", "path"]
        for fault in document["faults"]
    )
    assert {
        "severity": "error",
        "code": "UNKNOWN_OBJECT",
        "line": 8,
        "column": 26,
        "path": "fields/boss/to",
    }.items() <= next(fault for fault in document["faults"] if fault["code"] == "UNKNOWN_OBJECT").items()
    assert run("check", GOOD, "--format", "json") == frame.DONE
    assert json.loads(capsys.readouterr().out) == {"faults": []}


WARNED = """\
object: a
fields:
  d: {type: date}
checks:
  soon: {require: d >= TODAY(), message: {zh: 太早, en: too early}}
"""


def test_warnings_do_not_change_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = write_pack(tmp_path, {"objects/a.yaml": WARNED})
    assert run("check", pack, "--format", "json") == frame.DONE
    assert [fault["severity"] for fault in json.loads(capsys.readouterr().out)["faults"]] == ["warning"]
    assert run("check", pack) == frame.DONE
    assert " (warning)\n" in capsys.readouterr().err


def test_colours_are_for_terminals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = write_pack(tmp_path, {"objects/a.yaml": WARNED})
    assert run("check", pack) == frame.DONE
    assert "\x1b" not in capsys.readouterr().err
    monkeypatch.setattr(click.utils, "should_strip_ansi", lambda *_: False)
    assert run("check", pack) == frame.DONE
    assert "\x1b[33m (warning)\x1b[0m\n" in capsys.readouterr().err


SCENARIO = """\
scenario: a
given: {users: {rita: {role: reep}}}
do:
  q: {by: ritta, create: {object: devise, as: q, set: {name: x}}}
  r: {by: rita, creat: {object: device}}
  s: {by: rita, create: {object: device, as: d, set: {n: =IF(TRUE, 1, 2)}}}
  t: {expect: IF(d.n = 1, TRUE, FALSE)}
  u: {by: rita, read: {object: device, where: CONTAINS(name, name)}}
"""


def test_scenarios_are_checked_beside_their_own_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What YAML has cut off in one step hides no other step, and its pieces are no faults of their own."""
    device = "object: device\nfields:\n  name: {type: text}\n  n: {type: integer}\n"
    pack = write_pack(tmp_path, {"objects/device.yaml": device, "scenarios/a.yaml": SCENARIO})
    assert run("check", pack, "--format", "json") == frame.FAULTY
    told = json.loads(capsys.readouterr().out)["faults"]
    assert [(fault["line"], fault["code"]) for fault in told] == [
        (2, "UNKNOWN_ROLE"),
        (4, "UNKNOWN_USER"),
        (4, "UNKNOWN_OBJECT"),
        (5, "UNKNOWN_ACTION"),
        (6, "EXPR_CUT"),
        (7, "EXPR_CUT"),
        (8, "EXPR_CUT"),
    ]


@pytest.mark.parametrize("path", ["/nowhere", "/dev/null", "/etc/hostname"])
def test_what_is_no_pack(path: str) -> None:
    assert run("check", path) == frame.FAULTY


def test_wrong_usage() -> None:
    assert run("check") == frame.USAGE


def test_schemas_for_editors(tmp_path: Path) -> None:
    assert run("schema", tmp_path / "schemas") == frame.DONE
    written = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "schemas").iterdir()}
    assert set(written) == {f"{kind}.schema.json" for kind in vocabulary.KINDS}
    for schema in written.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_a_folder_that_cannot_be_written() -> None:
    assert run("schema", "/proc/nowhere") == frame.SURROUNDINGS
