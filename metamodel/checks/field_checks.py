"""Fields: what their types say of their options, what a computed one may not have, defaults, lines with their parent link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below, item, roots_of
from metamodel.definitions.common import Expression
from metamodel.expressions.types import BOOLEAN, Base, Type
from metamodel.faults import Faults
from metamodel.reading.defaults import lines_of, parent_link, targets_of
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.definitions.objects import DefaultDef, FieldDef, ObjectDef
    from metamodel.nodes import Node

_NEVER_COMPUTED = ("required", "default", "unique", "readonly")
_ABOUT = {  # which option a type's own fault is about, so that it stands there and not at the field's name
    "UNKNOWN_OBJECT": ("to", "of"),
    "CLEAR_REQUIRED": ("on_delete",),
    "UNKNOWN_CHOICES": ("choices",),
    "UNKNOWN_PROCESS": ("process",),
    "DEFAULT_VALUE": ("default",),
    "OPTION_VALUE": ("min", "max", "format", "pattern", "choices"),
    "OPTION_RANGE": ("min",),
}


def check_fields(checks: Checks, definition: ObjectDef) -> None:
    """Check every field of an object."""
    fields = checks.tree("object", definition.name).map.get("fields")
    for field in definition.fields.values():
        sort = checks.kinds.fields.get(field.type)
        if sort is None or (definition.name, field.name) in checks.broken:
            continue
        node = below(fields, field.name)
        if sort.check is not None:
            own = Faults()
            sort.check(field, checks.model, own)
            _place(checks, definition, field, own, node)
        if sort.computed:
            _check_computed(checks, node)
        elif field.default is not None:
            _check_default(checks, definition, field, field.default)
        if "filter" in field.options or "show" in field.options:
            _check_picking(checks, definition, field, node)
        if "points" in field.options:
            _check_points(checks, definition, field)
        if lines_of(field):
            _check_lines(checks, definition, field, node)
    _check_parent(checks, definition, fields)


def _place(checks: Checks, definition: ObjectDef, field: FieldDef, own: Faults, node: Node) -> None:
    """Take a type's faults over, each at the option it is about: the one that its path names, else by its code."""
    for fault in own:
        named = fault.mark.path.removeprefix(f"{field.mark.path}/")
        about = next((node.map[key] for key in (named, *_ABOUT.get(fault.code, ())) if key in node.map), None)
        mark, hint = about.mark if about is not None else node.key_mark, fault.hint
        if fault.code == "DEFAULT_VALUE" and about is not None:
            about = about.map.get("value", about)
            mark, hint = about.mark, _forgotten_sign(checks, definition, field, about.value) or hint
        checks.faults.add(fault.code, fault.message, mark, hint=hint, severity=fault.severity)


def _forgotten_sign(checks: Checks, definition: ObjectDef, field: FieldDef, value: object) -> Text:
    """Return the hint for a default that reads like an expression without its sign: ``me``, ``customer.owner``, ``TODAY()``."""
    if not isinstance(value, str) or value == field.name:
        return Text()
    members, roots = checks.schema.members(definition.name) or {}, roots_of(checks.model, definition.name)
    start = value.split(".")[0].strip()
    call = value.split("(")[0].strip().upper() if "(" in value else ""
    if start in roots or start in members or call in checks.kinds.functions:
        return Text(zh=f"是否想写 ={value}？", en=f"={value}?")
    return Text()


def _check_computed(checks: Checks, node: Node) -> None:
    for key in _NEVER_COMPUTED:
        if key in node.map:
            message = Text(zh=f"计算字段不能有 {key}", en=f"a computed field takes no {key}")
            checks.faults.add("COMPUTED_OPTION", message, node.map[key].key_mark)


def _check_default(checks: Checks, definition: ObjectDef, field: FieldDef, default: DefaultDef) -> None:
    node = below(checks.tree("object", definition.name), "fields", field.name, "default", "again_when")
    for name in default.again_when:
        if name not in definition.fields:
            checks.unknown("UNKNOWN_FIELD", Text(zh="字段", en="field"), name, item(node, name), definition.fields)
    if isinstance(default.value, Expression):
        want = (checks.schema.members(definition.name) or {}).get(field.name)
        known = want if want is not None and want.base not in {Base.ANY, Base.ROWS} else None
        checks.expression(default.value, definition.name, known, roots_of(checks.model, definition.name))


def _check_picking(checks: Checks, definition: ObjectDef, field: FieldDef, node: Node) -> None:
    """Check what a link shows and which records it lets pick."""
    members = checks.schema.members(definition.name) or {}
    type_ = members.get(field.name)
    if type_ is None or type_.base not in {Base.LINK, Base.LINKS}:
        return
    roots = {**roots_of(checks.model, definition.name), "record": Type(Base.LINK, (definition.name,))}
    candidates = field.options.get("filter")
    for target in type_.objects:
        if isinstance(candidates, Expression):
            checks.expression(candidates, target, BOOLEAN, roots)
        for name in field.options.get("show") or ():
            if name not in (checks.schema.members(target) or {}):
                known = checks.model.objects[target].fields
                checks.unknown(
                    "UNKNOWN_FIELD", Text(zh="字段", en="field"), str(name), item(node, "show", str(name)), known
                )


def _check_points(checks: Checks, definition: ObjectDef, field: FieldDef) -> None:
    """Check the conditions of points one by one, so that a fault stands at its own."""
    for point in field.options["points"].values():
        checks.expression(point.when, definition.name, BOOLEAN, roots_of(checks.model, definition.name))


def _check_lines(checks: Checks, definition: ObjectDef, field: FieldDef, node: Node) -> None:
    line = checks.model.objects.get(lines_of(field))
    if line is None:
        return
    link = parent_link(line)
    mark = node.map["of"].mark if "of" in node.map else node.key_mark
    if link is None:
        message = Text(zh=f"{line.name} 没有 parent: true 的链接", en=f"{line.name} has no link with parent: true")
        hint = Text(
            zh=f"在 {line.name} 加一个 to: {definition.name}、parent: true 的链接",
            en=f"give {line.name} a link with to: {definition.name} and parent: true",
        )
        checks.faults.add("LINES_PARENT", message, mark, hint=hint)
    elif targets_of(link) != (definition.name,):
        message = Text(
            zh=f"{line.name}.{link.name} 的上级不是 {definition.name}",
            en=f"the parent of {line.name} is not {definition.name}",
        )
        checks.faults.add("LINES_PARENT", message, mark)


def _check_parent(checks: Checks, definition: ObjectDef, fields: Node | None) -> None:
    """A record has at most one parent, always filled, of an object that shows it as lines."""
    links = [field for field in definition.fields.values() if field.options.get("parent") is True]
    for field in links[1:]:
        message = Text(zh="一个对象只能有一个 parent: true 的链接", en="an object has one link with parent: true")
        checks.faults.add("LINES_PARENT", message, below(fields, field.name, "parent").mark)
    for field in links[:1]:
        node = below(fields, field.name)
        if not field.required:
            message = Text(zh="parent: true 的链接应是必填", en="a link with parent: true is required")
            checks.faults.add(
                "LINES_PARENT", message, node.key_mark, hint=Text(zh="加上 required: true", en="add required: true")
            )
        above = checks.model.objects.get(targets_of(field)[0]) if targets_of(field) else None
        if above is not None and not any(lines_of(other) == definition.name for other in above.fields.values()):
            message = Text(
                zh=f"{above.name} 没有 of: {definition.name} 的 lines 字段",
                en=f"{above.name} has no lines of {definition.name}",
            )
            checks.faults.warn("LINES_PARENT", message, node.key_mark)
