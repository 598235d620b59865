"""Reads the options of actions, triggers, assignees and widgets, and actions (``name: {verb: {option: …}}``) wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.definitions.actions import ActionDef
from metamodel.options import Takes
from metamodel.reading.common import EMPTY, frozen
from metamodel.reading.values import read_plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.kinds import Kinds
    from metamodel.nodes import Node
    from metamodel.options import OptionSort, OptionSorts


def read_actions(node: Node | None, kinds: Kinds) -> tuple[ActionDef, ...]:
    """Return the actions of a map, in order. What has no verb is left out (the shape check names it)."""
    if node is None:
        return ()
    found = (_action(name, child, kinds) for name, child in node.map.items())
    return tuple(action for action in found if action is not None)


def verb_of(node: Node, kinds: Kinds) -> str:
    """Return the verb of an action: its one key (of several the first that is a verb), "" for none."""
    return next((key for key in node.map if key in kinds.actions), next(iter(node.map), ""))


def _action(name: str, node: Node, kinds: Kinds) -> ActionDef | None:
    verb = verb_of(node, kinds)
    if not verb:
        return None
    sort = kinds.actions.get(verb)
    options = read_options(sort.options, node.map[verb], kinds) if sort is not None else EMPTY
    return ActionDef(name, verb, options, node.key_mark)


def read_options(sorts: OptionSorts, node: Node, kinds: Kinds) -> Mapping[str, Any]:
    """Return the options that stand in the map ``node``; what is no map of options is the whole, under ``""``."""
    if sorts.whole is not None and not (sorts.named and isinstance(node.value, dict)):
        found = read_option(sorts.whole, node, kinds)
        return EMPTY if found is None else frozen({"": found})
    return read_named(sorts.named, node, kinds)


def read_named(named: Mapping[str, OptionSort], node: Node, kinds: Kinds) -> Mapping[str, Any]:
    """Return those entries of ``node`` that are options, in the order of the file."""
    found = {
        key: read_option(named[key], child, kinds)
        for key, child in node.map.items()
        if key in named and child.value is not None
    }
    return frozen({key: value for key, value in found.items() if value is not None})


def read_option(sort: OptionSort, node: Node, kinds: Kinds) -> Any:
    """Return one option as ``Takes`` says it is read; None where it has not the shape for it."""
    if sort.takes is Takes.ACTIONS:
        return read_actions(node, kinds)
    return read_plain(sort, node)
