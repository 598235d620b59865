"""From scenario files to scenarios, every fault with its place. What names and values mean is checked when a model is there
(check.py)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.scenarios.parts import (
    Expectation,
    Notified,
    Placed,
    Scenario,
    ScenarioAction,
    ScenarioRecord,
    ScenarioStep,
    ScenarioUser,
)
from metamodel.definitions.common import Expression
from metamodel.faults import Mark, offered
from metamodel.folders import pack_files
from metamodel.names import WORDS, check_name
from metamodel.shape_cut import is_cut
from metamodel.shape_faults import Tell
from metamodel.source import read_document
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.scenarios.parts import Written
    from metamodel.faults import Faults
    from metamodel.nodes import Node

FOLDER = "scenarios/"


def read_scenarios(pack: Path, faults: Faults) -> list[Scenario]:
    """Return the scenarios in a pack's folder (or zip), in the order of their files; faults go to ``faults``."""
    files = pack_files(pack, faults)
    found: list[Scenario] = []
    if files is None:
        return found
    for inside, data in sorted(files.files.items()):
        if inside.startswith(FOLDER):
            root = read_document(data, files.name(inside), faults)
            if root is not None:
                found.append(scenario_of(root, faults))
    return found


def scenario_of(root: Node, faults: Faults) -> Scenario:
    """Return the scenario that a document says."""
    for node in root.walk():
        if node.flow and is_cut(node.map):
            Tell.cut(node.map, faults)
    known = _known(root, ("scenario", "given", "do"), faults, required=("scenario", "do"))
    given = _known(known["given"], ("users", "records", "now"), faults) if "given" in known else {}
    users = {name: _user(name, node, faults) for name, node in _entries(given.get("users"), faults).items()}
    records = {name: _record(name, node, faults) for name, node in _entries(given.get("records"), faults).items()}
    for name in records.keys() & users.keys():
        message = Text(zh=f"{name} 既是用户又是记录", en=f"{name} is both a user and a record")
        faults.add("REPEATED_NAME", message, given["records"].map[name].key_mark)
    return Scenario(
        name=_text(known.get("scenario"), faults),
        users=users,
        records=records,
        steps={name: _step(name, node, faults) for name, node in _entries(known.get("do"), faults).items()},
        now=_moment(given.get("now"), faults),
        mark=root.mark,
    )


def _known(node: Node, names: tuple[str, ...], faults: Faults, *, required: tuple[str, ...] = ()) -> Mapping[str, Node]:
    """Return a map's entries after a look at its keys."""
    if not isinstance(node.value, dict):
        faults.add("WRONG_TYPE", Text(zh="应为一张表", en="must be a map"), node.mark)
        return {}
    for name, child in node.map.items():
        if name not in names:
            message = Text(zh=f"没有名为 {name} 的键", en=f"there is no key {name}")
            faults.add("UNKNOWN_KEY", message, child.key_mark, hint=offered(name, names))
    for name in required:
        if name not in node.map:
            faults.add("REQUIRED", Text(zh=f"缺少 {name}", en=f"{name} is missing"), node.mark)
    return node.map


def _entries(node: Node | None, faults: Faults) -> Mapping[str, Node]:
    """Return the entries of a map of things with names."""
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        faults.add("WRONG_TYPE", Text(zh="应为一张表", en="must be a map"), node.mark)
    for name, child in node.map.items():
        check_name(name, child.key_mark, faults)
    return node.map


def _text(node: Node | None, faults: Faults) -> str:
    if node is None:
        return ""
    if isinstance(node.value, str) and node.value:
        return node.value
    if isinstance(node.value, dict | list | bool) or not node.text:
        faults.add("WRONG_TYPE", Text(zh="应为文字", en="must be a text"), node.mark)
        return ""
    return node.text


def _texts(node: Node | None, faults: Faults) -> tuple[str, ...]:
    if node is None:
        return ()
    if isinstance(node.value, list):
        return tuple(_text(item, faults) for item in node.items)
    return (_text(node, faults),)


def _moment(node: Node | None, faults: Faults) -> datetime | None:
    if node is None:
        return None
    try:
        moment = datetime.fromisoformat(_text(node, faults))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = Text(
            zh="应为带时区的时间，如 2026-01-05T09:00+08:00",
            en="must be a moment with its offset, like 2026-01-05T09:00+08:00",
        )
        faults.add("MALFORMED", message, node.mark)
        return None
    return moment


def _user(name: str, node: Node, faults: Faults) -> ScenarioUser:
    if name in WORDS:
        faults.add("RESERVED_NAME", Text(zh=f"{name} 是保留字", en=f"{name} is reserved"), node.key_mark)
    if node.value is not None and not isinstance(node.value, dict):
        faults.add("WRONG_TYPE", Text(zh="应为一张表", en="must be a map"), node.mark)
    roles = (*_texts(node.map.get("role"), faults), *_texts(node.map.get("roles"), faults))
    values = {key: placed(child) for key, child in node.map.items() if key not in {"role", "roles"}}
    return ScenarioUser(name, roles, values, node.key_mark)


def _record(name: str, node: Node, faults: Faults) -> ScenarioRecord:
    if name in WORDS:
        faults.add("RESERVED_NAME", Text(zh=f"{name} 是保留字", en=f"{name} is reserved"), node.key_mark)
    known = _known(node, ("object", "set", "by"), faults, required=("object",))
    values = {key: placed(child) for key, child in _map(known.get("set"), faults).items()}
    return ScenarioRecord(
        name, _text(known.get("object"), faults), values, _text(known.get("by"), faults), node.key_mark
    )


def _map(node: Node | None, faults: Faults) -> Mapping[str, Node]:
    if node is not None and not isinstance(node.value, dict):
        faults.add("WRONG_TYPE", Text(zh="应为一张表", en="must be a map"), node.mark)
    return node.map if node is not None else {}


RESERVED = ("by", "expect", "wait")  # everything else in a step is its action's verb


def _step(name: str, node: Node, faults: Faults) -> ScenarioStep:
    """Read a step: an action, or a wait, or only an expectation."""
    entries = _map(node, faults)
    verbs = [key for key in entries if key not in RESERVED]
    if len(verbs) > 1:
        message = Text(
            zh=f"一步只能有一个动作，这里有 {'、'.join(verbs)}", en=f"one action a step; here are {', '.join(verbs)}"
        )
        faults.add("SEVERAL_ACTIONS", message, entries[verbs[1]].key_mark)
    if not verbs and "wait" not in entries and "expect" not in entries:
        message = Text(zh="这一步什么也不做，也不期望什么", en="the step does nothing and expects nothing")
        faults.add("EMPTY_STEP", message, node.key_mark)
    if verbs and "wait" in entries:
        message = Text(zh="等待和动作请分成两步", en="wait and act in two steps")
        faults.add("SEVERAL_ACTIONS", message, entries["wait"].key_mark)
    action = None
    if verbs:
        verb = entries[verbs[0]]
        action = ScenarioAction(
            verbs[0], {key: placed(child) for key, child in _map(verb, faults).items()}, verb.key_mark
        )
    return ScenarioStep(
        name,
        _text(entries.get("by"), faults),
        action,
        _text(entries.get("wait"), faults),
        _expect(entries.get("expect"), faults),
        node.key_mark,
    )


def _expect(node: Node | None, faults: Faults) -> Expectation | None:
    """Read what is expected: an expression over the records named so far, or a map of what must come of the action."""
    if node is None:
        return None
    if not isinstance(node.value, dict):
        return Expectation(holds=Expression(_text(node, faults), node.mark), mark=node.mark)
    known = _known(node, ("holds", "refused", "field", "count", "records", "notified", "shows", "warned"), faults)
    holds = known.get("holds")
    return Expectation(
        holds=Expression(_text(holds, faults), holds.mark) if holds is not None else None,
        refused=_text(known.get("refused"), faults),
        warned=_text(known.get("warned"), faults) or None,
        at=_text(known.get("field"), faults),
        count=_count(known.get("count"), faults),
        records=_texts(known["records"], faults) if "records" in known else None,
        notified=_notified(known.get("notified"), faults),
        shows={key: _written(child) for key, child in _map(known["shows"], faults).items()}
        if "shows" in known
        else None,
        mark=node.mark,
    )


def _count(node: Node | None, faults: Faults) -> int | None:
    if node is None:
        return None
    if isinstance(node.value, bool) or not isinstance(node.value, int):
        faults.add("WRONG_TYPE", Text(zh="应为整数", en="must be a whole number"), node.mark)
        return None
    return node.value


def _notified(node: Node | None, faults: Faults) -> Notified | None:
    """Read who must have been told: ``{to: =MANAGER(dan), by: wecom, says: …, times: 1}``."""
    if node is None:
        return None
    known = _known(node, ("to", "by", "says", "times"), faults, required=("to",))
    to = placed(known["to"]).value if "to" in known else ""
    return Notified(
        to if isinstance(to, Expression) else str(to),
        _text(known.get("by"), faults),
        _text(known.get("says"), faults),
        _count(known.get("times"), faults),
        node.mark,
    )


def placed(node: Node) -> Placed:
    """Return a value as written, ``=`` in front making it an expression; the entries of a map have places of their own."""
    if isinstance(node.value, dict):
        entries = {key: Placed(_written(child), child.mark, child.key_mark) for key, child in node.map.items()}
        return Placed(entries, node.mark, node.key_mark)
    return Placed(_written(node), node.mark, node.key_mark)


def _written(node: Node) -> Written:
    if isinstance(node.value, dict):
        return {key: _written(child) for key, child in node.map.items()}
    if isinstance(node.value, list):
        return [_written(item) for item in node.items]
    if isinstance(node.value, str) and node.value.startswith("="):
        mark = node.mark
        return Expression(node.value[1:].lstrip(), Mark(mark.file, mark.line, mark.column + 1, mark.path))
    value: Written = node.value
    return value
