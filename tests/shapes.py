"""Examples of answers in docs/api.md, held against what is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")


def examples(heading: str) -> list[Any]:
    """Return the JSON examples of a section of the page."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]


def alike(said: Any, real: Any, free: frozenset[str] = frozenset()) -> None:
    """Assert that two answers have the same keys all the way down, lists by their first items; what lies under the keys ``free`` is the
    business of definitions."""
    if isinstance(said, dict) and isinstance(real, dict):
        assert set(said) == set(real), (sorted(said), sorted(real))
        for key in said.keys() - free:
            alike(said[key], real[key], free)
    elif isinstance(said, list):
        assert isinstance(real, list)
        if said and real:
            alike(said[0], real[0], free)
    else:
        assert said is None or real is None or type(said) is type(real), (said, real)
