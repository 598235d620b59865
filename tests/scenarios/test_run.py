"""What a scenario that does not keep its promise says: the step, its place, what was expected, what came instead. And that none
leaves anything behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from app import create_kinds
from engine.cli import scenario as command
from engine.cli.scenario import run_pack
from engine.storage.migrate import migrate

if TYPE_CHECKING:
    from engine.scenarios.run import Failure
    from tests.conftest import Database

ROOT = Path(__file__).parents[2]
KINDS = create_kinds()
PACK = 'pack: small\nlabel: {zh: 小, en: Small}\nversion: 1.0.0\nrequires: {base: ">=0.1"}\n'
OBJECT = """\
object: thing
label: {zh: 东西, en: Thing}
title: name
owner: owner
fields:
  name: {type: text, label: {zh: 名称, en: Name}, max: 20, required: true, unique: true}
  size: {type: integer, label: {zh: 大小, en: Size}, min: 0}
  owner: {type: user, label: {zh: 负责人, en: Owner}, default: =me}
  whole: {type: link, label: {zh: 整体, en: Whole}, to: thing, reverse: parts}
  made_on: {type: date, label: {zh: 日期, en: Made on}, default: =TODAY()}
"""
ROLE = "role: maker\nlabel: {zh: 制造, en: Maker}\nobjects: {thing: {read: own, create: true, update: own}}\n"
HEAD = """\
scenario: things
given:
  users: {mia: {role: maker, manager: max}, max: {role: maker}}
  now: "2026-02-27T23:30+08:00"
  records: {box: {object: thing, by: mia, set: {name: Box, size: 3}}}
do:
"""
STEPS = {
    '  a: {expect: box.size = 4 and box.name = "Box"}': ("a", "does not hold: box.size = 4", ["box.size = 3", 'box.name = "Box"']),
    "  a: {by: mia, update: {record: box, set: {size: -1}}}": ("a", "refused: TOO_SMALL", ["TOO_SMALL: must be at least 0", "size  TOO_SMALL  must be at least 0"]),
    "  a: {by: mia, update: {record: box, set: {size: 1}}, expect: {refused: FORBIDDEN}}": ("a", "expected a refusal (FORBIDDEN), it went through", []),
    "  a: {by: max, update: {record: box, set: {size: 1}}, expect: {refused: FORBIDDEN}}": ("a", "expected a refusal FORBIDDEN, it was refused with NOT_FOUND", None),
    "  a: {by: mia, update: {record: box, set: {size: -1}}, expect: {refused: TOO_SMALL, field: name}}": ("a", "expected a refusal TOO_SMALL @ name, it was refused with TOO_SMALL", None),
    "  a: {by: max, read: {object: thing}, expect: {records: [box]}}": ("a", "expected box", ["found: none"]),
    "  a: {by: mia, read: {object: thing}, expect: {count: 2}}": ("a", "expected 2 records, there are 1", ["found: box"]),
    "  a: {create: {object: thing, as: lid, set: {name: Lid, whole: box, size: 1}}}\n  b: {expect: SUM(box.parts.size) = 2}": ("b", "does not hold: SUM(box.parts.size) = 2", ["box.parts: 1", "  size = 1"]),
}  # fmt: skip


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A small pack in a folder."""
    folder = tmp_path / "small"
    for inside, text in (("pack.yaml", PACK), ("objects/thing.yaml", OBJECT), ("roles/maker.yaml", ROLE)):
        place = folder / inside
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    (folder / "scenarios").mkdir()
    return folder


def write(pack: Path, steps: list[str]) -> None:
    """Write a scenario a set of steps."""
    for number, step in enumerate(steps):
        (pack / f"scenarios/s{number:02}.yaml").write_text(
            HEAD.replace("things", f"things {number}") + step + "\n", encoding="utf-8"
        )


def failures(pack: Path, engine: sa.Engine) -> list[Failure | None]:
    """Return each scenario's failure."""
    migrate(engine)
    outcome = run_pack(pack, engine, KINDS, (ROOT / "packs",))
    assert not outcome.faults.fatal, [(fault.mark, fault.code, fault.message.en) for fault in outcome.faults]
    return [result.failure for result in outcome.results]


def test_a_broken_promise_is_told_with_what_came_instead(pack: Path, database: Database) -> None:
    write(pack, list(STEPS))
    found = failures(pack, database.engine)
    assert len(found) == len(STEPS)
    for failure, (text, (step, message, details)) in zip(found, STEPS.items(), strict=True):
        assert failure is not None, text
        assert failure.step == step
        assert failure.message.en.startswith(message)
        assert failure.message.zh
        assert failure.mark.line == 7 + text.count("\n")
        if details is not None:
            assert sorted(detail.en for detail in failure.details) == sorted(details)


def test_steps_that_keep_their_promises_pass_and_leave_nothing(pack: Path, database: Database) -> None:
    steps = [
        "  own: {expect: 'box.owner = mia and mia.manager = max and box.made_on = DATE(2026, 2, 27)'}",
        "  wait: {wait: 1h}",
        "  late: {by: mia, create: {object: thing, as: lid, set: {name: Lid, whole: box, made_on: =TODAY(), size: =box.size * 2}}}",
        "  then: {expect: 'lid.made_on = DATE(2026, 2, 28) and lid.size = 6 and lid.whole.name = \"Box\" and COUNT(box.parts) = 1'}",
        "  stale: {by: mia, update: {record: box, set: {size: 9}, version: 7}, expect: {refused: STALE}}",
        "  change: {by: mia, update: {record: =lid.whole, set: {size: 9}, version: 1}, expect: box.size = 9 and box.version = 2}",
        "  same: {by: mia, create: {object: thing, set: {name: Lid}}, expect: {refused: DUPLICATE, field: name}}",
        "  gone: {delete: {record: lid}, expect: 'not ISBLANK(lid.deleted_at) and COUNT(box.parts) = 0'}",
        "  back: {restore: {record: lid}, expect: ISBLANK(lid.deleted_at)}",
        "  mine: {by: mia, read: {object: thing, where: owner = me}, expect: {records: [box, lid]}}",
    ]
    write(pack, ["\n".join(steps)])
    assert failures(pack, database.engine) == [None]
    with database.engine.connect() as connection:
        for table in ("app.thing", 'app."user"', "tenon.history", "tenon.outbox", "tenon.user_role"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0


def test_what_is_given_and_can_not_be_is_told(pack: Path, database: Database) -> None:
    text = HEAD.replace("size: 3", "size: -3") + "  a: {expect: box.size = 3}\n"
    (pack / "scenarios/s.yaml").write_text(text, encoding="utf-8")
    (failure,) = failures(pack, database.engine)
    assert failure is not None
    assert (failure.step, failure.details[0].en) == ("given", "TOO_SMALL: must be at least 0")


def test_faults_stop_a_pack_before_anything_runs(pack: Path, database: Database) -> None:
    write(pack, ["  a: {expect: box.sice = 3}"])
    migrate(database.engine)
    outcome = run_pack(pack, database.engine, KINDS, (ROOT / "packs",))
    assert [(fault.code, fault.mark.line) for fault in outcome.faults] == [("EXPR_UNKNOWN_NAME", 7)]
    assert outcome.results == ()


def test_the_command_reports_and_exits(pack: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager
    from types import SimpleNamespace

    from engine.cli.frame import Faulty

    write(pack, [next(iter(STEPS)), "  a: {expect: box.size = 3}"])
    migrate(database.engine)
    instance = SimpleNamespace(config=None)

    @contextmanager
    def opened(*_: object, **__: object):
        yield instance

    @contextmanager
    def scratch(_: object):
        yield database.engine

    monkeypatch.setattr(command, "command_instance", opened)
    monkeypatch.setattr(command, "scratch", scratch)
    given = SimpleNamespace(kinds=KINDS, packs=ROOT / "packs", consumers=lambda _: (), ticks=lambda _: ())
    monkeypatch.setattr(command, "composition", lambda: given)
    said = CliRunner().invoke(command.test_, [str(pack)])
    assert isinstance(said.exception, Faulty)
    assert "✗ things 0" in said.output
    assert "✓ things 1" in said.output
    assert f"{pack}/scenarios/s00.yaml:7:15  a: does not hold" in said.output
    asked = CliRunner().invoke(command.test_, [str(pack), "--format", "json"])
    document = json.loads(asked.stdout)
    assert [one["passed"] for one in document["packs"][0]["scenarios"]] == [False, True]
    assert document["packs"][0]["scenarios"][0]["failure"]["line"] == 7
