"""Rules by which two records are taken for the same thing: what they compare is there and can be compared, and their conditions stand on
the record alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below, item
from metamodel.checks.object_checks import known_field
from metamodel.expressions.types import BOOLEAN, Base
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.definitions.objects import DuplicateDef, ObjectDef
    from metamodel.nodes import Node


def check_duplicates(checks: Checks, definition: ObjectDef) -> None:
    """Check what an object says of duplicates."""
    tree = checks.tree("object", definition.name)
    if definition.duplicates and any(one.options.get("parent") for one in definition.fields.values()):
        message = Text(
            zh=f"{definition.name} 是明细，随主记录存亡，没有自己的重复",
            en=f"{definition.name} is behind `lines`: its rows live with their parent and are nobody's duplicates",
        )
        checks.faults.add("DUPLICATE_RULE", message, below(tree, "duplicates").key_mark)
    for name, rule in definition.duplicates.items():
        _check_rule(checks, definition, rule, below(tree, "duplicates", name))


def _check_rule(checks: Checks, definition: ObjectDef, rule: DuplicateDef, node: Node) -> None:
    if bool(rule.exact) == bool(rule.similar):
        message = Text(zh="写 exact 或 similar 之一", en="either exact or similar, one of them")
        checks.faults.add("DUPLICATE_RULE", message, node.key_mark)
        return
    if rule.exact and "at_least" in node.map:
        message = Text(zh="at_least 只用于 similar", en="at_least is for similar only")
        checks.faults.add("DUPLICATE_RULE", message, node.map["at_least"].key_mark)
    for name in rule.exact:
        _check_field(checks, definition, name, node, "exact")
    if rule.similar:
        _check_field(checks, definition, rule.similar, node, "similar")
    _check_when(checks, definition, rule)


def _check_field(checks: Checks, definition: ObjectDef, name: str, node: Node, key: str) -> None:
    mark = item(node, key, name) if key == "exact" else below(node, key).mark
    if not known_field(checks, definition, name, mark):
        return
    sort = checks.kinds.fields.get(definition.fields[name].type)
    if sort is not None and (sort.computed or not sort.one_line):
        message = Text(zh=f"{name} 不能用来查重", en=f"{name} can't be compared for duplicates")
        checks.faults.add("DUPLICATE_FIELD", message, mark)
        return
    type_ = (checks.schema.members(definition.name) or {}).get(name)
    if key == "similar" and type_ is not None and type_.base not in {Base.TEXT, Base.ANY}:
        message = Text(zh=f"similar 比较的是文本，{name} 不是", en=f"similar compares texts, which {name} is not")
        checks.faults.add("DUPLICATE_FIELD", message, mark)


def _check_when(checks: Checks, definition: ObjectDef, rule: DuplicateDef) -> None:
    """Hold a condition to what is known when a record is written: its own fields, none of them computed."""
    if rule.when is None:
        return
    checked = checks.expression(rule.when, definition.name, BOOLEAN, {})
    if checked is None or checked.expression is None:
        return
    depends = checked.depends
    sorts = {name: checks.kinds.fields.get(one.type) for name, one in definition.fields.items()}
    own = all(
        len(path) == 1 and (sort := sorts.get(path[0])) is not None and not sort.computed for path in depends.paths
    )
    if not depends.stored or depends.needs or depends.rows or not own:
        message = Text(
            zh="查重的条件只能读本记录自己填写的字段，且不随时间或查看者变化",
            en="this condition may read the record's own fields only, none of them computed, and not hang on time or viewer",
        )
        checks.faults.add("DUPLICATE_WHEN", message, rule.when.mark)
