"""Names of fields and other sides of links: reserved ones, and two that are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below
from metamodel.names import RESERVED_FIELDS, check_name, is_name
from metamodel.reading.defaults import reverse_sides
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.definitions.objects import ObjectDef
    from metamodel.nodes import Node


def check_names(checks: Checks, definition: ObjectDef) -> None:
    """Check the names of an object's fields."""
    fields = checks.tree("object", definition.name).map.get("fields")
    for field in definition.fields.values():
        if field.name in RESERVED_FIELDS or not is_name(field.name):
            check_name(field.name, below(fields, field.name).key_mark, checks.faults, field=True)
    _check_former(checks, definition, fields)


def _check_former(checks: Checks, definition: ObjectDef, fields: Node | None) -> None:
    """Check that no two fields say that they had one name, and say so where a former name is in use again."""
    former: dict[str, str] = {}
    for field in definition.fields.values():
        if not field.was:
            continue
        mark = below(fields, field.name, "was").mark
        first = former.setdefault(field.was, field.name)
        if first != field.name:
            message = Text(
                zh=f"{first} 和 {field.name} 不能都由 {field.was} 改名而来",
                en=f"{first} and {field.name} can't both have been {field.was}",
            )
            checks.faults.add("WAS_TAKEN", message, mark)
        elif field.was in definition.fields:
            message = Text(
                zh=f"{field.was} 又成了字段，这里的 was 不再起作用",
                en=f"{field.was} is a field again: this was means nothing any more",
            )
            checks.faults.warn("WAS_TAKEN", message, mark, hint=Text(zh="去掉 was", en="leave was out"))


def check_reverse(checks: Checks) -> None:
    """Check that every other side of a link has a name of its own."""
    taken: dict[tuple[str, str], tuple[str, str]] = {}
    for target, side in reverse_sides(checks.model.objects):
        if target not in checks.model.objects or side.lines:
            continue
        field = below(checks.tree("object", side.object), "fields", side.field)
        place = field.map["reverse"].mark if "reverse" in field.map else field.key_mark
        if not check_name(side.name, place, checks.faults, reverse=True):
            continue
        hint = Text(
            zh=f"给 {side.object}.{side.field} 写上 reverse: 别的名称",
            en=f"give {side.object}.{side.field} a reverse: of its own",
        )
        if side.name in checks.model.objects[target].fields:
            message = Text(
                zh=f"反向名称 {side.name} 与 {target} 的字段同名",
                en=f"the other side's name {side.name} is a field of {target}",
            )
            checks.faults.add("REVERSE_TAKEN", message, place, hint=hint)
        first = taken.setdefault((target, side.name), (side.object, side.field))
        if first != (side.object, side.field):
            message = Text(
                zh=f"{target} 的反向名称 {side.name} 已被 {first[0]}.{first[1]} 使用",
                en=f"the other side {side.name} of {target} is taken by {first[0]}.{first[1]}",
            )
            checks.faults.add("REVERSE_TAKEN", message, place, hint=hint)
