"""The rules of the operators: which types they take, what comes out, and the operation each one means."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from metamodel.expressions.conversion import (
    BASE_NAMES,
    TEXTUAL,
    as_datetime,
    as_setting,
    as_text,
    check_choices,
    common_type,
    convert,
)
from metamodel.expressions.lexer import LARGEST_NUMBER
from metamodel.expressions.parser import COMPARISONS, same_level
from metamodel.expressions.tree import Binary, Node, Unary
from metamodel.expressions.typed import Constant, Operation, Typed
from metamodel.expressions.types import BOOLEAN, DATE, DATETIME, DURATION, NUMBER, TEXT, Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metamodel.expressions.checking import Checking
    from metamodel.expressions.tree import InList

ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power"}
COMPARING = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
TURNED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
ORDERED = frozenset({Base.TEXT, Base.NUMBER, Base.DATE, Base.DATETIME, Base.DURATION})
MOST_DIGITS = 24
Checked = tuple[Typed, Node]


def infer_binary(checking: Checking, tree: Binary) -> Typed | None:
    """Check a chain of one level's operators from left to right, in a loop: chains are long."""
    spine: list[Binary] = [tree]
    while isinstance(left := spine[-1].left, Binary) and same_level(spine[-1], left):
        spine.append(left)
    spine.reverse()
    operands = [spine[0].left, *(step.right for step in spine)]
    typed = [checking.infer(operand) for operand in operands]
    if any(operand is None for operand in typed):
        return None
    found = [(operand, node) for operand, node in zip(typed, operands, strict=True) if operand is not None]
    if tree.operator == "&":
        return concat(checking, found)
    if tree.operator in {"and", "or"}:
        return logic(checking, tree.operator, found)
    if tree.operator in COMPARISONS:
        return compare(checking, COMPARING[tree.operator], found[0], found[1], tree)
    result: Typed | None = found[0][0]
    for step, right in zip(spine, found[1:], strict=True):
        if result is None:
            return None
        result = arithmetic(checking, step.operator, (result, step.left), right, step)
    return result


def infer_unary(checking: Checking, tree: Unary) -> Typed | None:
    """Check ``not`` and the signs."""
    operand = checking.infer(tree.operand)
    if operand is None:
        return None
    if tree.operator == "not":
        condition = convert(checking, operand, BOOLEAN, tree.operand)
        return condition and Operation("not", (condition,), BOOLEAN)
    base = operand.type.base
    if base is Base.DURATION:
        return operand if tree.operator == "+" else Operation("duration_negate", (operand,), operand.type)
    number = convert(checking, operand, NUMBER, tree.operand)
    if number is None or tree.operator == "+":
        return number
    return Operation("negate", (number,), Type(Base.NUMBER, digits=number.type.digits))


def concat(checking: Checking, found: Sequence[Checked]) -> Typed | None:
    """Check ``&`` and CONCAT."""
    texts = [as_text(checking, typed, node) for typed, node in found]
    known = tuple(text for text in texts if text is not None)
    return Operation("concat", known, TEXT) if len(known) == len(texts) else None


def logic(checking: Checking, operator: str, found: Sequence[Checked]) -> Typed | None:
    """Check ``and``, ``or`` and the functions of these names."""
    conditions = [convert(checking, typed, BOOLEAN, node) for typed, node in found]
    known = tuple(condition for condition in conditions if condition is not None)
    return Operation(operator, known, BOOLEAN) if len(known) == len(conditions) else None


# Arithmetic


def arithmetic(checking: Checking, operator: str, left: Checked, right: Checked, node: Node) -> Typed | None:
    """Check ``+ - * / ^`` on numbers, dates and durations."""
    bases = {left[0].type.base, right[0].type.base}
    if operator in {"+", "-"} and bases & {Base.DATE, Base.DATETIME, Base.DURATION}:
        return _calendar(checking, operator, left, right, node)
    first, second = convert(checking, left[0], NUMBER, left[1]), convert(checking, right[0], NUMBER, right[1])
    if first is None or second is None:
        return None
    return number_operation(ARITHMETIC[operator], first, second)


def number_operation(name: str, first: Typed, second: Typed) -> Operation:
    """Return an arithmetic operation, its result as narrow as the operands allow."""
    one, two = digits_of(first), digits_of(second)
    shrinks = isinstance(second, Constant) and isinstance(second.value, Decimal) and second.value >= 1
    sums = max(one, two) + 1
    bounds = {"add": sums, "subtract": sums, "multiply": one + two, "divide": one if shrinks else MOST_DIGITS + 1}
    bound = bounds.get(name, MOST_DIGITS + 1)
    return Operation(name, (first, second), Type(Base.NUMBER, digits=bound if bound <= MOST_DIGITS else None))


def digits_of(typed: Typed) -> int:
    """Return d where the value lies within ±10^d."""
    if isinstance(typed, Constant) and typed.type.base is Base.NUMBER and typed.value is not None:
        whole = (
            abs(int(str(typed.value).partition(".")[0] or 0)) if "E" not in str(typed.value) else int(LARGEST_NUMBER)
        )
        return len(str(whole + 1))
    return MOST_DIGITS if typed.type.digits is None else typed.type.digits


def _calendar(checking: Checking, operator: str, left: Checked, right: Checked, node: Node) -> Typed | None:
    (first, first_node), (second, second_node) = left, right
    one, two = first.type.base, second.type.base
    days = (Base.DATE, Base.DATETIME)
    if operator == "-" and one in days and two in days:
        if one is two is Base.DATE:
            return Operation("date_difference", (first, second), Type(Base.DURATION, calendar=True))
        return Operation("datetime_difference", (as_datetime(first), as_datetime(second)), DURATION)
    if operator == "+" and two in days and one not in days:
        return _calendar(checking, operator, right, left, node)
    if one in days or (one is Base.BLANK and two is Base.DURATION) or one is Base.DURATION:
        span = convert(checking, second, DURATION, second_node)
        if span is None:
            return None
        if operator == "-":
            span = Operation("duration_negate", (span,), span.type)
        return _shift(first, span)
    convert(checking, first, DURATION if one is not Base.BLANK else DATE, first_node)
    return None


def _shift(first: Typed, span: Typed) -> Typed:
    """Return a date, datetime or duration plus a duration."""
    base = first.type.base
    if base is Base.DATE and span.type.calendar:
        return Operation("date_add", (first, span), DATE)
    if base in {Base.DATE, Base.DATETIME}:
        return Operation("datetime_add", (as_datetime(first), span), DATETIME)
    both = first.type.calendar and span.type.calendar
    head = Constant(None, DURATION) if base is Base.BLANK else first
    return Operation("duration_add", (head, span), Type(Base.DURATION, calendar=both))


# Comparisons


def compare(checking: Checking, name: str, left: Checked, right: Checked, node: Node) -> Typed | None:
    """Check a comparison of two values; differences of dates are compared on the calendar (``a - b > 3mo`` is ``b < a - 3mo``)."""
    pair = _alike(checking, left, right, node)
    if pair is None:
        return None
    first, second = pair
    base = first.type.base if first.type.base is not Base.BLANK else second.type.base
    if name not in {"eq", "ne"}:
        if base is Base.BLANK:
            return Constant(False, BOOLEAN)
        if base not in ORDERED:
            what = BASE_NAMES[base]
            hint = Text(zh="只能比较 = 与 <>", en="only = and <> compare it")
            message = Text(zh=f"{what.zh}没有大小之分", en=f"There is no order to {what.en}")
            checking.fault("EXPR_TYPE", node, message, hint)
            return None
        if base is Base.DURATION:
            return _compare_differences(name, first, second)
    return Operation(name, (first, second), BOOLEAN)


def _compare_differences(name: str, first: Typed, second: Typed) -> Typed:
    differences = ("date_difference", "datetime_difference")
    if isinstance(second, Operation) and second.name in differences:
        first, second, name = second, first, TURNED[name]
    if not (isinstance(first, Operation) and first.name in differences):
        return Operation(name, (first, second), BOOLEAN)
    if isinstance(second, Operation) and second.name in differences:
        return Operation(name, (first, second), BOOLEAN)
    later, earlier = first.operands
    border = _shift(later, Operation("duration_negate", (second,), second.type))
    if border.type.base is Base.DATETIME:
        earlier = as_datetime(earlier)
    return Operation(TURNED[name], (earlier, border), BOOLEAN)


def _alike(checking: Checking, left: Checked, right: Checked, node: Node) -> tuple[Typed, Typed] | None:
    """Return both sides with one type, as comparing takes them."""
    (first, first_node), (second, second_node) = left, right
    one, two = first.type.base, second.type.base
    if one is Base.CHOICE and two in TEXTUAL:
        return (first, second) if check_choices(checking, second, first.type, second_node) else None
    if two is Base.CHOICE and one is Base.TEXT:
        return (first, second) if check_choices(checking, first, second.type, first_node) else None
    if {one, two} == {Base.LINK, Base.NUMBER}:
        return as_number(first), as_number(second)
    for text, other, text_node in ((first, second, first_node), (second, first, second_node)):
        if text.type.base is Base.TEXT and other.type.base in {Base.DATE, Base.DATETIME} and isinstance(text, Constant):
            converted = convert(checking, text, DATETIME if len(str(text.value)) > 10 else other.type, text_node)
            if converted is None:
                return None
            first, second = (converted, second) if text is first else (first, converted)
            if DATETIME.base in {first.type.base, second.type.base}:
                first, second = as_datetime(first), as_datetime(second)
            return first, second
    first, second = as_setting(first, two), as_setting(second, one)
    type_ = common_type([first.type, second.type])
    if type_ is None or ({Base.ANY, Base.LIST} & {one, two} and Base.BLANK not in {one, two}):
        had, other_name = BASE_NAMES[one], BASE_NAMES[two]
        message = Text(
            zh=f"{had.zh}不能与{other_name.zh}比较：{checking.shown(node)}",
            en=f"{had.en} cannot be compared with {other_name.en}: {checking.shown(node)}",
        )
        checking.fault("EXPR_TYPE", node, message)
        return None
    if type_.base is Base.BLANK:
        return first, second
    one_typed, two_typed = convert(checking, first, type_, first_node), convert(checking, second, type_, second_node)
    return (one_typed, two_typed) if one_typed is not None and two_typed is not None else None


def as_number(typed: Typed) -> Typed:
    """Return a link as the number of its id."""
    return Operation("link_number", (typed,), NUMBER) if typed.type.base is Base.LINK else typed


def infer_in(checking: Checking, tree: InList) -> Typed | None:
    """Check ``in`` and ``not in``: every item must compare with the operand."""
    operand = checking.infer(tree.operand)
    items = [item for node in tree.items if (item := checking.infer(node)) is not None]
    if operand is None or len(items) < len(tree.items):
        return None
    pairs = []
    for item, node in zip(items, tree.items, strict=True):
        pair = _alike(checking, (operand, tree.operand), (item, node), tree)
        if pair is None:
            return None
        pairs.append(pair)
    firsts = [first for first, _ in pairs]
    if all(first is firsts[0] for first in firsts):
        found: Typed = Operation("in", (firsts[0], *(second for _, second in pairs)), BOOLEAN)
    else:
        found = Operation("or", tuple(Operation("eq", pair, BOOLEAN) for pair in pairs), BOOLEAN)
    return Operation("not", (found,), BOOLEAN) if tree.negated else found
