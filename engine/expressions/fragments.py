"""Pieces of SQL: text with column elements in it, kept flat so that no expression nests deeply, and as a SQLAlchemy element at the end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.sql.type_api import TypeEngine

Piece: TypeAlias = "str | sa.ColumnElement[Any]"
_PLACE = "{}"
_MARK = "\x1f"
KEPT = "(SELECT {} FROM (SELECT {} OFFSET 0) AS _t)"  # OFFSET 0 is the planner's fence


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a statement. ``atomic``: cheap to write twice (a column, a bind parameter, a name). ``total``: never NULL. ``bare``: what
    this is where that is not blank, for conditions that an index is to serve."""

    pieces: tuple[Piece, ...]
    atomic: bool = False
    total: bool = False
    bare: Fragment | None = None


def of(element: sa.ColumnElement[Any], *, total: bool = False) -> Fragment:
    """Return a column or bind parameter as a fragment."""
    return Fragment((element,), atomic=True, total=total)


class Builder:
    """Puts fragments together. One per compilation: it numbers the names that values are kept under."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, template: str, *parts: Fragment, total: bool = False, atomic: bool = False) -> Fragment:
        """Return ``template`` with each ``{}`` filled in."""
        texts = template.split(_PLACE)
        if len(texts) != len(parts) + 1 or "%" in template:
            raise ValueError(f"{template!r} does not take {len(parts)} parts")
        pieces: list[Piece] = [texts[0]]
        for part, text in zip(parts, texts[1:], strict=True):
            pieces += part.pieces
            pieces.append(text)
        return Fragment(_merged(pieces), atomic, total)

    def join(self, joint: str, parts: Sequence[Fragment]) -> Fragment:
        """Return the parts with ``joint`` between them."""
        return self(joint.join([_PLACE] * len(parts)), *parts)

    def keep(self, value: Fragment, use: Callable[[Fragment], Fragment]) -> Fragment:
        """Return ``use(value)`` where ``use`` writes its argument several times: a costly value is computed once, in a subquery that
        the planner can't pull up (it would copy the expression, and nested ones grow exponentially)."""
        if value.atomic:
            return use(value)
        self.count += 1
        table, name = f"_t{self.count}", f"_v{self.count}"
        inner = use(Fragment((f"{table}.{name}",), atomic=True))
        kept = self(KEPT.replace("_t", table), inner, self(f"{{}} AS {name}", value))
        return Fragment(kept.pieces, total=inner.total)

    def keep_all(self, values: Sequence[Fragment], use: Callable[..., Fragment]) -> Fragment:
        """Do the same with several values at once."""
        if all(value.atomic for value in values):
            return use(*values)
        self.count += 1
        table = f"_t{self.count}"
        names = [f"_v{self.count}_{index}" for index in range(len(values))]
        inner = use(*(Fragment((f"{table}.{name}",), atomic=True) for name in names))
        columns = self.join(", ", [self(f"{{}} AS {name}", value) for value, name in zip(values, names, strict=True)])
        return self(KEPT.replace("_t", table), inner, columns)

    def whole(self, number: Fragment, least: int, most: int) -> Fragment:
        """Return a number cut to an integer and kept within bounds; NULL stays NULL (LEAST and GREATEST would pass it over)."""
        body = f"(CASE WHEN {{}} < {least} THEN {least} WHEN {{}} > {most} THEN {most} ELSE trunc({{}}) END)::int"
        return self.keep(number, lambda n: self(body, n, n, n))

    def text(self, value: str) -> Fragment:
        """Return a short constant of our own as an SQL literal (letters, digits and plain punctuation only)."""
        if not value.isascii() or set(value) & set("'\\%:{}"):
            raise ValueError(f"{value!r} must be bound")
        return Fragment((f"'{value}'",), atomic=True, total=True)


def _merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "" if isinstance(piece, str) else True:
            merged.append(piece)
    return tuple(merged)


_TRAVERSED = [  # what SQLAlchemy's cache, copies and adaptions go through
    ("template", InternalTraversal.dp_string),
    ("parts", InternalTraversal.dp_clauseelement_tuple),
    ("type", InternalTraversal.dp_type),
]


class Spliced(sa.ColumnElement[Any]):
    """A fragment as a SQLAlchemy column expression: its text with places, and the elements that fill them."""

    inherit_cache = True
    _traverse_internals = _TRAVERSED

    def __init__(self, fragment: Fragment, type_: TypeEngine[Any]) -> None:
        self.template = "".join(piece if isinstance(piece, str) else _MARK for piece in fragment.pieces)
        self.parts = tuple(piece for piece in fragment.pieces if not isinstance(piece, str))
        self.type = type_

    @property
    def _from_objects(self) -> list[sa.FromClause]:
        return list(chain.from_iterable(part._from_objects for part in self.parts))  # noqa: SLF001


@compiles(Spliced)
def _compile_spliced(element: Spliced, compiler: SQLCompiler, **options: Any) -> str:
    texts = element.template.split(_MARK)
    options["within_columns_clause"] = False
    options.pop("add_to_result_map", None)
    out = [texts[0]]
    for part, text in zip(element.parts, texts[1:], strict=True):
        out.append(compiler.process(part, **options))
        out.append(text)
    return "".join(out)


def element_of(fragment: Fragment, type_: TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """Return a fragment as a column element of that type."""
    if len(fragment.pieces) == 1 and not isinstance(fragment.pieces[0], str):
        return fragment.pieces[0]
    return Spliced(fragment, type_)
