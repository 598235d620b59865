"""Faults that an overlay causes below it stand at the overlay's entry; what was wrong before stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.metamodel.support import read, write_pack

if TYPE_CHECKING:
    from pathlib import Path

A = """\
object: a
title: name
fields:
  name: {type: text}
  fax: {type: text}
  status: {type: choice, choices: {up: Up, down: Down}, default: up}
  n: {type: integer, default: 1}
checks: {k: {require: 'fax <> "1"'}}
views: {all: {columns: [name, fax]}}
"""
B = "object: b\nfields:\n  a: {type: link, to: a}\n  said: {type: formula, value: a.fax & a.name}\n"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("status: {choices: {remove: true}}", {("MISSING_KEY", 12)}),
        ("status: {choices: {up: {remove: true}}}", {("DEFAULT_VALUE", 22)}),
        ("fax: {remove: true}", {("EXPR_UNKNOWN_NAME", 3), ("UNKNOWN_FIELD", 3)}),
        ("n: {max: 0}", {("DEFAULT_VALUE", 3)}),
    ],
)
def test_at_the_entry_that_caused_it(tmp_path: Path, entry: str, expected: set[tuple[str, int]]) -> None:
    below = write_pack(tmp_path, {"objects/a.yaml": A, "objects/b.yaml": B}, "low")
    above = write_pack(
        tmp_path, {"objects/a.yaml": f"extend: object/a\nfields:\n  {entry}\n"}, "high", requires='{low: ">=1"}'
    )
    found = list(read(below, above).faults)
    assert {(one.code, one.mark.column) for one in found} == expected
    assert {(one.mark.file, one.mark.line) for one in found} == {(str(above / "objects/a.yaml"), 3)}
    assert all(f"felt at {below}/objects/" in one.hint.en and f"受影响处：{below}" in one.hint.zh for one in found)


def test_two_types_of_one_name_are_told_as_that(tmp_path: Path) -> None:
    """The pack below has come to have a field of that name, or another type of field: said at the entry above, with where it is below."""
    below = write_pack(tmp_path, {"objects/a.yaml": A}, "low")
    overlay = "extend: object/a\nfields:\n  status: {type: text, max: 9}\n  n: {scale: 2}\n"
    above = write_pack(tmp_path, {"objects/a.yaml": overlay}, "high", requires='{low: ">=1"}')
    option, taken = sorted(read(below, above).faults, key=lambda one: -one.mark.line)
    assert (taken.code, taken.mark.line, taken.mark.column) == ("TYPE_DIFFERS", 3, 18)
    assert f"{below / 'objects/a.yaml'}:6" in taken.message.en
    assert "choice, not text" in taken.message.en
    assert "was: status" in taken.hint.en
    assert "choices: {remove: true}" in taken.hint.zh
    assert (option.code, option.mark.line) == ("UNKNOWN_KEY", 4)
    assert "its type is integer" in option.message.en


def test_what_was_wrong_before_stays(tmp_path: Path) -> None:
    below = write_pack(tmp_path, {"objects/a.yaml": A.replace("[name, fax]", "[name, fix]")}, "low")
    overlay = "extend: object/a\nfields: {n: {max: 5}}\nviews: {all: {sort: [name]}}\n"
    above = write_pack(tmp_path, {"objects/a.yaml": overlay}, "high", requires='{low: ">=1"}')
    (fault,) = read(below, above).faults
    assert (fault.code, fault.mark.file) == ("UNKNOWN_FIELD", str(below / "objects/a.yaml"))
