"""Conditions as rows that people fill in: field, operator, value, joined by and / or. To an expression's text and back; what is no such
list of comparisons stays a text."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.parser import parse_expression
from metamodel.expressions.tree import Binary, Call, InList, Literal, Name, Node, Unary
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metamodel.expressions.tree import Tree

AND, OR = "and", "or"
BLANK, FILLED, IN, NOT_IN = "blank", "filled", "in", "not in"
TRUE, FALSE = "true", "false"
COMPARED = ("=", "<>", "<", "<=", ">", ">=")
_PLACES = frozenset({"start", "end", "name_end"})
_UNVALUED = frozenset({BLANK, FILLED, TRUE, FALSE})
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
OPERATORS: Mapping[Base, tuple[str, ...]] = {
    Base.TEXT: ("=", "<>", BLANK, FILLED),
    Base.NUMBER: (">=", ">", "<=", "<", "=", "<>", BLANK, FILLED),
    Base.DATE: (">=", ">", "<=", "<", "=", "<>", BLANK, FILLED),
    Base.DATETIME: (">=", ">", "<=", "<", BLANK, FILLED),
    Base.CHOICE: ("=", "<>", IN, NOT_IN, BLANK, FILLED),
    Base.BOOLEAN: (TRUE, FALSE),
    Base.LINK: (FILLED, BLANK),
}
PEOPLE = ("=", "<>", FILLED, BLANK)  # of a link to users, which can be compared with whoever looks
ME = "me"
_FIRST: Mapping[Base, str] = {Base.NUMBER: "0", Base.DATE: "TODAY()", Base.DATETIME: "NOW()", Base.LINK: ME}
_WAN = {"万": 4, "亿": 8}


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: ``values`` are names of choices, texts, or an expression's text (a number, a date, another field)."""

    field: str
    operator: str
    values: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """Return the only value, "" for none."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that hold all together (``and``) or of which one does (``or``)."""

    join: str = AND
    rows: tuple[Row, ...] = ()


def operators_of(base: Base, *, people: bool = False) -> tuple[str, ...]:
    """Return the operators that rows offer for a field; ``people``: a link to users."""
    return PEOPLE if people else OPERATORS.get(base, (FILLED, BLANK))


def read_rows(text: str, bases: Mapping[str, Base] | None = None) -> Rows | None:
    """Return an expression as rows; None where it is none that rows can say. With ``bases`` also where rows would not say the very same
    again: what nobody touched must not change by being looked at."""
    if not text.strip():
        return Rows()
    try:
        tree = parse_expression(text)
    except ExpressionFault:
        return None
    join = tree.operator if isinstance(tree, Binary) and tree.operator in {AND, OR} else AND
    rows = [_row(part, text) for part in _parts(tree, join)]
    found = Rows(join, tuple(one for one in rows if one is not None))
    if len(found.rows) != len(rows):
        return None
    return found if bases is None or _says(write_rows(found.rows, join, bases), tree) else None


def _says(text: str, tree: Tree) -> bool:
    """Whether a text is read as a tree, wherever its parts stand."""
    try:
        return _same(parse_expression(text), tree) if text else False
    except ExpressionFault:
        return False


def _same(one: object, other: object) -> bool:
    if isinstance(one, Node):
        if type(one) is not type(other):
            return False
        parts = (part.name for part in fields(one) if part.name not in _PLACES)
        return all(_same(getattr(one, name), getattr(other, name)) for name in parts)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


def _parts(tree: Tree, join: str) -> list[Tree]:
    found: list[Tree] = []
    while isinstance(tree, Binary) and tree.operator == join:
        found.append(tree.right)
        tree = tree.left
    return [tree, *reversed(found)]


def _row(tree: Tree, text: str) -> Row | None:
    if isinstance(tree, Name):
        return Row(".".join(tree.path), TRUE)
    if isinstance(tree, Unary) and tree.operator == "not":
        return _negated(tree.operand)
    if isinstance(tree, Call) and tree.name == "ISBLANK" and isinstance(tree.arguments[0], Name):
        return Row(".".join(tree.arguments[0].path), BLANK)
    if isinstance(tree, InList) and isinstance(tree.operand, Name):
        if not all(isinstance(one, Literal) and one.is_text for one in tree.items):
            return None
        values = tuple(str(one.value) for one in tree.items if isinstance(one, Literal))
        return Row(".".join(tree.operand.path), NOT_IN if tree.negated else IN, values)
    if isinstance(tree, Binary) and tree.operator in COMPARED and isinstance(tree.left, Name):
        right = tree.right
        value = _value(right, text)
        if isinstance(right, Binary) and right.operator in {AND, OR}:
            return None
        return Row(".".join(tree.left.path), tree.operator, (value,))
    return None


def _value(tree: Tree, text: str) -> str:
    """Return what a comparison's right side is called in a control: a text without its quotes, a date as people write it."""
    if isinstance(tree, Literal) and tree.is_text:
        return str(tree.value or "")
    if isinstance(tree, Call) and tree.name == "DATE":
        parts = [one.value for one in tree.arguments if isinstance(one, Literal) and isinstance(one.value, Decimal)]
        if len(parts) == len(tree.arguments) and all(one == one.to_integral_value() for one in parts):
            return f"{int(parts[0]):04}-{int(parts[1]):02}-{int(parts[2]):02}"
    return text[tree.start : tree.end]


def _negated(tree: Tree) -> Row | None:
    if isinstance(tree, Name):
        return Row(".".join(tree.path), FALSE)
    if isinstance(tree, Call) and tree.name == "ISBLANK" and isinstance(tree.arguments[0], Name):
        return Row(".".join(tree.arguments[0].path), FILLED)
    return None


def write_rows(rows: Iterable[Row], join: str, bases: Mapping[str, Base]) -> str:
    """Return the expression that rows say. ``bases``: what the fields hold; rows without a field are left out, and those that have no
    value where they need several. A text without a value is compared with "", which is no text."""
    parts = [part for part in (_text(row, bases.get(row.field, Base.TEXT)) for row in rows if row.field) if part]
    return f" {OR if join == OR else AND} ".join(parts)


def first_value(base: Base, choices: Iterable[str]) -> str:
    """Return the value that a row begins with, so that it says something sound at once."""
    return next(iter(choices), "") if base is Base.CHOICE else _FIRST.get(base, "")


def _text(row: Row, base: Base) -> str:
    if row.operator in _UNVALUED:
        said = {BLANK: "ISBLANK({})", FILLED: "not ISBLANK({})", TRUE: "{}", FALSE: "not {}"}
        return said[row.operator].format(row.field)
    values = [one.strip() for one in row.values if one.strip()]
    if row.operator in {IN, NOT_IN}:
        return f"{row.field} {row.operator} ({', '.join(map(_quoted, values))})" if values else ""
    if not values and base is not Base.TEXT:
        return ""
    return f"{row.field} {row.operator} {_literal(values[0] if values else '', base)}"


def _literal(value: str, base: Base) -> str:
    if base in {Base.TEXT, Base.CHOICE}:
        return _quoted(value)
    date = _DATE.fullmatch(value)
    if date and base in {Base.DATE, Base.DATETIME}:
        return f"DATE({int(date[1])}, {int(date[2])}, {int(date[3])})"
    bare = value.replace(",", "").replace("，", "")
    power = _WAN.get(bare[-1:], 0)
    try:
        number = Decimal(bare[:-1] if power or bare.endswith("%") else bare)
    except InvalidOperation:
        return value  # another field, or any other expression: what the checker makes of it is shown beside
    return format(number.scaleb(power).normalize(), "f") if power else bare


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
