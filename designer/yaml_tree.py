"""Where each entry of a YAML file stands, to the character: what splicing needs and the located tree of definitions does not keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(eq=False)
class EditFault(Exception):
    """A file that can't be changed entry by entry; the message says why."""

    message: Text

    def __post_init__(self) -> None:
        Exception.__init__(self, self.message.en)


@dataclass(slots=True)
class Spot:
    """A value in a text: ``start`` and ``end`` are offsets in characters, comments behind it not included. ``entries`` of a map,
    ``items`` of a list; ``flow``: written in brackets."""

    start: int
    end: int
    kind: str = "scalar"  # scalar | map | list
    flow: bool = False
    text: str = ""
    entries: dict[str, Entry] = field(default_factory=dict)
    items: list[Spot] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """An entry of a map: where its key stands, and its value."""

    start: int
    key_end: int
    value: Spot

    @property
    def end(self) -> int:
        """Return where the value ends."""
        return self.value.end


def locate(text: str) -> Spot:
    """Return the root of a file that reads without a fault. Raises EditFault for anchors, which one place's change would move elsewhere."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if any(getattr(event, "anchor", None) for event in yaml.parse(text, Loader=loader)):
            raise EditFault(
                Text(
                    zh="文件中使用了锚点（& 和 *），请在 YAML 中修改。",
                    en="The file uses anchors (& and *): change it as YAML.",
                )
            )
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        raise EditFault(
            Text(zh="YAML 有语法错误，请先改正。", en="The YAML has a syntax error: put it right first.")
        ) from error
    if not isinstance(root, yaml.MappingNode):
        raise EditFault(Text(zh="定义应是一个映射。", en="A definition is a map."))
    return _spot(root, text)


def _spot(node: Any, text: str) -> Spot:
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.MappingNode):
        spot = Spot(start, end, "map", bool(node.flow_style))
        for key, value in node.value:
            spot.entries[str(key.value)] = _entry(key, value, text)
        if not spot.flow:
            spot.end = max((one.end for one in spot.entries.values()), default=start)
        return spot
    if isinstance(node, yaml.SequenceNode):
        spot = Spot(start, end, "list", bool(node.flow_style), items=[_spot(item, text) for item in node.value])
        if not spot.flow:
            spot.end = max((one.end for one in spot.items), default=start)
        return spot
    if node.style in {"|", ">"}:
        end = start + len(text[start:end].rstrip())
    return Spot(start, end, text=str(node.value))


def _entry(key: Any, value: Any, text: str) -> Entry:
    key_end = text.index(":", key.end_mark.index) + 1
    spot = _spot(value, text)
    if spot.kind == "scalar" and spot.start == spot.end:  # an empty value: the parser places it anywhere behind the key
        spot.start = spot.end = key_end
    return Entry(key.start_mark.index, key_end, spot)


def line_start(text: str, at: int) -> int:
    """Return where the line of an offset begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Return where the line of an offset ends, its line end not included."""
    found = text.find("\n", at)
    end = len(text) if found < 0 else found
    return end - 1 if end > at and text[end - 1] == "\r" else end


def next_line(text: str, at: int) -> int:
    """Return where the line after that of an offset begins."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def comment_start(text: str, at: int) -> int:
    """Return where the comment lines right above the line of an offset begin: those that speak of it, as far in as it."""
    begin = line_start(text, at)
    for start, line in _lines_above(text, begin):
        if not line.strip().startswith("#") or len(line) - len(line.lstrip()) != at - line_start(text, at):
            break
        begin = start
    return begin


def _lines_above(text: str, begin: int) -> Iterator[tuple[int, str]]:
    while begin > 0:
        start = line_start(text, begin - 1)
        yield start, text[start : begin - 1]
        begin = start
