"""Views and the menu: columns, filters, sorting, totals; what each menu item opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below, follow, item, roots_of
from metamodel.checks.object_checks import FIELD, check_path, known_field
from metamodel.expressions.types import BOOLEAN, SEVERAL, Base
from metamodel.places import place_of
from metamodel.text import Text
from metamodel.vocabulary import LATER

if TYPE_CHECKING:
    from metamodel.checks.context import Checks
    from metamodel.definitions.objects import ObjectDef, TintDef, ViewDef
    from metamodel.faults import Mark
    from metamodel.nodes import Node

_NO_PLACE = Text(
    zh="没有位置（geo）字段，map 视图只能以列表显示", en="there is no position (geo): this map is shown as a list"
)
_NO_LANES = Text(
    zh="kanban 目前只能按选项或状态（by）分列，否则请用 list",
    en="kanban views have lanes by a choice or state (by) only: use a list meanwhile",
)
_COUNTED = Text(zh="先用 rollup 数出个数，再合计它", en="count them by a rollup, and total that")
_NEEDED = {"kanban": "by", "calendar": "at"}
_DAYS = frozenset({Base.DATE, Base.DATETIME})
_BASES = {"by": {Base.CHOICE, Base.LINK, Base.BOOLEAN}, "at": _DAYS}
_BY_DAYS = {"by": {*_BASES["by"], *_DAYS}}
BUILT_IN_ROLE = "admin"


def check_views(checks: Checks, definition: ObjectDef) -> None:
    """Check the views of an object."""
    tree = checks.tree("object", definition.name).map.get("views")
    for name, view in definition.views.items():
        if tree is not None:
            _check_view(checks, definition, view, below(tree, name))


def _check_view(checks: Checks, definition: ObjectDef, view: ViewDef, node: Node) -> None:
    for key, paths in (("columns", view.columns), ("card", view.card)):
        for path in paths:
            check_path(checks, definition.name, path, item(node, key, path))
    for path in view.sort:
        _check_sort(checks, definition, path, node)
    if view.filter is not None:
        checks.expression(view.filter, definition.name, BOOLEAN, roots_of(checks.model, definition.name))
    for name, how in view.totals.items():
        _check_total(checks, definition, name, how, node)
    if view.kind == "map" and not view.at and not place_of(definition):
        checks.faults.warn("VIEW_LATER", _NO_PLACE, below(node, "as").mark)
    if view.kind == "kanban" and not _has_lanes(checks, definition, view):
        checks.faults.warn("VIEW_LATER", _NO_LANES, below(node, "as").mark)
    needed = _NEEDED.get(view.kind)
    if needed and not getattr(view, needed):
        message = Text(zh=f"{view.kind} 视图需要 {needed}", en=f"a {view.kind} view needs {needed}")
        checks.faults.add("MISSING_KEY", message, node.key_mark)
    for key in ("by", "at"):
        name = getattr(view, key)
        if name and _known(checks, definition, name, below(node, key)):
            _check_base(checks, definition, view, key, below(node, key))
    _check_step(checks, definition, view, node)
    for tint in view.colors.values():
        _check_tint(checks, definition, tint, below(node, "colors", tint.name))


def _has_lanes(checks: Checks, definition: ObjectDef, view: ViewDef) -> bool:
    """Whether a board can be drawn: its lanes are the values of a choice or state. Lanes of people or other records come later."""
    member = (checks.schema.members(definition.name) or {}).get(view.by)
    return member is not None and member.base is Base.CHOICE


def _known(checks: Checks, definition: ObjectDef, name: str, node: Node) -> bool:
    members = checks.schema.members(definition.name) or {}
    return name in members or known_field(checks, definition, name, node.mark)


def _check_base(checks: Checks, definition: ObjectDef, view: ViewDef, key: str, node: Node) -> None:
    if key == "at" and view.kind == "map":
        if not place_of(definition, view.at):
            message = Text(zh="at 应是位置（geo）字段", en="at must be a position (geo)")
            checks.faults.add("WRONG_TYPE", message, node.mark)
        return
    base = (checks.schema.members(definition.name) or {})[getattr(view, key)].base
    good = (_BY_DAYS if view.kind == "list" else _BASES).get(key, _BASES[key])
    if base in good or base is Base.ANY:
        return
    wanted = {
        "by": Text(zh="选项、链接、是否或日期字段", en="a choice, link, boolean or, in a list, a date")
        if view.kind == "list"
        else Text(zh="选项、链接或是否字段", en="a choice, link or boolean"),
        "at": Text(zh="日期字段", en="a date"),
    }[key]
    message = Text(zh=f"{key} 应是{wanted.zh}", en=f"{key} must be {wanted.en}")
    checks.faults.add("WRONG_TYPE", message, node.mark)


def _check_step(checks: Checks, definition: ObjectDef, view: ViewDef, node: Node) -> None:
    """A list grouped by days says by which step, and nothing else does."""
    member = (checks.schema.members(definition.name) or {}).get(view.by)
    by_days = view.kind == "list" and member is not None and member.base in _DAYS
    if by_days and not view.per:
        message = Text(
            zh=f"按 {view.by} 分组需要 per：day、week、month、quarter 或 year",
            en=f"groups by {view.by} need per: day, week, month, quarter or year",
        )
        checks.faults.add("MISSING_KEY", message, below(node, "by").mark)
    elif view.per and not by_days and (not view.by or member is not None):
        message = Text(zh="per 只用于按日期分组的列表", en="per is for lists grouped by a date only")
        checks.faults.add("WRONG_TYPE", message, below(node, "per").mark)


def _check_tint(checks: Checks, definition: ObjectDef, tint: TintDef, node: Node) -> None:
    checks.expression(tint.when, definition.name, BOOLEAN, roots_of(checks.model, definition.name))
    for path in tint.fields:
        check_path(checks, definition.name, path, item(node, "fields", path))


def _check_sort(checks: Checks, definition: ObjectDef, path: str, node: Node) -> None:
    mark = item(node, "sort", path)
    name = path.removeprefix("-")
    if not check_path(checks, definition.name, name, mark):
        return
    type_ = follow(checks.schema, definition.name, name)[0]
    if type_ is not None and type_.base in {*SEVERAL, Base.LIST}:
        message = Text(zh=f"不能按 {name} 排序", en=f"can't sort by {name}")
        checks.faults.add("WRONG_TYPE", message, mark)


def _check_total(checks: Checks, definition: ObjectDef, name: str, how: str, node: Node) -> None:
    mark = item(node, "totals", name)
    members = checks.schema.members(definition.name) or {}
    if name not in members:
        checks.unknown("UNKNOWN_FIELD", FIELD, name, mark, definition.fields)
        return
    good = {
        "count": set(Base) - SEVERAL,
        "min": {Base.NUMBER, Base.DATE, Base.DATETIME},
        "max": {Base.NUMBER, Base.DATE, Base.DATETIME},
    }
    if members[name].base not in good.get(how, {Base.NUMBER}) and members[name].base is not Base.ANY:
        message = Text(zh=f"{name} 不能做 {how} 合计", en=f"{name} can't be totalled by {how}")
        hint = _COUNTED if members[name].base in SEVERAL and how == "count" else Text()
        checks.faults.add("WRONG_TYPE", message, mark, hint=hint)


def check_menus(checks: Checks) -> None:
    """Check what menu items open and for whom."""
    for pack in checks.model.packs.values():
        tree = checks.tree("pack", pack.name).map.get("menu")
        for name, menu in pack.menu.items():
            node = below(tree, name)
            for target in menu.items:
                _check_target(checks, target, node)
            for role in menu.roles:
                if role != BUILT_IN_ROLE and role not in checks.model.roles:
                    what = Text(zh="角色", en="role")
                    checks.unknown(
                        "UNKNOWN_ROLE", what, role, item(node, "roles", role), [*checks.model.roles, BUILT_IN_ROLE]
                    )


def _check_target(checks: Checks, target: str, node: Node) -> None:
    mark = item(node, "items", target)
    if "/" in target:
        _check_other(checks, target, mark)
        return
    object_name, _, view = target.partition(".")
    definition = checks.model.objects.get(object_name)
    if definition is None:
        checks.unknown("UNKNOWN_OBJECT", Text(zh="对象", en="object"), object_name, mark, checks.model.objects)
    elif view and view not in definition.views:
        checks.unknown("UNKNOWN_VIEW", Text(zh="视图", en="view"), view, mark, definition.views)


def _check_other(checks: Checks, target: str, mark: Mark) -> None:
    """An item that is no object: ``dashboard/name``; of kinds that are read later, a warning."""
    kind, _, name = target.partition("/")
    if kind == "dashboard":
        if name not in checks.model.dashboards:
            what = Text(zh="仪表盘", en="dashboard")
            checks.unknown("UNKNOWN_DASHBOARD", what, name, mark, checks.model.dashboards)
    elif kind == "report":
        if name not in checks.model.reports:
            checks.unknown("UNKNOWN_REPORT", Text(zh="报表", en="report"), name, mark, checks.model.reports)
    elif kind in LATER:
        message = Text(
            zh=f"{kind} 尚未支持，菜单项 {target} 暂不显示",
            en=f"{kind} is not read yet: the item {target} is not shown",
        )
        checks.faults.warn("KIND_LATER", message, mark)
    else:
        checks.unknown(
            "UNKNOWN_KIND", Text(zh="菜单项种类", en="kind of menu item"), kind, mark, ["dashboard", "report", *LATER]
        )
