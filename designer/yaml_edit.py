"""Changes of a YAML file at one place: set, remove, rename, move. Whatever stands outside of that place stays as it was, to the
character. Every change is read back: what it comes to is what was meant, or EditFault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from designer.yaml_lists import list_text
from designer.yaml_tree import EditFault, Spot, comment_start, line_end, line_start, locate, next_line
from designer.yaml_write import entry, flow
from metamodel.source_limits import SourceFault
from metamodel.source_yaml import parse_yaml
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Change = Callable[[dict[str, Any]], None]

Keys = tuple[str, ...]


def read_data(text: str) -> dict[str, Any]:
    """Return a file's plain data. Raises EditFault where it can't be read."""
    try:
        found = parse_yaml(text).to_data()
    except SourceFault as fault:
        raise EditFault(
            Text(zh="YAML 有语法错误，请先改正。", en="The YAML has a syntax error: put it right first.")
        ) from fault
    if not isinstance(found, dict):
        raise EditFault(Text(zh="定义应是一个映射。", en="A definition is a map."))
    return found


def set_entry(text: str, path: Keys, value: Any, *, after: str = "", before: str = "") -> str:
    """Return the text with ``value`` at ``path``; maps on the way are made. A new entry comes last, or beside a sibling."""
    old = read_data(text)
    wanted = _copied(old)
    _assign(wanted, path, value, after, before)
    if wanted == old and _order(wanted) == _order(old):
        return text
    return _checked(_set(text, locate(text), path, value, beside=(after, before), depth=0), wanted, text, path)


def remove_entry(text: str, path: Keys) -> str:
    """Return the text without the entry at ``path``, and without maps that it leaves empty."""
    wanted = _copied(read_data(text))
    _take(wanted, path)
    spot, chain = locate(text), []
    for name in path:
        if name not in spot.entries:
            return text
        chain.append((spot, name))
        spot = spot.entries[name].value
    while len(chain) > 1 and len(chain[-1][0].entries) == 1:
        chain.pop()
    return _checked(_cut(text, *chain[-1]), wanted, text, path)


def rename_entry(text: str, path: Keys, name: str) -> str:
    """Return the text with the entry at ``path`` called ``name``; raises EditFault where that is taken."""
    wanted = _copied(read_data(text))
    holder = _at(wanted, path[:-1])
    if name in holder or path[-1] not in holder:
        raise EditFault(Text(zh=f"名称 {name} 已被使用。", en=f"The name {name} is taken."))
    renamed = {name if key == path[-1] else key: value for key, value in holder.items()}
    holder.clear()
    holder.update(renamed)
    spot = _spot_at(locate(text), path[:-1])
    one = spot.entries[path[-1]]
    return _checked(text[: one.start] + flow(name) + text[one.key_end - 1 :], wanted, text, path)


def move_entry(text: str, path: Keys, *, after: str = "", before: str = "") -> str:
    """Return the text with the entry at ``path`` beside a sibling; its comments go along."""
    wanted = _copied(read_data(text))
    holder = _at(wanted, path[:-1])
    name, anchor = path[-1], after or before
    if name == anchor or name not in holder or anchor not in holder:
        return text
    value = holder.pop(name)
    _insert(holder, name, value, after, before)
    spot = _spot_at(locate(text), path[:-1])
    one = spot.entries[name]
    if spot.flow:
        source = text[one.start : one.end]
        cut = _cut(text, spot, name)
        place = _spot_at(locate(cut), path[:-1])
        at = place.entries[anchor]
        moved = (
            f"{cut[: at.end]}, {source}{cut[at.end :]}" if after else f"{cut[: at.start]}{source}, {cut[at.start :]}"
        )
        return _checked(moved, wanted, text, path)
    first, last = comment_start(text, one.start), next_line(text, one.end)
    chunk = text[first:last]
    at = spot.entries[anchor]
    to = next_line(text, at.end) if after else comment_start(text, at.start)
    if not chunk.endswith("\n"):
        chunk += _line_end_of(text)
    lead = _line_end_of(text) if to == len(text) and not text.endswith("\n") else ""
    if to <= first:
        moved = text[:to] + chunk + text[to:first] + text[last:]
    else:
        moved = text[:first] + text[last:to] + lead + chunk + text[to:]
    return _checked(moved, wanted, text, path)


def _set(text: str, spot: Spot, path: Keys, value: Any, *, beside: tuple[str, str], depth: int) -> str:
    name, rest = path[0], path[1:]
    if spot.kind != "map":
        raise EditFault(Text(zh=f"{name} 的上一级不是映射。", en=f"What {name} is in is no map."))
    if name not in spot.entries:
        for key in reversed(rest):
            value = {key: value}
        return _add(text, spot, name, value, beside=beside if not rest else ("", ""), depth=depth)
    one = spot.entries[name]
    if rest:
        if one.value.kind == "map":
            return _set(text, one.value, rest, value, beside=beside, depth=depth + 1)
        for key in reversed(rest):
            value = {key: value}
    return _replace(text, spot, name, value, depth=depth)


def _replace(text: str, holder: Spot, name: str, value: Any, *, depth: int) -> str:
    """Put another value in an entry's place: within its line where both fit on one, else as a block."""
    one = holder.entries[name]
    spot = one.value
    if isinstance(value, list) and spot.kind == "list" and not spot.flow and value:
        return list_text(text, spot, value)
    on_line = (
        line_start(text, one.start) == line_start(text, spot.start) and text[spot.start : spot.start + 1] not in "|>"
    )
    lines = [flow(value)] if holder.flow else _as_lines(name, value, one.start - line_start(text, one.start), depth)
    if holder.flow or (len(lines) == 1 and on_line):
        shown = flow(value) if holder.flow else flow(value, inside=False)
        gap = "" if text[one.key_end : spot.start].strip(" ") or text[one.key_end : one.key_end + 1] == " " else " "
        return text[: spot.start] + gap + shown + text[spot.end :]
    tail = lines[0].split(":", 1)[1] if len(lines) == 1 else "".join(_line_end_of(text) + line for line in lines[1:])
    return text[: one.key_end] + tail + text[spot.end :]


def _as_lines(name: str, value: Any, indent: int, depth: int) -> list[str]:
    return entry(name, value, indent, depth)


def _add(text: str, spot: Spot, name: str, value: Any, *, beside: tuple[str, str], depth: int) -> str:
    """Put a new entry in: last, or beside a sibling."""
    after, before = beside
    names = list(spot.entries)
    if spot.flow:
        shown = f"{flow(name)}: {flow(value)}"
        if not names:
            return text[: spot.start + 1] + shown + text[spot.start + 1 :]
        if before in spot.entries:
            at = spot.entries[before].start
            return f"{text[:at]}{shown}, {text[at:]}"
        at = spot.entries[after if after in spot.entries else names[-1]].end
        return f"{text[:at]}, {shown}{text[at:]}"
    indent = spot.start - line_start(text, spot.start)
    newline = _line_end_of(text)
    shown = newline.join(entry(name, value, indent, depth))
    if before in spot.entries:
        at = comment_start(text, spot.entries[before].start)
        return text[:at] + shown + newline + text[at:]
    at = line_end(text, spot.entries[after if after in spot.entries else names[-1]].end)
    return text[:at] + newline + shown + text[at:]


def _cut(text: str, spot: Spot, name: str) -> str:
    """Take an entry out: its lines, or its place between commas."""
    one, names = spot.entries[name], list(spot.entries)
    if not spot.flow:
        return text[: line_start(text, one.start)] + text[next_line(text, one.end) :]
    index = names.index(name)
    if index:
        return text[: spot.entries[names[index - 1]].end] + text[one.end :]
    after = spot.entries[names[1]].start if len(names) > 1 else one.end
    return text[: one.start] + text[after:]


def _checked(text: str, wanted: dict[str, Any], before: str, path: Keys) -> str:
    """Return the text if it reads as was meant. What can't be changed at its place is never written wrong."""
    try:
        found = read_data(text) if text.strip() else {}
    except EditFault:
        found = {}
    if found == wanted and _order(found) == _order(wanted):
        return text
    del before
    place = ".".join(path)
    raise EditFault(
        Text(
            zh=f"{place} 的写法无法自动修改，请在 YAML 中修改。",
            en=f"{place} is written in a way that can't be changed here: change it as YAML.",
        )
    )


def _line_end_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _spot_at(spot: Spot, path: Sequence[str]) -> Spot:
    for name in path:
        spot = spot.entries[name].value
    return spot


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return list(value) if isinstance(value, list) else value


def _order(value: Any) -> Any:
    return [(key, _order(one)) for key, one in value.items()] if isinstance(value, dict) else None


def _at(data: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    for name in path:
        data = data.get(name) or {}
        if not isinstance(data, dict):
            return {}
    return data


def _assign(data: dict[str, Any], path: Keys, value: Any, after: str, before: str) -> None:
    for name in path[:-1]:
        if not isinstance(data.get(name), dict):
            data[name] = {}
        data = data[name]
    if path[-1] in data:
        data[path[-1]] = value
    else:
        _insert(data, path[-1], value, after, before)


def _insert(data: dict[str, Any], name: str, value: Any, after: str, before: str) -> None:
    entries = list(data.items())
    names = list(data)
    at = names.index(before) if before in data else names.index(after) + 1 if after in data else len(entries)
    entries.insert(at, (name, value))
    data.clear()
    data.update(entries)


def _take(data: dict[str, Any], path: Keys) -> None:
    chain = [data]
    for name in path[:-1]:
        inner = chain[-1].get(name)
        if not isinstance(inner, dict):
            return
        chain.append(inner)
    chain[-1].pop(path[-1], None)
    for depth in range(len(chain) - 1, 0, -1):
        if not chain[depth]:
            chain[depth - 1].pop(path[depth - 1], None)
