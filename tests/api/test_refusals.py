"""Every code that the product refuses with stands in docs/refusals.md, so that programs and scenarios can name it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RAISED = {"Refusal", "FieldError", "Obstacle", "ValueFault", "refuse", "bad_query", "bad_filter", "problem"}
CODE = re.compile(r"[A-Z]{2,}(_[A-Z]+)*")


def codes_raised() -> set[str]:
    """Return the codes written into calls that make a refusal."""
    found = set()
    for folder in ("engine", "designer"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
                    texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
                    found |= {one for one in texts if isinstance(one, str) and CODE.fullmatch(one)}
    return found


def test_the_page_of_refusals_knows_every_code() -> None:
    told = set(re.findall(r"`([A-Z_]{4,})`", (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")))
    assert sorted(codes_raised() - told) == []
