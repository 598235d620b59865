"""Pool, edit lock and team of an object: an owner where one is needed, roles and fields that there are, conditions that are some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.checks.context import below, item, roots_of
from metamodel.checks.named_checks import known_role
from metamodel.expressions.types import BOOLEAN, Base, Type
from metamodel.names import USER
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metamodel.checks.context import Checks
    from metamodel.definitions.objects import ObjectDef
    from metamodel.definitions.sharing import PoolDef, TeamDef
    from metamodel.nodes import Node


def check_sharing(checks: Checks, definition: ObjectDef) -> None:
    """Check what an object says of pool, lock and team."""
    tree = checks.tree("object", definition.name)
    if definition.pool is not None:
        _check_pool(checks, definition, definition.pool, below(tree, "pool"))
    if definition.edit_lock is not None:
        _known_roles(checks, definition.edit_lock.breaks, below(tree, "edit_lock", "break"))
    if definition.team is not None:
        _check_team(checks, definition, definition.team, below(tree, "team", "roles"))


def _check_pool(checks: Checks, definition: ObjectDef, pool: PoolDef, node: Node) -> None:
    if not definition.owner:
        message = Text(
            zh=f"{definition.name} 没有 owner，不会有公海", en=f"{definition.name} has no owner: it can have no pool"
        )
        checks.faults.add("POOL_OWNER", message, node.key_mark)
        return
    owner = definition.fields.get(definition.owner)
    if owner is not None and owner.required:
        message = Text(
            zh=f"负责人 {owner.name} 是必填的，记录回不到公海",
            en=f"the owner {owner.name} is required: no record can be without one",
        )
        checks.faults.add("POOL_OWNER", message, node.key_mark)
    _known_roles(checks, pool.claim.roles, below(node, "claim", "roles"))
    _check_assign(checks, definition, pool, below(node, "assign"))
    if pool.back is not None:
        roots = roots_of(checks.model, definition.name)
        checks.expression(pool.back.when, definition.name, BOOLEAN, {**roots} if roots else {})


def _check_assign(checks: Checks, definition: ObjectDef, pool: PoolDef, node: Node) -> None:
    assign = pool.assign
    if assign.by in {"round_robin", "least_loaded"} and not assign.role:
        message = Text(zh="缺少 among：分给哪些人", en="among is missing: who they are given to")
        checks.faults.add("POOL_AMONG", message, node.mark)
    if assign.role:
        _known_roles(checks, (assign.role,), below(node, "among", "role"))
    if assign.where is not None:
        roots = {**roots_of(checks.model, definition.name), "user": Type(Base.LINK, (USER,))}
        checks.expression(assign.where, definition.name, BOOLEAN, roots)


def _check_team(checks: Checks, definition: ObjectDef, team: TeamDef, node: Node) -> None:
    for name, part in team.roles.items():
        for field in part.fields:
            if field not in definition.fields:
                mark = item(node, name, "fields", field)
                checks.unknown("UNKNOWN_FIELD", Text(zh="字段", en="field"), field, mark, definition.fields)


def _known_roles(checks: Checks, names: Iterable[str], node: Node) -> None:
    for name in names:
        known_role(checks, name, next((child.mark for child in node.items if child.text == name), node.mark))
