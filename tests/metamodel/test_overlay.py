"""Overlays over a definition: maps by entry, lists edited, entries moved and taken away."""

from __future__ import annotations

from typing import Any

import pytest

from metamodel.faults import Faults
from metamodel.overlay import merge
from metamodel.source_yaml import parse_yaml
from tests.metamodel.support import codes

BELOW = """
object: a
label: 甲
fields:
  one: {type: text, max: 3}
  two: {type: text}
  three: {type: choice, choices: {x: 甲, y: 乙}}
form: {tabs: {main: {sections: {head: {fields: [one, two]}}}}}
"""


def laid(above: str, below: str = BELOW) -> tuple[Any, list[str]]:
    faults = Faults()
    result = merge(parse_yaml(below), parse_yaml("extend: object/a\n" + above), faults).to_data()
    return result, codes(faults)


def test_entries_are_changed_one_by_one() -> None:
    data, faults = laid("label: {zh: 乙, en: B}\nfields: {one: {required: true}, three: {choices: {z: 丙}}}\n")
    assert not faults
    assert data["label"] == {"zh": "乙", "en": "B"}
    assert data["fields"]["one"] == {"type": "text", "max": 3, "required": True}
    assert data["fields"]["three"]["choices"] == {"x": "甲", "y": "乙", "z": "丙"}


@pytest.mark.parametrize(
    ("above", "order"),
    [
        ("fields: {new: {type: text}}", ["one", "two", "three", "new"]),
        ("fields: {new: {type: text, after: one}}", ["one", "new", "two", "three"]),
        ("fields: {new: {type: text, before: one}}", ["new", "one", "two", "three"]),
        ("fields: {three: {before: one}}", ["three", "one", "two"]),
        ("fields: {two: {remove: true}}", ["one", "three"]),
        ("fields: {a: {type: text, after: one}, b: {type: text, after: a}}", ["one", "a", "b", "two", "three"]),
    ],
)
def test_order(above: str, order: list[str]) -> None:
    data, faults = laid(above)
    assert list(data["fields"]) == order
    assert not faults
    assert all("after" not in field and "before" not in field for field in data["fields"].values())


@pytest.mark.parametrize(
    ("edit", "fields"),
    [
        ("[three]", ["three"]),
        ("{add: [three]}", ["one", "two", "three"]),
        ("{add: [three], after: one}", ["one", "three", "two"]),
        ("{add: [three], before: one}", ["three", "one", "two"]),
        ("{remove: [one]}", ["two"]),
        ("{add: [three], remove: [one]}", ["two", "three"]),
        ("{add: [one]}", ["one", "two"]),
    ],
)
def test_lists(edit: str, fields: list[str]) -> None:
    data, faults = laid(f"form: {{tabs: {{main: {{sections: {{head: {{fields: {edit}}}}}}}}}}}")
    assert data["form"]["tabs"]["main"]["sections"]["head"]["fields"] == fields
    assert not faults


def test_what_is_not_there_is_a_warning_not_an_end() -> None:
    """A pack below may drop something after an overlay was written: what is above must not be lost for it."""
    data, faults = laid(
        "fields: {gone: {remove: true}, one: {after: gone}}\nform: {tabs: {main: {sections: {head: {fields: {remove: [gone]}}}}}}"
    )
    assert faults == ["NOTHING_TO_REMOVE", "UNKNOWN_ANCHOR", "NOTHING_TO_REMOVE"]
    assert set(data["fields"]) == {"one", "two", "three"}


def test_an_empty_value_removes_nothing() -> None:
    data, _ = laid("label:\nfields: {one: }\n")
    assert data["label"] == "甲"
    assert data["fields"]["one"] == {"type": "text", "max": 3}


def test_the_tree_below_stays_as_it_was() -> None:
    below = parse_yaml(BELOW)
    before = below.to_data()
    merge(below, parse_yaml("extend: object/a\nfields: {one: {remove: true}, two: {max: 1, before: one}}"), Faults())
    assert below.to_data() == before


def test_places_stay_those_of_the_file_they_were_written_in() -> None:
    below, above = parse_yaml(BELOW), parse_yaml("extend: object/a\nfields:\n  one: {required: true}\n")
    below.file, above.file = "below.yaml", "above.yaml"
    one = merge(below, above, Faults()).map["fields"].map["one"]
    assert (one.map["required"].mark.file, one.map["required"].mark.line) == ("above.yaml", 3)
    assert one.map["max"].mark.file == "below.yaml"
    assert one.map["required"].mark.path == "fields/one/required"
