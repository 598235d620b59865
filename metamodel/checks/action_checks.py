"""Actions wherever they stand: the options of their verbs, records that one names for those after it, actions inside actions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metamodel.checks.context import below
from metamodel.checks.ground import Ground, record_of
from metamodel.checks.option_checks import check_options
from metamodel.expressions.types import ANY
from metamodel.options import OptionSort, Takes
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.checks.ground import Options
    from metamodel.definitions.actions import ActionDef
    from metamodel.nodes import Node
    from metamodel.options import OptionSorts

_NEEDED = {"pool": Text(zh="公海", en="pool"), "team": Text(zh="团队", en="team")}


def check_actions(checks: Checks, actions: tuple[ActionDef, ...], node: Node, ground: Ground) -> Ground:
    """Check actions in order; ``node`` is the map they stand in. Return the ground with every record that they name."""
    for action in actions:
        sort = checks.kinds.actions.get(action.verb)
        if sort is None:
            continue  # named as an unknown verb already
        place = below(node, action.name, action.verb)
        options = check_options(checks, sort.options, action.options, place, ground)
        _check_needs(options, sort.options)
        inner = _inside(options, sort.options)
        for key, one in sort.options.named.items():
            if one.takes is Takes.ACTIONS and key in action.options:
                check_actions(checks, action.options[key], below(place, key), inner)
        if not any(one.takes is Takes.ACTIONS for one in sort.options.named.values()):
            ground = _bound(options, ground)
    return ground


def _check_needs(options: Options, sorts: OptionSorts) -> None:
    """Check that the object of the record that an action is about has what the action works on."""
    about = options.about(OptionSort(Takes.RECORD, Text())) if sorts.needs else None
    if about and getattr(options.checks.model.objects[about], sorts.needs) is None:
        what = _NEEDED[sorts.needs]
        message = Text(zh=f"{about} 没有{what.zh}", en=f"{about} has no {what.en}")
        options.checks.faults.add(f"NO_{sorts.needs.upper()}", message, options.node.mark)
    for name, fields in sorts.stores.items():
        _check_store(options, name, fields)


def _check_store(options: Options, name: str, fields: tuple[str, ...]) -> None:
    """Check that the object that an action keeps its records in is there, with the fields that it writes."""
    found = options.checks.model.objects.get(name)
    missing = [one for one in fields if found is None or one not in found.fields]
    if found is None:
        message = Text(
            zh=f"此动作的记录存于对象 {name}，没有该对象", en=f"this is kept in the object {name}, which is not there"
        )
        options.checks.faults.add("UNKNOWN_OBJECT", message, options.node.mark)
    elif missing:
        message = Text(
            zh=f"此动作的记录存于对象 {name}，缺少字段 {', '.join(missing)}",
            en=f"this is kept in the object {name}, which lacks {', '.join(missing)}",
        )
        options.checks.faults.add("UNKNOWN_FIELD", message, options.node.mark)


def _given(options: Options, takes: Takes) -> str:
    """Return the first option of a sort that was given as a text, "" for none."""
    found = (options.given.get(key) for key, sort in options.sorts.named.items() if sort.takes is takes)
    return next((value for value in found if isinstance(value, str)), "")


def _bound(options: Options, ground: Ground) -> Ground:
    """Name what the action made: a record where it says of which object, else an answer from outside."""
    name, made = _given(options, Takes.NEW_NAME), _given(options, Takes.OBJECT)
    if not name:
        return ground
    return ground.bind(name, record_of(made) if made in options.checks.model.objects else ANY)


def _inside(options: Options, sorts: OptionSorts) -> Ground:
    """Return what actions inside stand on. Those done for each record of an object have it under its name, or as their subject."""
    ground = options.ground
    each, name = _given(options, Takes.OBJECT), _given(options, Takes.NEW_NAME)
    if not any(sort.takes is Takes.OBJECT for sort in sorts.named.values()):
        return ground
    known = each in options.checks.model.objects
    if name:
        return ground.bind(name, record_of(each) if known else ANY)
    if not known:
        return replace(ground, object=None)
    above = {"parent": record_of(ground.object)} if ground.object else {}
    return Ground(each, {**ground.roots, **above, "record": record_of(each)})
