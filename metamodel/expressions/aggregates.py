"""The rules of the aggregates: one value out of many records, each read in its own scope."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.expressions.checking import Found, Frame
from metamodel.expressions.conversion import as_text, convert
from metamodel.expressions.parser import children
from metamodel.expressions.tree import Call, Literal, Name, Tree
from metamodel.expressions.typed import Aggregate, Constant, Operation, Path, Typed
from metamodel.expressions.types import BOOLEAN, NUMBER, SEVERAL, TEXT, UNKNOWN, Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.expressions.checking import Checking

AGGREGATE_FORMS = frozenset({"aggregate", "extreme"})
MOST_ARGUMENTS = {"FIRST": 3, "LAST": 3, "JOIN": 3}
JOINT = ", "
ORDERED = frozenset({"FIRST", "LAST", "JOIN"})  # what the order of the rows tells apart
BEHIND = Constant(Decimal(10) ** 23, NUMBER)  # where a row without a place stands: behind all others
SORTABLE = frozenset({Base.NUMBER, Base.TEXT, Base.CHOICE, Base.DATE, Base.DATETIME})


def rows_in(checking: Checking, tree: Call) -> tuple[Name, Found] | None:
    """Return the first name in the first argument that leads to rows; None where there is none."""
    waiting: list[Tree] = list(tree.arguments[:1])
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Name):
            found = checking.find(node, quiet=True)
            if found is not None and found.type.base in SEVERAL:
                return node, found
        elif not (isinstance(node, Call) and _has_rows_of_its_own(checking, node)):
            waiting += children(node)
    return None


def _has_rows_of_its_own(checking: Checking, call: Call) -> bool:
    """Whether the names in a call lead to rows that the call itself sums up, or picks from."""
    function = checking.functions.get(call.name)
    return function is not None and (function.form in AGGREGATE_FORMS or function.form == "pick")


def infer_aggregate(checking: Checking, tree: Call) -> Typed | None:
    """Check SUM, COUNT, AVG, MIN, MAX, FIRST, LAST, ANY, ALL and JOIN over rows."""
    if not 1 <= len(tree.arguments) <= MOST_ARGUMENTS.get(tree.name, 2):
        most = MOST_ARGUMENTS.get(tree.name, 2)
        message = Text(zh=f"{tree.name} 需要 1 到 {most} 个参数", en=f"{tree.name} takes 1 to {most} arguments")
        checking.fault("EXPR_ARGUMENTS", tree, message)
        return None
    located = rows_in(checking, tree)
    if located is None:
        _no_rows(checking, tree)
        return None
    node, found = located
    if checking.row_prefix is not None:
        message = Text(zh="汇总里不能再直接汇总", en="An aggregate cannot stand inside the value of another")
        checking.fault("EXPR_ROWS", tree, message)
        return None
    if found.root:
        checking.note_root(found.path[0])
    bare = tree.arguments[0] is node and not found.rest
    outer = checking.frames[len(checking.frames) - 1 - found.level]
    frame = Frame(found.type.objects, found.path)
    checking.frames.append(frame)
    checking.row_prefix = (found.path, found.level)
    value = None if bare else checking.infer(tree.arguments[0])
    checking.row_prefix = None
    rest = [None if _is_text(argument) else checking.infer(argument) for argument in tree.arguments[1:]]
    whole = all(typed is not None or _is_text(one) for typed, one in zip(rest, tree.arguments[1:], strict=True))
    parts = _Parts(found, value, rest)
    result = _build(checking, tree, parts) if whole and (bare or value is not None) else None
    checking.frames.pop()
    outer.rows.append(frame.read())
    return result


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of an aggregate, checked: where its rows are, the value (None: the rows themselves) and the other arguments."""

    found: Found
    value: Typed | None
    rest: list[Typed | None]


def _is_text(argument: Tree) -> bool:
    return isinstance(argument, Literal) and argument.is_text


def _no_rows(checking: Checking, tree: Call) -> None:
    before = len(checking.faults)
    for argument in tree.arguments[:1]:
        checking.infer(argument)
    names = [checking.find(one, quiet=True) for one in tree.arguments[:1] if isinstance(one, Name)]
    if any(found is not None and found.type == UNKNOWN for found in names):
        return
    if len(checking.faults) == before:
        message = Text(
            zh=f"{tree.name} 汇总多条记录，这里只有一个值", en=f"{tree.name} sums up many records, here is one value"
        )
        checking.fault(
            "EXPR_ROWS", tree, message, Text(zh="例如 SUM(lines.amount)", en="for example SUM(lines.amount)")
        )


def _build(checking: Checking, tree: Call, parts: _Parts) -> Typed | None:
    name, nodes, value, rest = tree.name, tree.arguments, parts.value, parts.rest
    if value is None and (name not in {"COUNT", "ANY", "ALL"} or (name != "COUNT" and not rest)):
        shown = checking.shown(nodes[0])
        message = Text(zh=f"{name} 要汇总 {shown} 的哪个字段？", en=f"{name} of which field of {shown}?")
        checking.fault("EXPR_ROWS", tree, message, Text(zh=f"例如 {shown}.amount", en=f"for example {shown}.amount"))
        return None
    separator = _separator(checking, tree)
    condition = rest[0] if rest else None
    if condition is not None:
        condition = convert(checking, condition, BOOLEAN, nodes[1])
    elif rest and separator is None:
        convert(checking, Constant("", TEXT), BOOLEAN, nodes[1])
        return None
    if rest and rest[0] is not None and condition is None:
        return None
    order = rest[1] if name in {"FIRST", "LAST"} and len(rest) > 1 else None
    if order is not None and order.type.base not in SORTABLE:
        message = Text(zh="排序依据须是数字、文本或日期", en="Order by a number, a text or a date")
        checking.fault("EXPR_TYPE", nodes[2], message)
        return None
    if name in {"ANY", "ALL"} and value is None:
        value, condition = condition, None
    typed = _value(checking, tree, value)
    if typed is None and value is not None:
        return None
    found, standing = parts.found, order is None and name in ORDERED and bool(parts.found.type.order)
    if standing:
        order = _as_they_stand(checking, found.type.order)
    made = _result(name, typed)
    return Aggregate(
        name, found.path, found.level, typed, condition, made, order, separator, root=found.root, standing=standing
    )


def _as_they_stand(checking: Checking, order: str) -> Typed:
    """Return the place that people gave a row; those without one stand behind the others, as they were added."""
    checking.note((order,), 0)
    return Operation("coalesce", (Path((order,), NUMBER), BEHIND), NUMBER)


def _separator(checking: Checking, tree: Call) -> Typed | None:
    if tree.name != "JOIN":
        return None
    last = tree.arguments[-1]
    if len(tree.arguments) > 1 and isinstance(last, Literal) and last.is_text:
        return Constant(last.value, TEXT)
    if len(tree.arguments) == 3:
        checking.fault("EXPR_ARGUMENTS", last, Text(zh="分隔符要直接写出来", en="The separator must be written out"))
    return Constant(JOINT, TEXT)


def _value(checking: Checking, tree: Call, value: Typed | None) -> Typed | None:
    """Return the value as the aggregate takes it."""
    node = tree.arguments[0]
    if value is None or tree.name in {"COUNT", "FIRST", "LAST"}:
        return value
    if tree.name in {"SUM", "AVG"}:
        return convert(checking, value, NUMBER, node)
    if tree.name in {"ANY", "ALL"}:
        return convert(checking, value, BOOLEAN, tree.arguments[1] if len(tree.arguments) > 1 else node)
    if tree.name == "JOIN":
        return as_text(checking, value, node)
    if value.type.base in {Base.NUMBER, Base.DATE, Base.DATETIME}:
        return value
    message = Text(zh=f"{tree.name} 只比较数字或日期", en=f"{tree.name} takes numbers or dates")
    checking.fault("EXPR_TYPE", node, message)
    return None


def _result(name: str, value: Typed | None) -> Type:
    if name in {"SUM", "COUNT", "AVG"}:
        return NUMBER
    if name in {"ANY", "ALL"}:
        return BOOLEAN
    return TEXT if name == "JOIN" or value is None else value.type
