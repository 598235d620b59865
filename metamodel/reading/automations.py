"""Reads an automation: what sets it off, what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.automations import AutomationDef, TriggerDef
from metamodel.names import label_of
from metamodel.reading.actions import read_actions, read_named, read_option
from metamodel.reading.common import EMPTY, expression, frozen, label, names, text

if TYPE_CHECKING:
    from metamodel.kinds import Kinds
    from metamodel.nodes import Node


def read_automation(name: str, node: Node, pack: str, kinds: Kinds) -> AutomationDef:
    """Return the automation that ``node`` defines."""
    get = node.map.get
    pilot = get("pilot")
    return AutomationDef(
        name,
        label(get("label"), label_of(name)),
        text(get("object")),
        read_trigger(get("trigger"), kinds),
        read_actions(get("do"), kinds),
        read_actions(get("ends"), kinds),
        expression(get("when")),
        text(get("once"), "every"),
        frozen({key: names(child) for key, child in pilot.map.items()}) if pilot is not None else EMPTY,
        pack,
        node.mark,
    )


def trigger_key(node: Node, kinds: Kinds) -> str:
    """Return the key of a trigger's map that names it: the first that is a trigger, "" for none."""
    return next((key for key in node.map if key in kinds.triggers), next(iter(node.map), ""))


def read_trigger(node: Node | None, kinds: Kinds) -> TriggerDef:
    """Read a trigger: its bare name, ``{name: value, option: …}``, or ``{name: {option: …}}`` where it takes no value."""
    if node is None:
        return TriggerDef("")
    if not node.map:
        return TriggerDef(text(node), mark=node.mark)
    kind = trigger_key(node, kinds)
    sort = kinds.triggers.get(kind)
    if not kind or sort is None:
        return TriggerDef(kind, mark=node.mark)
    options = sort.options
    value = read_option(options.whole, node.map[kind], kinds) if options.whole is not None else None
    beside = node if options.whole is not None else node.map[kind]
    return TriggerDef(kind, value, read_named(options.named, beside, kinds), node.map[kind].key_mark)
