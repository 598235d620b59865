"""The rule of PICK: one value looked up among all records of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metamodel.expressions.aggregates import SORTABLE
from metamodel.expressions.checking import Frame
from metamodel.expressions.conversion import convert
from metamodel.expressions.tree import Call, Name, Unary
from metamodel.expressions.typed import ALL, Aggregate, Typed
from metamodel.expressions.types import BOOLEAN
from metamodel.text import Text

if TYPE_CHECKING:
    from metamodel.expressions.checking import Checking

EXAMPLE = Text(
    zh="例如 PICK(price.amount, product = parent.product, -valid_from)",
    en="for example PICK(price.amount, product = parent.product, -valid_from)",
)


def infer_pick(checking: Checking, tree: Call) -> Typed | None:
    """Check ``PICK(object.field, condition, order)``. The condition and the order are read in a record of the object, ``parent.`` is the
    record outside. The first in that order counts, blanks last (``-order``: the last); without one the oldest record."""
    if not 2 <= len(tree.arguments) <= 3:
        message = Text(zh="PICK 需要 2 到 3 个参数", en="PICK takes 2 or 3 arguments")
        checking.fault("EXPR_ARGUMENTS", tree, message, EXAMPLE)
        return None
    if checking.row_prefix is not None:
        message = Text(zh="汇总的值里不能用 PICK", en="PICK cannot stand inside the value of an aggregate")
        checking.fault("EXPR_ROWS", tree, message)
        return None
    first = tree.arguments[0]
    if not isinstance(first, Name) or len(first.path) < 2 or checking.scope.schema.members(first.path[0]) is None:
        message = Text(zh="PICK 的第一个参数是 对象.字段", en="The first argument of PICK is object.field")
        checking.fault("EXPR_ARGUMENTS", first, message, EXAMPLE)
        return None
    name = first.path[0]
    frame = Frame((name,), (ALL, name))
    checking.frames.append(frame)
    found = _in_record(checking, tree, Name(first.start, first.end, first.path[1:]))
    checking.frames.pop()
    if found is None:
        return None
    if frame.rows:
        message = Text(zh="PICK 的条件里不能再汇总", en="Rows cannot be summed up inside PICK")
        checking.fault("EXPR_ROWS", tree, message)
        return None
    read = frame.read()
    checking.picks.append(read)
    value, condition, order, verb = found
    return Aggregate(verb, (ALL, name), 0, value, condition, value.type, order, reads=read)


def _in_record(checking: Checking, tree: Call, field: Name) -> tuple[Typed, Typed, Typed | None, str] | None:
    """Return value, condition and order, checked in the scope of a record of the object, and FIRST or LAST."""
    last = tree.arguments[2] if len(tree.arguments) > 2 else None
    backwards = isinstance(last, Unary) and last.operator == "-"
    by = last.operand if isinstance(last, Unary) and backwards else last
    value, condition = checking.infer(field), checking.infer(tree.arguments[1])
    order = None if by is None else checking.infer(by)
    if condition is not None:
        condition = convert(checking, condition, BOOLEAN, tree.arguments[1])
    if value is None or condition is None or (by is not None and order is None):
        return None
    if by is not None and order is not None and order.type.base not in SORTABLE:
        message = Text(zh="排序依据须是数字、文本或日期", en="Order by a number, a text or a date")
        checking.fault("EXPR_TYPE", by, message)
        return None
    return value, condition, order, "LAST" if backwards else "FIRST"
