"""Conditions as rows that people fill in: field, operator, value, joined by and / or. To an expression's text and back; what is no such
list of comparisons stays a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.parser import parse_expression
from metamodel.expressions.tree import Binary, Call, InList, Literal, Name, Unary
from metamodel.expressions.types import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from metamodel.expressions.tree import Tree

AND, OR = "and", "or"
BLANK, FILLED, IN, NOT_IN = "blank", "filled", "in", "not in"
TRUE, FALSE = "true", "false"
COMPARED = ("=", "<>", "<", "<=", ">", ">=")
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


def operators_of(base: Base) -> tuple[str, ...]:
    """Return the operators that rows offer for a field."""
    return OPERATORS.get(base, (FILLED, BLANK))


def read_rows(text: str) -> Rows | None:
    """Return an expression as rows; None where it is none that rows can say."""
    if not text.strip():
        return Rows()
    try:
        tree = parse_expression(text)
    except ExpressionFault:
        return None
    join = tree.operator if isinstance(tree, Binary) and tree.operator in {AND, OR} else AND
    rows = [_row(part, text) for part in _parts(tree, join)]
    return None if None in rows else Rows(join, tuple(one for one in rows if one is not None))


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
        value = str(right.value) if isinstance(right, Literal) and right.is_text else text[right.start : right.end]
        if isinstance(right, Binary) and right.operator in {AND, OR}:
            return None
        return Row(".".join(tree.left.path), tree.operator, (value,))
    return None


def _negated(tree: Tree) -> Row | None:
    if isinstance(tree, Name):
        return Row(".".join(tree.path), FALSE)
    if isinstance(tree, Call) and tree.name == "ISBLANK" and isinstance(tree.arguments[0], Name):
        return Row(".".join(tree.arguments[0].path), FILLED)
    return None


def write_rows(rows: Iterable[Row], join: str, bases: Mapping[str, Base]) -> str:
    """Return the expression that rows say. ``bases``: what the fields hold; rows without a field, or a value that they need, are left out."""
    parts = [part for part in (_text(row, bases.get(row.field, Base.TEXT)) for row in rows if row.field) if part]
    return f" {OR if join == OR else AND} ".join(parts)


def _text(row: Row, base: Base) -> str:
    if row.operator in _UNVALUED:
        said = {BLANK: "ISBLANK({})", FILLED: "not ISBLANK({})", TRUE: "{}", FALSE: "not {}"}
        return said[row.operator].format(row.field)
    values = [one.strip() for one in row.values if one.strip()]
    if not values:
        return ""
    if row.operator in {IN, NOT_IN}:
        return f"{row.field} {row.operator} ({', '.join(map(_quoted, values))})"
    return f"{row.field} {row.operator} {_literal(values[0], base)}"


def _literal(value: str, base: Base) -> str:
    if base in {Base.TEXT, Base.CHOICE}:
        return _quoted(value)
    date = _DATE.fullmatch(value)
    if date and base in {Base.DATE, Base.DATETIME}:
        return f"DATE({int(date[1])}, {int(date[2])}, {int(date[3])})"
    bare = value.replace(",", "").replace("，", "")
    try:
        Decimal(bare.rstrip("%"))
    except InvalidOperation:
        return value  # another field, or any other expression: what the checker makes of it is shown beside
    return bare


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
