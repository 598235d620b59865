"""Reading one file: YAML 1.2 core and JSON as one tree, with places; limits against hostile input."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from metamodel.faults import Faults
from metamodel.source import LARGEST, read_document
from metamodel.source_fast import compose_fast
from metamodel.source_yaml import parse_slowly
from tests.metamodel.support import PACKS, ROOT, codes

if TYPE_CHECKING:
    from metamodel.nodes import Node


def document(text: str | bytes, file: str = "a.yaml") -> Node:
    faults = Faults()
    root = read_document(text.encode() if isinstance(text, str) else text, file, faults)
    assert root is not None, codes(faults)
    return root


def refused(text: str | bytes, file: str = "a.yaml") -> list[str]:
    faults = Faults()
    assert read_document(text.encode() if isinstance(text, str) else text, file, faults) is None
    return codes(faults)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True), ("False", False), ("TRUE", True), ("on", "on"), ("no", "no"), ("yes", "yes"), ("y", "y"),
        ("9:30", "9:30"), ("0123", 123), ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"), ("0b11", "0b11"),
        ("1.50", Decimal("1.50")), (".5", Decimal("0.5")), ("1e3", Decimal(1000)), ("+3", 3), ("-7", -7), ("1.", Decimal(1)),
        ("~", None), ("null", None), ("", None), ("NULL", None), ("nil", "nil"), ("2026-01-31", "2026-01-31"), ("10%", "10%"),
        ("'true'", "true"), ('"1"', "1"), ("1.4.0", "1.4.0"), ("=me", "=me"), ("v1", "v1"),
    ],
)  # fmt: skip
def test_plain_scalars_are_those_of_yaml_1_2_core(written: str, value: object) -> None:
    found = document(f"a: {written}\n").map["a"].value
    assert found == value
    assert type(found) is type(value)


def test_both_syntaxes_give_one_structure() -> None:
    yaml = document("object: a\nfields:\n  n: {type: decimal, min: 0.10, max: 12, help: 帮助}\n  b: [x, true, 3]\n")
    json = document(
        '{"object": "a", "fields": {"n": {"type": "decimal", "min": 0.10, "max": 12, "help": "\\u5e2e助"}, "b": ["x", true, 3]}}',
        "a.json",
    )
    assert yaml.to_data() == json.to_data()
    assert yaml.map["fields"].map["n"].map["min"].raw == json.map["fields"].map["n"].map["min"].raw == "0.10"


def test_places_and_paths() -> None:
    root = document("object: a\nfields:\n  名称: {type: text,\n    max: 'x'}\n  list:\n    - one\n    - two\n")
    limit = root.map["fields"].map["名称"].map["max"]
    assert (limit.line, limit.column, limit.key_line, limit.key_column) == (4, 10, 4, 5)
    assert limit.mark.path == "fields/名称/max"
    second = root.map["fields"].map["list"].items[1]
    assert (second.mark.line, second.mark.column, second.mark.path) == (7, 7, "fields/list/1")


def test_json_places() -> None:
    root = document('{\n  "a": {"b":\n    [1, "x"]}\n}', "a.json")
    mark = root.map["a"].map["b"].items[1].mark
    assert (mark.line, mark.column, mark.path) == (3, 9, "a/b/1")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\na: 2\n", "DUPLICATE_KEY"),
        ("a: {<<: {b: 1}}\n", "MERGE_KEY"),
        ("a: !!python/object:os.system x\n", "YAML_TAG"),
        ("a: ! x\n", "YAML_TAG"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", "YAML_TAG"),
        ("a: 1\n---\nb: 2\n", "MANY_DOCUMENTS"),
        ("? [a]\n: 1\n", "BAD_KEY"),
        ("a: *b\n", "BAD_ALIAS"),
        ("a: &x [*x]\n", "BAD_ALIAS"),
        ("", "EMPTY_FILE"),
        ("# only a comment\n", "EMPTY_FILE"),
        ("a: .inf\n", "NUMBER_TOO_LONG"),
        ("a: " + "9" * 5000 + "\n", "NUMBER_TOO_LONG"),
        ("a: 1e999999999\n", "NUMBER_TOO_LONG"),
        ("k" * 300 + ": 1\n", "KEY_TOO_LONG"),
        ("a: " + "[" * 60 + "]" * 60 + "\n", "TOO_DEEP"),
        ("a: " + "[" * 100_000, "TOO_DEEP"),
        ("\n".join(" " * depth + "a:" for depth in range(900)), "TOO_DEEP"),
        ("- " * 50_000, "TOO_DEEP"),
        ("a: [" + "1," * 60_000 + "]\n", "TOO_MANY_VALUES"),
        ('a: "\\0"\n', "CONTROL_CHARACTER"),
        ('a: "\\e[31m"\n', "CONTROL_CHARACTER"),
        ("a: x\u2028y\n", "CONTROL_CHARACTER"),
        ("a: x\u0085y\n", "CONTROL_CHARACTER"),
        ("a: b: c\n", "YAML_SYNTAX"),
        ("\ta: 1\n", "YAML_SYNTAX"),
        ("a: 'x\n", "YAML_SYNTAX"),
        ("a: @x\n", "YAML_SYNTAX"),
    ],
)
def test_what_yaml_must_not_hold(text: str, code: str) -> None:
    assert refused(text) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', "DUPLICATE_KEY"),
        ('{"a": 1,}', "JSON_SYNTAX"),
        ('{"a" 1}', "JSON_SYNTAX"),
        ("{'a': 1}", "JSON_SYNTAX"),
        ('{"a": 01}', "JSON_SYNTAX"),
        ('{"a": NaN}', "JSON_SYNTAX"),
        ('{"a": 1} x', "JSON_SYNTAX"),
        ('{"a": "\\ud800"}', "CONTROL_CHARACTER"),
        ('{"a": "\\u0000"}', "CONTROL_CHARACTER"),
        ("[" * 100_000, "TOO_DEEP"),
        ('{"a":' * 50_000, "TOO_DEEP"),
        ("", "JSON_SYNTAX"),
        ("[1}", "JSON_SYNTAX"),
        ("]", "JSON_SYNTAX"),
    ],
)
def test_what_json_must_not_hold(text: str, code: str) -> None:
    assert refused(text, "a.json") == [code]


def test_surrogate_pairs_of_json() -> None:
    assert document('{"a": "\\ud83d\\ude00"}', "a.json").map["a"].value == "😀"


@pytest.mark.parametrize(
    "data", ["a: ü\n".encode("latin-1"), b"a: \xff\n", "a: 1".encode("utf-16"), "a: 1".encode("utf-32-be")]
)
def test_encodings_other_than_utf_8(data: bytes) -> None:
    assert refused(data) == ["ENCODING"]


def test_a_byte_order_mark_is_passed_over() -> None:
    root = document(b"\xef\xbb\xbfa: 1\n")
    assert root.map["a"].key_column == 1


def test_a_file_may_be_too_large() -> None:
    assert refused(b"a: " + b"x" * LARGEST) == ["FILE_TOO_LARGE"]


def test_aliases_are_written_out() -> None:
    root = document("a: &x {b: 1}\nc: *x\n")
    assert root.to_data() == {"a": {"b": 1}, "c": {"b": 1}}
    assert root.map["c"].map["b"].mark.path == "c/b"


def test_an_alias_bomb_ends() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines.extend(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    assert refused("\n".join(lines)) == ["TOO_MANY_VALUES"]


def test_both_roads_through_yaml_give_one_tree() -> None:
    """The fast one is an optimisation only: same values, same places."""
    files = [
        *PACKS.glob("*/*.yaml"),
        *PACKS.glob("*/*/*.yaml"),
        *(ROOT / "tests" / "cases").glob("check/*/pack/**/*.yaml"),
    ]
    compared = 0
    for file in files:
        try:
            text = file.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        fast = compose_fast(text)
        if fast is None:
            continue
        slow = parse_slowly(text)
        seen = [
            [
                (n.value if not n.map and not n.items else 0, n.mark, n.key_mark, n.plain, n.flow, n.raw)
                for n in tree.walk()
            ]
            for tree in (fast, slow)
        ]
        assert seen[0] == seen[1], file
        compared += 1
    assert compared > 40
