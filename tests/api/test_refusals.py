"""Every code that the product refuses with stands in docs/refusals.md, so that programs and scenarios can name it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RAISED = {"Refusal", "FieldError", "Obstacle", "ValueFault", "refuse", "bad_query", "bad_filter", "problem"}
NOTED = {"errors"}  # collectors of faults of values: errors.add(row, field, code, message)
CODE = re.compile(r"[A-Z]{2,}(_[A-Z]+)*")


def said_in(node: ast.AST) -> Iterator[ast.expr]:
    """Return where a code may stand in a piece of the product: a call that makes a refusal, a code beside its message."""
    if isinstance(node, ast.Call):
        into = getattr(node.func, "value", None)
        if getattr(node.func, "id", "") in RAISED or getattr(into, "attr", getattr(into, "id", "")) in NOTED:
            yield from node.args
    elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
        message = node.elts[1]
        called = isinstance(message, ast.Call) and getattr(message.func, "id", "") == "Text"
        if called or (isinstance(message, ast.Name) and message.id.isupper()):
            yield node.elts[0]


def codes_raised() -> set[str]:
    """Return the codes that are written where refusals are made."""
    found = set()
    for folder in ("engine", "designer"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                texts = [one.value for one in said_in(node) if isinstance(one, ast.Constant)]
                found |= {one for one in texts if isinstance(one, str) and CODE.fullmatch(one)}
    return found


def test_the_page_of_refusals_knows_every_code() -> None:
    told = set(re.findall(r"`([A-Z_]{4,})`", (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")))
    raised = codes_raised()
    assert {"INTO_ITSELF", "COMPUTED_FIELD", "SERIAL_FIELD", "METHOD_NOT_ALLOWED"} <= raised
    assert sorted(raised - told) == []
