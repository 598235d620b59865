"""Reads an approval: when it starts, its steps and branches, who decides."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.definitions.approvals import ApprovalDef, ApprovalStepDef, ApproversDef, LateDef, ProtectedDef
from metamodel.names import label_of
from metamodel.reading.actions import read_actions, read_options
from metamodel.reading.common import EMPTY, expression, flag, frozen, label, maps, names, text, whole
from metamodel.reading.values import read_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metamodel.kinds import Kinds
    from metamodel.nodes import Node

EVENTS = ("submit", "approved", "rejected", "returned", "withdrawn")
_JOINS = ("all_of", "any_of")


def read_approval(name: str, node: Node, pack: str, kinds: Kinds) -> ApprovalDef:
    """Return the approval that ``node`` defines."""
    get = node.map.get
    starts = get("starts")
    start = starts.map if starts is not None else EMPTY
    pending = get("while_pending")
    on = {event: read_actions(node.map[f"on_{event}"], kinds) for event in EVENTS if f"on_{event}" in node.map}
    return ApprovalDef(
        name,
        label(get("label"), label_of(name)),
        text(get("object")),
        _steps(get("steps"), kinds),
        at=text(start.get("at"), "submit"),
        at_name=text(start.get("name")),
        when=expression(start.get("when")),
        priority=whole(get("priority"), 100),
        otherwise=text(get("else"), "approve"),
        protects=_protected(get("protects")),
        lock=flag(pending.map.get("lock"), default=True) if pending is not None else True,
        within=text(get("within")),
        late=_late(get("late"), kinds),
        straight_back=flag(get("straight_back")),
        on=frozen(on),
        pack=pack,
        mark=node.mark,
    )


def read_approvers(node: Node | None, kinds: Kinds) -> ApproversDef | None:
    """Read ``{role: director, where: …}``: the first key that names a kind of assignee, and what stands behind it."""
    if node is None or not node.map:
        return None
    kind = next((key for key in node.map if key in kinds.assignees), next(iter(node.map)))
    sort = kinds.assignees.get(kind)
    options = read_options(sort.options, node.map[kind], kinds) if sort is not None else EMPTY
    value = options.get("") if set(options) <= {""} else options
    return ApproversDef(kind, value, expression(node.map.get("where")), node.map[kind].key_mark)


def _steps(node: Node | None, kinds: Kinds) -> Mapping[str, ApprovalStepDef]:
    return frozen({key: _step(key, child, kinds) for key, child in maps(node).items()})


def _step(name: str, node: Node, kinds: Kinds) -> ApprovalStepDef:
    get = node.map.get
    join = next((key for key in _JOINS if key in node.map), "")
    fields = get("fields")
    rights = fields.map if fields is not None else EMPTY
    return ApprovalStepDef(
        name,
        label(get("label"), label_of(name)),
        when=expression(get("when")),
        approvers=read_approvers(get("approvers"), kinds),
        decide=_decide(get("decide")),
        within=text(get("within")),
        remind=names(get("remind")),
        late=_late(get("late"), kinds),
        notify=names(get("notify")) or ("inbox",),
        show=names(rights.get("show")),
        edit=names(rights.get("edit")),
        nobody=text(get("nobody"), "admin"),
        repeated=text(get("repeated"), "skip"),
        branches=_steps(get(join), kinds) if join else EMPTY,
        join=join,
        copy_to=read_approvers(get("copy_to"), kinds),
        mark=node.key_mark,
    )


def _decide(node: Node | None) -> str | Decimal:
    share = read_number(node)
    return Decimal(share) if share is not None else text(node, "any")


def _late(node: Node | None, kinds: Kinds) -> LateDef | None:
    if node is None:
        return None
    if isinstance(node.value, str):
        return LateDef(node.value)
    return LateDef("escalate", read_approvers(node.map.get("escalate"), kinds)) if "escalate" in node.map else None


def _protected(node: Node | None) -> tuple[ProtectedDef, ...]:
    pairs = (said.split() for said in names(node))
    return tuple(ProtectedDef(pair[0], pair[1]) for pair in pairs if len(pair) == 2)
