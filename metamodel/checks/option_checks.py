"""Checks the options of actions, triggers, assignees and widgets by what each takes: names that must be there, expressions in their
scope. Values that are written into fields and texts with places are checked in ``value_checks``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.checks.context import item
from metamodel.checks.ground import NO_OBJECT, Options
from metamodel.checks.named_checks import NAMED
from metamodel.checks.value_checks import check_message, check_people, check_record, check_value, check_values
from metamodel.cron import is_cron
from metamodel.definitions.common import Expression
from metamodel.expressions.types import BOOLEAN
from metamodel.names import RESERVED_FIELDS
from metamodel.options import Takes
from metamodel.reading.defaults import lines_of
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from metamodel.checks.context import Checks
    from metamodel.checks.ground import Ground
    from metamodel.definitions.objects import ObjectDef
    from metamodel.nodes import Node
    from metamodel.options import OptionSort, OptionSorts

    Check = Callable[[Options, OptionSort, Any, Node], None]


def check_options(
    checks: Checks,
    sorts: OptionSorts,
    given: Mapping[str, Any],
    node: Node,
    ground: Ground,
    *,
    whole_at: Node | None = None,
) -> Options:
    """Check every option that was given but nested actions. ``node`` is the map they stand in; a whole (under ``""``) is that itself,
    or stands at ``whole_at`` beside them."""
    options = Options(checks, ground, sorts, given, node)
    for key, value in given.items():
        sort = sorts.named.get(key) if key else sorts.whole
        child = node.map.get(key, node) if key else whole_at or node
        check = CHECKS.get(sort.takes) if sort is not None else None
        if sort is not None and check is not None:
            check(options, sort, value, child)
    return options


def _condition(options: Options, sort: OptionSort, value: Any, _node: Node) -> None:
    """A condition: over the subject, or (``of``) over the records of another object, of which ``record.`` is the subject then."""
    about = options.about(sort)
    if not isinstance(value, Expression) or about is None:
        return  # named wrongly, which is a fault of its own
    want = BOOLEAN if sort.takes is Takes.CONDITION else None
    options.checks.expression(value, about or None, want, options.ground.roots)


def _fields(options: Options, sort: OptionSort, value: Any, node: Node) -> None:
    about = options.about(sort)
    if about is None:
        return
    if about == NO_OBJECT:
        no_record(options, node)
        return
    members = options.checks.schema.members(about) or {}
    for name in (value,) if isinstance(value, str) else value:
        if name not in members:
            known = options.checks.model.objects[about].fields
            options.checks.unknown("UNKNOWN_FIELD", Text(zh="字段", en="field"), name, item(node, name), known)


def no_record(options: Options, node: Node) -> None:
    """Say that there is no record whose field, state or value could be meant."""
    message = Text(zh="这里没有对应的记录", en="there is no record that this could be about")
    options.checks.faults.add(
        "NO_RECORD", message, node.mark, hint=Text(zh="写明 object 或 record", en="say object or record")
    )


def _copies(options: Options, sort: OptionSort, value: Mapping[str, str], node: Node) -> None:
    """Lines of the new record from lines of the subject."""
    model, about = options.checks.model, options.about(sort)
    subject = options.ground.object
    for to, source in value.items():
        child = node.map[to]
        if about:
            _lines(options, model.objects[about], to, node, key=True)
        if subject == NO_OBJECT:
            no_record(options, child)
        elif subject:
            _lines(options, model.objects[subject], source, child, key=False)


def _lines(options: Options, definition: ObjectDef, name: str, node: Node, *, key: bool) -> None:
    mark = item(node, name) if key else node.mark
    field = definition.fields.get(name)
    if field is None:
        options.checks.unknown("UNKNOWN_FIELD", Text(zh="字段", en="field"), name, mark, definition.fields)
    elif not lines_of(field):
        message = Text(zh=f"{definition.name}.{name} 不是明细", en=f"{definition.name}.{name} holds no lines")
        options.checks.faults.add("WRONG_TYPE", message, mark)


def _cron(options: Options, _sort: OptionSort, value: Any, node: Node) -> None:
    if isinstance(value, str) and not is_cron(value):
        message = Text(zh=f"{value} 不是有效的 cron", en=f"{value} is no valid cron")
        hint = Text(zh='分 时 日 月 周，如 "0 9 * * MON"', en='minute hour day month weekday: "0 9 * * MON"')
        options.checks.faults.add("BAD_CRON", message, node.mark, hint=hint)


def _new_name(options: Options, _sort: OptionSort, value: Any, node: Node) -> None:
    if value in options.ground.roots or value in RESERVED_FIELDS:
        message = Text(zh=f"名称 {value} 已被使用", en=f"the name {value} is taken")
        options.checks.faults.add("NAME_TAKEN", message, node.mark)


def _named(options: Options, sort: OptionSort, value: Any, node: Node) -> None:
    """Names of definitions, and of what is in them."""
    look = NAMED[sort.takes]
    for name in (value,) if isinstance(value, str) else value or ():
        if isinstance(name, str):
            look(options, sort, name, item(node, name) if node.items else node.mark)


CHECKS: Mapping[Takes, Check] = {
    Takes.CONDITION: _condition,
    Takes.EXPRESSION: _condition,
    Takes.VALUE: check_value,
    Takes.VALUES: check_values,
    Takes.RECORD: check_record,
    Takes.PEOPLE: check_people,
    Takes.MESSAGE: check_message,
    Takes.FIELD: _fields,
    Takes.FIELDS: _fields,
    Takes.COPIES: _copies,
    Takes.CRON: _cron,
    Takes.NEW_NAME: _new_name,
    **dict.fromkeys(NAMED, _named),
}
