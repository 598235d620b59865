"""Values that actions write, records and people they name, and texts with places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metamodel.checks.context import item
from metamodel.checks.ground import NO_OBJECT, record_of
from metamodel.checks.named_checks import known_role
from metamodel.definitions.common import Expression, Template
from metamodel.expressions.checker import Scope, check_expression
from metamodel.expressions.conversion import BASE_NAMES
from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.parser import parse_expression
from metamodel.expressions.tree import Name
from metamodel.expressions.types import ANY, BOOLEAN, SEVERAL, Base, Type
from metamodel.faults import Mark, listed, near_miss
from metamodel.names import SYSTEM_FIELDS, USER
from metamodel.options import Takes
from metamodel.reading.common import inside
from metamodel.source_limits import clip
from metamodel.states import process_name
from metamodel.templates import places
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.checks.ground import Ground, Options
    from metamodel.nodes import Node
    from metamodel.options import OptionSort

_LIKE_EXPRESSION = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*(?:\(.*\))?\Z")
_FREE = frozenset({Base.ANY, Base.ROWS, Base.BLANK})


def check_value(options: Options, _sort: OptionSort, value: Any, node: Node) -> None:
    """Check a value of any type."""
    value_fits(options.checks, options.ground, value, None, node)


def check_values(options: Options, sort: OptionSort, value: Mapping[str, Any], node: Node) -> None:
    """Check values for fields, of what the option is about; their expressions are over the subject."""
    about = options.about(sort)
    if about == NO_OBJECT:
        message = Text(zh="这里没有可写的记录", en="there is no record that this could be written to")
        options.checks.faults.add("NO_RECORD", message, node.mark)
    elif about:
        check_fields(options.checks, options.ground, about, value, node)


def check_fields(checks: Checks, ground: Ground, object_name: str, values: Mapping[str, Any], node: Node) -> None:
    """Check values that are written to fields of an object: the fields are there and may be written, the values fit."""
    definition = checks.model.objects[object_name]
    for name, value in values.items():
        mark = item(node, name)
        field = definition.fields.get(name)
        if field is None:
            if name in SYSTEM_FIELDS:
                _not_writable(checks, name, mark, Text(zh="系统字段", en="a field of the system"))
            else:
                checks.unknown("UNKNOWN_FIELD", Text(zh="字段", en="field"), name, mark, definition.fields)
            continue
        sort = checks.kinds.fields.get(field.type)
        if sort is not None and sort.computed:
            _not_writable(checks, name, mark, Text(zh="计算字段", en="computed"))
        elif process_name(field):
            hint = Text(zh="用 transition 动作", en="use the action transition")
            _not_writable(
                checks, name, mark, Text(zh="状态，只能由流转改变", en="a state: transitions change it"), hint
            )
        else:
            want = (checks.schema.members(object_name) or {}).get(name)
            value_fits(checks, ground, value, want, node.map.get(name, node))


def _not_writable(checks: Checks, name: str, mark: Mark, why: Text, hint: Text | None = None) -> None:
    message = Text(zh=f"{name} 不能写入：{why.zh}", en=f"{name} can't be written: it is {why.en}")
    checks.faults.add("NOT_WRITABLE", message, mark, hint=hint)


def value_fits(checks: Checks, ground: Ground, value: Any, want: Type | None, node: Node) -> None:
    """Check a value: an expression in the subject's scope, the places of a template, or a literal of the wanted type."""
    known = want if want is not None and want.base not in _FREE else None
    if isinstance(value, Expression):
        ground.judge(checks, value, known)
    elif isinstance(value, Template):
        if known is not None and known.base is not Base.TEXT:
            _wrong_type(checks, value.text, known, node)
        check_template(checks, ground, value.text, value.mark)
    elif known is not None and not _is_literal(value, known):
        if known.base is Base.CHOICE and isinstance(value, str):
            _no_choice(checks, value, known, node)
        else:
            _wrong_type(checks, node.text, known, node)


def _is_literal(value: Any, want: Type) -> bool:
    """Whether a value written out fits a type."""
    base = want.base
    if base is Base.BOOLEAN:
        return isinstance(value, bool)
    if base is Base.NUMBER:
        return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if not isinstance(value, str):
        return base is Base.TEXT and not isinstance(value, bool)  # a number in a text field is its figures
    if base is Base.CHOICE:
        return want.names is None or value in want.names
    if base in {Base.DATE, Base.DATETIME}:
        try:
            return bool(date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value))
        except ValueError:
            return False
    return base in {Base.TEXT, Base.DURATION}


def _no_choice(checks: Checks, value: str, want: Type, node: Node) -> None:
    names = want.names or ()
    shown = listed(names)
    hint = near_miss(value, names) or Text(
        zh=f"可选：{shown}；表达式以 = 开头", en=f"one of: {shown}; an expression begins with ="
    )
    message = Text(zh=f"选项里没有 {clip(value)}", en=f"{clip(value)} is none of the choices")
    checks.faults.add("UNKNOWN_CHOICE", message, node.mark, hint=hint)


def _wrong_type(checks: Checks, shown: str, want: Type, node: Node) -> None:
    wanted = BASE_NAMES[want.base]
    message = Text(zh=f"{clip(shown)} 不是{wanted.zh}", en=f"{clip(shown)} is not {wanted.en}")
    meant = shown[1:-1] if shown.startswith("{") else shown
    hint = Text(zh=f"表达式以 = 开头：={clip(meant)}", en=f"an expression begins with =: ={clip(meant)}")
    likely = isinstance(node.value, str) and _LIKE_EXPRESSION.match(meant) is not None
    checks.faults.add("WRONG_TYPE", message, node.mark, hint=hint if likely else Text())


def check_record(options: Options, _sort: OptionSort, value: Any, node: Node) -> None:
    """Check what names a record: an expression that gives a link, or the name that an earlier action gave."""
    checks, ground = options.checks, options.ground
    if isinstance(value, Expression):
        checked = ground.judge(checks, value, None)
        type_ = checked.expression.type if checked is not None and checked.expression is not None else ANY
        if type_.base not in {Base.LINK, Base.ANY}:
            message = Text(zh=f"{clip(value.text)} 不是一条记录", en=f"{clip(value.text)} is no record")
            checks.faults.add("WRONG_TYPE", message, value.mark)
    elif isinstance(value, str) and options.link(value) is None:
        known = [name for name, root in ground.roots.items() if isinstance(root, Type) and root.base is Base.LINK]
        checks.unknown("UNKNOWN_NAME", Text(zh="记录", en="record"), value, node.mark, known)


def check_people(options: Options, _sort: OptionSort, value: Any, node: Node) -> None:
    """Check who is meant: users by expressions, or the holders of a role that a condition narrows."""
    nodes = node.items if isinstance(node.value, list) else [node]
    for person, child in zip(value, nodes, strict=False):
        if isinstance(person, Expression):
            check_persons(options.checks, options.ground, person)
        elif isinstance(person, Mapping):
            known_role(options.checks, person["role"], child.map["role"].mark)
            where = person.get("where")
            if where is not None:
                check_candidates(options.checks, options.ground, where)


def check_candidates(checks: Checks, ground: Ground, where: Expression) -> None:
    """Check the condition that narrows the holders of a role: ``user.`` is one of them, ``record.`` what it is about."""
    candidate = ground.bind("user", record_of(USER))
    if ground.object:
        candidate = candidate.bind("record", record_of(ground.object))
    candidate.judge(checks, where, BOOLEAN)


def check_persons(checks: Checks, ground: Ground, found: Expression) -> None:
    """Check an expression that gives a user, or the path of a field that holds several."""
    if ground.object is None:
        return
    scope = Scope(checks.schema, ground.object or None, ground.roots)
    if _leads_to_users(found.text, scope):
        return
    checked = check_expression(found.text, scope, checks.kinds.functions)
    checks.judge(found, checked)
    type_ = checked.expression.type if checked.expression is not None else ANY
    person = type_.base is Base.LINK and (not type_.objects or USER in type_.objects)
    if not person and type_.base is not Base.ANY:
        message = Text(zh=f"{clip(found.text)} 不是用户", en=f"{clip(found.text)} is no user")
        checks.faults.add("WRONG_TYPE", message, found.mark)


def _leads_to_users(text: str, scope: Scope) -> bool:
    """Whether ``text`` is a path to several users, which no value of an expression is."""
    try:
        tree = parse_expression(text)
    except ExpressionFault:
        return False
    if not isinstance(tree, Name):
        return False
    first, *rest = tree.path
    root = scope.names.get(first)
    found = root if isinstance(root, Type) else (scope.schema.members(scope.object or "") or {}).get(first)
    for step in rest:
        if found is None or found.base is not Base.LINK or len(found.objects) != 1:
            return False
        found = (scope.schema.members(found.objects[0]) or {}).get(step)
    return found is not None and found.base in SEVERAL and found.objects == (USER,)


def check_message(options: Options, _sort: OptionSort, _value: Any, node: Node) -> None:
    """Check the places of a message, in every language; where it goes to people, ``user.`` is the one who reads it."""
    reads = any(one.takes is Takes.PEOPLE for one in options.sorts.named.values())
    ground = options.ground.bind(USER, record_of(USER)) if reads else options.ground
    for child in node.map.values() or (node,):
        if isinstance(child.value, str):
            check_template(options.checks, ground, child.value, inside(child))


def check_template(checks: Checks, ground: Ground, text: str, mark: Mark) -> None:
    """Check that every place of a template leads to a value."""
    for place in places(text):
        where = Mark(mark.file, mark.line, mark.column + place.start, mark.path)
        if place.good:
            ground.judge(checks, Expression(place.path, where), None)
            continue
        shown = place.path if place.path in {"{", "}"} else f"{{{clip(place.path)}}}"
        message = Text(zh=f"模板中的 {shown} 不是字段", en=f"{shown} in a template is no field")
        hint = Text(
            zh="写 {字段} 或 {客户.名称} 这样的路径；括号本身写 {{",
            en="write a path such as {customer.name}; {{ is the bracket itself",
        )
        checks.faults.add("BAD_TEMPLATE", message, where, hint=hint)
