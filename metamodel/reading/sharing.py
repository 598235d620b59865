"""Reads the pool, the edit lock and the team of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.definitions.objects import ViewDef
from metamodel.definitions.sharing import (
    ASSIGNS,
    PERIODS,
    AssignDef,
    ClaimDef,
    EditLockDef,
    PoolDef,
    ReturnDef,
    TeamDef,
    TeamRoleDef,
)
from metamodel.names import label_of
from metamodel.reading.common import expression, flag, frozen, label, maps, names, text, whole
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.definitions.common import Expression
    from metamodel.nodes import Node

POOL_VIEW = "pool"


def read_pool(node: Node | None) -> PoolDef | None:
    """Return the pool that an object's ``pool`` defines; None where it has none."""
    if node is None or not isinstance(node.value, dict):
        return None
    given = maps(node)
    return PoolDef(_claim(given.get("claim")), _assign(given.get("assign")), _return(given.get("return")))


def _claim(node: Node | None) -> ClaimDef:
    if node is None:
        return ClaimDef()
    get, per = node.map.get, text(node.map.get("per"))
    return ClaimDef(
        names(get("roles")),
        whole(get("limit"), 0),
        per if per in PERIODS else "day",
        whole(get("hold"), 0),
        text(get("cooling_off")),
    )


def _assign(node: Node | None) -> AssignDef:
    if node is None:
        return AssignDef()
    by, among = text(node.map.get("by")), maps(node).get("among")
    role = text(among.map.get("role")) if among is not None else ""
    where = expression(among.map.get("where")) if among is not None else None
    return AssignDef(by if by in ASSIGNS else "claim", role, where, node.mark)


def _return(node: Node | None) -> ReturnDef | None:
    when = expression(node.map.get("when")) if node is not None else None
    return ReturnDef(when, text(node.map.get("notice"))) if node is not None and when is not None else None


def read_edit_lock(node: Node | None) -> EditLockDef | None:
    """Return the edit lock that ``edit_lock`` defines (``true`` takes all defaults); None where there is none."""
    if node is None or (isinstance(node.value, bool) and not node.value):
        return None
    return EditLockDef(text(node.map.get("timeout")) or "10m", names(node.map.get("break")))


def read_team(node: Node | None) -> TeamDef | None:
    """Return the team that ``team`` defines; None where there is none."""
    if node is None or not isinstance(node.value, dict):
        return None
    roles = maps(node).get("roles")
    return TeamDef(frozen({name: _team_role(name, child) for name, child in maps(roles).items()}))


def _team_role(name: str, node: Node) -> TeamRoleDef:
    fields = node.map.get("fields")
    rights = {key: text(child) for key, child in fields.map.items() if text(child)} if fields is not None else {}
    return TeamRoleDef(
        name, label(node.map.get("label"), label_of(name)), frozen(rights), flag(node.map.get("edit"), default=False)
    )


def with_pool_view(views: Mapping[str, ViewDef], owner: str, nobody: Expression) -> Mapping[str, ViewDef]:
    """Return the views with the pool's list at their end, laid out like the first list, unless one is called so already."""
    if not owner or POOL_VIEW in views:
        return views
    first = next((view for view in views.values() if view.kind == "list"), None)
    columns = tuple(name for name in (first.columns if first is not None else ()) if name.partition(".")[0] != owner)
    view = ViewDef(POOL_VIEW, Text(zh="公海", en="Pool"), columns=columns or ("id",), filter=nobody)
    return frozen({**views, POOL_VIEW: view})
