"""The documentation says what is there."""

from __future__ import annotations

import re

from tests.expressions.reference import PAGE, page_with_reference


def test_the_reference_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_reference(page), "run python -m tests.expressions.reference"


def test_every_fault_code_is_documented() -> None:
    root = PAGE.parents[1]
    sources = [*(root / "metamodel/expressions").glob("*.py"), *(root / "engine/expressions").rglob("*.py")]
    codes = {code for source in sources for code in re.findall(r'"(EXPR_[A-Z_]+)"', source.read_text(encoding="utf-8"))}
    assert codes
    assert {code for code in codes if f"`{code}`" not in PAGE.read_text(encoding="utf-8")} == set()
