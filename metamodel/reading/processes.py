"""Reads a process: states, transitions, what an overlay took away."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.definitions.processes import OPEN, ProcessDef, StateDef, StepDef, TransitionDef
from metamodel.names import label_of
from metamodel.overlay import ROWS_TO, is_removal
from metamodel.reading.actions import read_actions
from metamodel.reading.common import assigned, expression, flag, frozen, label, maps, names, text
from metamodel.reading.values import one_or_more, read_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metamodel.definitions.common import Expression
    from metamodel.kinds import Kinds
    from metamodel.nodes import Node


def read_process(name: str, node: Node, pack: str, kinds: Kinds, overlays: Iterable[Node] = ()) -> ProcessDef:
    """Return the process that the merged tree ``node`` defines; ``overlays`` in stack order say where records of removed states go."""
    get = node.map.get
    states = {key: _state(key, child) for key, child in maps(get("states")).items() if not is_removal(child)}
    transitions = {key: _transition(key, child, kinds) for key, child in maps(get("transitions")).items()}
    return ProcessDef(
        name,
        label(get("label"), label_of(name)),
        text(get("object")),
        text(get("field")),
        text(get("start")),
        frozen(states),
        frozen(transitions),
        _removed(states, (node, *overlays)),
        pack,
        node.mark,
    )


def _removed(states: Mapping[str, StateDef], layers: Iterable[Node]) -> Mapping[str, str]:
    """Return removed state → state its records go to, followed on where that one was removed as well."""
    said: dict[str, str] = {}
    for layer in layers:
        for name, child in maps(layer.map.get("states")).items():
            if is_removal(child) and text(child.map.get(ROWS_TO)):
                said[name] = text(child.map[ROWS_TO])
    found: dict[str, str] = {}
    for name, first in said.items():
        target, seen = first, {name}
        while target not in states and target in said and target not in seen:
            seen.add(target)
            target = said[target]
        if name not in states:
            found[name] = target
    return frozen(found)


def _state(name: str, node: Node) -> StateDef:
    get = node.map.get
    return StateDef(
        name,
        label(get("label"), label_of(name)),
        color=text(get("color")),
        final=text(get("final")),
        probability=_share(get("probability")),
        conversion=_share(get("conversion")),
        stale_after=text(get("stale_after")),
        responsible=_assigned(get("responsible")),
        deliverable=label(get("deliverable")),
        guide=label(get("guide")),
        enter_when=expression(get("enter_when")),
        leave_when=expression(get("leave_when")),
        steps=frozen({key: _step(key, child) for key, child in maps(get("steps")).items()}),
    )


def _share(node: Node | None) -> Decimal | None:
    found = read_number(node)
    return None if found is None else Decimal(found)


def _assigned(node: Node | None) -> Expression | None:
    return assigned(node) if node is not None and text(node).startswith("=") and len(text(node)) > 1 else None


def _step(name: str, node: Node) -> StepDef:
    get = node.map.get
    return StepDef(name, label(get("label"), label_of(name)), names(get("fields")), expression(get("done_when")))


def _transition(name: str, node: Node, kinds: Kinds) -> TransitionDef:
    get = node.map.get
    choose = text(get("choose"))
    return TransitionDef(
        name,
        label(get("label"), label_of(name)),
        one_or_more(get("from")),
        text(get("to"), OPEN),
        choose=choose,
        requires=names(get("requires")),
        when=expression(get("when")),
        roles=names(get("roles")),
        ask=names(get("ask")),
        reason=text(get("reason")),
        sensitive=flag(get("sensitive")),
        steps=text(get("steps"), "needed"),
        effects=read_actions(get("effects"), kinds),
        mark=node.key_mark,
    )
