"""What differs between two models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from metamodel.diff import DefinitionChange, diff
from metamodel.text import LANGUAGES
from tests.metamodel.support import PACKS, read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

A = """object: a
label: {zh: 甲, en: A}
title: name
fields:
  name: {type: text, max: 80, required: true}
  size: {type: decimal, default: 1}
  kind: {type: choice, choices: {x: 甲, y: 乙}}
  sum: {type: formula, value: size * 2}
checks:
  one: {require: size > 0, message: 大}
form: {tabs: {main: {sections: {head: {fields: [name]}}}}}
views:
  all: {columns: [name, size], totals: {size: sum}}
"""


def changes(tmp_path: Path, old: dict[str, str], new: dict[str, str]) -> list[tuple[str, str, str, str]]:
    models = [read(write_pack(tmp_path / name, files)) for name, files in (("old", old), ("new", new))]
    for found in models:
        assert found.model is not None, [(str(fault.mark), fault.message.en) for fault in found.faults]
    found = diff(models[0].model, models[1].model)  # type: ignore[arg-type]
    for change in found:
        assert all(change.text(language) and "\n" not in change.text(language) for language in LANGUAGES)
    return [(change.act, change.kind, change.name, change.option or change.was) for change in found]


@pytest.mark.parametrize(
    ("replace", "by", "expected"),
    [
        ("object: a\n", "# moved down\n\nobject: a\n", []),
        ("max: 80", "max: 90", [("changed", "field", "a.name", "max")]),
        ("max: 80, ", "", [("changed", "field", "a.name", "max")]),
        (
            "type: decimal",
            "type: integer",
            [("changed", "field", "a.size", "type")],
        ),
        ("required: true", "required: false", [("changed", "field", "a.name", "required")]),
        ("default: 1", "default: 2", [("changed", "field", "a.size", "default")]),
        ("x: 甲, y", "y", [("changed", "field", "a.kind", "choices")]),
        ("x: 甲, y: 乙", "y: 乙, x: 甲", [("changed", "field", "a.kind", "choices")]),
        ("size * 2", "size * 3", [("changed", "field", "a.sum", "value")]),
        ("size > 0", "size >= 0", [("changed", "object", "a", "checks")]),
        ("[name, size]", "[size, name]", [("changed", "object", "a", "views")]),
        (
            "{zh: 甲, en: A}",
            "{zh: 乙, en: A}",
            [("changed", "object", "a", "label"), ("changed", "object", "a", "plural")],
        ),
        (
            "  size: {type: decimal, default: 1}\n",
            "  more: {type: date}\n  size: {type: decimal, default: 1}\n",
            [("added", "field", "a.more", "")],
        ),
        ("  kind: {type: choice, choices: {x: 甲, y: 乙}}\n", "", [("removed", "field", "a.kind", "")]),
        ("  kind: {", "  sort_of: {was: kind, ", [("renamed", "field", "a.sort_of", "a.kind")]),
        ("object: a\n", "object: b\nwas: a\n", [("renamed", "object", "b", "a")]),
    ],
)
def test_changes_of_an_object(tmp_path: Path, replace: str, by: str, expected: list[tuple[str, str, str, str]]) -> None:
    new = A.replace(replace, by, 1)
    found = changes(tmp_path, {"objects/a.yaml": A}, {"objects/a.yaml": new})
    if "was: " in new:  # where no label is given it is made from the name
        found = [change for change in found if change[3] != "label"]
    assert found == expected


def test_order_of_fields(tmp_path: Path) -> None:
    lines = A.split("\n")
    lines[4], lines[5] = lines[5], lines[4]
    found = changes(tmp_path, {"objects/a.yaml": A}, {"objects/a.yaml": "\n".join(lines)})
    assert ("moved", "object", "a", "fields") in found


def test_other_kinds(tmp_path: Path) -> None:
    old = {
        "objects/a.yaml": A,
        "choices/c.yaml": "choices: c\nvalues: {x: 甲, y: 乙}\n",
        "choices/d.yaml": "choices: d\nvalues: {x: 甲}\n",
        "roles/r.yaml": "role: r\nobjects: {a: {read: all}}\n",
    }
    new = {
        "objects/a.yaml": A,
        "choices/c.yaml": "choices: c\nvalues: {x: {label: 甲, retired: true}, z: 丙}\n",
        "roles/r.yaml": "role: r\nobjects: {a: {read: own}}\n",
        "roles/s.yaml": "role: s\nobjects: {a: {read: all}}\n",
        "scenarios/s.yaml": "scenario: it works\ndo: {one: {wait: 1d}}\n",
    }
    assert changes(tmp_path, old, new) == [
        ("changed", "choice", "c.x", "retired"),
        ("added", "choice", "c.z", ""),
        ("removed", "choice", "c.y", ""),
        ("removed", "choices", "d", ""),
        ("changed", "role", "r", "objects"),
        ("added", "role", "s", ""),
        ("added", "scenario", "it works", ""),
    ]


def test_a_was_counts_once(tmp_path: Path) -> None:
    """After the renaming is published the word stays in the file and means nothing any more."""
    text = A.replace("  kind: {", "  sort_of: {was: kind, ")
    assert changes(tmp_path, {"objects/a.yaml": text}, {"objects/a.yaml": text}) == []
    both = text.replace("  sum:", "  kind: {type: text}\n  sum:")
    assert ("added", "field", "a.kind", "") in changes(tmp_path, {"objects/a.yaml": text}, {"objects/a.yaml": both})


def test_packs_against_themselves() -> None:
    for path in PACKS.iterdir():
        if (path / "pack.yaml").is_file():
            model = read(path).model
            assert model is not None
            assert diff(model, model) == ()


def test_words() -> None:
    assert (
        DefinitionChange("changed", "field", "a.b", option="required", old=False, new=True).text("zh")
        == "字段 a.b 的必填由 否 改为 是"
    )
    assert DefinitionChange("removed", "field", "a.b").text("en") == "field a.b retired (its column and data stay)"
