"""The rules of what is kept by name outside of records: SETTING, RECORDED and TARGET. Where the values are, the engine knows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from metamodel.expressions.conversion import common_type, convert
from metamodel.expressions.tree import Literal
from metamodel.expressions.typed import Apply, Operation
from metamodel.expressions.types import NUMBER, TEXT, Base
from metamodel.faults import near_miss
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection

    from metamodel.expressions.checking import Checking
    from metamodel.expressions.tree import Call, Tree
    from metamodel.expressions.typed import Typed

SETTINGS, FIGURES = (
    "setting",
    "recorded_value",
)  # the objects of the built-in pack that hold them, in their field `value`
PERIOD = re.compile(
    r"today|yesterday|(this|last)_(week|month|quarter|year)|[0-9]{4}(-(Q[1-4]|W[0-5][0-9]|[01][0-9](-[0-3][0-9])?))?"
)


@runtime_checkable
class NamesTargets(Protocol):
    """A schema that knows what figures are held against."""

    def targets(self) -> Collection[str]:
        """Return the names of all targets."""
        ...


def infer_setting(checking: Checking, tree: Call) -> Typed | None:
    """Check ``SETTING(name, otherwise)``: a text, or read as what ``otherwise`` is."""
    name = _name(checking, tree, SETTINGS)
    otherwise = checking.infer(tree.arguments[1]) if len(tree.arguments) > 1 else None
    if name is None or (otherwise is None and len(tree.arguments) > 1):
        return None
    found = Apply(tree.name, (), TEXT, 0, (name, Base.TEXT.value))
    if otherwise is None:
        return found
    read = found if otherwise.type.base is Base.BLANK else convert(checking, found, otherwise.type, tree)
    if read is None:
        return None
    type_ = common_type([read.type, otherwise.type]) or read.type
    last = convert(checking, otherwise, type_, tree.arguments[1])
    return None if last is None else Operation("coalesce", (read, last), type_)


def infer_recorded(checking: Checking, tree: Call) -> Typed | None:
    """Check ``RECORDED(name)``: a number."""
    name = _name(checking, tree, FIGURES)
    return None if name is None else Apply(tree.name, (), NUMBER, 0, name)


def infer_target(checking: Checking, tree: Call) -> Typed | None:
    """Check ``TARGET(name, period)``: a number."""
    name, period = _text(checking, tree, 0), _text(checking, tree, 1) if len(tree.arguments) > 1 else ""
    if name is None or period is None:
        return None
    schema = checking.scope.schema
    if isinstance(schema, NamesTargets) and name not in schema.targets():
        message = Text(zh=f"没有目标 {name[:60]}", en=f"There is no target {name[:60]}")
        checking.fault("EXPR_UNKNOWN_NAME", tree.arguments[0], message, near_miss(name, schema.targets()))
        return None
    if period and not PERIOD.fullmatch(period):
        message = Text(zh=f"「{period[:40]}」不是有效的期间", en=f"“{period[:40]}” is no period")
        hint = Text(
            zh="例如 this_month、this_quarter、2026-Q1、2026-03",
            en="such are this_month, this_quarter, 2026-Q1, 2026-03",
        )
        checking.fault("EXPR_ARGUMENTS", tree.arguments[1], message, hint)
        return None
    return Apply(tree.name, (), NUMBER, 0, (name, period))


def _text(checking: Checking, tree: Call, place: int) -> str | None:
    """Return an argument that is a text written out; notes a fault where it is none."""
    node: Tree = tree.arguments[place]
    if isinstance(node, Literal) and node.is_text and isinstance(node.value, str):
        return node.value
    message = Text(
        zh=f'{tree.name} 的名称要用引号直接写出来：{tree.name}("…")',
        en=f'the name that {tree.name} takes is written out in quotes: {tree.name}("…")',
    )
    checking.fault("EXPR_ARGUMENTS", node, message)
    return None


def _name(checking: Checking, tree: Call, where: str) -> str | None:
    """Return the name that is asked for, where whoever wrote the expression may read what holds it."""
    name = _text(checking, tree, 0)
    if name is None:
        return None
    if "value" in (checking.scope.schema.members(where) or {}):
        return name
    message = Text(
        zh=f"{tree.name} 读取对象 {where}，这里读不到", en=f"{tree.name} reads {where}, which is not to be read here"
    )
    hint = Text(
        zh=f"需要基础包 base 1.3 以上，并有权读取 {where}",
        en=f"it takes the pack base from 1.3 on, and the right to read {where}",
    )
    checking.fault("EXPR_UNKNOWN_NAME", tree, message, hint)
    return None
