"""Objects: title and owner, rules, checks, uniques, the form and the views: every name is there, every condition is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.blank_checks import check_blanks
from metamodel.checks.context import below, follow, item, roots_of
from metamodel.expressions.types import BOOLEAN, SEVERAL, Base
from metamodel.names import SYSTEM_FIELDS, USER
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metamodel.checks.context import Checks
    from metamodel.definitions.objects import ObjectDef, UniqueDef
    from metamodel.faults import Mark
    from metamodel.nodes import Node

FIELD = Text(zh="字段", en="field")


def check_object(checks: Checks, definition: ObjectDef) -> None:
    """Check what an object says beside its fields and views."""
    tree = checks.tree("object", definition.name)
    _check_title(checks, definition, tree)
    _check_owner(checks, definition, tree)
    _check_rules(checks, definition, tree)
    for name, unique in definition.unique.items():
        _check_unique(checks, definition, unique, below(tree, "unique", name))
    _check_form(checks, definition, tree)


def known_field(checks: Checks, definition: ObjectDef, name: str, mark: Mark) -> bool:
    """Whether ``name`` is a field of the object; adds the fault where it is not."""
    if name in definition.fields:
        return True
    checks.unknown("UNKNOWN_FIELD", FIELD, name, mark, definition.fields)
    return False


def _check_title(checks: Checks, definition: ObjectDef, tree: Node) -> None:
    node = tree.map.get("title")
    if node is None or definition.title == "id" or not known_field(checks, definition, definition.title, node.mark):
        return
    sort = checks.kinds.fields.get(definition.fields[definition.title].type)
    if sort is not None and not sort.one_line:
        message = Text(zh="title 应是能写成一行的字段", en="the title must be a field that prints on one line")
        checks.faults.add(
            "TITLE_TYPE", message, node.mark, hint=Text(zh=f"{sort.label.zh}不行", en=f"{sort.label.en} does not")
        )


def _check_owner(checks: Checks, definition: ObjectDef, tree: Node) -> None:
    node = tree.map.get("owner")
    if node is None or not definition.owner or not known_field(checks, definition, definition.owner, node.mark):
        return
    type_ = (checks.schema.members(definition.name) or {})[definition.owner]
    computed = checks.kinds.fields.get(definition.fields[definition.owner].type)
    person = type_.base is Base.LINK and type_.objects == (USER,)
    if type_.base is not Base.ANY and (not person or (computed is not None and computed.computed)):
        message = Text(zh="owner 应是人员字段", en="the owner must be a user field")
        checks.faults.add("OWNER_TYPE", message, node.mark)


def _check_rules(checks: Checks, definition: ObjectDef, tree: Node) -> None:
    roots = roots_of(checks.model, definition.name, rule=True)
    for key in ("visible_when", "required_when", "readonly_when"):
        for name, when in getattr(definition, key).items():
            if known_field(checks, definition, name, item(tree, key, name)):
                _check_rule_target(checks, definition, key, name, item(tree, key, name))
            checks.expression(when, definition.name, BOOLEAN, roots)
    for name, check in definition.checks.items():
        checked = checks.expression(check.require, definition.name, BOOLEAN, roots)
        check_blanks(checks, definition, check.require, checked)
        if check.field:
            known_field(checks, definition, check.field, below(tree, "checks", name, "field").mark)


def _check_rule_target(checks: Checks, definition: ObjectDef, key: str, name: str, mark: Mark) -> None:
    sort = checks.kinds.fields.get(definition.fields[name].type)
    if sort is not None and sort.computed and key != "visible_when":
        message = Text(zh=f"计算字段不能有 {key}", en=f"a computed field takes no {key}")
        checks.faults.add("COMPUTED_OPTION", message, mark)


def _check_unique(checks: Checks, definition: ObjectDef, unique: UniqueDef, node: Node) -> None:
    for name in unique.fields:
        mark = item(node, "fields", name)
        if not known_field(checks, definition, name, mark):
            continue
        sort = checks.kinds.fields.get(definition.fields[name].type)
        if sort is not None and (sort.computed or not sort.one_line):
            message = Text(zh=f"{name} 不能参与唯一约束", en=f"{name} can't be part of a unique")
            checks.faults.add("UNIQUE_FIELD", message, mark)
    if unique.when is None:
        return
    checked = checks.expression(unique.when, definition.name, BOOLEAN, {})
    if checked is None or checked.expression is None:
        return
    depends = checked.depends
    if not depends.stored or depends.needs or depends.rows or any(len(path) > 1 for path in depends.paths):
        message = Text(
            zh="唯一约束的条件只能读本记录的字段，且不随时间或查看者变化",
            en="a unique's condition may read this record's own fields only, and not hang on time or viewer",
        )
        checks.faults.add("UNIQUE_WHEN", message, unique.when.mark)


def _check_form(checks: Checks, definition: ObjectDef, tree: Node) -> None:
    form = tree.map.get("form")
    if form is None:
        return
    seen: set[str] = set()
    for tab_name, tab in definition.form.tabs.items():
        for name, section in tab.sections.items():
            node = below(form, "tabs", tab_name, "sections", name)
            for field in section.fields:
                mark = item(node, "fields", field)
                if not known_field(checks, definition, field, mark):
                    continue
                if field in seen:
                    message = Text(zh=f"{field} 在表单中出现两次", en=f"{field} is on the form twice")
                    checks.faults.add("DUPLICATE_ITEM", message, mark)
                seen.add(field)
    sides = checks.model.reverse.get(definition.name, {})
    for name in definition.form.related:
        if name not in sides:
            known = [side.name for side in sides.values() if not side.lines]
            checks.unknown(
                "UNKNOWN_REVERSE", Text(zh="反向列表", en="other side"), name, item(form, "related", name), known
            )


def check_path(checks: Checks, object_name: str, path: str, mark: Mark) -> bool:
    """Whether a dotted path leads to a value; adds the fault where it does not."""
    type_, step, where = follow(checks.schema, object_name, path)
    if type_ is None:
        known: Iterable[str] = checks.schema.members(where) or () if where else ()
        checks.unknown("UNKNOWN_FIELD", FIELD, step, mark, [name for name in known if name not in SYSTEM_FIELDS])
        return False
    if type_.base in SEVERAL and "." in path:
        message = Text(zh=f"{path} 是多条记录，不能作为一列", en=f"{path} is many records, no column")
        checks.faults.add("WRONG_TYPE", message, mark)
        return False
    return True
