"""One door for writing and one for reading: no module outside of the records floor builds SQL over business tables. Publishing, which
makes and evolves those tables, is the other side of the wall; sign-in reads who a person is before there is anybody to ask for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = (
    "engine/records/",
    "engine/publishing/",
    "engine/people/tables.py",
    "engine/storage/tables.py",
    "engine/cli/backup.py",
)
BUSINESS = re.compile(r'\b(FROM|INTO|UPDATE|JOIN|TABLE)\s+("?app"?\.|\{?APP_SCHEMA)', re.IGNORECASE)
SQL_OVER_TABLES = {"select", "insert", "update", "delete"}


def modules() -> list[Path]:
    """Return the modules that must go through the doors."""
    found = [path for top in ("engine", "designer") for path in sorted((ROOT / top).rglob("*.py"))]
    return [
        path
        for path in found
        if not str(path.relative_to(ROOT)).startswith(ALLOWED) and "node_modules" not in path.parts
    ]


def faults(text: str) -> list[str]:
    """Return where a module reaches for business tables."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom | ast.Import):
            found += [f"{node.lineno}: imports {name.name}" for name in node.names if name.name == "APP_SCHEMA"]
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and BUSINESS.search(node.value):
            found.append(f"{node.lineno}: SQL over the schema app")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SQL_OVER_TABLES:
            reached = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and one.attr == "table"]
            found += [f"{node.lineno}: SQL over a compiled object's table" for _ in reached]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_goes_through_the_doors(path: Path) -> None:
    assert faults(path.read_text()) == []


def test_the_test_sees_what_it_should() -> None:
    assert faults("sa.select(compiled.table.c.id)") == ["1: SQL over a compiled object's table"]
    assert faults('x = "SELECT 1 FROM app.customer"') == ["1: SQL over the schema app"]
    assert faults("from engine.storage.tables import APP_SCHEMA") == ["1: imports APP_SCHEMA"]
    assert faults('y = "DELETE FROM tenon.outbox"') == []
