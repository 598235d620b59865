"""Golden folders: every pack in tests/cases/check gives the faults that expected.json says. ``TENON_REGENERATE=1`` writes them anew,
to be read in review."""

from __future__ import annotations

import json
import os

import pytest

from tests.metamodel.support import ROOT, read, told

CASES = ROOT / "tests" / "cases" / "check"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_case(case: str) -> None:
    folder = CASES / case
    found = told(read(folder / "pack").faults, folder / "pack")
    expected = folder / "expected.json"
    if os.environ.get("TENON_REGENERATE"):
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_the_cases_cover_every_code_of_the_metamodel() -> None:
    """A fault nobody has seen is a fault nobody has read."""
    seen = {
        fault["code"]
        for path in CASES.glob("*/expected.json")
        for fault in json.loads(path.read_text(encoding="utf-8"))
    }
    assert seen >= {
        "BAD_EXTEND", "BAD_KEY", "BAD_NAME", "BAD_RANGE", "CLEAR_REQUIRED", "COMPUTED_OPTION", "CONTROL_CHARACTER",
        "DEFAULT_VALUE", "DUPLICATE_DEFINITION", "DUPLICATE_FIELD", "DUPLICATE_ITEM", "DUPLICATE_KEY",
        "DUPLICATE_RULE", "DUPLICATE_WHEN", "EMPTY_FILE", "EMPTY_VALUE", "ENCODING",
        "EXPR_CUT", "EXPR_SIGN", "FORMULA_CIRCLE", "FORMULA_TYPE", "JSON_SYNTAX", "KIND_LATER", "LINES_PARENT", "MALFORMED",
        "MANY_DOCUMENTS", "MERGE_KEY", "MISSING_KEY", "MISSING_PACK", "NOT_STORABLE", "NOTHING_TO_REMOVE", "OPTION_RANGE",
        "OUT_OF_RANGE", "OWNER_TYPE", "PACK_VERSION", "PERCENT_LARGE", "RESERVED_NAME", "REVERSE_TAKEN", "ROLE_NO_USERS",
        "ROLLUP_ROWS", "SCOPE_EMPTY",
        "SHOWS_HIDDEN", "TITLE_TYPE", "UNIQUE_FIELD", "UNIQUE_WHEN", "UNKNOWN_ANCHOR", "UNKNOWN_CHOICES",
        "UNKNOWN_FIELD", "UNKNOWN_KEY", "UNKNOWN_KIND", "UNKNOWN_OBJECT", "UNKNOWN_REVERSE", "UNKNOWN_ROLE",
        "UNKNOWN_TARGET", "UNKNOWN_TYPE", "UNKNOWN_VALUE", "UNKNOWN_VIEW", "UPDATE_UNREAD", "VIEW_LATER", "WRONG_FOLDER", "WRONG_SHAPE",
        "WRONG_TYPE", "YAML_SYNTAX", "YAML_TAG",
    }  # fmt: skip
