"""The SQL that publishing generates keeps squawk's rules: nothing blocks people's work for longer than a moment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.publishing.ddl import BRIEF_LOCK, sql_of
from engine.publishing.steps import EXPAND, Plan
from tests.publishing.changes import AFTER, BEFORE, create_rows

if TYPE_CHECKING:
    from tests.publishing.support import Shop

CREATED = ("shelf",)
# What squawk would rather not see, with when it is right here: rule → a text that its line must hold.
ACCEPTED = {
    "prefer-bigint-over-int": "version INTEGER",  # 2^31 changes of one record are enough
    "constraint-missing-not-valid": "ALTER TABLE app.shelf ",  # created just before: nothing to validate, nobody to block
    "adding-foreign-key-constraint": "ALTER TABLE app.shelf ",
    "ban-drop-constraint": "nn_",  # the check that proves NOT NULL has done its work
    "ban-drop-default": "DROP DEFAULT",  # it served the old version's writers while both wrote
    "ban-drop-function": "carry_",  # so did the trigger
    "prefer-robust-stmts": "CONCURRENTLY",  # what a broken-off attempt left is dropped just before
}


def _squawk() -> str:
    found = shutil.which("squawk", path=str(Path(sys.executable).parent)) or shutil.which("squawk")
    assert found, "squawk-cli is a development dependency"
    return found


def _violations(sql: str, folder: Path) -> list[dict[str, Any]]:
    file = folder / "plan.sql"
    file.write_text(sql, encoding="utf-8")
    ended = subprocess.run(
        [_squawk(), "--reporter", "json", "--pg-version", "14", str(file)], capture_output=True, text=True, check=False
    )
    return list(json.loads(ended.stdout or "[]"))


def _plan(shop: Shop) -> Plan:
    shop.install(BEFORE)
    create_rows(shop, 5)
    _, _, plan, found = shop.preview(AFTER)
    assert plan is not None
    assert found.problems == []
    return plan


def test_squawk_finds_nothing_that_blocks(shop: Shop, tmp_path: Path) -> None:
    plan = _plan(shop)
    sql = sql_of(plan.steps, plan.desired)
    lines = sql.splitlines()
    for one in _violations(sql, tmp_path):
        line = lines[one["line"]]
        assert ACCEPTED.get(one["rule_name"], "\0") in line, f"{one['rule_name']}: {line}"


def test_every_exclusive_lock_is_waited_for_a_moment_only(shop: Shop) -> None:
    plan = _plan(shop)
    limit, inside = "", False
    for line in sql_of(plan.steps, plan.desired).splitlines():
        if line.startswith("SET lock_timeout"):
            limit = line.split("'")[1]
        inside = {"BEGIN;": True, "COMMIT;": False}.get(line, inside)
        if line.startswith("ALTER TABLE") and "VALIDATE CONSTRAINT" not in line:
            assert limit == BRIEF_LOCK, line
            assert inside, line
        if "CONCURRENTLY" in line:
            assert not inside, line
        if " INDEX " in line and line.startswith("CREATE") and not any(f" ON app.{name} " in line for name in CREATED):
            assert "CONCURRENTLY" in line, line


def test_reading_all_rows_never_happens_under_an_exclusive_lock(shop: Shop) -> None:
    plan = _plan(shop)
    transactions = sql_of(plan.steps, plan.desired).split("BEGIN;")
    for text in transactions:
        done = text.split("COMMIT;", maxsplit=1)[0]
        assert not ("VALIDATE CONSTRAINT" in done and "ADD CONSTRAINT" in done), done
        assert "USING" not in done or "CREATE INDEX" in done, f"a conversion in place rewrites the table: {done}"


def test_what_old_writers_would_break_comes_last(shop: Shop) -> None:
    plan = _plan(shop)
    early = {step.operation for step in plan.steps if step.phase == EXPAND}
    assert not early & {"set_not_null", "add_check", "replace_index", "drop_default", "clear_dangling"}
    for step in plan.of(EXPAND):
        if step.operation == "create_index":
            assert not plan.desired[step.table].named[step.name].unique
