"""Changes of a YAML file at one place: what is outside of the place stays to the character, what is read back is what was meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from designer.yaml_edit import move_entry, read_data, remove_entry, rename_entry, set_entry
from designer.yaml_tree import EditFault

FILE = """\
# 商机：本单位的调整
extend: object/opportunity   # 顶部

fields:
  # 预算由客户告知
  budget: {type: money, label: {zh: 预算, en: Budget}}  # 万元
  note:
    type: long_text
    help: >-
      折行的
      说明
  grade: {type: choice, choices: {a: A 级, b: 'B: 级'}}

visible_when: {budget: 'stage in ("won", "lost")', note: amount > 0}
form:
  tabs:
    main:
      sections:
        head:
          fields:
            - name
            - budget  # 与金额并列
            - note
"""
PATHS = (
    ("fields", "budget", "required"),
    ("fields", "budget", "label", "zh"),
    ("fields", "note", "type"),
    ("fields", "note", "help"),
    ("fields", "grade", "choices", "c"),
    ("fields", "fresh"),
    ("visible_when", "budget"),
    ("visible_when", "grade"),
    ("form", "tabs", "main", "label"),
    ("form", "tabs", "main", "sections", "head", "columns"),
    ("checks", "first", "require"),
)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(10**9), 10**9),
    texts,
    st.sampled_from(
        [
            'amount >= 100 and stage <> "won"',
            "=TODAY() + 2d",
            "10%",
            "true",
            "null",
            "# no comment",
            "- x",
            "a: b",
            "{x}",
            "0.10",
        ]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(texts, min_size=1, max_size=4),
        st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


def at(data: Any, path: tuple[str, ...]) -> Any:
    """Return what lies at a path."""
    for name in path:
        data = data[name]
    return data


def comments(text: str) -> list[str]:
    """Return a file's comments."""
    return [line[line.index("# ") :] for line in text.splitlines() if "# " in line and "no comment" not in line]


@settings(max_examples=80, deadline=None)
@given(path=st.sampled_from(PATHS), value=values, crlf=st.booleans())
def test_a_value_is_set_and_nothing_else_changes(path: tuple[str, ...], value: Any, crlf: bool) -> None:
    before = FILE.replace("\n", "\r\n") if crlf else FILE
    after = set_entry(before, path, value)
    assert at(read_data(after), path) == value
    assert type(at(read_data(after), path)) is type(value)
    kept = [line for line in before.splitlines(keepends=True) if path[-1] not in line and path[-2] not in line]
    inside = path == ("fields", "note", "help")  # the folded text is what is replaced
    missing = [line for line in kept if line not in list(after.splitlines(keepends=True))]
    assert not [line for line in missing if not (inside and line.strip() in {"折行的", "说明"})]
    assert all(one in after for one in ("# 商机：本单位的调整", "# 顶部", "# 预算由客户告知", "# 万元", "# 与金额并列"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), scalars), min_size=1, max_size=6))
def test_edits_one_after_the_other_come_to_what_was_meant(edits: list[tuple[tuple[str, ...], Any]]) -> None:
    text = FILE
    said: dict[tuple[str, ...], Any] = {}
    for path, value in edits:
        try:
            text = set_entry(text, path, value)
        except EditFault:
            continue
        said = {one: kept for one, kept in said.items() if one[: len(path)] != path} | {path: value}
    for path, value in said.items():
        assert at(read_data(text), path) == value


def test_setting_back_gives_the_file_back() -> None:
    after = set_entry(FILE, ("fields", "budget", "label", "zh"), "预算金额")
    assert after == FILE.replace("{zh: 预算,", "{zh: 预算金额,")
    assert set_entry(after, ("fields", "budget", "label", "zh"), "预算") == FILE


def test_an_entry_comes_beside_its_sibling_and_goes_without_a_trace() -> None:
    after = set_entry(FILE, ("fields", "cost"), {"type": "money"}, after="budget")
    assert after == FILE.replace("# 万元\n", "# 万元\n  cost: {type: money}\n")
    assert remove_entry(after, ("fields", "cost")) == FILE


def test_a_map_left_empty_goes_too() -> None:
    text = remove_entry(remove_entry(FILE, ("visible_when", "budget")), ("visible_when", "note"))
    assert "visible_when" not in text
    assert comments(text) == comments(FILE)


def test_an_entry_moves_with_its_comment() -> None:
    after = move_entry(FILE, ("fields", "budget"), after="grade")
    assert list(read_data(after)["fields"]) == ["note", "grade", "budget"]
    assert "  # 预算由客户告知\n  budget:" in after
    assert move_entry(after, ("fields", "budget"), before="note") == FILE


def test_items_of_a_list_keep_their_comments() -> None:
    after = set_entry(FILE, ("form", "tabs", "main", "sections", "head", "fields"), ["note", "budget", "amount"])
    assert "            - note\n            - budget  # 与金额并列\n            - amount\n" in after


def test_an_entry_is_called_otherwise_in_its_place() -> None:
    assert rename_entry(FILE, ("fields", "budget"), "cost") == FILE.replace("  budget: {type", "  cost: {type")
    with pytest.raises(EditFault):
        rename_entry(FILE, ("fields", "budget"), "note")


def test_a_file_with_anchors_is_left_alone() -> None:
    with pytest.raises(EditFault):
        set_entry("object: x\nfields:\n  a: &one {type: text}\n  b: *one\n", ("fields", "a", "type"), "date")
